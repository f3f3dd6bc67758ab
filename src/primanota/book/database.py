"""The SQLite file itself: opening, locking, transactions, the run log, and what can go wrong with any of them."""

import os
import socket
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from primanota import __version__
from primanota.book import hash_chain
from primanota.book.schema import migrate, recognise
from primanota.core.errors import BookLocked, BookUnusable
from primanota.core.period import moment

_WAIT_SECONDS = 60
_ROWS_AT_ONCE = 500
_OTHER = """SELECT command, process, started FROM run WHERE ended IS NULL AND number <> ?
            ORDER BY number DESC LIMIT 1"""


class File:
    """A book's file. A context manager.

    Args:
        path: the file; it is made, readable by its owner alone, where it does not exist.
        clock: the present in microseconds UTC, for the run log.
        published: puts the file where the book lives, if that is elsewhere, once what it is given has made it whole.
        wait_seconds: how long to wait for another process that is writing.

    Raises:
        BookUnusable: the file is no book, is damaged, or comes from a newer Primanota.
        BookLocked: another process kept writing for longer than we wait.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], int],
        *,
        published: Callable[[Callable[[], None]], object] | None = None,
        wait_seconds: float = _WAIT_SECONDS,
    ) -> None:
        self.path = path
        self._published = published
        self.clock = clock
        self._run = 0
        self._connection = _connect(path, wait_seconds)
        try:
            with self.explained():
                migrate(self._connection, path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def publish(self) -> None:
        """Make what was decided safe where the book lives, before anything leaves because of it.

        Raises:
            BookConflict: somebody else changed it there meanwhile, and nothing of ours is in it.
        """
        if self._published:
            self._published(self._settle)

    def _settle(self) -> None:
        """Bring into the file itself all that SQLite still keeps beside it."""
        with self.explained():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def run(self, command: str) -> Iterator[None]:
        """A run in the log, from its start to its outcome. A run that was killed has no outcome."""
        process = f"process {os.getpid()} on {socket.gethostname()}"
        with self.writing():
            row = (command, __version__, process, self.clock())
            insert = "INSERT INTO run (command, program, process, started) VALUES (?, ?, ?, ?)"
            self._run = self._connection.execute(insert, row).lastrowid or 0
        try:
            yield
        except BaseException as error:
            self._end_at_once(type(error).__name__)
            raise
        self._end("done")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing: what is kept inside is in the book together, or not at all."""
        with self.explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything that is read inside is of one moment, whatever another process writes."""
        with self.explained():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def is_sound(self) -> bool:
        """Whether SQLite finds its own file whole."""
        return list(self.rows("PRAGMA integrity_check")) == [("ok",)]

    def rows(self, select: str, *values: object) -> Iterator[Any]:
        """What a question finds."""
        with self.explained():
            found = self._connection.execute(select, values)
            while some := found.fetchmany(_ROWS_AT_ONCE):
                yield from some

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """One statement."""
        return self._connection.execute(statement, values)

    def execute_each(self, statement: str, values: Iterable[tuple[object, ...]]) -> None:
        """One statement for each of many values."""
        self._connection.executemany(statement, values)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Whatever SQLite says inside is said to people."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise BookUnusable(f"The book {self.path} cannot be written: {error}.", "Look at the disk.") from None
            raise BookLocked(f"The book is being written by {self._holder()}.", "Wait until it is done.") from None
        except sqlite3.DatabaseError as error:
            raise BookUnusable(f"The book {self.path} is damaged: {error}.", "Restore it from a backup.") from None

    def _end(self, outcome: str) -> None:
        with self.writing():
            row = (self.clock(), outcome, hash_chain.head(self._connection), self._run)
            self._connection.execute("UPDATE run SET ended = ?, outcome = ?, head = ? WHERE number = ?", row)

    def _end_at_once(self, outcome: str) -> None:
        """After an error: if somebody holds the book, the error is not kept waiting for them."""
        (patience,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute("PRAGMA busy_timeout = 0")
        with suppress(BookLocked):
            self._end(outcome)
        self._connection.execute(f"PRAGMA busy_timeout = {patience}")

    def _holder(self) -> str:
        try:
            found = self._connection.execute(_OTHER, (self._run,)).fetchone()
        except sqlite3.Error:
            found = None
        return f"“{found[0]}” ({found[1]}, since {moment(found[2]):%H:%M} UTC)" if found else "another process"


def _connect(path: Path, wait_seconds: float) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise BookUnusable(f"The book {path} cannot be opened: {error}.", "Look at the folder's rights.") from None
    try:
        recognise(connection, path)  # before anything is changed: it may be another program's
        # Write-ahead: readers are never in a writer's way, and a kill leaves either all of a transaction or none.
        with suppress(sqlite3.OperationalError):  # another process is just doing it, for all of us
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")
    except BookUnusable:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        connection.close()
        raise BookUnusable(
            f"{path} is not a book of Primanota.", "Name another file, or move this one away."
        ) from None
    return connection
