"""The order of an account's completed rows: by settlement; rows of one moment as their balances chain."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from primanota.book.file.database import AMONG, Database, listed
from primanota.core.balance_chain import Chain
from primanota.core.period import END_OF_TIME

# Every statement below consists of constants of this file; values are always passed as parameters.
COMPLETED_ROWS = "l.kind = 'transaction' AND l.absent = 0 AND l.status = 'completed'"
BOOKED = f"{COMPLETED_ROWS} AND l.account = ?"
_TABLE = """CREATE TEMP TABLE IF NOT EXISTS tie_place
            (id TEXT PRIMARY KEY, account TEXT NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID"""


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


def booked_rows(
    database: Database, account: str, *, after: int | None = None, until: int = END_OF_TIME
) -> Iterator[BookedRow]:
    """Yield an account's completed rows by settlement, rows of one moment in any order.

    Args:
        database: the book.
        account: the id of the account.
        after: yield rows that settled later than this moment (microseconds UTC); None for all.
        until: yield rows that settled up to this moment (the same).
    """
    span = "AND settled <= ?" if after is None else "AND settled <= ? AND settled > ?"
    select = f"SELECT id, settled, amount, balance FROM latest l WHERE {BOOKED} {span} ORDER BY settled, id"
    return map(BookedRow._make, database.rows(select, account, until, *(() if after is None else (after,))))


def tied_rows(database: Database, account: str, since: int, until: int) -> Iterator[BookedRow]:
    """Yield an account's completed rows of moments of which it has several, by settlement.

    Args:
        database: the book.
        account: the id of the account.
        since: the first moment (microseconds UTC).
        until: the last one (the same).
    """
    within = f"FROM latest l WHERE {COMPLETED_ROWS} AND l.account = ?1 AND settled >= ?2 AND settled <= ?3"
    moments = f"SELECT settled {within} GROUP BY settled HAVING count(*) > 1"
    select = f"SELECT id, settled, amount, balance {within} AND settled IN ({moments}) ORDER BY settled, id"
    return map(BookedRow._make, database.rows(select, account, since, until))


def row_order(database: Database, chains: Mapping[str, Chain]) -> RowOrder:
    """Return the order of rows in which the walks over their accounts followed the balances.

    The places of rows of one moment are stored in a temporary table, for the query that follows.

    Args:
        database: the book.
        chains: the chain of each account, by its id.
    """
    places = [(key, account, place) for account, chain in chains.items() for key, place in chain.tie_places.items()]
    if not places:
        return RowOrder("", "l.settled, l.id")
    database.execute(_TABLE)
    database.execute_each("DELETE FROM tie_place WHERE account = ?", ((account,) for account in chains))
    database.execute_each("INSERT OR REPLACE INTO tie_place VALUES (?, ?, ?)", places)
    return RowOrder("LEFT JOIN tie_place t ON t.id = l.id", "l.settled, t.place, l.id")


def of_accounts(accounts: Iterable[str]) -> tuple[str, str]:
    """Return the condition on ``latest l`` for the completed rows of some accounts, and its parameter."""
    first, *others = accounts
    if not others:  # the index then gives the rows in order
        return BOOKED, first
    return f"{COMPLETED_ROWS} AND l.account {AMONG}", listed([first, *others])


def last_rows_before(database: Database, account: str, moment: int) -> list[BookedRow]:
    """Return an account's completed rows of the last moment before another one (microseconds UTC), in any order."""
    last = f"(SELECT max(settled) FROM latest l WHERE {BOOKED} AND l.settled < ?)"
    select = f"SELECT id, settled, amount, balance FROM latest l WHERE {BOOKED} AND settled = {last}"
    return [BookedRow._make(row) for row in database.rows(select, account, account, moment)]
