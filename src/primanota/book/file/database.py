"""The SQLite file of a book: open, lock, transactions, run log, translated errors."""

import os
import socket
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from primanota import __version__
from primanota.book.file import hash_chain
from primanota.book.file.connection import connect
from primanota.book.file.database_errors import RESTORE, holder_of, is_lock, user_error
from primanota.book.file.file_state import Note, Notes
from primanota.book.file.lock_wait import begin_writing, waiting_at_most
from primanota.book.file.schema import CountSteps, migrate, recognise
from primanota.core.errors import BookDamaged, ConfigurationError
from primanota.core.notice import Notice
from primanota.core.redaction import redacted_error

# A condition on a column, whose parameter is :func:`listed`.
AMONG = "IN (SELECT value FROM json_each(?))"
_WAIT_SECONDS = 60
_ROWS_AT_ONCE = 500
# The versions have no index, and the quick check finds out whether they are in order.
_OTHER_TABLES = """SELECT found.integrity_check FROM sqlite_schema s CROSS JOIN pragma_integrity_check(s.name) found
                   WHERE s.type = 'table' AND s.name NOT IN ('latest', 'version')"""
_OTHER_RUNS = """SELECT command, process, started FROM run WHERE ended IS NULL AND number <> ?
            ORDER BY number DESC LIMIT 100"""


class Database:
    """A book's file. A context manager.

    Args:
        path: the file; if it does not exist, it is created, readable by its owner only.
        clock: returns the present in microseconds UTC, for the run log.
        upload: uploads the file of a remote book. It first calls its argument, which completes the file and returns
            its note; None for a book on this machine.
        wait_seconds: how long to wait for another process that is writing.
        notes: keeps the note that says in which state the book was left; None for a book without a note.
        notify: called when another process is waited for.
        count: called after each step by which a book of an older program is brought up to date.

    Raises:
        BookUnusable: the file is not a book, is damaged, or was written by a newer Primanota.
        BookLocked: another process was writing for longer than ``wait_seconds``.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], int],
        *,
        upload: Callable[[Callable[[], bytes]], object] | None = None,
        wait_seconds: float = _WAIT_SECONDS,
        notes: Notes | None = None,
        notify: Callable[[Notice], None] | None = None,
        count: CountSteps = lambda _done, _steps: None,
    ) -> None:
        self.path = path
        self._upload = upload
        self.clock = clock
        self._run = 0
        self._notes, self._notify = notes, notify
        self.is_whole, existed = notes is not None and notes.is_as_left, path.exists()
        self._connection = connect(path, wait_seconds)
        try:
            with self.translated_errors():
                is_new = recognise(self._connection, path) == 0
                if is_new and existed:
                    self._refuse_emptied()
                migrate(self._connection, path, self._begin, count)
                self._seen = self._changes_of_others()
                self._begin_note(is_new=is_new)
        except BaseException:
            self._connection.close()
            raise

    def mark_whole(self) -> None:
        """Record that the book was verified just now, or made by this process."""
        self.is_whole, self._seen = True, self._changes_of_others()

    @property
    def is_withdrawn(self) -> bool:
        """Return whether a person has decided that mails and files that came from elsewhere stay."""
        return self._note is not None and self._note.withdrawn

    def held_ids(self, kind: str) -> frozenset[str]:
        """Return the ids of the records of a kind that came from elsewhere and are unchanged since: see ``Note``."""
        held = self._note.held if self._note else 0
        select = "SELECT id FROM latest WHERE kind = ? AND seq <= ?"
        return frozenset(key for (key,) in self.rows(select, kind, held)) if held else frozenset()

    def decide(self, *, send: bool) -> None:
        """Let mails and files that came from elsewhere go with the next run, or keep them, as a person decided."""
        note = self._note or Note()
        self._keep(msgspec.structs.replace(note, held=0 if send else note.held, withdrawn=not send))

    def close(self) -> None:
        """Close the file; note in which state it was left, if it was whole and only this process has changed it."""
        note = None
        with suppress(sqlite3.Error):
            note = self._note_now()
        self._connection.close()
        if self._notes and note:
            self._notes.leave(note)

    @property
    def _note(self) -> Note | None:
        return self._notes.note if self._notes else None

    @property
    def _is_unchanged_by_others(self) -> bool:
        return self.is_whole and self._changes_of_others() == self._seen

    def _note_now(self) -> Note | None:
        """Return the note of the book as it is now; None if it was not verified, or another process changed it."""
        if not self._note or not self._is_unchanged_by_others:
            return None
        versions, head = self._last_version()
        return msgspec.structs.replace(self._note, versions=versions, head=head)

    def _refuse_emptied(self) -> None:
        """Refuse an empty file where a book was: a book that began anew would let everything leave again."""
        if self._note and self._note.versions:
            raise BookDamaged(f"The book {self.path} is damaged: it is empty, and was not when it was left.", RESTORE)

    def _begin_note(self, *, is_new: bool) -> None:
        """Begin a note for a new book, or for one that does not go on from the one of its note."""
        if is_new:
            self.is_whole = True
            self._keep(Note())
        elif self._notes:
            note = self._note
            if note is None or (note.versions and note.head != self._hash_of(note.versions)):
                self._keep(Note(held=self._last_version()[0]))

    def _keep(self, note: Note) -> None:
        if self._notes:
            self._notes.keep(note)

    def _last_version(self) -> tuple[int, str]:
        (last,) = self._connection.execute("SELECT ifnull(max(seq), 0) FROM version").fetchone()
        return last, self._hash_of(last)

    def _hash_of(self, seq: int) -> str:
        found = self._connection.execute("SELECT hex(hash) FROM version WHERE seq = ?", (seq,)).fetchone()
        return str(found[0]) if found else ""

    def _changes_of_others(self) -> int:
        """Return a number that changes when another connection has changed the book."""
        with suppress(sqlite3.Error):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        return -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def copy_to(self, path: Path) -> None:
        """Copy the book as it is now into a new file."""
        with self.translated_errors(), closing(sqlite3.connect(path)) as target:
            self._connection.backup(target)

    def publish(self) -> None:
        """Upload a remote book, before anything that it records is delivered; do nothing for a local one.

        Raises:
            BookConflict: another run changed the remote book meanwhile; the changes of this run are not in it.
        """
        if self._upload:
            self._upload(self._checkpoint)

    def _checkpoint(self) -> bytes:
        """Move the content of SQLite's write-ahead log into the file itself; return the note of the book."""
        with self.translated_errors():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            whole = self._note_now()
        note = whole or self._note or Note()
        return msgspec.json.encode(msgspec.structs.replace(note, verified=whole is not None))

    @contextmanager
    def run(self, command: str) -> Iterator[None]:
        """Log a run, from its start to its outcome. A run that was killed has no outcome."""
        process = f"process {os.getpid()} on {socket.gethostname()}"
        with self.writing():
            row = (redacted_error(command), __version__, process, self.clock())
            insert = "INSERT INTO run (command, program, process, started) VALUES (?, ?, ?, ?)"
            self._run = self._connection.execute(insert, row).lastrowid or 0
        try:
            yield
        except BaseException as error:
            self._end_at_once(type(error).__name__)
            raise
        self._end("done")

    def last_outcome(self, command: str) -> str:
        """Return how the last run of a command ended, whatever its options; empty if none has ended."""
        select = "SELECT outcome FROM run WHERE command LIKE ? AND ended IS NOT NULL ORDER BY number DESC LIMIT 1"
        return str(next(self.rows(select, f"{command}%"), ("",))[0])

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a write transaction: all that is written inside is stored, or nothing."""
        with self.translated_errors():
            self._begin()
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back where the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Open a read transaction: all reads inside see one state, even while another process writes."""
        with self.translated_errors():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def is_sound(self, *, is_index_proven: bool = False) -> bool:
        """Return whether SQLite's own integrity check passes.

        Args:
            is_index_proven: whether ``index_proof`` has just held ``latest`` and its indexes against the words.
                SQLite would look for each row in each index, which takes longer than all its other checks.
        """
        if not is_index_proven:
            return list(self.rows("PRAGMA integrity_check")) == [("ok",)]
        return {*self.rows("PRAGMA quick_check"), *self.rows(_OTHER_TABLES)} == {("ok",)}

    def rows(self, select: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query."""
        return chain.from_iterable(self.pieces(select, *values))

    def pieces(self, select: str, *values: object) -> Iterator[list[Any]]:
        """Yield the rows of a query, some at once."""
        with self.translated_errors():
            found = self._connection.execute(select, values)
            while some := found.fetchmany(_ROWS_AT_ONCE):
                yield some

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Execute one statement."""
        return self._called(self._connection.execute, statement, values)

    def execute_each(self, statement: str, values: Iterable[tuple[object, ...]]) -> int:
        """Execute a statement once for each tuple of values; return how many rows it has changed."""
        return self._called(self._connection.executemany, statement, values).rowcount

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Translate SQLite's errors into errors for the user."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._translated(error) from None

    def _called(self, call: Callable[[str, Any], sqlite3.Cursor], statement: str, values: object) -> sqlite3.Cursor:
        try:
            return call(statement, values)
        except sqlite3.IntegrityError:  # of the statement, not of the file
            raise
        except sqlite3.DatabaseError as error:
            raise self._translated(error) from None

    def _translated(self, error: sqlite3.DatabaseError) -> Exception:
        """Return the error for the user; a mistake in this program stays as it is."""
        if isinstance(error, sqlite3.ProgrammingError):
            return error
        return user_error(error, self.path, self._holder() if is_lock(error) else "")

    def _end(self, outcome: str) -> None:
        with self.writing():
            row = (self.clock(), outcome, hash_chain.head(self._connection), self._run)
            self._connection.execute("UPDATE run SET ended = ?, outcome = ?, head = ? WHERE number = ?", row)

    def _end_at_once(self, outcome: str) -> None:
        """End a failed run in the log; a locked book does not delay the error, a full disk does not hide it."""
        with self._without_waiting(), suppress(ConfigurationError):
            self._end(outcome)

    def _holder(self) -> str:
        try:
            with self._without_waiting():
                return holder_of(self._connection.execute(_OTHER_RUNS, (self._run,)))
        except sqlite3.Error:
            return holder_of(())

    def _begin(self) -> None:
        """Begin to write; where another process is writing, say so soon, and wait for it."""
        begin_writing(self._connection, self._say_waiting if self._notify else None)

    def _say_waiting(self, seconds: int) -> None:
        if self._notify:
            told = {"holder": self._holder(), "path": f"{self.path}", "seconds": f"{seconds}"}
            self._notify(Notice.of("book_waiting", None, **told))

    def _without_waiting(self) -> AbstractContextManager[None]:
        """Do not wait for other processes within the block."""
        return waiting_at_most(self._connection, 0)


def listed(keys: Iterable[int | str]) -> str:
    """Return a list as one JSON parameter, for SQLite's ``json_each``."""
    return msgspec.json.encode(list(keys)).decode()
