"""The calls of the system, of SQLite and of S3 as operations of the processes that make them."""

import io
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from primanota.adapters import aws
from primanota.adapters.storage import remote_book
from primanota.adapters.storage.shared_book import SharedFolderBookStore
from tests.torture.files.operations import NOT_OPEN, Process, current, open_files
from tests.torture.files.sqlite_operations import connected


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
        open_files.pop(number, None)
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
    open_files[number] = subject, process
    _keep_time(process, number, subject)
    return number


def _keep_time(process: Process, number: int, subject: str) -> None:
    """Give a lock the time of the case, by which its age is counted."""
    if subject.endswith(".lock"):
        os.utime(number, (process.now(), process.now()))


def _close_left(number: int, process: Process) -> None:
    if open_files.get(number, NOT_OPEN)[1] is process:
        os.close(number)


def _os_close(real: Callable[[int], None], number: int) -> None:
    real(number)
    open_files.pop(number, None)


def _os_call(kind: str, real: Callable[..., Any], *words: Any, **names: Any) -> Any:  # noqa: ANN401
    process = current()
    subject = process.subject(words[0]) if process and words and "dir_fd" not in names else ""
    if not process or not subject:
        return real(*words, **names)
    return process.perform(kind, subject, partial(real, *words, **names))


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
    open_files.clear()
    shared = partial(SharedFolderBookStore, clock=_now, sleep=_sleep)
    with ExitStack() as stack:
        for name, kind in _OS.items():
            stack.enter_context(patch.object(os, name, partial(_os_call, kind, getattr(os, name))))
        stack.enter_context(patch.object(os, "open", partial(_os_open, os.open)))
        stack.enter_context(patch.object(os, "close", partial(_os_close, os.close)))
        stack.enter_context(patch.object(io, "open", partial(_opened, io.open)))
        stack.enter_context(patch.object(sqlite3, "connect", partial(connected, sqlite3.connect)))
        stack.enter_context(patch.object(tempfile, "tempdir", f"{temporary}"))
        stack.enter_context(patch.object(aws, "client", client))
        stack.enter_context(patch.object(remote_book, "SharedFolderBookStore", shared))
        for name in ("stdout", "stderr"):
            stack.enter_context(patch.object(sys, name, _Output(getattr(sys, name))))
        yield
