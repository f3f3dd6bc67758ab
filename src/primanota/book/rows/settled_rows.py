"""The completed rows of one account that settled in a span: how many newest ones, their bodies, their batches."""

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from primanota.book.file.database import Database
from primanota.book.file.sent_rows import versions_of
from primanota.book.records.row_order import BOOKED

# Every statement below consists of constants of this package; values are always passed as parameters.
_SETTLED = f"{BOOKED} AND l.settled >= ? AND l.settled < ?"
# With more rows, a look at each batch is quicker than a look at each row.
_MANY = 40_000


class SettledSpan(NamedTuple):
    """An account's id, and the half-open span [since, until) in which its rows settled (microseconds UTC)."""

    account: str
    since: int
    until: int


def bodies(database: Database, span: SettledSpan) -> Iterator[bytes]:
    """Yield the bodies of the rows, in no certain order."""
    select = f"SELECT v.body FROM latest l CROSS JOIN version v ON v.seq = l.seq WHERE {_SETTLED}"
    return map(itemgetter(0), database.rows(select, *span))


def moment_before_newest(database: Database, span: SettledSpan, number: int) -> int | None:
    """Return when the last row before so many newest ones settled (microseconds UTC); None if there is none."""
    select = f"SELECT l.settled FROM latest l WHERE {_SETTLED} ORDER BY l.settled DESC LIMIT 1 OFFSET ?"
    return next((int(found) for (found,) in database.rows(select, *span, number)), None)


def first_settled(database: Database, account: str, since: int = 0) -> int | None:
    """Return when the account's first completed row from a moment on settled (microseconds UTC); None without one."""
    select = f"SELECT min(l.settled) FROM latest l WHERE {BOOKED} AND l.settled >= ?"
    (first,) = next(database.rows(select, account, since))
    return None if first is None else int(first)


def batches_with(database: Database, span: SettledSpan, rows: int) -> set[int]:
    """Return the numbers of the batches that have some of the rows.

    Args:
        database: the book.
        span: the rows.
        rows: how many there are, which decides where to look.
    """
    if rows <= _MANY:
        select = (
            f"SELECT DISTINCT s.batch FROM latest l CROSS JOIN sent s ON s.seq IN {versions_of('l')} WHERE {_SETTLED}"
        )
        return {number for (number,) in database.rows(select, *span)}
    one_of = f"""SELECT 1 FROM sent s CROSS JOIN latest l ON l.kind = 'transaction' AND l.id = s.id
                 WHERE s.batch = b.number AND {_SETTLED}"""
    each = "SELECT DISTINCT CAST(l.id AS INTEGER) AS number FROM latest l WHERE l.kind = 'batch'"
    return {n for (n,) in database.rows(f"SELECT b.number FROM ({each}) b WHERE EXISTS ({one_of})", *span)}
