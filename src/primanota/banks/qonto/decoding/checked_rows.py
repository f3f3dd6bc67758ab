"""Check a transaction of the bank, and read the facts by which the book finds it. Pure.

Nearly every row is as the bank documents it: it is decoded once, and a few comparisons show that nothing is wrong.
Every other row is looked at field by field, which takes longer, and names what is wrong.
"""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from primanota.banks.qonto.decoding.flawed_values import (
    LARGEST_CENTS,
    LONGEST_ID,
    LONGEST_TEXT,
    cents,
    check_depth,
    credible,
    currency_code,
    first_flaw,
    is_original,
    short,
)
from primanota.banks.qonto.decoding.open_points import lacks_of, lacks_of_row
from primanota.banks.qonto.decoding.rows import (
    CheckedRow,
    FactsRow,
    UsualRow,
    decode_checked,
    decode_facts,
    decode_usual,
)
from primanota.core.model import COMPLETED, NO_CURRENCY, Facts, RawRecord
from primanota.core.period import CREDIBLE_YEARS, microseconds

_SIGN = {"credit": 1, "debit": -1}
_MOST_OPEN = 64  # brackets in a row; a usual one has about ten
_NOT_OPENING = bytes(code for code in range(256) if code not in b"[{")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_FIRST = microseconds(datetime(CREDIBLE_YEARS.start, 1, 1, tzinfo=UTC))
_END = microseconds(datetime(CREDIBLE_YEARS.stop, 1, 1, tzinfo=UTC))


class _Id(msgspec.Struct):
    id: str


class Unreadable(ValueError):
    """A row that cannot be booked as it stands: which row, which field, and why."""


def record(raw: msgspec.Raw | bytes) -> RawRecord:
    """Check a transaction, and return it as the book stores it.

    Raises:
        Unreadable: an id, an amount, a side or a day is missing, or amount and cents disagree.
    """
    body = bytes(raw)
    return _usual_record(body) or checked_record(body)


def facts(body: bytes) -> Facts:
    """Return the facts of a stored transaction, as ``record`` finds them.

    It was checked when it was stored, so it is not asked again what of it no file could carry.

    Raises:
        Unreadable: as ``record``.
    """
    try:
        found = _usual_facts(decode_facts(body))
    except _UNREADABLE:
        found = None
    return found or checked_record(body).facts


def _usual_record(body: bytes) -> RawRecord | None:
    """Return a row with which nothing can be wrong; None if it needs a closer look."""
    if len(body) > LONGEST_TEXT or _opening_brackets(body) > _MOST_OPEN:
        return None
    try:
        row = decode_usual(body)
    except _UNREADABLE:
        return None
    if (
        not row.id.isprintable()
        or currency_code(row.currency) == NO_CURRENCY
        or (row.local_currency and row.local_currency != row.currency and not is_original(row))
        or (found := _usual_facts(row)) is None
    ):
        return None
    return RawRecord(row.id, body, row.bank_account_id or "", *found)


def _opening_brackets(body: bytes) -> int:
    """Count the opening brackets of a body, in half of the time of ``count``."""
    return len(body.translate(None, _NOT_OPENING))


def _usual_facts(row: UsualRow | FactsRow) -> Facts | None:
    """Return the facts of a row in which no fact can be wrong; None if it needs a closer look."""
    try:
        emitted, updated = microseconds(row.emitted_at), microseconds(row.updated_at)
        created = microseconds(row.created_at) if row.created_at else emitted
        settled = microseconds(row.settled_at) if row.settled_at else None
    except TypeError:  # a moment without a zone
        return None
    cents, balance, sign = row.amount_cents, row.settled_balance_cents, _SIGN.get(row.side)
    is_completed = row.status == COMPLETED
    if (
        sign is None
        or not 0 <= cents <= LARGEST_CENTS
        or not (balance is None or -LARGEST_CENTS <= balance <= LARGEST_CENTS)
        or not _is_written_as(bytes(row.amount), cents)
        or not (_FIRST <= emitted < _END and _FIRST <= updated < _END and _FIRST <= created < _END)
        or not (_FIRST <= settled < _END if settled is not None else not is_completed)
        or not 0 < len(row.id) <= LONGEST_ID
    ):
        return None
    lacks = lacks_of_row(row) if is_completed else 0
    return row.status, created, emitted, updated, settled, sign * cents, balance, lacks


def _is_written_as(number: bytes, cents: int) -> bool:
    """Return whether a JSON number is that of some cents, written as usual: 12.34, 12.3, 12.0 or 12."""
    text = b"%d.%02d" % divmod(cents, 100)
    return number == text or (cents % 10 == 0 and number == text[:-1]) or (cents % 100 == 0 and number == text[:-3])


def checked_record(body: bytes) -> RawRecord:
    """Return any row, looked at field by field, with the first flaw that is found.

    Raises:
        Unreadable: as ``record``.
    """
    try:
        if _opening_brackets(body) > _MOST_OPEN:
            check_depth(body)
        row, unreadable = decode_checked(body)
        complaint = _contradiction(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"transaction {_id_of(body)}: {error}") from None
    if complaint:
        raise Unreadable(f"transaction {short(row.id)}: {complaint}")
    return RawRecord(
        id=row.id,
        body=body,
        account=row.bank_account_id or "",
        status=row.status,
        created=_micros(row.created_at or row.emitted_at),
        emitted=_micros(row.emitted_at),
        updated=_micros(row.updated_at),
        settled=None if row.settled_at is None else _micros(row.settled_at),
        amount=_SIGN[row.side] * row.amount_cents,
        balance=cents(row.settled_balance_cents),
        lacks=lacks_of(body) if row.status == COMPLETED else 0,
        flaw=first_flaw(row, unreadable),
    )


def _contradiction(row: CheckedRow) -> str:
    if not row.id or len(row.id) > LONGEST_ID:
        return "its id is empty or too long"
    if row.side not in _SIGN:
        return f"side is “{short(row.side)}”, so the sign of its amount is unknown"
    if not 0 <= row.amount_cents <= LARGEST_CENTS or not _agree(row.amount, row.amount_cents):
        return f"amount {short(row.amount)} and amount_cents {short(row.amount_cents)} disagree"
    if row.status == COMPLETED and row.settled_at is None:
        return "it is completed, but has no settled_at"
    return ""


def _agree(amount: Decimal, cents: int) -> bool:
    try:
        return amount * 100 == cents
    except ArithmeticError:  # not a number, or one out of the range of Decimal
        return False


def _id_of(body: bytes) -> str:
    try:
        return short(msgspec.json.decode(body, type=_Id).id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "without id"


def _micros(moment: datetime) -> int:
    return microseconds(credible(moment))
