"""A disk that is full: the file of every book that is opened can only grow to a number of pages."""

import sqlite3

import pytest

from primanota.book import database


def limit_disk(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """Limit every book that is opened later; SQLite then reports a full disk itself."""
    configure = database._configure

    def configure_small(connection: sqlite3.Connection) -> None:
        configure(connection)
        connection.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(database, "_configure", configure_small)
