"""The operations by which a run reads and changes the world, each of which a test can fail, end or pause.

The program calls ``os``, ``io``, ``sqlite3``, an S3 client and a mailer. Within ``watched``, each of these calls that
concerns the folder of a case is an operation of the process that makes it, and goes through that process's trouble.
"""

import io
import os
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self
from unittest.mock import patch

from primanota.adapters import aws
from primanota.adapters.storage import remote_book
from tests.support.clock import Clock

Call = Callable[[], Any]


class Killed(BaseException):
    """The end of a killed process: an exception that no handler catches and after which no cleanup runs."""


class Operation(NamedTuple):
    """An operation: its number in its process, its kind such as ``rename``, and the file or statement."""

    number: int
    kind: str
    subject: str

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.subject}"


# Meets an operation: calls it, fails it or ends the process. The last argument does a part of it, if it has parts.
Trouble = Callable[["Process", Operation, Call, Call | None], Any]


def no_trouble(_: "Process", __: Operation, call: Call, ___: Call | None) -> Any:  # noqa: ANN401 - what it returns
    """Do an operation undisturbed."""
    return call()


class Process:
    """What one run of the program does to the world; it runs in one thread.

    Args:
        root: the folder of the case.
        clock: the clock of the case.
        trouble: meets each operation.
        wait: is called when the process waits for another one, after the clock was moved.
    """

    def __init__(
        self, root: Path, clock: Clock, trouble: Trouble = no_trouble, wait: Callable[[], None] = lambda: None
    ) -> None:
        self.operations: list[Operation] = []
        self.printed = io.StringIO()
        self.is_killed = False
        self._root = f"{root}/"
        self._clock = clock
        self._trouble = trouble
        self._wait = wait
        self._closing: list[Callable[[], None]] = []

    def perform(self, kind: str, subject: str, call: Call, part: Call | None = None) -> Any:  # noqa: ANN401
        """Do an operation, as the trouble of the process has it."""
        if self.is_killed:
            raise Killed
        operation = Operation(len(self.operations) + 1, kind, subject)
        self.operations.append(operation)
        return self._trouble(self, operation, call, part)

    def kill(self) -> None:
        """End the process: nothing that it does from now on has an effect."""
        self.is_killed = True
        raise Killed

    def now(self) -> float:
        """Return the time of the case, in seconds since 1970."""
        return self._clock().timestamp()

    def sleep(self, seconds: float) -> None:
        """Wait for another process."""
        if self.is_killed:
            raise Killed
        self._clock.advance(seconds=seconds)
        self._wait()

    def subject(self, path: object) -> str:
        """Return a path or an open file as part of the case's folder; empty if it is not in it."""
        if isinstance(path, int):
            return _open_files.get(path, _NOT_OPEN)[0]
        if not isinstance(path, str | bytes | os.PathLike):
            return ""
        text = os.fsdecode(path)
        return text.removeprefix(self._root) if text.startswith(self._root) else ""

    def closes(self, close: Callable[[], None]) -> None:
        """Close a file when the process has ended, as the system does."""
        self._closing.append(close)

    def end(self) -> None:
        """Close what a killed process left open."""
        for close in reversed(self._closing):
            with suppress(OSError, ValueError, sqlite3.Error):
                close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let this thread be the process within the block."""
        _here.process = self
        try:
            yield
        finally:
            _here.process = None
            self.end()


_here = threading.local()
# The files that were opened by their descriptors: what they are, and the process that has them.
_open_files: dict[int, tuple[str, Process | None]] = {}
_NOT_OPEN: tuple[str, None] = ("", None)


def current() -> Process | None:
    """Return the process of this thread, if it has one."""
    return getattr(_here, "process", None)


class _Output(io.TextIOBase):
    """Standard output and error: each process has its own."""

    def __init__(self, otherwise: Any) -> None:  # noqa: ANN401 - whatever stands there
        self._otherwise = otherwise

    def write(self, text: str) -> int:
        process = current()
        return int((process.printed if process else self._otherwise).write(text))

    def flush(self) -> None:
        if not current():
            self._otherwise.flush()


class _File:
    """An open file whose reads and writes are operations. What is written is in the file at once."""

    def __init__(self, process: Process, inner: Any, subject: str, encoding: str | None) -> None:  # noqa: ANN401
        self._process = process
        self._inner = inner
        self._subject = subject
        self._encoding = encoding
        process.closes(inner.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inner)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._inner, name)

    def write(self, data: Any) -> Any:  # noqa: ANN401
        """Write some data; a part of it may remain if that fails."""
        raw = data.encode(self._encoding) if self._encoding else bytes(data)
        half = partial(self._inner.write, raw[: len(raw) // 2])
        return self._process.perform("write", self._subject, partial(self._inner.write, raw), half)

    def writelines(self, pieces: Any) -> None:  # noqa: ANN401
        """Write some pieces, each by itself."""
        for piece in pieces:
            self.write(piece)

    def read(self, *words: Any) -> Any:  # noqa: ANN401
        """Read some data."""
        return self._process.perform("read", self._subject, partial(self._inner.read, *words))

    def readinto(self, buffer: Any) -> Any:  # noqa: ANN401
        """Read some data into a buffer."""
        return self._process.perform("read", self._subject, partial(self._inner.readinto, buffer))

    def close(self) -> None:
        """Close the file; the time of a change is that of the case."""
        if self._inner.closed:
            return
        number, is_written = self._inner.fileno(), isinstance(self._inner, io.FileIO)
        if is_written:
            _keep_time(self._process, number, self._subject)
        self._inner.close()
        _open_files.pop(number, None)
        if is_written:
            self._process.perform("close", self._subject, lambda: None)


def _opened(real: Callable[..., Any], file: Any, mode: str = "r", *words: Any, **names: Any) -> Any:  # noqa: ANN401
    process = current()
    subject = process.subject(file) if process else ""
    if not process or not subject:
        return real(file, mode, *words, **names)
    plain = mode.replace("b", "").replace("t", "")
    if plain == "r":
        call = partial(real, file, mode, *words, **names)
        inner = call() if isinstance(file, int) else process.perform("open", subject, call)
        return _File(process, inner, subject, None)
    encoding = None if "b" in mode else names.get("encoding") or "utf-8"
    call = partial(io.FileIO, file, plain)
    inner = call() if isinstance(file, int) else process.perform("create", subject, call)
    return _File(process, inner, subject, encoding)


def _os_open(real: Callable[..., int], path: Any, flags: int, *words: Any, **names: Any) -> int:  # noqa: ANN401
    process = current()
    subject = process.subject(path) if process and "dir_fd" not in names else ""
    if not process or not subject:
        return real(path, flags, *words, **names)
    kind = "create" if flags & os.O_CREAT else "open"
    number = int(process.perform(kind, subject, partial(real, path, flags, *words, **names)))
    process.closes(partial(_close_left, number, process))
    _open_files[number] = subject, process
    _keep_time(process, number, subject)
    return number


def _keep_time(process: Process, number: int, subject: str) -> None:
    """Give a lock the time of the case, by which its age is counted."""
    if subject.endswith(".lock"):
        os.utime(number, (process.now(), process.now()))


def _close_left(number: int, process: Process) -> None:
    if _open_files.get(number, _NOT_OPEN)[1] is process:
        os.close(number)


def _os_close(real: Callable[[int], None], number: int) -> None:
    real(number)
    _open_files.pop(number, None)


def _os_call(kind: str, real: Callable[..., Any], *words: Any, **names: Any) -> Any:  # noqa: ANN401
    process = current()
    subject = process.subject(words[0]) if process and words and "dir_fd" not in names else ""
    if not process or not subject:
        return real(*words, **names)
    return process.perform(kind, subject, partial(real, *words, **names))


class _Connection(sqlite3.Connection):
    """A connection whose statements are operations, and whose waits for a lock take no time."""

    waits = False

    def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401
        process, run = current(), super().execute
        if process is None:
            return run(statement, values)
        if statement.startswith("PRAGMA busy_timeout"):
            if "=" in statement:
                self.waits = not statement.endswith("= 0")
            return run(f"SELECT {60_000 * self.waits}")
        return self._perform(process, statement, partial(run, statement, values))

    def executemany(self, statement: str, values: Any, /) -> sqlite3.Cursor:  # noqa: ANN401
        process, run = current(), super().executemany
        return (
            self._perform(process, statement, partial(run, statement, values)) if process else run(statement, values)
        )

    def _perform(self, process: Process, statement: str, call: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        words = statement.split(None, 2)
        first = words[0].upper()
        kind = _STATEMENTS.get(first, "")
        if first == "PRAGMA" and "wal_checkpoint" not in statement and "journal_mode" not in statement:
            kind = ""
        patient = partial(self._patiently, process, call)
        if not kind:
            return patient()
        part = partial(self._roll_back) if kind in {"sql commit", "sql change"} else None
        done: sqlite3.Cursor = process.perform(kind, " ".join(statement.split()[:3]), patient, part)
        return done

    def _roll_back(self) -> None:
        """End the transaction, as SQLite itself does where the disk is full."""
        if self.in_transaction:
            super().execute("ROLLBACK")

    def _patiently(self, process: Process, call: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        for _ in range(60):
            try:
                return call()
            except sqlite3.OperationalError as error:
                code = error.sqlite_errorcode
                if code & 0xFF != sqlite3.SQLITE_BUSY or code == sqlite3.SQLITE_BUSY_SNAPSHOT or not self.waits:
                    raise
            process.sleep(1)
        return call()


_STATEMENTS = {
    "BEGIN": "sql begin",
    "COMMIT": "sql commit",
    "ROLLBACK": "sql rollback",
    "PRAGMA": "sql pragma",
    "INSERT": "sql change",
    "UPDATE": "sql change",
    "DELETE": "sql change",
    "CREATE": "sql change",
}


def _connected(real: Callable[..., sqlite3.Connection], path: Any, *words: Any, **names: Any) -> sqlite3.Connection:  # noqa: ANN401
    process = current()
    where = f"{path}".removeprefix("file://").partition("?")[0]
    if not process or not process.subject(where):
        return real(path, *words, **names)
    waits = names.pop("timeout", 5) > 0
    connection = real(path, *words, timeout=0, factory=_Connection, check_same_thread=False, **names)
    assert isinstance(connection, _Connection)
    connection.waits = waits
    process.closes(connection.close)
    return connection


_OS = {
    "fsync": "sync",
    "rename": "rename",
    "replace": "rename",
    "link": "link",
    "unlink": "unlink",
    "remove": "unlink",
    "mkdir": "mkdir",
    "stat": "stat",
    "lstat": "stat",
    "access": "access",
    "statvfs": "stat",
    "chmod": "chmod",
    "scandir": "list",
    "listdir": "list",
}


def _now() -> float:
    process = current()
    assert process
    return process.now()


def _sleep(seconds: float) -> None:
    process = current()
    assert process
    process.sleep(seconds)


@contextmanager
def watched(temporary: Path, client: Callable[..., Any]) -> Iterator[None]:
    """Let calls of the system be operations of the processes that make them.

    Args:
        temporary: the folder for private files.
        client: returns the client of an S3 host, instead of boto3.
    """
    _open_files.clear()
    shared = partial(remote_book.SharedFolderBookStore, clock=_now, sleep=_sleep)
    with ExitStack() as stack:
        for name, kind in _OS.items():
            stack.enter_context(patch.object(os, name, partial(_os_call, kind, getattr(os, name))))
        stack.enter_context(patch.object(os, "open", partial(_os_open, os.open)))
        stack.enter_context(patch.object(os, "close", partial(_os_close, os.close)))
        stack.enter_context(patch.object(io, "open", partial(_opened, io.open)))
        stack.enter_context(patch.object(sqlite3, "connect", partial(_connected, sqlite3.connect)))
        stack.enter_context(patch.object(tempfile, "tempdir", f"{temporary}"))
        stack.enter_context(patch.object(aws, "client", client))
        stack.enter_context(patch.object(remote_book, "SharedFolderBookStore", shared))
        for name in ("stdout", "stderr"):
            stack.enter_context(patch.object(sys, name, _Output(getattr(sys, name))))
        yield
