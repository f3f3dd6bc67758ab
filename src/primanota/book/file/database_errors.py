"""Errors of SQLite as errors for the user: a full disk, missing rights, a lock and a damaged book are told apart."""

import os
import re
import shutil
import socket
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from primanota.core.disk_errors import disk_failed, disk_full, no_rights
from primanota.core.errors import BookDamaged, BookLocked, BookUnusable, PrimanotaError
from primanota.core.period import moment

RESTORE = "Restore it from a backup."
_LOCKS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_RIGHTS = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN}
_DISK = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOLFS}
# SQLite needs room for its log and its index beside the file, and reports their lack as an error of the disk.
_LEAST_ROOM = 1 << 17
_PROCESS = re.compile(r"process (\d+) on (.+)")


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code without its extension; 0 for an error of Python's own module, which has none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_lock(error: sqlite3.Error) -> bool:
    """Return whether another process holds the file."""
    return primary_code(error) in _LOCKS


def user_error(error: sqlite3.DatabaseError, path: Path, holder: str) -> PrimanotaError:
    """Return the error for the user.

    Args:
        error: an error of SQLite, or of Python's module for it.
        path: the book.
        holder: the process that holds the book, if the error is a lock.
    """
    code, book = primary_code(error), f"The book {path}"
    if code in _LOCKS:
        return BookLocked(f"{book} is locked by {holder}.", "Wait until it ends.")
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED:
        return BookUnusable(f"{book} was moved or deleted while it was open.", "Put it back; then run it again.")
    if code == sqlite3.SQLITE_FULL or (code in _DISK | _RIGHTS and _has_no_room(path)):
        return disk_full(book)
    if code in _RIGHTS:
        return no_rights(book)
    if code in _DISK:
        return disk_failed(book)
    reason = f"{error}" if code else "a text in it is not UTF-8"  # Python's message would quote the text
    return BookDamaged(f"{book} is damaged: {reason}.", RESTORE)


@contextmanager
def text_of_schema() -> Iterator[None]:
    """Raise an error of SQLite where Python cannot decode SQLite's message, since it quotes a damaged schema."""
    try:
        yield
    except UnicodeDecodeError:
        raise sqlite3.DatabaseError("the schema is no text") from None


def holder_of(runs: Iterable[tuple[str, str, int]]) -> str:
    """Return words for the process that holds the book.

    Args:
        runs: command, process and start of the runs that have not ended, newest first. A run that was killed is among
            them for ever, but its process is not.
    """
    for command, process, started in runs:
        if _may_live(process):
            return f"“{command}” ({process}, since {moment(started):%H:%M} UTC)"
    return "another process"


def _may_live(process: str) -> bool:
    """Return whether a process may still run; of other machines this is not known, nor on Windows."""
    found = _PROCESS.fullmatch(process)
    if os.name != "posix" or found is None or found[2] != socket.gethostname():
        return True
    with suppress(PermissionError, OverflowError):
        try:
            os.kill(int(found[1]), 0)  # sends nothing: it only asks
        except ProcessLookupError:
            return False
    return True


def _has_no_room(path: Path) -> bool:
    try:
        room = shutil.disk_usage(path.parent)
    except OSError:
        return False
    return bool(room.total) and room.free < _LEAST_ROOM
