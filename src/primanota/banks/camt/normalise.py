"""Convert stored rows of camt.053 into the objects of ``core.model``. Pure.

The counterparty of money in is the debtor, of money out the creditor; of a reversal the other one, since its parties
are those of the payment that is reversed (ISO 20022, message definition report, ReversalIndicator).
"""

from datetime import datetime, time, tzinfo

from primanota.banks.camt.fields import booking_day, details_of, exact_amount, status_of
from primanota.banks.camt.identity import reference as bank_reference
from primanota.banks.camt.operation import operation_of
from primanota.banks.camt.remittance import batch_id, note_of, posting_text, reference_of
from primanota.banks.camt.rows import cents_of_row
from primanota.banks.camt.xml_reader import parse
from primanota.banks.camt.xml_tree import Element
from primanota.core.model import COMPLETED, Money, Original, Transaction
from primanota.core.text import stated

_CARD_DIGITS = 4
_NOTHING = Element("TxDtls", {})


def transaction(body: bytes, zone: tzinfo) -> Transaction:
    """Return a stored row as a transaction. Its day is the bank's; the time of the day is not known, and is 0:00.

    Args:
        body: the row, which ``rows.record`` has accepted.
        zone: the organisation's time zone.
    """
    row = parse(body)
    entry, marks = row.children[0], row.attributes
    details, cents, status = _details(entry), cents_of_row(row, entry), status_of(entry)
    moment = datetime.combine(booking_day(entry), time(), zone)
    currency = marks["currency"]
    incoming = cents > 0 if entry.value("RvslInd") not in {"true", "1"} else cents <= 0
    role, own = ("Dbtr", "Cdtr") if incoming else ("Cdtr", "Dbtr")
    name, account = _name(details, role), _account(details, role)
    if not name and not account and _is_of_another(details, own, marks["account"].partition("-")[0]):
        role, name, account = own, _name(details, own), _account(details, own)
    operation, original = operation_of(entry, details, cents, pays=role), _original(details, cents, currency)
    reference, of_batch, note = reference_of(details), batch_id(entry), note_of(entry, details)
    shown = f"{Original(abs(original.amount), original.currency)}" if original else ""
    return Transaction(
        id=marks["id"],
        number=bank_reference(entry),
        account_id=marks["account"],
        status=status,
        operation=operation,
        amount=Money(cents, currency),
        booked=moment if status == COMPLETED else None,
        emitted=moment,
        updated=moment,
        counterparty=name or (note if details is _NOTHING else ""),
        counterparty_account=account,
        reference=reference or of_batch,
        purpose=reference or note or posting_text(entry) or of_batch or operation,
        details=_joined(shown, note),
        note=note.removeprefix(shown).removeprefix(", "),
        member="",
        original=original,
        balance=Money(int(marks["balance"]), currency) if "balance" in marks else None,
        clean_counterparty=name,
        bic=_bank(details, role),
        mandate=stated(details.value("Refs/MndtId")),
        card=details.value("CardTx/Card/PlainCardData/PAN")[-_CARD_DIGITS:],
        created=moment,
    )


def _details(entry: Element) -> Element:
    """Return the details of an entry that is one payment; nothing for a batch that is one row."""
    found = details_of(entry)
    return found[0] if len(found) == 1 else _NOTHING


def _name(details: Element, role: str) -> str:
    """Return the name of a party; that of its bank if the party has none."""
    bank = (f"RltdPties/{role}/Agt/FinInstnId/Nm", f"RltdAgts/{role}Agt/FinInstnId/Nm")
    return _party(details, role) or next(filter(None, map(stated, map(details.value, bank))), "")


def _party(details: Element, role: str) -> str:
    parties = (f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Nm")
    ultimate = (f"RltdPties/Ultmt{role}/Pty/Nm", f"RltdPties/Ultmt{role}/Nm")
    return next(filter(None, map(stated, map(details.value, (*parties, *ultimate)))), "")


def _is_of_another(details: Element, role: str, own: str) -> bool:
    """Return whether the side that should be the company has the name and the account of another one, as of a return.

    An account alone is not enough: it may be one of several numbers under which the company collects.
    """
    return bool(_party(details, role)) and _account(details, role) not in {"", own}


def _account(details: Element, role: str) -> str:
    place = f"RltdPties/{role}Acct"
    return stated(details.value(f"{place}/Id/IBAN", f"{place}/Id/Othr/Id", f"{place}/Prxy/Id")).replace(" ", "")


def _bank(details: Element, role: str) -> str:
    place = f"RltdAgts/{role}Agt/FinInstnId"
    return stated(details.value(f"{place}/BICFI", f"{place}/BIC", f"{place}/Othr/Id", f"{place}/ClrSysMmbId/MmbId"))


def _original(details: Element, cents: int, currency: str) -> Original | None:
    """Return the amount in the currency of the payment, if that is another one."""
    amount = details.find("AmtDtls/InstdAmt/Amt")
    other = amount.attributes.get("Ccy", "") if amount is not None else ""
    exact = exact_amount(amount) if amount is not None and other and other != currency else None
    return None if exact is None else Original(exact if cents > 0 else -exact, other)


def _joined(shown: str, note: str) -> str:
    if note.startswith(shown):
        return note
    return ", ".join(filter(None, (shown, note)))
