"""The index of a book: the newest version of each record, with the facts by which it is found. It is derived."""

import sys
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from primanota import banks
from primanota.book.file.database import AMONG, Database, listed
from primanota.book.file.database_errors import RESTORE
from primanota.book.file.derivations import DERIVED
from primanota.book.records import checkpoints, exported_rows, row_receipts
from primanota.book.records.row_order import BOOKED, COMPLETED_ROWS, BookedRow, booked_rows, row_order
from primanota.core.balance_chain import Chain
from primanota.core.errors import BookDamaged
from primanota.core.model import COMPLETED, RawRecord
from primanota.core.period import END_OF_TIME

TRANSACTION, MEMBER, LABEL, ACCOUNT, ORGANISATION = "transaction", "member", "label", "account", "organisation"
# A statement by which an account of files was read.
FILED_STATEMENT = "filed-statement"
# Every statement below consists of constants of this file; values are always passed as parameters.
NEWEST = "FROM latest l JOIN version v ON v.seq = l.seq"
SET_LATEST = """INSERT OR REPLACE INTO latest
            (kind, id, seq, account, absent, status, created, emitted, updated, settled, amount, balance, lacks)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_ROWS_AT_ONCE = 1000


class ReindexCounts(NamedTuple):
    """How many records the rebuilt index has, and how many entries were different, missing or surplus before."""

    records: int
    differed: int


class LoggedVersion(NamedTuple):
    """A version of a record: its number, when its run began (microseconds UTC), whether it was absent, its body."""

    seq: int
    started: int
    absent: int
    body: bytes


class Index(Database):
    """The index of a book: finds records, and compares or rebuilds itself from the versions."""

    def bodies(self, kind: str) -> dict[str, bytes]:
        """Return the newest body of every record of a small kind, by id, in the order in which they were read."""
        return dict(self.rows(f"SELECT l.id, v.body {NEWEST} WHERE l.kind = ? ORDER BY l.seq", kind))

    def versions(self, kind: str, key: str) -> Iterator[bytes]:
        """Yield the body of every version of a record, the oldest first."""
        return map(itemgetter(0), self.rows(_VERSIONS, kind, key, kind, key))

    def version_log(self, kind: str, key: str) -> Iterator[LoggedVersion]:
        """Yield every version of a record, the oldest first."""
        return map(LoggedVersion._make, self.rows(_VERSION_LOG, kind, key, kind, key))

    def of_other_accounts(self, account: str, records: Iterable[RawRecord]) -> set[str]:
        """Return the ids among those of some records that the book has as rows of other accounts.

        A row that vanished there may have moved, or was never there: a wrong answer of one day must do no harm.
        """
        select = f"SELECT id FROM latest WHERE kind = 'transaction' AND account <> ? AND absent = 0 AND id {AMONG}"
        return {key for (key,) in self.rows(select, account, listed(record.id for record in records))}

    def has_other_accounts(self, account: str) -> bool:
        """Return whether the book has transactions, vanished ones included, of another account."""
        one = "EXISTS (SELECT 1 FROM latest WHERE kind = 'transaction' AND account"
        (found,) = next(self.rows(f"SELECT {one} < ?) OR {one} > ?)", account, account))
        return bool(found)

    def booked_rows(self, account: str) -> Iterator[BookedRow]:
        """Yield the account's completed rows by settlement, rows of one moment in any order."""
        return booked_rows(self, account)

    @property
    def newest_version(self) -> int:
        """Return the number of the newest version of any record; 0 in an empty book."""
        return int(next(self.rows("SELECT ifnull(max(seq), 0) FROM version"))[0])

    def chain(self, account: str, since: int = END_OF_TIME, until: int = END_OF_TIME) -> Chain:
        """Return an account's balance chain, with what it finds in a span: see ``checkpoints.chain_of``."""
        return checkpoints.chain_of(self, account, since, until)

    def chain_within(self, account: str, since: int, until: int) -> Chain:
        """Return an account's balance chain up to the end of a span; what comes later is not walked."""
        return checkpoints.chain_within(self, account, since, until)

    def brought_forward(self, account: str) -> int:
        """Return the balance (cents) with which an account begins: 0, unless files of statements say another one."""
        return checkpoints.brought_forward(self, account)

    def filed_statements(self, account: str) -> list[bytes]:
        """Return the records of the statements by which an account of files was read, in the order of import."""
        select = f"SELECT v.body {NEWEST} WHERE l.kind = '{FILED_STATEMENT}' AND l.account = ? ORDER BY l.seq"
        return [body for (body,) in self.rows(select, account)]

    def states_and_balances(self, ids: Iterable[str]) -> dict[str, tuple[str, int | None]]:
        """Return status and balance of each of some transactions that the book has, vanished ones excepted."""
        select = f"SELECT id, status, balance FROM latest WHERE kind = 'transaction' AND absent = 0 AND id {AMONG}"
        return {key: (status, balance) for key, status, balance in self.rows(select, listed(ids))}

    def completed_beginning_with(self, start: str) -> set[str]:
        """Return the ids of completed transactions that begin so."""
        select = f"SELECT l.id FROM latest l WHERE {COMPLETED_ROWS} AND l.id >= ? AND l.id < ?"
        return {key for (key,) in self.rows(select, start, f"{start}{chr(sys.maxunicode)}")}

    def last_settled(self, account: str) -> int | None:
        """Return when the account's last completed row settled (microseconds UTC); None if it has none."""
        (last,) = next(self.rows(f"SELECT max(settled) FROM latest l WHERE {BOOKED}", account))
        return None if last is None else int(last)

    def completed(self, account: str, since: int, until: int) -> Iterator[bytes]:
        """Yield bodies of completed rows settled in [since, until) (microseconds UTC), in order of settlement."""
        order = row_order(self, {account: self.chain(account, since)})
        span = f"{order.join} WHERE {BOOKED} AND l.settled >= ? AND l.settled < ? ORDER BY {order.by}"
        return map(itemgetter(0), self.rows(f"SELECT v.body {NEWEST} {span}", account, since, until))

    def status_counts(self, account: str, completed: int | None = None) -> dict[str, int]:
        """Return how many rows of each status the book has, without vanished ones.

        Args:
            account: the id of the account.
            completed: how many are completed, as the balance chain tells; they are nearly all. None to count them.
        """
        count = """SELECT status, count(*) FROM latest WHERE kind = 'transaction' AND account = ? AND absent = 0
                   AND status {} 'completed' GROUP BY status"""
        others = dict(self.rows(f"{count.format('<')} UNION ALL {count.format('>')}", account, account))
        if completed is None:
            ((completed,),) = self.rows(f"SELECT count(*) FROM latest l WHERE {BOOKED}", account)
        return others | ({COMPLETED: completed} if completed else {})

    @property
    def lacks_rule(self) -> int:
        """Return the number of the rule by which the index says what rows lack; 0 if it does not say it yet."""
        return next((rule for (rule,) in self.rows("SELECT rule FROM derived WHERE name = 'lacks'")), 0)

    def fill_lacks(self, read: Callable[[bytes], RawRecord], lacks_rule: int, progress: banks.Progress) -> None:
        """Fill what rows lack by another rule, all of them or, if it is killed, none; outside of a transaction.

        Args:
            read: decodes a transaction's body into a record.
            lacks_rule: the number of its rule.
            progress: is called for each page of rows.

        Raises:
            BookDamaged: a transaction's body cannot be decoded.
        """
        with self.writing():
            if self.lacks_rule == lacks_rule:  # another process has just done it
                return
            ((of_all,),) = self.rows("SELECT count(*) FROM latest WHERE kind = 'transaction'")
            progress.expect(-(-of_all // _ROWS_AT_ONCE))
            last = 0
            while found := list(self.rows(_LACKS_AFTER, last, _ROWS_AT_ONCE)):
                now = [(_decoded(read, seq, body).lacks, lacks, key) for seq, key, body, lacks in found]
                differing = ((lacks, key) for lacks, was, key in now if lacks != was)
                self.execute_each("UPDATE latest SET lacks = ? WHERE kind = 'transaction' AND id = ?", differing)
                last = found[-1][0]
                progress.page(len(found))
            self._set_lacks_rule(lacks_rule)

    def _set_lacks_rule(self, number: int) -> None:
        self.execute("INSERT OR REPLACE INTO derived VALUES ('lacks', ?)", number)

    def reindex(self, read: Callable[[bytes], RawRecord], lacks_rule: int) -> ReindexCounts:
        """Rebuild the index from the versions; inside ``writing``.

        Args:
            read: decodes a transaction's body into a record.
            lacks_rule: the number of its rule.

        Raises:
            BookDamaged: a transaction's body cannot be decoded.
        """
        self.execute("CREATE TEMP TABLE was AS SELECT * FROM latest")
        self.execute("DELETE FROM latest")
        self.execute_each(SET_LATEST, self._newest(read))
        checkpoints.forget_all(self)
        exported_rows.forget_all(self)
        row_receipts.forget_all(self)
        self.execute("DELETE FROM earlier_version")
        for statement in DERIVED:
            self.execute(statement)
        if self.lacks_rule != lacks_rule:  # then a difference of the rules is not one of the index
            self.execute(_TAKE_LACKS)
            self._set_lacks_rule(lacks_rule)
        (records, differed) = next(self.rows(_REINDEXED))
        self.execute("DROP TABLE was")
        return ReindexCounts(records, differed)

    def _newest(self, read: Callable[[bytes], RawRecord]) -> Iterator[tuple[object, ...]]:
        for kind, seq, account, absent, key, body in self.rows(_NEWEST_VERSIONS):
            record = _decoded(read, seq, body) if kind == TRANSACTION else RawRecord(key, body)
            yield kind, key, seq, account, absent, *record.facts


_VERSION_LOG = """SELECT v.seq, ifnull(r.started, 0), v.absent, v.body FROM version v
    LEFT JOIN run r ON r.number = v.run JOIN (SELECT seq FROM latest WHERE kind = ? AND id = ?
     UNION ALL SELECT seq FROM earlier_version WHERE kind = ? AND id = ?) USING (seq) ORDER BY v.seq"""
_VERSIONS = """SELECT v.body FROM version v JOIN
               (SELECT seq FROM earlier_version WHERE kind = ? AND id = ?
                UNION ALL SELECT seq FROM latest WHERE kind = ? AND id = ?) USING (seq) ORDER BY v.seq"""
# CROSS JOIN keeps the order: bodies are read as they lie in the file.
_LACKS_AFTER = """SELECT v.seq, v.id, v.body, l.lacks FROM version v CROSS JOIN latest l
                  ON l.kind = 'transaction' AND l.id = v.id AND l.seq = v.seq
                  WHERE v.seq > ? AND v.kind = 'transaction' ORDER BY v.seq LIMIT ?"""
_TAKE_LACKS = """UPDATE was SET lacks =
                 ifnull((SELECT l.lacks FROM latest l WHERE l.kind = was.kind AND l.id = was.id), 0)"""
_NEWEST_VERSIONS = """SELECT kind, seq, account, absent, id, body FROM version
                      WHERE seq IN (SELECT max(seq) FROM version GROUP BY kind, id) ORDER BY seq"""
_REINDEXED = """SELECT (SELECT count(*) FROM latest), count(*) FROM
              (SELECT kind, id FROM (SELECT * FROM latest EXCEPT SELECT * FROM was) UNION
               SELECT kind, id FROM (SELECT * FROM was EXCEPT SELECT * FROM latest))"""


def _decoded(read: Callable[[bytes], RawRecord], seq: int, body: bytes) -> RawRecord:
    try:
        return read(body)
    except ValueError as error:
        raise BookDamaged(f"Version {seq} of the book cannot be read: {error}.", RESTORE) from None
