"""Values of a row that no file could carry: how each is read without harm, and how it is named. Pure.

A row with such a value is stored byte for byte, since it has moved the balance. Its account is doubtful until the
bank corrects the row, and a file that would need the value is refused by the row's name.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

import msgspec

from primanota.banks.qonto.decoding.rows import BriefRow, FullRow
from primanota.core.model import NO_CURRENCY, Original
from primanota.core.period import CREDIBLE_YEARS
from primanota.core.text import shortened

LARGEST_CENTS = 2**53  # cents that every JSON reader still reads exactly
LONGEST_ID = 256
# A cell of a spreadsheet has at most 32,767 letters, and a cell may have a foreign amount before a text.
LONGEST_TEXT = 32_000
_SHORT = 80
_DEEPEST = 32
_FIRST = datetime(CREDIBLE_YEARS.start, 1, 1, tzinfo=UTC)
_LAST = datetime(CREDIBLE_YEARS.stop - 1, 12, 31, tzinfo=UTC)
_CURRENCY = re.compile("[A-Z]{3}")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TEXTS = ("label", "clean_counterparty_name", "reference", "note", "operation_type", "transaction_id", "initiator_id")


def first_flaw(row: FullRow, unreadable: Mapping[str, str]) -> str:
    """Return what no file could carry of a row, in a sentence part; empty if there is nothing.

    Args:
        row: the row, as far as it could be decoded.
        unreadable: why a field could not be decoded, by its name.
    """
    return next(_flaws(row, unreadable), "")


def _flaws(row: FullRow, unreadable: Mapping[str, str]) -> Iterator[str]:
    for name, why in unreadable.items():
        yield f"{name} cannot be read ({short(why)})"
    for name in ("settled_at", "emitted_at", "updated_at", "created_at"):
        moment: datetime | None = getattr(row, name, None)
        if moment is not None and moment.year not in CREDIBLE_YEARS:
            yield f"{name} is in the year {moment.year}"
    for name in _TEXTS:
        if len(getattr(row, name) or "") > LONGEST_TEXT:
            yield f"{name} has more than {LONGEST_TEXT} letters"
    if row.settled_balance_cents is not None and cents(row.settled_balance_cents) is None:
        yield "settled_balance_cents is larger than any balance"
    if row.currency and currency_code(row.currency) == NO_CURRENCY:
        yield f"currency “{short(row.currency)}” is not a currency"
    if row.local_currency and row.local_currency != row.currency and not is_original(row):
        yield "local_amount and local_currency are not an amount of a currency"
    if not row.id.isprintable():
        yield "its id has a character that cannot be printed"


def credible(moment: datetime) -> datetime:
    """Return a moment in UTC, one of a year that no bank can mean as the nearest one that it can.

    Documented as UTC with Z; a stamp without a zone is read as UTC too.
    """
    if moment.year not in CREDIBLE_YEARS:
        return _FIRST if moment.year < CREDIBLE_YEARS.start else _LAST
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def cents(value: int | None) -> int | None:
    """Return a number of cents; None if no account can have so many."""
    return None if value is None or abs(value) > LARGEST_CENTS else value


@lru_cache(maxsize=256)
def currency_code(code: str | None) -> str:
    """Return the code of a currency, that of the euro where the bank states none."""
    if not code:
        return "EUR"
    return code if _CURRENCY.fullmatch(code) else NO_CURRENCY


def cut(text: str | None) -> str:
    """Return a text, or of a very long one its beginning."""
    if not text:
        return ""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def short(value: object) -> str:
    """Return a value of the bank as a sentence can quote it."""
    try:
        text = str(value)
    except ValueError:  # an integer of thousands of digits
        return "…"
    return shortened(text, _SHORT)


def original_of(row: BriefRow, sign: int) -> Original | None:
    """Return the amount in the currency in which it was spent; None if there is none, or none that can be read."""
    try:
        amount = msgspec.json.decode(row.local_amount, type=Decimal | None)
    except msgspec.DecodeError:
        return None
    if amount is None or not _is_amount(amount) or currency_code(row.local_currency) == NO_CURRENCY:
        return None
    return Original(+(sign * amount), row.local_currency or "")  # the plus makes a zero lose its sign


def check_depth(body: bytes) -> None:
    """Refuse JSON that is nested so deeply that not every program can read it.

    Raises:
        RecursionError: it is nested too deeply.
    """
    depth = 0
    for sign in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", body)):
        depth += 1 if sign in b"[{" else -1
        if depth > _DEEPEST:
            raise RecursionError("it is nested too deeply")


def is_original(row: FullRow) -> bool:
    """Return whether a row's amount in another currency, if it states one, can be read."""
    return bytes(row.local_amount) == b"null" or original_of(row, 1) is not None


def _is_amount(number: Decimal) -> bool:
    """Return whether a number can be an amount of any currency: finite, and not of more digits than one has."""
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -12 and number.adjusted() < 16  # noqa: PLR2004 - digits
