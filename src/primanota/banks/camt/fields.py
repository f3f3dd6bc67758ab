"""Fields of camt.053 that need judgement: amounts, days, statuses, parts of a batch. Pure.

Elements are those of ISO 20022, camt.053.001.02 to .13: later versions moved a status into ``Cd``, a name into
``Pty``, and gave the details of an entry an amount and a sign of their own; nothing else that is read here differs.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.xml_tree import Element
from primanota.core.minor_units import minor_digits
from primanota.core.model import COMPLETED, PENDING
from primanota.core.period import CREDIBLE_YEARS, microseconds

# A day of the bank is the same local day from UTC-10 to UTC+13: the index has this moment of it (UTC).
_NOTED_AT = time(10, tzinfo=UTC)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:Z|[+-]\d\d:\d\d|T.*)?", re.ASCII)
# In no file is a row of the first and the last year that the book knows.
_YEARS = CREDIBLE_YEARS[1:-1]
_AMOUNT = re.compile(r"\+?(\d{1,15})(?:\.(\d{0,17}))?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_CURRENCY = re.compile("[A-Z]{3}")
_STATUSES = {"BOOK": COMPLETED, "PDNG": PENDING, "FUTR": PENDING, "INFO": ""}
_SIGNS = {"CRDT": 1, "DBIT": -1}
_THOUSANDTHS = "Primanota counts in hundredths: import files without this account; nothing was stored."
_FRACTION = "Ask the bank for the amount in whole hundredths; nothing was stored."


def currency_of(amount: Element) -> str:
    """Return the currency of an amount.

    Raises:
        UnreadableFile: it has none.
    """
    code = amount.attributes.get("Ccy", "")
    if not _CURRENCY.fullmatch(code):
        raise UnreadableFile(f"{amount.name} has no currency", amount.line)
    return code


def require_hundredths(currency: str, line: int) -> None:
    """Refuse an account in a currency whose amounts have three decimals, also while they all end with a zero.

    Raises:
        UnreadableFile: it has such a currency.
    """
    if minor_digits(currency) > 2:  # noqa: PLR2004 - hundredths
        raise UnreadableFile(f"an account is in {currency}, whose amounts have three decimals", line, _THOUSANDTHS)


def cents_of(amount: Element, currency: str) -> int:
    """Return an amount without sign, in hundredths of its currency.

    Args:
        amount: the element ``Amt``.
        currency: the currency that it must have.

    Raises:
        UnreadableFile: it is not an amount, has another currency, or does not fit into hundredths.
    """
    if (found := currency_of(amount)) != currency:
        raise UnreadableFile(f"an amount is in {found}, and its account in {currency}", amount.line)
    parts = _AMOUNT.fullmatch(amount.text)
    if not parts:
        raise UnreadableFile(f"“{amount.text[:40]}” is not an amount", amount.line)
    whole, fraction = parts[1], (parts[2] or "").ljust(2, "0")
    if fraction[2:].strip("0"):
        raise UnreadableFile(f"{amount.text[:40]} {currency} has more than two decimals", amount.line, _FRACTION)
    return int(whole) * 100 + int(fraction[:2])


def exact_amount(amount: Element) -> Decimal | None:
    """Return an amount of any currency, as it is written; None if it is not one."""
    return Decimal(amount.text) if _AMOUNT.fullmatch(amount.text) else None


def sign_of(element: Element) -> int:
    """Return 1 for a credit and -1 for a debit: the direction of an entry itself, also of a reversal.

    Raises:
        UnreadableFile: the element does not say it.
    """
    word = element.value("CdtDbtInd")
    if word not in _SIGNS:
        raise UnreadableFile(f"{element.name} has no CdtDbtInd of CRDT or DBIT", element.line)
    return _SIGNS[word]


def signed_cents(element: Element, currency: str) -> int:
    """Return the signed amount of an entry, a balance, or the details of an entry, in hundredths.

    Raises:
        UnreadableFile: it has no amount or no sign.
    """
    amount = element.find("Amt")
    if amount is None:
        raise UnreadableFile(f"{element.name} has no amount", element.line)
    return sign_of(element) * cents_of(amount, currency)


def status_of(entry: Element) -> str:
    """Return the status of an entry in the words of the model; empty for one that is only information.

    Raises:
        UnreadableFile: the status is not known.
    """
    word = entry.value("Sts/Cd", "Sts", "Sts/Prtry")
    if word not in _STATUSES:
        raise UnreadableFile(f"an entry has the unknown status “{word[:40]}”", entry.line)
    return _STATUSES[word]


def day_in(element: Element, path: str) -> date | None:
    """Return the day at a path, ``Dt`` or ``DtTm``, as the bank writes it: it is not shifted to another zone.

    Raises:
        UnreadableFile: there is something else than a day.
    """
    found = element.find(path)
    if found is None:
        return None
    text = found.value("Dt", "DtTm") or found.text
    parts = _DAY.fullmatch(text)
    try:
        day = date(*map(int, parts.groups())) if parts else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise UnreadableFile(f"“{text[:40]}” in {path} is not a day", found.line)
    return day


def booking_day(entry: Element) -> date:
    """Return the booking day of an entry; the value day of one that is not booked yet.

    Raises:
        UnreadableFile: it has none.
    """
    day = day_in(entry, "BookgDt") or day_in(entry, "ValDt")
    if day is None:
        raise UnreadableFile("an entry has no booking day", entry.line)
    return day


def noted_at(day: date) -> int:
    """Return the moment at which the index notes a day of the bank (microseconds UTC)."""
    return microseconds(datetime.combine(day, _NOTED_AT))


def details_of(entry: Element) -> list[Element]:
    """Return the details of an entry: one for each payment of a batch."""
    return entry.each("NtryDtls/TxDtls")


def parts_of(entry: Element, currency: str) -> list[tuple[Element, int]]:
    """Return the payments of a batch with their signed cents; empty if the entry is to be one row.

    An entry is split only if each of several payments has an amount in the account's currency, and if they add up to
    the entry's amount.
    """
    details = details_of(entry)
    if len(details) < 2:  # noqa: PLR2004 - several
        return []
    found = [*_amounts(entry, details, currency)]
    if len(found) < len(details) or sum(found) != signed_cents(entry, currency):
        return []
    return [*zip(details, found, strict=True)]


def part_cents(entry: Element, details: Element, currency: str) -> int:
    """Return the signed cents of one payment of a batch.

    Raises:
        UnreadableFile: it has no amount.
    """
    (found,) = [*_amounts(entry, [details], currency)] or (None,)
    if found is None:
        raise UnreadableFile("a payment of a batch has no amount", details.line)
    return found


def _amounts(entry: Element, details: list[Element], currency: str) -> Iterator[int]:
    """Yield the signed cents of those payments that state them in the account's currency."""
    for one in details:
        amount = one.find("Amt") or one.find("AmtDtls/TxAmt/Amt")
        if amount is not None and amount.attributes.get("Ccy") == currency:
            yield sign_of(one if one.find("CdtDbtInd") else entry) * cents_of(amount, currency)


def iban_of(account: Element) -> str:
    """Return the IBAN of an account, also where the bank writes it as another number; empty if it has none."""
    number = account.value("Id/IBAN", "Id/Othr/Id").replace(" ", "")
    return number if _IBAN.fullmatch(number) and int("".join(map(_digits, number[4:] + number[:4]))) % 97 == 1 else ""


def _digits(character: str) -> str:
    return f"{int(character, 36)}"
