"""The ids of the transactions that a reading found, in a temporary table."""

from collections.abc import Iterable

from primanota.book.file.database import Database
from primanota.core.model import RawRecord


class SeenTransactions:
    """The ids of the transactions that a reading found: a handle over a temporary table of the connection.

    Args:
        database: the book that the transactions are stored in; the table exists as long as its connection.
    """

    table = "seen_transactions"

    def __init__(self, database: Database) -> None:
        self._database = database
        database.execute(f"CREATE TEMP TABLE IF NOT EXISTS {self.table} (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self.clear()

    def add(self, records: Iterable[RawRecord]) -> None:
        """Add the records of a page."""
        self._database.execute_each(
            f"INSERT OR IGNORE INTO {self.table} VALUES (?)", ((record.id,) for record in records)
        )

    def clear(self) -> None:
        """Remove all ids, for a reading that starts again."""
        self._database.execute(f"DELETE FROM {self.table}")
