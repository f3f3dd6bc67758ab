"""Read which organisation a book belongs to, without locking, creating or changing it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from primanota.book.file.database_errors import primary_code, text_of_schema

_ENDING = "*.book"
_ORGANISATION = """SELECT body FROM latest JOIN version USING (seq) WHERE latest.kind = 'organisation'"""


def books_in(folder: Path) -> Iterator[Path]:
    """Yield the books in a folder, by name."""
    with suppress(OSError):
        yield from sorted(path for path in folder.glob(_ENDING) if path.is_file())


def unlocked(path: Path, *, shared: bool = False) -> sqlite3.Connection:
    """Open a book to read it, without a lock, and without a file beside it that was not there.

    Args:
        path: the book.
        shared: whether it lies on a shared folder, where SQLite's locks do not work.
    """
    log = path.with_name(f"{path.name}-wal")
    # Without a log the file has everything, and SQLite need not make an index of the log beside it.
    is_complete = shared or not log.exists() or not log.stat().st_size
    options = "mode=ro&immutable=1" if is_complete else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, timeout=0)


def organisation_record(path: Path, *, shared: bool = False) -> bytes | None:
    """Return the bank's record of the organisation to which a book belongs.

    Args:
        path: the book.
        shared: whether it lies on a shared folder, where SQLite's locks do not work.

    Returns:
        The record; None if the book does not exist or has none yet; empty bytes if it cannot be read, since it is
        locked, damaged, or not a book.
    """
    try:
        if not path.is_file():
            return None
        with text_of_schema(), closing(unlocked(path, shared=shared)) as connection:
            row = connection.execute(_ORGANISATION).fetchone()
    except sqlite3.Error as error:
        return None if primary_code(error) == sqlite3.SQLITE_ERROR else b""  # an empty file has no such tables
    except OSError:
        return b""
    if row is None:
        return None
    return row[0] if isinstance(row[0], bytes) else b""
