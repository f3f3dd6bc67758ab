"""The stored transactions: a private SQLite database that moves data to disk by itself, to save memory."""

import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from weakref import finalize

from primanota.simulator.data.transaction import SimulatedTransaction

_SCHEMA = """
CREATE TABLE transactions (
  account INTEGER, kind INTEGER, status INTEGER, signed_cents INTEGER, created INTEGER, emitted INTEGER,
  settled INTEGER, updated INTEGER, tie_breaker INTEGER, due INTEGER, outcome INTEGER, attachments INTEGER,
  balance INTEGER, edits TEXT, number INTEGER PRIMARY KEY
) STRICT;
"""
_INDEXES = """
CREATE INDEX by_settled ON transactions (account, settled, status);
CREATE INDEX by_updated ON transactions (account, updated, status);
CREATE INDEX by_emitted ON transactions (account, emitted, status);
CREATE INDEX by_created ON transactions (account, created, status);
CREATE INDEX by_due ON transactions (due) WHERE due IS NOT NULL;
"""
# The running balance: per account, in the order of settlement; within one millisecond in the order of tie_breaker.
_BALANCES = """
UPDATE transactions SET balance = running.balance FROM (
  SELECT number, SUM(signed_cents) OVER (
    PARTITION BY account ORDER BY settled, tie_breaker, number ROWS UNBOUNDED PRECEDING
  ) AS balance
  FROM transactions WHERE settled IS NOT NULL
) AS running WHERE transactions.number = running.number
"""
_CACHED_RESULTS = 8  # result sets; each takes four bytes per transaction
_PRAGMAS = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-24000; PRAGMA temp_store=FILE;"


_COLUMNS = ", ".join(SimulatedTransaction._fields)  # `number` is the last one
_INSERT = f"INSERT INTO transactions ({_COLUMNS}) VALUES ({', '.join('?' * len(SimulatedTransaction._fields))})"  # noqa: S608 - constants


class TransactionTable:
    """Stores transactions and finds them by SQL. It is not thread-safe: the bank holds the lock."""

    def __init__(self, history: Iterable[SimulatedTransaction]) -> None:
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self.close = finalize(self, self._db.close)  # deletes all data, at the latest with this object
        self._results: OrderedDict[tuple[str, tuple[object, ...]], array[int]] = OrderedDict()
        self._db.executescript(_PRAGMAS + _SCHEMA)
        self._db.execute("BEGIN")
        self.add(history, 0)
        self._db.execute(_BALANCES)
        self._db.execute("COMMIT")
        self._db.executescript(_INDEXES)

    def value(self, sql: str, *parameters: object) -> int | None:
        """Return the single number that a query selects, or None."""
        found = self._db.execute(sql, parameters).fetchone()
        return None if found is None else found[0]

    def find(self, clauses: str, *parameters: object) -> "array[int]":
        """Return the numbers of the transactions that `clauses` (WHERE and ORDER BY) select, in their order.

        Results are cached until the next change, so that a late page takes no longer than the first one.
        """
        key = (clauses, parameters)
        if (found := self._results.get(key)) is None:
            selected = self._db.execute(f"SELECT number FROM transactions {clauses}", parameters)  # noqa: S608 - our own SQL
            found = array("I", (number for (number,) in selected))
            self._results[key] = found
            if len(self._results) > _CACHED_RESULTS:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return found

    def get(self, numbers: Sequence[int]) -> list[SimulatedTransaction]:
        """Return the transactions with these numbers, in this order, without those that were removed."""
        marks = ",".join("?" * len(numbers))
        sql = f"SELECT {_COLUMNS} FROM transactions WHERE number IN ({marks})"  # noqa: S608 - only question marks
        by_number = {found[-1]: SimulatedTransaction._make(found) for found in self._db.execute(sql, numbers)}
        return [by_number[number] for number in numbers if number in by_number]

    def one(self, number: int) -> SimulatedTransaction | None:
        """Return the transaction with this number, or None."""
        found = self._db.execute(f"SELECT {_COLUMNS} FROM transactions WHERE number = ?", (number,)).fetchone()  # noqa: S608 - our columns
        return None if found is None else SimulatedTransaction._make(found)

    def add(self, new: Iterable[SimulatedTransaction], first: int) -> range:
        """Add transactions as they are, with the numbers from `first` on. Returns their numbers."""
        added = self.insert((*transaction[:-1], number) for number, transaction in enumerate(new, first))
        return range(first, first + added)

    def insert(self, new: Iterable[tuple[object, ...]]) -> int:
        """Add transactions that have their numbers already. Returns how many."""
        inserted = max(self._db.executemany(_INSERT, new).rowcount, 0)  # of none at all, sqlite3 counts -1
        if inserted:
            self._results.clear()
        return inserted

    def remove(self, number: int) -> None:
        """Delete one transaction, as if it had never been."""
        self.execute("DELETE FROM transactions WHERE number = ?", number)

    def update(self, number: int, **values: object) -> None:
        """Set columns of one transaction."""
        columns = ", ".join(f"{column} = ?" for column in values)
        self.execute(f"UPDATE transactions SET {columns} WHERE number = ?", *values.values(), number)  # noqa: S608 - our columns

    @contextmanager
    def many_changes(self) -> Iterator[None]:
        """Make the changes of a block in one go, which is faster."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def execute(self, sql: str, *parameters: object) -> None:
        """Run any other statement that changes transactions."""
        self._db.execute(sql, parameters)
        self._results.clear()
