"""Batches: which version of which row was exported in which file, byte for byte.

A batch is stored as a version, so the book's hash chain covers it; it contains its number of rows, their digest and
the file's hash. A new state of a batch (prepared, delivered, failed, undone) is a newer version of it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, NamedTuple

import msgspec

from primanota.book.file.database import AMONG, listed
from primanota.book.file.database_errors import RESTORE
from primanota.book.file.derivations import AS_OF
from primanota.book.file.sent_rows import versions_of
from primanota.book.records import exported_rows
from primanota.book.records.exported_rows import Coverage
from primanota.book.records.index import NEWEST
from primanota.book.records.records import Book
from primanota.book.rows.selected_rows import LATEST_OF, SelectedRows, digest_of
from primanota.book.stored_batch import decode
from primanota.core.errors import BookDamaged, InvalidInput
from primanota.core.model import RawRecord
from primanota.core.results import Batch

BATCH, PROFILE, LEDGER, ACCEPTED, START = "batch", "profile", "ledger", "accepted", "start"


class BatchRow(NamedTuple):
    """A row as it was exported: line, id of the transaction, the bank's JSON then, whether that is still current."""

    line: int
    id: str
    body: bytes
    current: bool


class FreeRows(NamedTuple):
    """Rows of a batch that no other batch has: their number, and when the first and last settled (UTC, µs)."""

    number: int
    first: int | None
    last: int | None


class ChangedRow(NamedTuple):
    """A row that may not be as it was when it was exported or accepted.

    ``before`` and ``after`` are the bank's JSON, ``seq`` is the newest version's number, ``newer`` is 1 if that is
    another version than the one before. ``was_absent`` and ``absent`` are 1 where the bank no longer showed the row
    in the older and in the newest version. ``as_of`` is the newest version in the book at the export or the
    acceptance: the names of that moment belong to ``before``.
    """

    id: str
    batch: int
    seq: int
    account: str
    before: bytes
    after: bytes
    was_absent: int
    absent: int
    as_of: int
    newer: int


class _Start(msgspec.Struct):
    since: str


class Batches:
    """The batches of a book. Methods that write are called inside the book's ``writing``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    # --- recording --------------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """Return the number of the next batch."""
        (count,) = next(self._book.rows("SELECT count(*) FROM latest WHERE kind = ?", BATCH))
        return int(count) + 1

    def record(self, batch: Batch, text: str, compressed: IO[bytes], rows: SelectedRows, lines: range) -> None:
        """Store a batch with its rows, its profile's text, and its file compressed by zlib."""
        self._book.append(PROFILE, [RawRecord(batch.digest, text.encode())])
        self._book.store_file(batch.sha256, compressed)
        rows.add_to_batch(batch.number, lines)
        self.save(batch)

    def save(self, batch: Batch) -> None:
        """Save a batch's new state as a newer version."""
        if not batch.is_active:
            exported_rows.uncover(self._book, batch.profile)
        self._book.append(BATCH, [RawRecord(str(batch.number), msgspec.json.encode(batch))])

    def record_ledger(self, settings: str) -> str:
        """Store the text of ledger settings, and return its SHA-256; do nothing for an empty one."""
        if not settings:
            return ""
        digest = hashlib.sha256(settings.encode()).hexdigest()
        self._book.append(LEDGER, [RawRecord(digest, settings.encode())])
        return digest

    def now(self) -> datetime:
        """Return the present from the book's clock, UTC."""
        return datetime.fromtimestamp(self._book.clock() / 1_000_000, UTC)

    # --- finding ----------------------------------------------------------------------------------------------

    def all(self) -> list[Batch]:
        """Return every batch, in order of their numbers."""
        return sorted(map(decode, self._book.bodies(BATCH).values()), key=lambda batch: batch.number)

    def not_held(self) -> list[Batch]:
        """Return the batches, without those of a book from elsewhere for whose files no person has decided."""
        held = self._book.held_ids(BATCH)
        return [batch for batch in self.all() if str(batch.number) not in held]

    def covered_up_to(self, profile: str, accounts: Iterable[str], since: int, *, moving: bool) -> int | None:
        """Return the version up to which the active batches of a profile have every row of some accounts.

        None if that is not known: then it takes a look at each row.

        Args:
            profile: the name of the profile.
            accounts: the ids of the accounts.
            since: the first moment at which the rows settled (microseconds UTC).
            moving: only rows whose amount is not zero.
        """
        return exported_rows.covered_up_to(self._book, profile, accounts, since, moving=moving)

    def cover(self, profile: str, account: str, covered: Coverage) -> None:
        """Record that active batches of a profile have every row of an account up to a version."""
        exported_rows.cover(self._book, profile, account, covered)

    def of_run(self, run_key: str) -> list[Batch]:
        """Return the active batches of the runs with a key; an empty list if the key is empty."""
        return [batch for batch in self.all() if batch.is_active and batch.run_key == run_key] if run_key else []

    def one(self, number: int) -> Batch:
        """Return a batch.

        Raises:
            InvalidInput: there is no batch with this number.
        """
        select = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"
        for (body,) in self._book.rows(select, BATCH, str(number)):
            return decode(body)
        raise InvalidInput(f"There is no batch {number}.", "Look at “primanota batches”.")

    def active_numbers(self, profile: str) -> list[int]:
        """Return the numbers of a profile's active batches."""
        return [batch.number for batch in self.all() if batch.profile == profile and batch.is_active]

    def free_rows(self, batch: Batch, since: int = 0) -> FreeRows:
        """Return the rows of a batch that are in no other active batch of its profile, from a moment on (UTC, µs)."""
        select = f"""SELECT count(*), min(l.settled), max(l.settled) FROM sent o {LATEST_OF.format("o")}
                     WHERE o.batch = ? AND l.settled >= ? AND NOT EXISTS
                     (SELECT 1 FROM sent s WHERE s.seq IN {versions_of("l")} AND s.batch {AMONG})"""
        others = [number for number in self.active_numbers(batch.profile) if number != batch.number]
        return FreeRows(*next(self._book.rows(select, batch.number, since, listed(others))))

    def active_with_rows_of(self, batch: Batch) -> list[int]:
        """Return the numbers of the other active batches of the profile that have rows of a batch."""
        select = f"""SELECT DISTINCT s.batch FROM sent o {LATEST_OF.format("o")}
                     CROSS JOIN sent s ON s.seq IN {versions_of("l")}
                     WHERE o.batch = ? AND s.batch {AMONG} ORDER BY 1"""
        others = [number for number in self.active_numbers(batch.profile) if number != batch.number]
        return [number for (number,) in self._book.rows(select, batch.number, listed(others))]

    def span(self, numbers: Iterable[int]) -> tuple[int, int] | None:
        """Return when the first and the last row of some batches settled (microseconds UTC); None for no rows."""
        select = f"""SELECT min(l.settled), max(l.settled) FROM sent s {LATEST_OF.format("s")}
                     WHERE s.batch {AMONG}"""
        first, last = next(self._book.rows(select, listed(numbers)))
        return None if first is None else (first, last)

    def last_settled(self, batch: Batch) -> int | None:
        """Return when the last row of a batch settled (microseconds UTC); None if it has no rows."""
        select = f"SELECT l.settled FROM sent s {LATEST_OF.format('s')} WHERE s.batch = ? AND s.line = ?"
        return next((settled for (settled,) in self._book.rows(select, batch.number, batch.rows)), None)

    def content(self, batch: Batch) -> bytes:
        """Return the file as it was exported, byte for byte.

        Raises:
            BookDamaged: the file was changed from outside.
        """
        content = self._book.stored_file(batch.sha256)
        if hashlib.sha256(content).hexdigest() != batch.sha256:
            message = f"The book {self._book.path} is damaged: the file of batch {batch.number} was changed."
            raise BookDamaged(message, RESTORE)
        return content

    def profile_text(self, digest: str) -> str:
        """Return a profile's text as it was when a batch was exported with it, by its SHA-256."""
        return self._text(PROFILE, digest)

    def ledger_text(self, digest: str) -> str:
        """Return the ledger settings as they were when a batch was exported with them; empty if it has none."""
        return self._text(LEDGER, digest) if digest else ""

    def _text(self, kind: str, digest: str) -> str:
        select = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"
        return str(next(self._book.rows(select, kind, digest))[0], "utf-8")

    def rows(self, number: int, after: int = 0, most: int = -1) -> Iterator[BatchRow]:
        """Yield a batch's rows as they were exported, in the order of its file: at most so many after a line."""
        select = f"""SELECT s.line, s.id, v.body, l.seq = s.seq FROM sent s JOIN version v ON v.seq = s.seq
                     {LATEST_OF.format("s")} WHERE s.batch = ? AND s.line > ? ORDER BY s.line LIMIT ?"""
        found = self._book.rows(select, number, after, most)
        return (BatchRow(line, key, body, bool(same)) for line, key, body, same in found)

    # --- afterwards -------------------------------------------------------------------------------------------

    def changed_rows(self, profile: str, renamed: int = 0) -> Iterator[ChangedRow]:
        """Yield rows of a profile's active batches that may not be as they were exported or accepted.

        Args:
            profile: the name of the profile.
            renamed: the newest version of a member or a label with another name. Rows that name one, and
                were exported or accepted before it, are yielded, too, because a name in them may have changed.
        """
        for row in self._book.rows(_CHANGED, listed(self.active_numbers(profile)), renamed):
            yield ChangedRow(*row)

    def first_new_day(self, profile: str) -> str:
        """Return the day (ISO 8601) from which on rows are new for a profile; empty if no day is known."""
        body = self._book.bodies(START).get(profile)
        return msgspec.json.decode(body, type=_Start).since if body else ""

    def set_first_new_day(self, profile: str, day: str) -> None:
        """Set the day (ISO 8601) from which on rows are new for a profile."""
        self._book.append(START, [RawRecord(profile, msgspec.json.encode(_Start(day)))])

    # --- checking ---------------------------------------------------------------------------------------------

    def first_inconsistency(self) -> str:
        """Return the first batch whose rows or file differ from its record, in a sentence; empty if there is none."""
        for batch in self.all():
            ((rows, last),) = self._book.rows("SELECT count(*), max(line) FROM sent WHERE batch = ?", batch.number)
            versions = self._book.rows(
                "SELECT seq FROM sent WHERE batch = ? AND line > 0 ORDER BY line", batch.number
            )
            if rows != batch.rows or (last or 0) != rows or digest_of(versions) != batch.rows_sha256:
                return f"the rows of batch {batch.number} were changed"
            if not self._book.is_file_whole(batch.sha256):
                return f"the file of batch {batch.number} was changed"
        for number, key in self._book.rows(_UNKNOWN_VERSION):
            return f"batch {number} has the row {key} without a version"
        for (number,) in self._book.rows("SELECT max(batch) FROM sent HAVING max(batch) > ?", len(self.all())):
            return f"the exported rows of batch {number} belong to no known batch"
        return ""

    def first_wrong_derivation(self) -> str:
        """Return the first statement about exported rows that does not follow from them; empty if there is none."""
        active = {batch.profile: listed(self.active_numbers(batch.profile)) for batch in self.all()}
        return exported_rows.first_unnoticed_change(self._book) or exported_rows.first_uncovered(self._book, active)


# The newest batch with a row, and the version that it has. A batch's first version was made with its file.
_CHANGED = f"""
    SELECT o.id, o.batch, l.seq, l.account, old.body, new.body, old.absent, l.absent,
           max(b.as_of, ifnull(a.as_of, 0)), l.seq > old.seq
    FROM (SELECT s.id, max(s.batch) AS batch, s.seq FROM superseded u CROSS JOIN latest l
          ON l.kind = 'transaction' AND l.id = u.id CROSS JOIN sent s ON s.seq IN {versions_of("l")}
          WHERE s.batch {AMONG} GROUP BY s.id) o
    JOIN {AS_OF} b ON b.number = o.batch
    {LATEST_OF.format("o")}
    LEFT JOIN (SELECT a.id, json_extract(CAST(v.body AS TEXT), '$.seq') AS seq,
                      ifnull(json_extract(CAST(v.body AS TEXT), '$.as_of'), a.seq) AS as_of
               FROM latest a JOIN version v ON v.seq = a.seq WHERE a.kind = '{ACCEPTED}') a ON a.id = o.id
    JOIN version old ON old.seq = max(o.seq, ifnull(a.seq, 0)) JOIN version new ON new.seq = l.seq
    WHERE l.seq > old.seq OR max(b.as_of, ifnull(a.as_of, 0)) < ?
    ORDER BY l.settled, l.id"""
_UNKNOWN_VERSION = """SELECT s.batch, s.id FROM sent s LEFT JOIN version v ON v.seq = s.seq
                      WHERE v.id IS NOT s.id OR v.kind <> 'transaction' LIMIT 1"""
