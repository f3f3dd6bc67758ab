"""Rows selected for an export: a handle over a table of the connection, in order of settlement."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import count
from operator import itemgetter
from types import TracebackType
from typing import Self

import msgspec

from primanota.book.records import BOOKED, Book

# Each handle has a table of its own, so that two handles never share one.
_numbers = count(1)
AMONG = "IN (SELECT value FROM json_each(?))"
LATEST_OF = "JOIN latest l ON l.kind = 'transaction' AND l.id = {}.id"


class SelectedRows:
    """Completed rows of one account: their number, and the moments, sums and bodies of ranges of lines.

    Lines count from 1 in order of settlement. A context manager: its temporary table is dropped when it is closed.

    Args:
        book: the book that the rows are in.
        where: an SQL condition on the index ``latest l``, built from constants of this package.
        values: the parameters of the condition.
    """

    def __init__(self, book: Book, where: str, *values: object) -> None:
        self._book = book
        self._table = f"selected_{next(_numbers)}"
        book.execute(f"CREATE TEMP TABLE {self._table} (line INTEGER PRIMARY KEY, id TEXT, seq INTEGER)")
        rows = f"SELECT l.id, l.seq FROM latest l WHERE {where} ORDER BY l.settled, l.id"
        found = book.execute(f"INSERT INTO {self._table} (id, seq) {rows}", *values)
        self.lines = range(1, found.rowcount + 1)

    def close(self) -> None:
        """Drop the table."""
        self._book.execute(f"DROP TABLE IF EXISTS {self._table}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # else the rollback drops the table, and other statements may fail
            self.close()

    def __len__(self) -> int:
        return len(self.lines)

    def bodies(self, lines: range) -> Iterator[bytes]:
        """Yield the stored records of some of the rows, as the bank's JSON."""
        select = f"SELECT v.body FROM {self._table} c JOIN version v ON v.seq = c.seq WHERE {_LINES} ORDER BY c.line"
        return map(itemgetter(0), self._book.rows(select, lines.start, lines.stop))

    def settled(self, line: int) -> int:
        """Return when a row settled, in microseconds UTC."""
        select = f"SELECT l.settled FROM {self._table} c {_ITS_LATEST} WHERE c.line = ?"
        return int(next(self._book.rows(select, line))[0])

    def total(self, lines: range) -> int:
        """Return the sum of some of the rows, in signed cents."""
        select = f"SELECT ifnull(sum(l.amount), 0) FROM {self._table} c {_ITS_LATEST} WHERE {_LINES}"
        return int(next(self._book.rows(select, lines.start, lines.stop))[0])

    def digest(self, lines: range) -> str:
        """Return the SHA-256 of the version numbers of some of the rows, as a batch states it."""
        select = f"SELECT c.seq FROM {self._table} c WHERE {_LINES} ORDER BY c.line"
        return digest_of(self._book.rows(select, lines.start, lines.stop))

    def exported_in(self, batches: Iterable[int]) -> dict[int, int]:
        """Return how many of the rows each of the given batches has."""
        select = f"""SELECT s.batch, count(*) FROM {self._table} c JOIN sent s ON s.id = c.id
                     WHERE s.batch {AMONG} GROUP BY s.batch"""
        return dict(self._book.rows(select, listed(batches)))

    def add_to_batch(self, number: int, lines: range) -> None:
        """Record that some of the rows are in a batch; inside the book's ``writing``."""
        rows = f"SELECT ?, c.line - ? + 1, c.id, c.seq FROM {self._table} c WHERE {_LINES}"
        self._book.execute(f"INSERT INTO sent {rows}", number, lines.start, lines.start, lines.stop)


def rows_settled(book: Book, account: str, since: int, until: int, *, moving: bool = False) -> SelectedRows:
    """Select completed rows settled in [since, until) (microseconds UTC).

    Args:
        book: the book that the rows are in.
        account: the id of the account.
        since: the first moment.
        until: the moment after the last one.
        moving: only rows whose amount is not zero.
    """
    return SelectedRows(
        book, f"{BOOKED} AND l.settled >= ? AND l.settled < ?{_only(moving=moving)}", account, since, until
    )


def rows_not_exported(
    book: Book,
    account: str,
    since: int,
    until: int,
    *,
    active: Iterable[int],
    undone: Iterable[int],
    moving: bool = False,
) -> SelectedRows:
    """Select completed rows in no active batch that settled in [since, until), or earlier but are in an undone batch.

    Args:
        book: the book that the rows are in.
        account: the id of the account.
        since: the first moment (microseconds UTC).
        until: the moment after the last one.
        active: the numbers of the profile's active batches.
        undone: the numbers of the profile's undone batches.
        moving: only rows whose amount is not zero.
    """
    where = f"""{BOOKED} AND l.settled < ? AND NOT EXISTS
                (SELECT 1 FROM sent s WHERE s.id = l.id AND s.batch {AMONG}) AND (l.settled >= ? OR EXISTS
                (SELECT 1 FROM sent s WHERE s.id = l.id AND s.batch {AMONG})){_only(moving=moving)}"""
    return SelectedRows(book, where, account, until, listed(active), since, listed(undone))


def rows_by_id(book: Book, account: str, ids: Iterable[str]) -> SelectedRows:
    """Select the completed ones of some transactions by their ids, in their newest versions."""
    return SelectedRows(book, f"{BOOKED} AND l.id {AMONG}", account, listed(ids))


def listed(keys: Iterable[int | str]) -> str:
    """Return a list as one JSON parameter, for SQLite's ``json_each``."""
    return msgspec.json.encode(list(keys)).decode()


def digest_of(rows: Iterable[tuple[int]]) -> str:
    """Return the SHA-256 of version numbers, one per line."""
    return hashlib.sha256("\n".join(str(seq) for (seq,) in rows).encode()).hexdigest()


_LINES = "c.line >= ? AND c.line < ?"
_ITS_LATEST = LATEST_OF.format("c")


def _only(*, moving: bool) -> str:
    return " AND l.amount <> 0" if moving else ""
