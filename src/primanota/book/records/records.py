"""Records of the bank, stored byte for byte: versions, the newest version of each record, and queries over them."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import itemgetter
from os import SEEK_END
from typing import IO, Any, NamedTuple

import msgspec

from primanota.book.file import hash_chain
from primanota.book.file.sealed_tables import NUMBERS, PROOF, WATERMARK, sealed_rows
from primanota.book.records import checkpoints, exported_rows
from primanota.book.records.index import LABEL, MEMBER, NEWEST, SET_LATEST, TRANSACTION, Index
from primanota.book.records.row_order import COMPLETED_ROWS
from primanota.book.records.seen_transactions import SeenTransactions
from primanota.core.balance_chain import Chain
from primanota.core.model import COMPLETED, RawRecord
from primanota.core.proof_state import CLOCK_TOLERANCE, ProofState
from primanota.core.results import AppendCounts

_IDS_AT_ONCE = 500
_ID_OF_ENTRY = itemgetter(1)
_PIECE = 1 << 20


class Book(Index):
    """An organisation's book: every version of every record of the bank; versions are only added."""

    def append_new(self, records: list[RawRecord], account: str) -> bool:
        """Append transactions none of which the book has; inside ``writing``. It looks for none of them first.

        Returns:
            Whether all were appended; false, and none, if the book has one of them or one is there twice.
        """
        last, _ = hash_chain.last(self._connection)
        numbered = enumerate(records, last + 1)
        entries = [(TRANSACTION, one.id, seq, account, 0, *one.facts) for seq, one in numbered]
        added = self.execute_each(_ADD_LATEST, sorted(entries, key=_ID_OF_ENTRY))
        if added < len(entries):
            self.execute_each(_TAKE_BACK, [(TRANSACTION, one.id, last) for one in records])
            return False
        self._forget_outdated(records, account, [])
        self._append_versions(TRANSACTION, records, account)
        return True

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
        counts, credible, fresh, changed = AppendCounts(), self._credible, list[RawRecord](), list[str]()
        records = list(records)
        newest = self._newest_of(kind, records)
        if not newest and len({record.id for record in records}) == len(records):
            self._append(kind, records, account, [])
            return AppendCounts(new=len(records))
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
                changed.append(record.id)
            fresh.append(record)
            newest[record.id] = _Newest(record.body, record.updated, 0, self._run)
        self._append(kind, fresh, account, changed)
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
        self._append(kind, fresh, account, [record.id for record in fresh])
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
            f"""SELECT l.id, v.body, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance,
                       l.lacks {NEWEST} WHERE l.kind = 'transaction' AND l.account = ? AND l.absent = 0
                  AND (l.created < ? OR (l.created > ? AND v.run <> ?)) AND l.status IN ({asked})
                  AND l.id NOT IN (SELECT id FROM {seen.table})""",
            (account, created_before, self._credible, self._run, *statuses),
        ).fetchall()
        gone = [RawRecord(key, body, account, status, *facts) for key, body, status, *facts in found]
        ids = [record.id for record in gone]
        self._append(TRANSACTION, gone, account, ids, absent=1)
        return ids

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

    def last_synced(self, account: str) -> int | None:
        """Return when the last sync of an account began (microseconds UTC); None if no sync has read it."""
        select = "SELECT r.started FROM proof p JOIN run r ON r.number = p.run WHERE p.account = ?"
        return next((started for (started,) in self.rows(select, account)), None)

    def set_proof_state(self, account: str, found: ProofState) -> None:
        """Store how far an account is proven; inside ``writing``."""
        facts = (found.state, found.until, msgspec.json.encode(found.reasons).decode(), found.since)
        self._connection.execute(
            "INSERT OR REPLACE INTO proof VALUES (?, ?, ?, ?, ?, ?)", (account, *facts, self._run)
        )
        self._seal(PROOF, account)

    def keep_checkpoints(self, account: str, chain: Chain) -> None:
        """Store the checkpoints of a walk over an account's rows; inside ``writing``."""
        checkpoints.keep(self, account, chain)

    def seal_entries(self, series: str) -> None:
        """Store the digest of the entry numbers of a series as a version; inside ``writing``."""
        self._seal(NUMBERS, series)

    def store_file(self, sha256: str, compressed: IO[bytes]) -> None:
        """Store a file, compressed by zlib, under the SHA-256 of its uncompressed bytes; inside ``writing``."""
        size = compressed.seek(0, SEEK_END)
        compressed.seek(0)
        added = self.execute("INSERT OR IGNORE INTO file VALUES (?, zeroblob(?))", sha256, size)
        if added.rowcount and added.lastrowid is not None:
            with self._connection.blobopen("file", "content", added.lastrowid) as place:
                while piece := compressed.read(_PIECE):
                    place.write(piece)

    def pieces_of_file(self, sha256: str) -> Iterator[bytes]:
        """Yield the bytes that are stored under a SHA-256 piece by piece; nothing where they are missing.

        Raises:
            zlib.error: they cannot be read.
        """
        inflate = zlib.decompressobj()
        for (row,) in self.rows("SELECT rowid FROM file WHERE sha256 = ?", sha256):
            with self.translated_errors(), self._connection.blobopen("file", "content", row, readonly=True) as place:
                while piece := place.read(_PIECE):
                    yield inflate.decompress(piece)
        yield inflate.flush()

    def stored_file(self, sha256: str) -> bytes:
        """Return the bytes that are stored under a SHA-256; empty where they are missing or cannot be read."""
        try:
            return b"".join(self.pieces_of_file(sha256))
        except zlib.error:
            return b""

    def is_file_whole(self, sha256: str) -> bool:
        """Return whether the bytes that are stored under a SHA-256 have it. A large file takes no memory."""
        digest = hashlib.sha256()
        try:
            for piece in self.pieces_of_file(sha256):
                digest.update(piece)
        except zlib.error:
            return False
        return digest.hexdigest() == sha256

    @property
    def head(self) -> bytes:
        """Return the hash of the newest version."""
        with self.translated_errors():
            return hash_chain.head(self._connection)

    def _seal(self, kind: str, key: str) -> None:
        """Store a row of a table as a version; every row, if the book has no such versions yet."""
        self.append(kind, sealed_rows(self, kind, key if self.bodies(kind) else ""))

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

    def _append(
        self, kind: str, records: list[RawRecord], account: str, changed: list[str], *, absent: int = 0
    ) -> None:
        """Append versions, in their order, and let the index name them; it has those of ``changed`` already."""
        self.execute_each(_KEEP_EARLIER, ((kind, key) for key in changed))
        if kind == TRANSACTION:
            self._forget_outdated(records, account, changed)
        elif kind in {MEMBER, LABEL}:
            exported_rows.supersede_named(self, {record.id for record in records})
        last = self._append_versions(kind, records, account, absent=absent)
        numbers = {record.id: seq for seq, record in enumerate(records, last + 1)}
        if len(numbers) < len(records):  # some are twice in these records
            numbered = enumerate(records, last + 1)
            self.execute_each(_SET_EARLIER, [(kind, one.id, seq) for seq, one in numbered if seq != numbers[one.id]])
        entries = [(kind, one.id, numbers[one.id], account, absent, *one.facts) for one in records]
        self.execute_each(SET_LATEST, sorted(entries, key=_ID_OF_ENTRY))  # the index is in the order of ids

    def _append_versions(self, kind: str, records: list[RawRecord], account: str, *, absent: int = 0) -> int:
        """Append versions, in their order; return the number of the version before them."""
        last, before = hash_chain.last(self._connection)
        run, versions = self._run, list[tuple[object, ...]]()
        for seq, record in enumerate(records, last + 1):
            before = hash_chain.seal(before, kind, record.id, account, run, absent, record.body)
            versions.append((seq, kind, record.id, account, run, absent, record.body, before))
        self.execute_each(_APPEND, versions)
        return last

    def _forget_outdated(self, records: list[RawRecord], account: str, changed: list[str]) -> None:
        """Forget what is derived from rows as they were, before the index names their new versions."""
        moments = [(account, one.settled) for one in records if one.status == COMPLETED and one.settled is not None]
        exported_rows.supersede(self, changed)
        for key in changed:
            moments += self.rows(_SETTLED_BEFORE, key)
        for owner in {owner for owner, _ in moments}:
            checkpoints.forget(self, owner, min(settled for one, settled in moments if one == owner))


class _Newest(NamedTuple):
    body: bytes
    updated: int
    absent: int
    run: int


# Every statement below consists of constants of this file; values are always passed as parameters.
_KNOWN = f"SELECT l.id, v.body, l.updated, l.absent, v.run {NEWEST} WHERE l.kind = ? AND l.id IN"
_KEEP_EARLIER = "INSERT OR IGNORE INTO earlier_version SELECT kind, id, seq FROM latest WHERE kind = ? AND id = ?"
_SET_EARLIER = "INSERT INTO earlier_version (kind, id, seq) VALUES (?, ?, ?)"
_SETTLED_BEFORE = f"SELECT l.account, l.settled FROM latest l WHERE {COMPLETED_ROWS} AND l.id = ?"
_ADD_LATEST = SET_LATEST.replace("OR REPLACE", "OR IGNORE")
_TAKE_BACK = "DELETE FROM latest WHERE kind = ? AND id = ? AND seq > ?"
_APPEND = "INSERT INTO version (seq, kind, id, account, run, absent, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def _is_equal(body: bytes, other: bytes) -> bool:
    """Return whether two bodies are equal JSON, with any order of keys."""
    try:
        return body == other or _canonical(body) == _canonical(other)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # in a field that is not used
        return False


def _canonical(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    return msgspec.json.Decoder(float_hook=Decimal).decode(body)
