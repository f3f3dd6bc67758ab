"""Statements for the tests of the national formats, and what readers should find in them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from primanota.core.model import Money, Statement, Transaction
from tests.support.factories import transaction
from tests.support.files import statements
from tests.support.readers import ReaderTotals

_START = datetime(2026, 1, 1, 9, 0, tzinfo=statements.BERLIN)
_TRAPS = "A1 ä€{}|\t\r\n\x00\x85\u2028\u00a0🧾\"'+/"
_TEXT = st.text(st.one_of(st.sampled_from(_TRAPS), st.characters(codec="utf-8")), max_size=120)
# Any texts, and amounts of ten digits on any day of a month; an id each.
ROWS = st.lists(
    st.builds(
        lambda counterparty, purpose, account, cents, minutes: transaction(
            counterparty=counterparty,
            counterparty_account=account,
            reference=purpose,
            purpose=purpose or "transfer",
            details=purpose[:50],
            amount=Money(cents),
            booked=_START + timedelta(minutes=minutes),
        ),
        _TEXT,
        _TEXT,
        _TEXT,
        st.integers(min_value=-(10**10), max_value=10**10).filter(bool),
        st.integers(min_value=0, max_value=30 * 24 * 60),
    ),
    max_size=6,
)


def statement_of(rows: list[Transaction], country: str) -> Statement:
    """Return a statement of these rows in order of settlement, with the balances at both ends."""
    empty = statements.make([], country=country)
    assert empty.opening is not None
    closing = Money(empty.opening.cents + sum(row.amount.cents for row in rows))
    rows = sorted(rows, key=lambda row: (row.booked or row.emitted, row.id))
    return msgspec.structs.replace(empty, rows=rows, closing=closing)


def one_row(country: str, cents: int = -1_00, **changes: Any) -> Statement:  # noqa: ANN401 - the fields have different types
    """Return a statement of one row, with some of its fields changed."""
    plain = statements.make([cents], country=country)
    return msgspec.structs.replace(plain, rows=[msgspec.structs.replace(row, **changes) for row in plain.rows])


def without_zeros(statement: Statement) -> Statement:
    """Return the statement as the rule ``zero = "skip"`` gives it to a format."""
    return msgspec.structs.replace(statement, rows=[row for row in statement.rows if row.amount.cents])


def days_and_cents(statement: Statement) -> list[tuple[str, int]]:
    """Return the days of its rows and their cents."""
    return [(f"{row.day}", row.amount.cents) for row in statement.rows]


def expected(statement: Statement, *, balances: bool = True) -> ReaderTotals:
    """Return what a reader should find: the rows, their sum, and both balances if the format has them."""
    amounts = [row.amount.cents for row in statement.rows]
    if not balances:
        return ReaderTotals(len(amounts), sum(amounts))
    assert statement.opening is not None
    assert statement.closing is not None
    return ReaderTotals(len(amounts), sum(amounts), statement.opening.cents, statement.closing.cents)


def written(folder: Path, rendered: bytes, name: str = "file") -> Path:
    """Write the bytes to a file, for a reader."""
    file = folder / name
    file.write_bytes(rendered)
    return file
