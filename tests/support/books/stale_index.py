# ruff: noqa: S608 - the names of tables are ours
"""A book with an index that differs from its table, as after a fault of the disk or of another program."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a book past this program; its triggers do not guard it meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)


def make_stale(path: Path, index: str, change: str) -> None:
    """Make an index differ from its table, which stays as it is.

    The change is made in both, and then undone while SQLite does not see the index.
    """
    with changing(path) as connection:
        (table,) = connection.execute("SELECT tbl_name FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        assert connection.execute(change).rowcount > 0, change
        entry = connection.execute("SELECT * FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
        _edit_schema(connection, "DELETE FROM sqlite_schema WHERE name = ?", index)
    with changing(path) as connection:
        connection.execute(f"DELETE FROM {table}")
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        _edit_schema(connection, "INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", *entry)


def _edit_schema(connection: sqlite3.Connection, statement: str, *values: object) -> None:
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(statement, values)
    (number,) = connection.execute("PRAGMA schema_version").fetchone()
    connection.execute(f"PRAGMA schema_version = {number + 1}")
