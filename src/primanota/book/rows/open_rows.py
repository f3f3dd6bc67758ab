"""Rows that a person should look at, found by the index alone: not settled, vanished, or lacking something."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from heapq import merge
from operator import itemgetter
from typing import NamedTuple

from primanota.book.file.database import Database
from primanota.book.records.row_order import BOOKED
from primanota.core.model import COMPLETED, LACKS

# Every statement below consists of constants of this file; values are always passed as parameters.
_STATUSES = ("pending", "declined", "reversed")
UNSETTLED_KINDS = {
    **{status: f"l.absent = 0 AND l.status = '{status}'" for status in _STATUSES},
    "unknown-status": f"l.absent = 0 AND l.status NOT IN {_STATUSES}",
    "vanished": "l.absent = 1",
}
_UNSETTLED = """FROM latest l INDEXED BY latest_unsettled
                WHERE l.kind = 'transaction' AND (l.absent = 1 OR l.status <> 'completed')
                  AND ifnull(l.settled, l.emitted) >= ? AND ifnull(l.settled, l.emitted) < ?"""
_LACKING = f"""FROM latest l INDEXED BY latest_by_settlement
               WHERE {BOOKED} AND l.settled >= ? AND l.settled < ? AND l.lacks"""


class OpenRow(NamedTuple):
    """A row to look at: when it settled, or else was made (microseconds UTC), and its newest version."""

    moment: int
    id: str
    account: str
    seq: int


def kinds_of(absent: int, status: str, lacks: int) -> tuple[str, ...]:
    """Return the kinds of which a row is, by what the index says of it."""
    if absent:
        return ("vanished",)
    if status == COMPLETED:
        return tuple(kind for kind, bit in LACKS.items() if lacks & bit)
    return (status if status in _STATUSES else "unknown-status",)


class OpenRows:
    """The rows to look at of [since, until): counted, and in order of their moments. No record is decoded.

    The kinds are those of findings: a status that is not settled, ``unknown-status``, ``vanished``, and the names of
    ``LACKS``. A row that lacks several things is of several kinds.

    Args:
        database: the book.
        accounts: the ids of the accounts.
        since: the first moment at which a row settled, or else was made, in microseconds UTC.
        until: the first moment after the span.
    """

    def __init__(self, database: Database, accounts: Iterable[str], since: int, until: int) -> None:
        self._database = database
        self._accounts = list(accounts)
        self._span = (since, until)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind that has any."""
        found = Counter[str]()
        for absent, status, count in self._database.rows(_COUNT_UNSETTLED, *self._span):
            found.update(dict.fromkeys(kinds_of(absent, status, 0), count))
        for counts in self._lacking.values():
            found.update(counts)
        return dict(+found)

    def of(self, kind: str, *, newest_first: bool = False) -> Iterator[OpenRow]:
        """Yield the rows of a kind by their moments, rows of one moment in any order."""
        by = "ORDER BY 1 DESC" if newest_first else "ORDER BY 1"
        if kind in UNSETTLED_KINDS:
            select = f"{_SELECT_UNSETTLED} AND {UNSETTLED_KINDS[kind]} {by}"
            return map(OpenRow._make, self._database.rows(select, *self._span))
        select = f"{_SELECT_LACKING} & {LACKS[kind]} {by} LIMIT ?"  # so that a search for few ends with the last one
        counts = [(account, found[kind]) for account, found in self._lacking.items() if found[kind]]
        each = [self._database.rows(select, account, *self._span, count) for account, count in counts]
        return map(OpenRow._make, merge(*each, key=itemgetter(0), reverse=newest_first))

    @cached_property
    def _lacking(self) -> dict[str, dict[str, int]]:
        """How many rows of each account lack which things."""
        found = {}
        for account in self._accounts:
            (counts,) = self._database.rows(_COUNT_LACKING, account, *self._span)
            found[account] = dict(zip(LACKS, counts, strict=True))
        return found

    def includes(self, row: OpenRow) -> bool:
        """Return whether a row belongs to the span."""
        since, until = self._span
        return since <= row.moment < until

    def one(self, key: str) -> tuple[OpenRow, tuple[str, ...]] | None:
        """Return a row of any day by its id, with its kinds; None if the book does not have it."""
        for moment, found, account, seq, *facts in self._database.rows(_ONE, key):
            return OpenRow(moment, found, account, seq), kinds_of(*facts)
        return None

    def stored_after(self, seq: int) -> Iterator[tuple[OpenRow, tuple[str, ...]]]:
        """Yield the rows whose newest version is one after a number, with their kinds; only these are read."""
        for moment, key, account, newest, *facts in self._database.rows(_STORED_AFTER, seq):
            row = OpenRow(moment, key, account, newest)
            if (kinds := kinds_of(*facts)) and self.includes(row):
                yield row, kinds

    def body(self, row: OpenRow) -> bytes:
        """Return the stored record of a row."""
        return bytes(next(self._database.rows("SELECT body FROM version WHERE seq = ?", row.seq))[0])


_COUNT_UNSETTLED = f"SELECT l.absent, l.status, count(*) {_UNSETTLED} GROUP BY l.absent, l.status"
_COUNT_LACKING = f"SELECT {', '.join(f'count(nullif(l.lacks & {bit}, 0))' for bit in LACKS.values())} {_LACKING}"
_FACTS = "SELECT ifnull(l.settled, l.emitted), l.id, l.account, l.seq, l.absent, l.status, l.lacks"
_ONE = f"{_FACTS} FROM latest l WHERE l.kind = 'transaction' AND l.id = ?"
# CROSS JOIN keeps the order: what is new is little.
_STORED_AFTER = f"""{_FACTS} FROM version v
                   CROSS JOIN latest l ON l.kind = 'transaction' AND l.id = v.id AND l.seq = v.seq
                   WHERE v.seq > ? AND v.kind = 'transaction'"""
_SELECT_UNSETTLED = f"SELECT ifnull(l.settled, l.emitted), l.id, l.account, l.seq {_UNSETTLED}"
_SELECT_LACKING = f"SELECT l.settled, l.id, l.account, l.seq {_LACKING}"
