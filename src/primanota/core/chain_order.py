"""The order of rows of one moment: the one in which each row's balance follows from the one before. Pure."""

from collections import defaultdict
from typing import Protocol


class ChainRow(Protocol):
    """A completed row of an account, as far as the chain needs it."""

    @property
    def id(self) -> str:
        """The transaction's id."""

    @property
    def settled(self) -> int:
        """The moment at which it moved the balance (microseconds UTC)."""

    @property
    def amount(self) -> int:
        """The signed amount (cents)."""

    @property
    def balance(self) -> int | None:
        """The account's balance after it (cents); None where the bank does not state it."""


def in_order(tied: list[ChainRow], running: int | None) -> list[ChainRow]:
    """Return rows of one moment in an order that chains, if there is one; else as they are.

    Each row leads from one balance to another, so that an order that chains is an Eulerian trail, found with
    Hierholzer's algorithm in linear time.
    """
    if any(row.balance is None for row in tied):
        return tied
    leaving: dict[int, list[ChainRow]] = defaultdict(list)
    arrivals: dict[int, int] = defaultdict(int)
    for row in reversed(tied):
        after = row.balance or 0
        leaving[after - row.amount].append(row)
        arrivals[after] += 1
    start = running if running is not None and running in leaving else _source(leaving, arrivals)
    trail = _trail(start, leaving)
    return trail if len(trail) == len(tied) else tied


def _source(leaving: dict[int, list[ChainRow]], arrivals: dict[int, int]) -> int:
    """Return the balance where a trail must begin: one more row leaves it than arrives; zero where all are even."""
    even = 0 if 0 in leaving else next(iter(leaving))
    return next((node for node, rows in leaving.items() if len(rows) > arrivals[node]), even)


def _trail(start: int, leaving: dict[int, list[ChainRow]]) -> list[ChainRow]:
    done: list[ChainRow] = []
    path: list[tuple[int, ChainRow | None]] = [(start, None)]
    while path:
        node, row = path[-1]
        if leaving.get(node):
            following = leaving[node].pop()
            path.append((following.balance or 0, following))
        else:
            path.pop()
            if row is not None:
                done.append(row)
    done.reverse()
    return done
