"""Disks that are too small: for the book, the files, the shared folder, and private files of a run."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from primanota.book.file import connection as book_connection
from tests.support import environment
from tests.torture.files.operations import Call, Operation, Process, Trouble

_GROWING = {"write", "create", "mkdir", "link"}


def holding(folder: Path, size: int) -> Trouble:
    """Return a trouble: the files below a folder have no more room than some bytes; what fits is written."""

    def trouble(_: Process, operation: Operation, call: Call, part: Call | None) -> Any:  # noqa: ANN401
        path = folder.parent / operation.subject
        if operation.kind not in _GROWING or not path.is_relative_to(folder):
            return call()
        before = used(folder)
        if before >= size:
            raise _full(path)
        done = call()
        if used(folder) > size and part:
            _shorten(path, used(folder) - size)
            raise _full(path)
        return done

    return trouble


def used(folder: Path) -> int:
    """Return how many bytes the files below a folder have; a file with several names counts once."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(f"{place}/{name}")
            found[status.st_ino] = status.st_size
    return sum(found.values())


def _shorten(path: Path, surplus: int) -> None:
    with open(path, "r+b") as file:  # noqa: PTH123 - not an operation of the run
        file.truncate(max(0, path.stat().st_size - surplus))


def _full(path: Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{path}")


@contextmanager
def limited_books(pages: int) -> Iterator[None]:
    """Limit the file of every book that is opened to some pages; SQLite itself then reports a full disk."""

    def configure(real: Any, connection: sqlite3.Connection) -> None:  # noqa: ANN401 - the original
        real(connection)
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with patch.object(book_connection, "_configure", partial(configure, book_connection._configure)):
        yield


@contextmanager
def mounted(folder: Path, kilobytes: int) -> Iterator[bool]:
    """Mount a file system of some size at a folder within the block; yield whether this user may do that."""
    options = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700", "tmpfs", f"{folder}"]
    try:
        allowed = environment.run(options).returncode == 0
    except OSError:
        allowed = False
    try:
        yield allowed
    finally:
        if allowed:
            environment.run(["umount", f"{folder}"], check=True)


def enlarge(folder: Path) -> None:
    """Give a mounted file system room enough."""
    environment.run(["mount", "-o", "remount,size=65536k", f"{folder}"], check=True)
