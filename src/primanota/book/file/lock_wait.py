"""Wait for another process that is writing a book: silently for a moment, then with a word about it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from primanota.book.file.database_errors import is_lock

# Most processes write for less than this; a shorter wait needs no message.
_SILENT_MILLISECONDS = 2_000


def begin_writing(connection: sqlite3.Connection, say: Callable[[int], None] | None) -> None:
    """Begin a write transaction, within the time that the connection waits for other processes.

    Args:
        connection: the book.
        say: called once if it takes longer than a moment, with the seconds that it may still take.
    """
    limit = _limit(connection)
    if say is None or limit <= _SILENT_MILLISECONDS:
        connection.execute(_BEGIN)
        return
    try:
        with waiting_at_most(connection, _SILENT_MILLISECONDS):
            connection.execute(_BEGIN)
    except sqlite3.OperationalError as error:
        if not is_lock(error):
            raise
        rest = limit - _SILENT_MILLISECONDS
        say(round(rest / 1000))
        with waiting_at_most(connection, rest):
            connection.execute(_BEGIN)


@contextmanager
def waiting_at_most(connection: sqlite3.Connection, milliseconds: int) -> Iterator[None]:
    """Wait for other processes no longer than that within the block."""
    before = _limit(connection)
    connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def _limit(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA busy_timeout").fetchone()[0])


_BEGIN = "BEGIN IMMEDIATE"
