"""Closed months: a record for each edition of a pack, stored as a version, so that the hash chain covers it.

The record of a later edition is a newer version of the same record.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from primanota.book.file.database import Database
from primanota.book.records.records import Book
from primanota.book.records.row_order import BOOKED
from primanota.core.model import RawRecord
from primanota.core.month_close import MonthClose

CLOSE = "close"


class Closes:
    """The closed months of a book. Methods that write are called inside the book's ``writing``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def newest(self) -> list[MonthClose]:
        """Return the newest edition of each pack, by month, then by what it is of."""
        found = map(_decode, self._book.bodies(CLOSE).values())
        return sorted(found, key=lambda one: (one.month, one.key))

    def editions(self, key: str) -> list[MonthClose]:
        """Return the editions of a pack, the first one first."""
        return [_decode(body) for body in self._book.versions(CLOSE, key)]

    def all(self) -> Iterator[MonthClose]:
        """Yield every edition of every pack."""
        for key in sorted(self._book.bodies(CLOSE)):
            yield from self.editions(key)

    def save(self, close: MonthClose) -> None:
        """Store an edition."""
        self._book.append(CLOSE, [RawRecord(close.key, msgspec.json.encode(close))])


def settled_rows(database: Database, account: str, since: int, until: int) -> tuple[int, int]:
    """Return how many rows settled in [since, until) (microseconds UTC), and the newest of their versions, or 0."""
    rows, newest = next(database.rows(_COUNT, account, since, until))
    return int(rows), int(newest)


def digest_of_settled(database: Database, account: str, since: int, until: int) -> str:
    """Return the SHA-256 of the version numbers of the rows that settled in a span, ascending, one a line."""
    digest = hashlib.sha256()
    for (seq,) in database.rows(_SEQS, account, since, until):
        digest.update(f"{seq}\n".encode())
    return digest.hexdigest()


def stored_since(database: Database, account: str, since: int, until: int, after: int) -> list[str]:
    """Return the ids of rows that settled in [since, until) and have a version after a number."""
    return [key for (key,) in database.rows(_STORED_SINCE, account, since, until, after)]


def superseded_since(database: Database, account: str, after: int) -> list[str]:
    """Return the ids of an account's rows that had a version up to a number and have a newer one."""
    return [key for (key,) in database.rows(_SUPERSEDED_SINCE, account, after)]


_decode = msgspec.json.Decoder(MonthClose).decode
# Every statement consists of constants of this package; values are always passed as parameters.
_SPAN = f"{BOOKED} AND l.settled >= ? AND l.settled < ?"
_COUNT = f"SELECT count(*), ifnull(max(l.seq), 0) FROM latest l WHERE {_SPAN}"
_SEQS = f"SELECT l.seq FROM latest l WHERE {_SPAN} ORDER BY l.seq"
_STORED_SINCE = f"SELECT l.id FROM latest l WHERE {_SPAN} AND l.seq > ? ORDER BY l.settled, l.id"
_SUPERSEDED_SINCE = """SELECT DISTINCT e.id FROM earlier_version e
                       CROSS JOIN latest l ON l.kind = e.kind AND l.id = e.id
                       WHERE e.kind = 'transaction' AND l.account = ?1 AND e.seq <= ?2 AND l.seq > ?2 ORDER BY e.id"""
