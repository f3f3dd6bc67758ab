"""What the bank said, kept word for word: versions, the newest of each thing, and what is found by them."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from primanota.book import hash_chain
from primanota.book.database import File
from primanota.core.errors import BookUnusable
from primanota.core.model import RawRecord

TRANSACTION, MEMBER, LABEL, ACCOUNT, ORGANISATION = "transaction", "member", "label", "account", "organisation"


class AppendCounts(msgspec.Struct):
    """How many things were new, changed, and the same as before."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def add(self, other: "AppendCounts") -> None:
        """Count another reading in."""
        self.new += other.new
        self.changed += other.changed
        self.same += other.same


class Rebuilt(NamedTuple):
    """How many things the index has, and how many of them it had otherwise, not at all, or without a version."""

    things: int
    differed: int


class BookedRow(NamedTuple):
    """A completed row as the balance chain sees it: moment (microseconds UTC), signed cents, cents after it."""

    id: str
    settled: int
    amount: int
    balance: int | None


class Book(File):
    """An organisation's book: everything the bank ever said, and nothing of it ever changed."""

    def keep(self, kind: str, entries: Iterable[RawRecord], account: str = "") -> AppendCounts:
        """Keep what the bank said, as a new version where it differs from the newest one; inside ``writing``."""
        kept, before = AppendCounts(), hash_chain.head(self._connection)
        for entry in entries:
            known = self._connection.execute(_KNOWN, (kind, entry.id)).fetchone()
            if known is None:
                kept.new += 1
            elif _says_the_same(known, entry):
                kept.same += 1
                continue
            else:
                kept.changed += 1
            before = self._append(before, kind, entry, account, absent=0)
        return kept

    def note(self, entries: Iterable[RawRecord]) -> None:
        """Remember that a full reading met these transactions."""
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS met (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._connection.executemany("INSERT OR IGNORE INTO met VALUES (?)", ((entry.id,) for entry in entries))

    def forget_noted(self) -> None:
        """Begin a new full reading."""
        self.note(())
        self._connection.execute("DELETE FROM met")

    def mark_absent(self, account: str, statuses: tuple[str, ...], created_before: int) -> list[str]:
        """Mark what the bank showed once and a full reading no longer met; inside ``writing``.

        Returns:
            The ids of the transactions that vanished. They stay in the book, as absent.
        """
        asked = ", ".join("?" * len(statuses))
        found = self._connection.execute(
            f"""SELECT l.id, v.body, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance
                {NEWEST} WHERE l.kind = 'transaction' AND l.account = ? AND l.absent = 0 AND l.created < ?
                  AND l.status IN ({asked}) AND l.id NOT IN (SELECT id FROM met)""",
            (account, created_before, *statuses),
        ).fetchall()
        before = hash_chain.head(self._connection)
        for key, body, status, *facts in found:
            before = self._append(
                before, TRANSACTION, RawRecord(key, body, account, status, *facts), account, absent=1
            )
        return [row[0] for row in found]

    def watermark(self, account: str) -> int | None:
        """Up to which moment (microseconds UTC) the account has been read whole; None if never."""
        return next((row[0] for row in self.rows("SELECT moment FROM watermark WHERE account = ?", account)), None)

    def advance(self, account: str, to: int) -> None:
        """The account has been read whole up to this moment; inside ``writing``."""
        self._connection.execute("INSERT OR REPLACE INTO watermark VALUES (?, ?, ?)", (account, to, self._run))

    def bodies(self, kind: str) -> dict[str, bytes]:
        """The newest body of everything of a small kind, by id, in the order in which it was heard."""
        return dict(self.rows(f"SELECT l.id, v.body {NEWEST} WHERE l.kind = ? ORDER BY l.seq", kind))

    def links(self, account: str) -> Iterator[BookedRow]:
        """The account's completed rows in order of settlement."""
        chosen = f"SELECT id, settled, amount, balance FROM latest l WHERE {BOOKED} ORDER BY settled, id"
        return map(BookedRow._make, self.rows(chosen, account))

    def settled(self, account: str, since: int, until: int) -> Iterator[bytes]:
        """Bodies of completed rows settled in [since, until) (microseconds UTC), in order of settlement."""
        span = f"WHERE {BOOKED} AND l.settled >= ? AND l.settled < ? ORDER BY l.settled, l.id"
        return map(itemgetter(0), self.rows(f"SELECT v.body {NEWEST} {span}", account, since, until))

    def unsettled(self, since: int, until: int) -> Iterator[tuple[str, bytes, bool]]:
        """Rows not plainly completed that settled, or else were made, in [since, until): account, body, vanished."""
        return self.rows(
            f"""SELECT l.account, v.body, l.absent {NEWEST}
                WHERE l.kind = 'transaction' AND (l.absent = 1 OR l.status <> 'completed')
                  AND ifnull(l.settled, l.emitted) >= ? AND ifnull(l.settled, l.emitted) < ?
                ORDER BY ifnull(l.settled, l.emitted), l.id""",
            since,
            until,
        )

    def counts(self, account: str) -> dict[str, int]:
        """How many rows of each status the book has, without those that vanished."""
        return dict(
            self.rows(
                """SELECT status, count(*) FROM latest
                   WHERE kind = 'transaction' AND account = ? AND absent = 0 GROUP BY status""",
                account,
            )
        )

    @property
    def head(self) -> bytes:
        """The hash of the newest version."""
        with self.explained():
            return hash_chain.head(self._connection)

    def first_inconsistency(self, read: Callable[[bytes], RawRecord]) -> str:
        """The first place where the book is not what this program wrote from the bank's words; empty if none.

        Args:
            read: makes an entry of a transaction's body, to hold against what the index says.
        """
        with self.explained():
            return hash_chain.first_inconsistency(self._connection) or self._first_difference(read)

    def _first_difference(self, read: Callable[[bytes], RawRecord]) -> str:
        for (key,) in self.rows(_LOST):
            return f"the index has lost {key}"
        for (key,) in self.rows(_INVENTED):
            return f"the index says of {key} what no version says"
        columns = "v.body, l.id, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance"
        for body, *facts in self.rows(f"SELECT {columns} {NEWEST} WHERE l.kind = 'transaction'"):
            try:
                told = _facts(read(body))
            except ValueError as error:
                return f"what the bank said cannot be read: {error}"
            if facts != told:
                return f"the index says of transaction {facts[0]} what the bank did not"
        return ""

    def rebuild(self, read: Callable[[bytes], RawRecord]) -> Rebuilt:
        """Make the index anew from the versions; inside ``writing``.

        Args:
            read: makes an entry of a transaction's body.

        Raises:
            BookUnusable: a transaction's body cannot be read.
        """
        self.execute("CREATE TEMP TABLE was AS SELECT * FROM latest")
        self.execute("DELETE FROM latest")
        self.execute_each(_POINT, self._newest(read))
        (things, differed) = next(self.rows(_REBUILT))
        self.execute("DROP TABLE was")
        return Rebuilt(things, differed)

    def _newest(self, read: Callable[[bytes], RawRecord]) -> Iterator[tuple[object, ...]]:
        for kind, seq, account, absent, key, body in self.rows(_NEWEST_VERSIONS):
            try:
                entry = read(body) if kind == TRANSACTION else RawRecord(key, body)
            except ValueError as error:
                raise BookUnusable(f"Version {seq} of the book cannot be read: {error}.") from None
            yield kind, seq, account, absent, *_facts(entry)

    def _append(self, before: bytes, kind: str, entry: RawRecord, account: str, *, absent: int) -> bytes:
        sealed = hash_chain.seal(before, kind, entry.id, account, self._run, absent, entry.body)
        row = (kind, entry.id, account, self._run, absent, entry.body, sealed)
        seq = self._connection.execute(_APPEND, row).lastrowid
        self._connection.execute(_POINT, (kind, seq, account, absent, *_facts(entry)))
        return sealed


# Every statement below is put together from constants of this file; values always go in as parameters.
NEWEST = "FROM latest l JOIN version v ON v.seq = l.seq"
BOOKED = "l.kind = 'transaction' AND l.account = ? AND l.absent = 0 AND l.status = 'completed'"
_KNOWN = f"SELECT v.body, l.updated, l.absent {NEWEST} WHERE l.kind = ? AND l.id = ?"
_LOST = """SELECT v.id FROM version v LEFT JOIN latest l ON l.kind = v.kind AND l.id = v.id
           WHERE l.seq IS NULL OR l.seq < v.seq LIMIT 1"""
_INVENTED = """SELECT l.id FROM latest l LEFT JOIN version v ON v.seq = l.seq
               WHERE v.seq IS NULL OR v.kind <> l.kind OR v.id <> l.id OR v.account <> l.account
                  OR v.absent <> l.absent LIMIT 1"""
_NEWEST_VERSIONS = """SELECT kind, seq, account, absent, id, body FROM version
                      WHERE seq IN (SELECT max(seq) FROM version GROUP BY kind, id) ORDER BY seq"""
_REBUILT = """SELECT (SELECT count(*) FROM latest), count(*) FROM
              (SELECT kind, id FROM (SELECT * FROM latest EXCEPT SELECT * FROM was) UNION
               SELECT kind, id FROM (SELECT * FROM was EXCEPT SELECT * FROM latest))"""
_APPEND = "INSERT INTO version (kind, id, account, run, absent, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
_POINT = """INSERT OR REPLACE INTO latest
            (kind, seq, account, absent, id, status, created, emitted, updated, settled, amount, balance)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _facts(entry: RawRecord) -> list[Any]:
    times = (entry.created, entry.emitted, entry.updated, entry.settled)
    return [entry.id, entry.status, *times, entry.amount, entry.balance]


def _says_the_same(known: tuple[bytes, int, int], entry: RawRecord) -> bool:
    """Whether a body brings nothing new: the same words, perhaps in another order, or older ones that came late."""
    body, updated, absent = known
    if absent:
        return False
    return entry.updated < updated or body == entry.body or _canonical(body) == _canonical(entry.body)


def _canonical(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    return msgspec.json.Decoder(float_hook=Decimal).decode(body)
