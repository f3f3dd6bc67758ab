"""The index of a book: the newest version of each record, with the facts by which it is found. It is derived."""

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from primanota.book.database import Database
from primanota.book.database_errors import RESTORE
from primanota.book.row_order import BOOKED, BookedRow, booked_rows, row_order
from primanota.core.errors import BookDamaged
from primanota.core.model import RawRecord

TRANSACTION, MEMBER, LABEL, ACCOUNT, ORGANISATION = "transaction", "member", "label", "account", "organisation"
# Every statement below consists of constants of this file; values are always passed as parameters.
NEWEST = "FROM latest l JOIN version v ON v.seq = l.seq"
SET_LATEST = """INSERT OR REPLACE INTO latest
            (kind, seq, account, absent, id, status, created, emitted, updated, settled, amount, balance)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


class ReindexCounts(NamedTuple):
    """How many records the rebuilt index has, and how many entries were different, missing or surplus before."""

    records: int
    differed: int


class Index(Database):
    """The index of a book: finds records, and compares or rebuilds itself from the versions."""

    def bodies(self, kind: str) -> dict[str, bytes]:
        """Return the newest body of every record of a small kind, by id, in the order in which they were read."""
        return dict(self.rows(f"SELECT l.id, v.body {NEWEST} WHERE l.kind = ? ORDER BY l.seq", kind))

    def versions(self, kind: str, key: str) -> Iterator[bytes]:
        """Yield the body of every version of a record, the oldest first."""
        select = "SELECT body FROM version WHERE kind = ? AND id = ? ORDER BY seq"
        return map(itemgetter(0), self.rows(select, kind, key))

    def of_other_accounts(self, account: str, records: Iterable[RawRecord]) -> set[str]:
        """Return the ids among those of some records that the book has as rows of other accounts.

        A row that vanished there may have moved, or was never there: a wrong answer of one day must do no harm.
        """
        ids = msgspec.json.encode([record.id for record in records]).decode()
        select = """SELECT id FROM latest WHERE kind = 'transaction' AND account <> ? AND absent = 0
                    AND id IN (SELECT value FROM json_each(?))"""
        return {key for (key,) in self.rows(select, account, ids)}

    def has_other_accounts(self, account: str) -> bool:
        """Return whether the book has transactions, vanished ones included, of another account."""
        one = "EXISTS (SELECT 1 FROM latest WHERE kind = 'transaction' AND account"
        (found,) = next(self.rows(f"SELECT {one} < ?) OR {one} > ?)", account, account))
        return bool(found)

    def booked_rows(self, account: str) -> Iterator[BookedRow]:
        """Yield the account's completed rows by settlement, rows of one moment in any order."""
        return booked_rows(self, account)

    def last_settled(self, account: str) -> int | None:
        """Return when the account's last completed row settled (microseconds UTC); None if it has none."""
        (last,) = next(self.rows(f"SELECT max(settled) FROM latest l WHERE {BOOKED}", account))
        return None if last is None else int(last)

    def completed(self, account: str, since: int, until: int) -> Iterator[bytes]:
        """Yield bodies of completed rows settled in [since, until) (microseconds UTC), in order of settlement."""
        order = row_order(self, [account])
        span = f"{order.join} WHERE {BOOKED} AND l.settled >= ? AND l.settled < ? ORDER BY {order.by}"
        return map(itemgetter(0), self.rows(f"SELECT v.body {NEWEST} {span}", account, since, until))

    def not_completed(self, since: int, until: int) -> Iterator[tuple[str, bytes, bool]]:
        """Yield other rows that settled, or else were emitted, in [since, until): account, body, vanished or not."""
        return self.rows(
            f"""SELECT l.account, v.body, l.absent {NEWEST}
                WHERE l.kind = 'transaction' AND (l.absent = 1 OR l.status <> 'completed')
                  AND ifnull(l.settled, l.emitted) >= ? AND ifnull(l.settled, l.emitted) < ?
                ORDER BY ifnull(l.settled, l.emitted), l.id""",
            since,
            until,
        )

    def status_counts(self, account: str) -> dict[str, int]:
        """Return how many rows of each status the book has, without vanished ones."""
        return dict(
            self.rows(
                """SELECT status, count(*) FROM latest
                   WHERE kind = 'transaction' AND account = ? AND absent = 0 GROUP BY status""",
                account,
            )
        )

    def first_difference(self, read: Callable[[bytes], RawRecord]) -> str:
        """Return the first entry that differs from the newest version of its record, in a sentence; else empty."""
        for (key,) in self.rows(_MISSING_IN_INDEX):
            return f"{key} is missing from the index"
        for (key,) in self.rows(_UNKNOWN_IN_INDEX):
            return f"the index entry of {key} has no version"
        columns = "v.body, l.id, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance"
        for body, *facts in self.rows(f"SELECT {columns} {NEWEST} WHERE l.kind = 'transaction'"):
            try:
                expected = facts_of(read(body))
            except ValueError as error:
                return f"a record of the bank cannot be decoded: {error}"
            if facts != expected:
                return f"the index entry of transaction {facts[0]} differs from the bank's record"
        return ""

    def reindex(self, read: Callable[[bytes], RawRecord]) -> ReindexCounts:
        """Rebuild the index from the versions; inside ``writing``.

        Args:
            read: decodes a transaction's body into a record.

        Raises:
            BookDamaged: a transaction's body cannot be decoded.
        """
        self.execute("CREATE TEMP TABLE was AS SELECT * FROM latest")
        self.execute("DELETE FROM latest")
        self.execute_each(SET_LATEST, self._newest(read))
        (records, differed) = next(self.rows(_REINDEXED))
        self.execute("DROP TABLE was")
        return ReindexCounts(records, differed)

    def _newest(self, read: Callable[[bytes], RawRecord]) -> Iterator[tuple[object, ...]]:
        for kind, seq, account, absent, key, body in self.rows(_NEWEST_VERSIONS):
            try:
                record = read(body) if kind == TRANSACTION else RawRecord(key, body)
            except ValueError as error:
                raise BookDamaged(f"Version {seq} of the book cannot be read: {error}.", RESTORE) from None
            yield kind, seq, account, absent, *facts_of(record)


_MISSING_IN_INDEX = """SELECT v.id FROM version v LEFT JOIN latest l ON l.kind = v.kind AND l.id = v.id
           WHERE l.seq IS NULL OR l.seq < v.seq LIMIT 1"""
_UNKNOWN_IN_INDEX = """SELECT l.id FROM latest l LEFT JOIN version v ON v.seq = l.seq
               WHERE v.seq IS NULL OR v.kind <> l.kind OR v.id <> l.id OR v.account <> l.account
                  OR v.absent <> l.absent LIMIT 1"""
_NEWEST_VERSIONS = """SELECT kind, seq, account, absent, id, body FROM version
                      WHERE seq IN (SELECT max(seq) FROM version GROUP BY kind, id) ORDER BY seq"""
_REINDEXED = """SELECT (SELECT count(*) FROM latest), count(*) FROM
              (SELECT kind, id FROM (SELECT * FROM latest EXCEPT SELECT * FROM was) UNION
               SELECT kind, id FROM (SELECT * FROM was EXCEPT SELECT * FROM latest))"""


def facts_of(record: RawRecord) -> list[Any]:
    """Return the facts of a record as the index has them, from its id on."""
    times = (record.created, record.emitted, record.updated, record.settled)
    return [record.id, record.status, *times, record.amount, record.balance]
