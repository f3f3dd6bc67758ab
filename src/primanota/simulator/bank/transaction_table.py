"""The table of facts: a private SQLite database that spills to disk by itself, so that size costs no memory."""

import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from weakref import finalize

from primanota.simulator.data.transaction_facts import Fact

_SCHEMA = """
CREATE TABLE rows (
  n INTEGER PRIMARY KEY, account INTEGER, kind INTEGER, status INTEGER, signed INTEGER, created INTEGER,
  emitted INTEGER, settled INTEGER, updated INTEGER, tie INTEGER, due INTEGER, fate INTEGER, receipts INTEGER,
  balance INTEGER, edits TEXT
) STRICT;
"""
_INDEXES = """
CREATE INDEX by_settled ON rows (account, settled, status);
CREATE INDEX by_updated ON rows (account, updated, status);
CREATE INDEX by_emitted ON rows (account, emitted, status);
CREATE INDEX by_created ON rows (account, created, status);
CREATE INDEX by_due ON rows (due) WHERE due IS NOT NULL;
"""
# The running balance: per account, in the order of settlement. Rows of one millisecond chain by `tie`.
_BALANCES = """
UPDATE rows SET balance = chain.balance FROM (
  SELECT n, SUM(signed) OVER (PARTITION BY account ORDER BY settled, tie, n ROWS UNBOUNDED PRECEDING) AS balance
  FROM rows WHERE settled IS NOT NULL
) AS chain WHERE rows.n = chain.n
"""
_COLUMNS = (
    "n, account, kind, status, signed, created, emitted, settled, updated, tie, due, fate, receipts, balance, edits"
)
_INSERT = f"INSERT INTO rows ({_COLUMNS}) VALUES (?, {', '.join('?' * 12)}, ?, NULL)"  # noqa: S608 - our own words only
_REMEMBERED = 8  # result sets; each costs four bytes a row
_MEMORY = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-24000; PRAGMA temp_store=FILE;"


class Row(NamedTuple):
    """One stored movement: a `Fact` with its number, its running balance and its edits (JSON text)."""

    n: int
    account: int
    kind: int
    status: int
    signed: int
    created: int
    emitted: int
    settled: int | None
    updated: int
    tie: int
    due: int | None
    fate: int | None
    receipts: int
    balance: int | None
    edits: str | None


class Ledger:
    """Stores facts and finds them again. Not thread-safe: its owner holds the lock."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self.close = finalize(self, self._db.close)  # throws everything away, at the latest with this object
        self._found: OrderedDict[tuple[str, tuple[object, ...]], array[int]] = OrderedDict()
        self._db.executescript(_MEMORY + _SCHEMA)
        self._db.execute("BEGIN")
        self._db.executemany(_INSERT, ((n, *fact, None) for n, fact in enumerate(facts)))
        self._db.execute(_BALANCES)
        self._db.execute("COMMIT")
        self._db.executescript(_INDEXES)
        self.size: int = self.value("SELECT COUNT(*) FROM rows") or 0

    def value(self, sql: str, *parameters: object) -> int | None:
        """The one number that a query answers."""
        found = self._db.execute(sql, parameters).fetchone()
        return None if found is None else found[0]

    def find(self, tail: str, *parameters: object) -> "array[int]":
        """The numbers of the rows that `tail` (WHERE and ORDER BY) selects, in its order.

        A result is kept until something changes, so that the thousandth page costs what the first one does.
        """
        key = (tail, parameters)
        if (found := self._found.get(key)) is None:
            selected = self._db.execute(f"SELECT n FROM rows {tail}", parameters)  # noqa: S608 - our own words only
            found = array("I", (n for (n,) in selected))
            self._found[key] = found
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return found

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """The rows of these numbers, in this order."""
        marks = ",".join("?" * len(numbers))
        selected = self._db.execute(f"SELECT {_COLUMNS} FROM rows WHERE n IN ({marks})", numbers)  # noqa: S608 - marks
        by_number = {found[0]: Row._make(found) for found in selected}
        return [by_number[n] for n in numbers]

    def add(self, facts: Sequence[Fact]) -> range:
        """Append facts; returns their numbers. Their balances are still to be set."""
        first = self.size
        self._db.executemany(_INSERT, ((first + place, *fact, None) for place, fact in enumerate(facts)))
        self.size += len(facts)
        self._found.clear()
        return range(first, self.size)

    def change(self, numbers: Sequence[int], **values: object) -> None:
        """Set columns of some rows."""
        words = ", ".join(f"{column} = ?" for column in values)
        statement = f"UPDATE rows SET {words} WHERE n = ?"  # noqa: S608 - column names come from our own code
        self._db.executemany(statement, ((*values.values(), n) for n in numbers))
        self._found.clear()

    def execute(self, sql: str, *parameters: object) -> None:
        """Any other change."""
        self._db.execute(sql, parameters)
        self._found.clear()
