"""Statements with a ledger, for the formats that write entries."""

from collections.abc import Iterable

import msgspec
from hypothesis import strategies as st

from primanota.core.model import Ledger, Posting, Statement, Transaction
from tests.support.files import statements
from tests.support.readers.journals import BANK

EQUITY = "Equity:Opening-Balances"
_NAMES = {BANK: "Hauptkonto", "Income:Sales": "Erlöse", "Expenses:Office": "Bürobedarf"}


def assign(row: Transaction) -> tuple[Posting, ...]:
    """Return postings: money in is sales, money out is for the office, less the tax that the bank knows."""
    if row.amount.cents > 0:
        return (Posting("Income:Sales", row.amount.cents),)
    taxes = tuple(
        Posting("Assets:Input-Tax", part.tax, tax="9", cost_centre="Berlin", text=f"{part.rate} %")
        for part in row.vat
    )
    rest = row.amount.cents - sum(posting.cents for posting in taxes)
    return (*taxes, Posting("Expenses:Office", rest))


LEDGER = Ledger(BANK, assign, _NAMES)


def with_ledger(statement: Statement) -> Statement:
    """Return a statement with a ledger."""
    return msgspec.structs.replace(statement, ledger=LEDGER)


def statement_with_texts(texts: Iterable[tuple[str, str, str]], cents: Iterable[int]) -> Statement:
    """Return a statement of rows with these counterparties, purposes and notes."""
    plain = with_ledger(statements.make(cents))
    rows = [
        msgspec.structs.replace(row, counterparty=who, purpose=what, note=note, labels=(who, what))
        for row, (who, what, note) in zip(plain.rows, texts, strict=True)
    ]
    return msgspec.structs.replace(plain, rows=rows)


_NASTY = st.text(
    st.one_of(
        st.sampled_from("\\\"';|,:()[]{}<>=*!@#%~^&-+ \t\r\n\0\u2028\u00a0\ufeffaÄß0"), st.characters(codec="utf-8")
    ),
    max_size=12,
)
_CENTS = st.integers(min_value=-(10**12), max_value=10**12)
# Statements with any texts, and amounts of up to twelve digits.
STATEMENTS = st.lists(st.tuples(st.tuples(_NASTY, _NASTY, _NASTY), _CENTS), min_size=1, max_size=20).map(
    lambda rows: statement_with_texts([texts for texts, _ in rows], [cents for _, cents in rows])
)
