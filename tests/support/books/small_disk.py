"""A disk that is full: the file of every book that is opened can only grow to a number of pages."""

import sqlite3
from contextlib import closing
from functools import cache

import pytest

from primanota.book.file import connection as book_connection
from primanota.book.file.schema import MIGRATIONS


def limit_disk(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Give every book that is opened later so many pages beside its empty tables; SQLite reports a full disk."""
    configure = book_connection._configure

    def configure_small(connection: sqlite3.Connection) -> None:
        configure(connection)
        connection.execute(f"PRAGMA max_page_count = {_empty_pages() + room}")

    monkeypatch.setattr(book_connection, "_configure", configure_small)


@cache
def _empty_pages() -> int:
    """Return how many pages the empty tables of a book take."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in MIGRATIONS:
            connection.executescript(script)
        return int(connection.execute("PRAGMA page_count").fetchone()[0])
