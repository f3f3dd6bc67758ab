"""Open the SQLite file of a book, and configure its connection."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from primanota.book.file.database_errors import holder_of, primary_code, user_error
from primanota.book.file.schema import recognise
from primanota.core.disk_errors import disk_error
from primanota.core.errors import BookUnusable

_MAGIC = b"SQLite format 3\0"
_PAGE_SIZE = 16_384


def connect(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """Open a book's file; create it, readable by its owner only, if it does not exist.

    Raises:
        BookUnusable: the file is not a book, or cannot be opened.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)
    except OSError as error:
        unusable = BookUnusable(f"The book {path} cannot be opened: {error.strerror or error}.", "Look at its path.")
        raise disk_error(error, f"The book {path}", otherwise=unusable) from None
    except sqlite3.DatabaseError as error:
        raise user_error(error, path, holder_of(())) from None
    try:
        recognise(connection, path)  # before anything is changed: the file may be another program's
        _configure(connection)
    except BookUnusable:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        if primary_code(error) == sqlite3.SQLITE_NOTADB and not _has_magic(path):
            raise BookUnusable(
                f"{path} is not a book of Primanota.", "Name another file, or move this one away."
            ) from None
        raise user_error(error, path, holder_of(())) from None
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    # Of a new book; an older one stays as it is. Large pages take a fifth less room, and are written sooner.
    connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
    # Write-ahead log: readers and a writer do not wait for each other; a kill never leaves half a transaction.
    with suppress(sqlite3.OperationalError):  # another process is setting it
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -12288")


def _has_magic(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC
