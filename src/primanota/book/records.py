"""Records of the bank, stored byte for byte: versions, the newest version of each record, and queries over them."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from operator import itemgetter
from os import SEEK_END
from typing import IO, Any, NamedTuple

import msgspec

from primanota.book import hash_chain
from primanota.book.database import Database
from primanota.book.database_errors import RESTORE
from primanota.book.row_order import BOOKED, BookedRow, booked_rows, row_order
from primanota.book.sealed_tables import NUMBERS, PROOF, WATERMARK, first_changed_row, sealed_rows
from primanota.book.seen_transactions import SeenTransactions
from primanota.core.errors import BookDamaged
from primanota.core.model import RawRecord
from primanota.core.proof_state import CLOCK_TOLERANCE, ProofState
from primanota.core.results import AppendCounts

TRANSACTION, MEMBER, LABEL, ACCOUNT, ORGANISATION = "transaction", "member", "label", "account", "organisation"


_IDS_AT_ONCE = 500
_PIECE = 1 << 20
_ID_OF_ENTRY = itemgetter(4)


class ReindexCounts(NamedTuple):
    """How many records the rebuilt index has, and how many entries were different, missing or surplus before."""

    records: int
    differed: int


class Book(Database):
    """An organisation's book: every version of every record of the bank; versions are only added."""

    def append(
        self, kind: str, records: Iterable[RawRecord], account: str = "", older: list[RawRecord] | None = None
    ) -> AppendCounts:
        """Append each record that differs from its newest version as a new version; inside ``writing``.

        A record that the bank updated earlier than the newest version is not appended: pages are read side by side,
        so an older state may arrive later. A stamp of the future does not protect a version.

        Args:
            kind: the kind of the records, for example ``TRANSACTION``.
            records: the records, with the bank's bytes as their bodies.
            account: the id of the account, for transactions.
            older: receives the records that are not appended, since the newest version has a later stamp.
        """
        counts, credible, fresh = AppendCounts(), self._credible, list[RawRecord]()
        records = list(records)
        newest = self._newest_of(kind, records)
        for record in records:
            known = newest.get(record.id)
            if known is None:
                counts.new += 1
            elif not known.absent and _is_equal(known.body, record.body):
                counts.same += 1
                continue
            elif not known.absent and record.updated < known.updated <= credible:
                counts.same += 1
                if older is not None:
                    older.append(record)
                continue
            else:
                counts.changed += 1
            fresh.append(record)
            newest[record.id] = _Newest(record.body, record.updated, 0, self._run)
        self._append(kind, fresh, account, absent=0)
        return counts

    def append_older(self, kind: str, records: Iterable[RawRecord], account: str) -> int:
        """Append records that a complete reading found in an older state than the book has; inside ``writing``.

        A state that this run has stored stays: it was read in the same reading, and is newer.

        Returns:
            How many versions were appended.
        """
        records, fresh = list(records), list[RawRecord]()
        newest = self._newest_of(kind, records)
        for record in records:
            known = newest[record.id]
            if known.run != self._run and not _is_equal(known.body, record.body):
                fresh.append(record)
                newest[record.id] = _Newest(record.body, record.updated, 0, self._run)
        self._append(kind, fresh, account, absent=0)
        return len(fresh)

    def mark_absent(
        self, account: str, statuses: tuple[str, ...], created_before: int, seen: SeenTransactions
    ) -> list[str]:
        """Mark transactions that a complete reading no longer found at the bank as absent; inside ``writing``.

        Args:
            account: the id of the account that was read.
            statuses: the statuses that were requested.
            created_before: rows created at or after this moment (microseconds UTC) are not marked, as the reading may
                have missed them, unless their stamp is of the future and an earlier run has stored them.
            seen: the transactions that the reading found.

        Returns:
            The ids of the vanished transactions. They stay in the book, marked as absent.
        """
        asked = ", ".join("?" * len(statuses))
        found = self._connection.execute(
            f"""SELECT l.id, v.body, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance
                {NEWEST} WHERE l.kind = 'transaction' AND l.account = ? AND l.absent = 0
                  AND (l.created < ? OR (l.created > ? AND v.run <> ?)) AND l.status IN ({asked})
                  AND l.id NOT IN (SELECT id FROM {seen.table})""",
            (account, created_before, self._credible, self._run, *statuses),
        ).fetchall()
        gone = [RawRecord(key, body, account, status, *facts) for key, body, status, *facts in found]
        self._append(TRANSACTION, gone, account, absent=1)
        return [record.id for record in gone]

    def of_other_accounts(self, account: str, records: Iterable[RawRecord]) -> set[str]:
        """Return the ids among those of some records that the book has as rows of other accounts.

        A row that vanished there may have moved, or was never there: a wrong answer of one day must do no harm.
        """
        ids = msgspec.json.encode([record.id for record in records]).decode()
        select = """SELECT id FROM latest WHERE kind = 'transaction' AND account <> ? AND absent = 0
                    AND id IN (SELECT value FROM json_each(?))"""
        return {key for (key,) in self.rows(select, account, ids)}

    def watermark(self, account: str) -> int | None:
        """Return the moment (microseconds UTC) up to which the account was read completely; None if it never was."""
        return next((row[0] for row in self.rows("SELECT moment FROM watermark WHERE account = ?", account)), None)

    def set_watermark(self, account: str, to: int) -> None:
        """Record that the account was read completely up to this moment; inside ``writing``."""
        self._connection.execute("INSERT OR REPLACE INTO watermark VALUES (?, ?, ?)", (account, to, self._run))
        self._seal(WATERMARK, account)

    def proof_state(self, account: str) -> ProofState:
        """Return how far an account is proven; ``unread`` if no sync has read it."""
        found = self.rows("SELECT state, until, reasons, since FROM proof WHERE account = ?", account)
        for state, until, reasons, since in found:
            return ProofState(state, until, tuple(msgspec.json.decode(reasons)), since)
        return ProofState()

    def set_proof_state(self, account: str, found: ProofState) -> None:
        """Store how far an account is proven; inside ``writing``."""
        facts = (found.state, found.until, msgspec.json.encode(found.reasons).decode(), found.since)
        self._connection.execute(
            "INSERT OR REPLACE INTO proof VALUES (?, ?, ?, ?, ?, ?)", (account, *facts, self._run)
        )
        self._seal(PROOF, account)

    def seal_entries(self, series: str) -> None:
        """Store the digest of the entry numbers of a series as a version; inside ``writing``."""
        self._seal(NUMBERS, series)

    def bodies(self, kind: str) -> dict[str, bytes]:
        """Return the newest body of every record of a small kind, by id, in the order in which they were read."""
        return dict(self.rows(f"SELECT l.id, v.body {NEWEST} WHERE l.kind = ? ORDER BY l.seq", kind))

    def store_file(self, sha256: str, compressed: IO[bytes]) -> None:
        """Store a file, compressed by zlib, under the SHA-256 of its uncompressed bytes; inside ``writing``."""
        size = compressed.seek(0, SEEK_END)
        compressed.seek(0)
        added = self.execute("INSERT OR IGNORE INTO file VALUES (?, zeroblob(?))", sha256, size)
        if added.rowcount and added.lastrowid is not None:
            with self._connection.blobopen("file", "content", added.lastrowid) as place:
                while piece := compressed.read(_PIECE):
                    place.write(piece)

    def stored_file(self, sha256: str) -> bytes:
        """Return the bytes that are stored under a SHA-256; empty where they are missing or cannot be read."""
        try:
            (content,) = next(self.rows("SELECT content FROM file WHERE sha256 = ?", sha256))
            return zlib.decompress(content)
        except (StopIteration, zlib.error):
            return b""

    def versions(self, kind: str, key: str) -> Iterator[bytes]:
        """Yield the body of every version of a record, the oldest first."""
        select = "SELECT body FROM version WHERE kind = ? AND id = ? ORDER BY seq"
        return map(itemgetter(0), self.rows(select, kind, key))

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

    @property
    def head(self) -> bytes:
        """Return the hash of the newest version."""
        with self.translated_errors():
            return hash_chain.head(self._connection)

    def first_inconsistency(self, read: Callable[[bytes], RawRecord]) -> str:
        """Return the first inconsistency of the hash chain or the index, in a sentence; empty if there is none.

        Args:
            read: decodes a transaction's body into a record, to compare the index with.
        """
        with self.translated_errors():
            return (
                hash_chain.first_inconsistency(self._connection)
                or self._first_difference(read)
                or first_changed_row(self, self.bodies)
            )

    def _first_difference(self, read: Callable[[bytes], RawRecord]) -> str:
        for (key,) in self.rows(_MISSING_IN_INDEX):
            return f"{key} is missing from the index"
        for (key,) in self.rows(_UNKNOWN_IN_INDEX):
            return f"the index entry of {key} has no version"
        columns = "v.body, l.id, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance"
        for body, *facts in self.rows(f"SELECT {columns} {NEWEST} WHERE l.kind = 'transaction'"):
            try:
                expected = _facts(read(body))
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
        self.execute_each(_SET_LATEST, self._newest(read))
        (records, differed) = next(self.rows(_REINDEXED))
        self.execute("DROP TABLE was")
        return ReindexCounts(records, differed)

    def _newest(self, read: Callable[[bytes], RawRecord]) -> Iterator[tuple[object, ...]]:
        for kind, seq, account, absent, key, body in self.rows(_NEWEST_VERSIONS):
            try:
                record = read(body) if kind == TRANSACTION else RawRecord(key, body)
            except ValueError as error:
                raise BookDamaged(f"Version {seq} of the book cannot be read: {error}.", RESTORE) from None
            yield kind, seq, account, absent, *_facts(record)

    def _seal(self, kind: str, key: str) -> None:
        """Store a row of a table as a version; every row, if the book has no such versions yet."""
        rows = sealed_rows(self, kind)
        self.append(kind, [row for row in rows if row.id == key] if self.bodies(kind) else rows)

    @property
    def _credible(self) -> int:
        """Return the latest moment that a stamp of the bank can truly have (microseconds UTC)."""
        return self.clock() + CLOCK_TOLERANCE

    def _newest_of(self, kind: str, records: list[RawRecord]) -> dict[str, "_Newest"]:
        """Return the newest versions of some records, by id."""
        found = dict[str, _Newest]()
        for start in range(0, len(records), _IDS_AT_ONCE):
            ids = [record.id for record in records[start : start + _IDS_AT_ONCE]]
            rows = self._connection.execute(f"{_KNOWN} ({', '.join('?' * len(ids))})", (kind, *ids))
            found.update((key, _Newest(*known)) for key, *known in rows)
        return found

    def _append(self, kind: str, records: list[RawRecord], account: str, *, absent: int) -> None:
        """Append versions, in their order, and let the index name them."""
        last, before = hash_chain.last(self._connection)
        versions, entries = list[tuple[object, ...]](), list[tuple[object, ...]]()
        for seq, record in enumerate(records, last + 1):
            before = hash_chain.seal(before, kind, record.id, account, self._run, absent, record.body)
            versions.append((seq, kind, record.id, account, self._run, absent, record.body, before))
            entries.append((kind, seq, account, absent, *_facts(record)))
        self.execute_each(_APPEND, versions)
        self.execute_each(_SET_LATEST, sorted(entries, key=_ID_OF_ENTRY))  # the index is in the order of ids


class _Newest(NamedTuple):
    body: bytes
    updated: int
    absent: int
    run: int


# Every statement below consists of constants of this file; values are always passed as parameters.
NEWEST = "FROM latest l JOIN version v ON v.seq = l.seq"
_KNOWN = f"SELECT l.id, v.body, l.updated, l.absent, v.run {NEWEST} WHERE l.kind = ? AND l.id IN"
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
_APPEND = "INSERT INTO version (seq, kind, id, account, run, absent, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SET_LATEST = """INSERT OR REPLACE INTO latest
            (kind, seq, account, absent, id, status, created, emitted, updated, settled, amount, balance)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _facts(record: RawRecord) -> list[Any]:
    times = (record.created, record.emitted, record.updated, record.settled)
    return [record.id, record.status, *times, record.amount, record.balance]


def _is_equal(body: bytes, other: bytes) -> bool:
    """Return whether two bodies are equal JSON, with any order of keys."""
    try:
        return body == other or _canonical(body) == _canonical(other)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # in a field that is not used
        return False


def _canonical(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    return msgspec.json.Decoder(float_hook=Decimal).decode(body)
