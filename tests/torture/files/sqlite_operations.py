"""Connections to SQLite whose statements are operations of a process."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.torture.files.operations import Process, current


class _Connection(sqlite3.Connection):
    """A connection whose statements are operations, and whose waits for a lock take no time."""

    waits = False

    def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401
        process, run = current(), super().execute
        if process is None:
            return run(statement, values)
        if statement.startswith("PRAGMA busy_timeout"):
            if "=" in statement:
                self.waits = not statement.endswith("= 0")
            return run(f"SELECT {60_000 * self.waits}")
        return self._perform(process, statement, partial(run, statement, values))

    def executemany(self, statement: str, values: Any, /) -> sqlite3.Cursor:  # noqa: ANN401
        process, run = current(), super().executemany
        return (
            self._perform(process, statement, partial(run, statement, values)) if process else run(statement, values)
        )

    def _perform(self, process: Process, statement: str, call: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        words = statement.split(None, 2)
        first = words[0].upper()
        kind = _STATEMENTS.get(first, "")
        if first == "PRAGMA" and "wal_checkpoint" not in statement and "journal_mode" not in statement:
            kind = ""
        patient = partial(self._patiently, process, call)
        if not kind:
            return patient()
        part = partial(self._roll_back) if kind in {"sql commit", "sql change"} else None
        done: sqlite3.Cursor = process.perform(kind, " ".join(statement.split()[:3]), patient, part)
        return done

    def _roll_back(self) -> None:
        """End the transaction, as SQLite itself does where the disk is full."""
        if self.in_transaction:
            super().execute("ROLLBACK")

    def _patiently(self, process: Process, call: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
        for _ in range(60):
            try:
                return call()
            except sqlite3.OperationalError as error:
                code = error.sqlite_errorcode
                if code & 0xFF != sqlite3.SQLITE_BUSY or code == sqlite3.SQLITE_BUSY_SNAPSHOT or not self.waits:
                    raise
            process.sleep(1)
        return call()


_STATEMENTS = {
    "BEGIN": "sql begin",
    "COMMIT": "sql commit",
    "ROLLBACK": "sql rollback",
    "PRAGMA": "sql pragma",
    "INSERT": "sql change",
    "UPDATE": "sql change",
    "DELETE": "sql change",
    "CREATE": "sql change",
}


def connected(real: Callable[..., sqlite3.Connection], path: Any, *words: Any, **names: Any) -> sqlite3.Connection:  # noqa: ANN401
    """Open a connection; one to a file of the case makes its statements operations."""
    process = current()
    where = f"{path}".removeprefix("file://").partition("?")[0]
    if not process or not process.subject(where):
        return real(path, *words, **names)
    waits = names.pop("timeout", 5) > 0
    connection = real(path, *words, timeout=0, factory=_Connection, check_same_thread=False, **names)
    assert isinstance(connection, _Connection)
    connection.waits = waits
    process.closes(connection.close)
    return connection
