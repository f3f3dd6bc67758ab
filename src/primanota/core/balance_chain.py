"""Prove that no row of an account is missing: the bank's running balance must chain from row to row. Pure.

Each completed row states the account's balance after it. In order of settlement, a row's balance is the balance
before it plus its signed amount; a break means that a row is missing, doubled or wrong. Rows of the same moment may
be in any order that chains.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Protocol

import msgspec

_SETTLED = attrgetter("settled")


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


class Gap(msgspec.Struct, frozen=True):
    """A break of the chain between two neighbours; ``missing`` cents lie between them."""

    before: str
    before_settled: int
    after: str
    after_settled: int
    missing: int

    def __str__(self) -> str:
        return f"{_euros(self.missing)} are missing between transactions {self.before} and {self.after}"


class Chain(msgspec.Struct):
    """The balances and the gaps of an account's rows. Cents; moments in microseconds UTC.

    ``opening`` is the balance before the first row, ``closing`` after the last one; None where no row states a
    balance. ``at_since`` and ``at_until`` are the balances at the two ends of the requested span, ``rows_within`` is
    the number of rows in it, ``rows_without_balance`` the number of rows for which the bank does not state a balance.
    ``first`` is the moment of the first row. ``tie_places`` are the places of rows of one moment among each other, by
    id, in the order that chains.
    """

    rows: int = 0
    total: int = 0
    opening: int | None = None
    closing: int | None = None
    at_since: int | None = None
    at_until: int | None = None
    rows_without_balance: int = 0
    first: int | None = None
    rows_within: int = 0
    gaps: list[Gap] = []
    tie_places: dict[str, int] = {}

    @property
    def has_running_balances(self) -> bool:
        """Whether the bank states running balances for this account; true for an account without rows."""
        return self.rows_without_balance < self.rows or not self.rows

    def first_gap_within(self, since: int, until: int) -> str:
        """Return what is missing in the half-open span [since, until), as a sentence; empty if nothing is missing."""
        if self.opening and self.first is not None and since <= self.first < until:
            return _late_start(self.opening)
        touching = (gap for gap in self.gaps if gap.after_settled >= since and gap.before_settled < until)
        return str(next(touching, ""))


class Proof(msgspec.Struct, frozen=True):
    """Whether an account's rows are complete, and if not, each reason as a sentence.

    ``balance`` is the bank's own balance (cents); ``provable`` is false where the bank does not state running
    balances. ``gap`` is the first gap between two rows; ``gaps`` is how many there are, with those before the first
    row and after the last one.
    """

    account_id: str
    rows: int
    opening: int | None
    closing: int | None
    balance: int | None
    reasons: tuple[str, ...]
    gap: Gap | None = None
    provable: bool = True
    gaps: int = 0

    @property
    def ok(self) -> bool:
        """Whether there is no reason against it."""
        return not self.reasons

    @property
    def verdict(self) -> bool | None:
        """Whether it is proven; None where the bank does not state balances and only the counts agree."""
        return False if self.reasons else True if self.provable else None


def walk(rows: Iterable[ChainRow], since: int = 0, until: int = 0) -> Chain:
    """Follow an account's balance along its rows, from the first to the last.

    Args:
        rows: the completed rows, in order of settlement.
        since: the first moment of the requested span (microseconds UTC).
        until: its end (the same), which is not part of it.
    """
    chain = Chain()
    last, running = None, None
    # The sum of all rows before each end of the span, and the balance there where it is known.
    passed: dict[int, tuple[int, int | None]] = {}
    ends = {since, until}
    for settled, group in groupby(rows, _SETTLED):
        chain.first = settled if chain.first is None else chain.first
        if len(passed) < len(ends):
            passed |= {end: (chain.total, running) for end in ends if settled >= end and end not in passed}
        tied = list(group)
        chain.rows_within += len(tied) if since <= settled < until else 0
        if len(tied) > 1:
            tied = _in_order(tied, running)
            chain.tie_places.update((row.id, place) for place, row in enumerate(tied))
        for row in tied:
            balance = row.balance
            if running is None or balance is None or running + row.amount != balance:
                balance = _handle_break(chain, running, last, row)
            running, last = balance, row
            chain.rows += 1
            chain.total += row.amount
    chain.closing = running
    chain.at_since, chain.at_until = (_at(chain, *passed.get(end, (chain.total, running))) for end in (since, until))
    return chain


def prove(
    account_id: str, rows: Iterable[ChainRow], balance: int | None, booked: dict[str, int], counted: dict[str, int]
) -> Proof:
    """Compare an account's rows with their own balances, and with the bank's balance and counts.

    Args:
        account_id: the account.
        rows: its completed rows, in order of settlement.
        balance: the account's settled balance in cents, as the bank states it; None where it does not.
        booked: the number of rows of each status in the book.
        counted: the same, as the bank counts them.
    """
    chain = walk(rows)
    reasons = list(_count_reasons(booked, counted))
    if chain.gaps:
        reasons.insert(0, str(chain.gaps[0]))
    if chain.has_running_balances and chain.opening:
        reasons.append(_late_start(chain.opening))
    if balance is not None and chain.has_running_balances and chain.total != balance:
        reasons.append(f"the rows add up to {_euros(chain.total)} and the bank's balance is {_euros(balance)}")
    gap = chain.gaps[0] if chain.gaps else None
    provable = chain.has_running_balances or (not chain.rows and not balance)
    gaps = len(chain.gaps) + bool(chain.opening) + (balance is not None and (chain.closing or 0) != balance)
    return Proof(account_id, chain.rows, chain.opening, chain.closing, balance, tuple(reasons), gap, provable, gaps)


def _at(chain: Chain, moved: int, running: int | None) -> int | None:
    """Return the balance at a moment: before the first known balance, the opening and what had moved by then."""
    if running is not None or chain.opening is None:
        return running
    return chain.opening + moved


def _handle_break(chain: Chain, running: int | None, last: ChainRow | None, row: ChainRow) -> int | None:
    """Handle a row that does not continue the chain: no balance, first known balance, or a gap.

    Returns:
        The balance after it.
    """
    amount, balance = row.amount, row.balance
    if balance is None:
        chain.rows_without_balance += 1
        return None if running is None else running + amount
    if running is None:
        # The sum of the rows without balance before this one is known, so the chain's opening is too.
        chain.opening = balance - chain.total - amount
    elif last is not None:
        chain.gaps.append(Gap(last.id, last.settled, row.id, row.settled, balance - amount - running))
    return balance


def _in_order(tied: list[ChainRow], running: int | None) -> list[ChainRow]:
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


def _count_reasons(booked: dict[str, int], counted: dict[str, int]) -> Iterator[str]:
    for status, count in counted.items():
        if booked.get(status, 0) != count:
            yield f"the bank counts {count} {status} rows and the book has {booked.get(status, 0)}"


def _late_start(opening: int) -> str:
    return f"the first row finds a balance of {_euros(opening)}, so rows before it are missing"


def _euros(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
