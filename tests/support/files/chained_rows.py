"""Rows of an account whose balances chain, several of one moment, and ids in any order."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from hypothesis import strategies as st

from primanota.book import Book
from primanota.core.model import Account, RawRecord
from primanota.core.proof_state import ProofState
from tests.support.factories import keep, raw_record
from tests.support.files.statements import IBANS

DAY = date(2026, 10, 5)
ACCOUNT = Account("account-1", "Hauptkonto", IBANS["DE"])
# Amounts of rows of one moment, moment by moment: few different ones, so that balances return.
AMOUNTS = st.lists(
    st.lists(st.sampled_from([50_00, -50_00, 30_00, -20_00, 70_00, 0]), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


class ChainedRow(NamedTuple):
    """A row that chains: its second of the day, its signed cents, and the balance after it."""

    second: int
    cents: int
    balance: int


def chained(amounts: Iterable[Iterable[int]]) -> list[ChainedRow]:
    """Return rows of these amounts, moment by moment, after a first row of 900.00."""
    balance, rows = 900_00, [ChainedRow(0, 900_00, 900_00)]
    for second, tied in enumerate(amounts, 1):
        for cents in tied:
            balance += cents
            rows.append(ChainedRow(second, cents, balance))
    return rows


def keep_chained(book: Book, rows: Sequence[ChainedRow], places: Iterable[int]) -> dict[str, ChainedRow]:
    """Append rows to a book that then is proven, by ids made of these numbers; return them by id."""
    found = {f"t{place:02}": row for place, row in zip(places, rows, strict=True)}
    keep(book, (_record(key, row) for key, row in sorted(found.items())), ACCOUNT.id)
    with book.writing():
        book.set_proof_state(ACCOUNT.id, ProofState("proven", book.clock()))
    return found


def assert_chained(ids: Iterable[str], rows: dict[str, ChainedRow]) -> None:
    """Check that these are all rows in order of their moments, each with the balance that its amount leads to."""
    found = list(ids)
    assert sorted(found) == sorted(rows)
    balance, second = 0, 0
    for row in map(rows.__getitem__, found):
        assert row.balance == balance + row.cents
        assert row.second >= second
        balance, second = row.balance, row.second


def _record(key: str, row: ChainedRow) -> RawRecord:
    moment = f"{DAY}T08:30:{row.second:02}.000Z"
    return raw_record(
        key,
        **dict.fromkeys(("amount", "local_amount"), abs(row.cents) / 100),
        **dict.fromkeys(("amount_cents", "local_amount_cents"), abs(row.cents)),
        side="credit" if row.cents > 0 else "debit",
        settled_balance=row.balance / 100,
        settled_balance_cents=row.balance,
        **dict.fromkeys(("settled_at", "emitted_at", "created_at", "updated_at"), moment),
    )
