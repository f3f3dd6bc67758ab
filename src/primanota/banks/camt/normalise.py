"""Convert stored rows of camt.053 into the objects of ``core.model``. Pure.

The counterparty of money in is the debtor, of money out the creditor; of a reversal the other one, since its parties
are those of the payment that is reversed (ISO 20022, message definition report, ReversalIndicator). ``operation`` has
the words of this program, by the bank transaction code.
"""

from collections.abc import Iterable
from datetime import datetime, time, tzinfo

from primanota.banks.camt.fields import booking_day, details_of, exact_amount, status_of
from primanota.banks.camt.identity import reference as bank_reference
from primanota.banks.camt.rows import cents_of_row
from primanota.banks.camt.xml_reader import parse
from primanota.banks.camt.xml_tree import Element
from primanota.core.model import COMPLETED, Money, Original, Transaction
from primanota.core.text import stated

# ISO 20022 External Code Sets, bank transaction codes: operation by sub-family, else by family.
_SUB_FAMILIES = {
    **dict.fromkeys(("CHRG", "FEES", "COMM", "COME", "COMI"), "fee"),
    **dict.fromkeys(("INTR", "INTE"), "account_remuneration"),
    "RRTN": "recall",
}
_FAMILIES = {
    **dict.fromkeys(("ICDT", "ICCN", "IRCT"), "transfer"),
    **dict.fromkeys(("RCDT", "RCCN", "RRCT"), "income"),
    **dict.fromkeys(("CCRD",), "card"),
    **dict.fromkeys(("MCRD",), "card_acquirer_payout"),
    **dict.fromkeys(("RDDT",), "direct_debit"),
    **dict.fromkeys(("IDDT",), "direct_debit_collection"),
    **dict.fromkeys(("RCHQ", "ICHQ"), "cheque"),
}
# Banks whose own code is the operation of this program: those whose accounts it reads itself, and writes as camt.
_OWN_CODES = frozenset(("Qonto",))
_CARD_DIGITS = 4
_FULL_LINE = 140
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
    if not name and not account and _account(details, own) not in {"", marks["account"].partition("-")[0]}:
        role, name, account = own, _name(details, own), _account(details, own)
    operation, original = _operation(entry, details, cents), _original(details, cents, currency)
    reference, additional = _reference(details), entry.value("AddtlNtryInf")
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
        counterparty=name or (additional if details is _NOTHING else ""),
        counterparty_account=account,
        reference=reference,
        purpose=reference or additional or operation,
        details=_joined(shown, additional),
        note=additional.removeprefix(shown).removeprefix(", "),
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
    parties = (f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Nm")
    ultimate = (f"RltdPties/Ultmt{role}/Pty/Nm", f"RltdPties/Ultmt{role}/Nm")
    bank = (f"RltdPties/{role}/Agt/FinInstnId/Nm", f"RltdAgts/{role}Agt/FinInstnId/Nm")
    return next(filter(None, map(stated, map(details.value, (*parties, *ultimate, *bank)))), "")


def _account(details: Element, role: str) -> str:
    place = f"RltdPties/{role}Acct"
    return stated(details.value(f"{place}/Id/IBAN", f"{place}/Id/Othr/Id", f"{place}/Prxy/Id")).replace(" ", "")


def _bank(details: Element, role: str) -> str:
    place = f"RltdAgts/{role}Agt/FinInstnId"
    return stated(details.value(f"{place}/BICFI", f"{place}/BIC", f"{place}/Othr/Id", f"{place}/ClrSysMmbId/MmbId"))


def _reference(details: Element) -> str:
    """Return what the payer wrote: all lines of the text, else the creditor's reference, else the payer's own."""
    text = _joined(one.text for one in details.each("RmtInf/Ustrd") if one.text)
    structured = [*details.each("RmtInf/Strd/CdtrRefInf/Ref"), *details.each("RmtInf/Strd/AddtlRmtInf")]
    others = (" ".join(one.text for one in structured), details.value("Refs/EndToEndId"), details.value("AddtlTxInf"))
    return next(filter(None, map(stated, (text, *others))), "")


def _joined(lines: Iterable[str]) -> str:
    """Return the lines as one text. A full line (Max140Text) without a blank ends in the middle of a word."""
    text, between = "", ""
    for line in lines:
        text += f"{between}{line}"
        between = "" if len(line) == _FULL_LINE and " " not in line else " "
    return text


def _operation(entry: Element, details: Element, cents: int) -> str:
    code = entry.find("BkTxCd") or details.find("BkTxCd") or _NOTHING
    if code.value("Prtry/Issr") in _OWN_CODES and (own := code.value("Prtry/Cd")):
        return own
    family, sub_family = code.value("Domn/Fmly/Cd"), code.value("Domn/Fmly/SubFmlyCd")
    usual = "income" if cents > 0 else "transfer"
    return _SUB_FAMILIES.get(sub_family) or _FAMILIES.get(family) or usual


def _original(details: Element, cents: int, currency: str) -> Original | None:
    """Return the amount in the currency of the payment, if that is another one."""
    amount = details.find("AmtDtls/InstdAmt/Amt")
    other = amount.attributes.get("Ccy", "") if amount is not None else ""
    exact = exact_amount(amount) if amount is not None and other and other != currency else None
    return None if exact is None else Original(exact if cents > 0 else -exact, other)


def _joined(shown: str, additional: str) -> str:
    if additional.startswith(shown):
        return additional
    return ", ".join(filter(None, (shown, additional)))
