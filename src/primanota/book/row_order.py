"""The order of an account's completed rows: by settlement; rows of one moment as their balances chain."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from primanota.book.database import Database
from primanota.core.balance_chain import walk

# Every statement below consists of constants of this file; values are always passed as parameters.
COMPLETED_ROWS = "l.kind = 'transaction' AND l.absent = 0 AND l.status = 'completed'"
BOOKED = f"{COMPLETED_ROWS} AND l.account = ?"
_TABLE = """CREATE TEMP TABLE IF NOT EXISTS tie_place
            (id TEXT PRIMARY KEY, account TEXT NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID"""
_HAS_TIES = f"""SELECT 1 FROM latest l WHERE {BOOKED} AND l.settled IS NOT NULL
                GROUP BY l.settled HAVING count(*) > 1 LIMIT 1"""


class RowOrder(NamedTuple):
    """A join and the terms of an ``ORDER BY``, for a query over ``latest l``."""

    join: str
    by: str


class BookedRow(NamedTuple):
    """A completed row of the balance chain: moment (microseconds UTC), signed cents, balance after it in cents."""

    id: str
    settled: int
    amount: int
    balance: int | None


def booked_rows(database: Database, account: str) -> Iterator[BookedRow]:
    """Yield an account's completed rows by settlement, rows of one moment in any order."""
    select = f"SELECT id, settled, amount, balance FROM latest l WHERE {BOOKED} ORDER BY settled, id"
    return map(BookedRow._make, database.rows(select, account))


def row_order(database: Database, accounts: Iterable[str]) -> RowOrder:
    """Return the order of the accounts' rows in which the proof followed their balances.

    The places of rows of one moment are stored in a temporary table, for the query that follows.
    """
    database.execute(_TABLE)
    tied = False
    for account in accounts:
        database.execute("DELETE FROM tie_place WHERE account = ?", account)
        if next(database.rows(_HAS_TIES, account), None):
            places = walk(booked_rows(database, account)).tie_places
            database.execute_each(
                "INSERT OR REPLACE INTO tie_place VALUES (?, ?, ?)",
                ((key, account, place) for key, place in places.items()),
            )
            tied = True
    if tied:
        return RowOrder("LEFT JOIN tie_place t ON t.id = l.id", "l.settled, t.place, l.id")
    return RowOrder("", "l.settled, l.id")


def of_accounts(accounts: Iterable[str]) -> tuple[str, str]:
    """Return the condition on ``latest l`` for the completed rows of some accounts, and its parameter."""
    first, *others = accounts
    if not others:  # the index then gives the rows in order
        return BOOKED, first
    listed = msgspec.json.encode([first, *others]).decode()
    return f"{COMPLETED_ROWS} AND l.account IN (SELECT value FROM json_each(?))", listed
