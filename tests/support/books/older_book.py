# ruff: noqa: S608 - the names of tables are ours
"""A book as an older program left it, of any size."""

import sqlite3
from contextlib import closing
from pathlib import Path

from primanota.book.file import schema


def write_older(path: Path, new: Path, migrations: int) -> None:
    """Write the tables of a book as a program wrote them that knew the first so many migrations.

    Args:
        path: the older book; it does not exist.
        new: a book of this program, without sealed tables and closed.
        migrations: how many the older program knew, at least two.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        older.execute("PRAGMA journal_mode = WAL")
        for statement in schema._statements(0, migrations):
            older.execute(statement)
        older.execute("ATTACH ? AS new", (str(new),))
        tables = older.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY rowid").fetchall()
        older.execute("BEGIN")
        for (table,) in tables:
            columns = ", ".join(name for (name,) in older.execute("SELECT name FROM pragma_table_info(?)", (table,)))
            older.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        older.execute("COMMIT")
