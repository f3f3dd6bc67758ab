"""The ids of a book's rows by their first letters, as git has those of commits."""

import sys
from itertools import takewhile

from primanota.book.file.database import Database
from primanota.core.short_ids import SHORTEST

# As git's: enough for a book of any usual size, and longer where two rows begin alike.
_SHORTEST = 7
_MOST = 1000


class RowIds:
    """The ids of all rows of a book.

    Args:
        database: the book.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def short(self, key: str) -> str:
        """Return the shortest beginning of an id, at least seven letters, that no other row's id has."""
        neighbours = next(self._database.rows(_NEIGHBOURS, key))
        alike = max((_common(key, other) for other in neighbours if other), default=0)
        return key[: max(_SHORTEST, alike + 1)]

    def beginning_with(self, word: str) -> list[str]:
        """Return ids that begin so, in small letters or as typed, at most a thousand.

        Fewer than four letters are a whole id, or none.
        """
        found = dict[str, None]()
        end = chr(sys.maxunicode) if len(word) >= SHORTEST else ""
        for typed in dict.fromkeys((word, word.lower())):
            found |= dict.fromkeys(key for (key,) in self._database.rows(_BEGINNING, typed, typed + end, _MOST))
        return [*found]


def _common(one: str, other: str) -> int:
    """Return how many letters two ids begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


# Every statement consists of constants. The table is in the order of ids.
_ROWS = "FROM latest WHERE kind = 'transaction' AND id"
_NEIGHBOURS = f"SELECT (SELECT max(id) {_ROWS} < ?1), (SELECT min(id) {_ROWS} > ?1)"
_BEGINNING = f"SELECT id {_ROWS} >= ? AND id <= ? LIMIT ?"
