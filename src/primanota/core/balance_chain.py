"""Whether anything is missing: the bank's own running balance must chain from row to row. Pure.

Each completed row states the account's balance after it. In order of settlement, a row's balance is the one before
plus its signed amount; a break means that a row is missing, doubled or wrong. Rows of the same moment may stand in
any order that chains.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Protocol

import msgspec

_SETTLED = attrgetter("settled")


class Link(Protocol):
    """A completed row: moment (microseconds UTC), signed cents, cents after it (None where the bank is silent)."""

    @property
    def id(self) -> str:
        """The transaction."""

    @property
    def settled(self) -> int:
        """When it moved the balance."""

    @property
    def amount(self) -> int:
        """By how much."""

    @property
    def balance(self) -> int | None:
        """To what."""


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
    """What a walk along an account's rows found. Cents; moments in microseconds UTC.

    ``opening`` is the balance before the first row, ``closing`` after the last one; None where no row says it.
    ``at_since`` and ``at_until`` are the balances at the two ends of the span that was asked for, ``rows_within``
    the number of rows in it. ``silent`` rows state no balance. ``first`` is the moment of the first row.
    """

    rows: int = 0
    total: int = 0
    opening: int | None = None
    closing: int | None = None
    at_since: int | None = None
    at_until: int | None = None
    silent: int = 0
    first: int | None = None
    rows_within: int = 0
    gaps: list[Gap] = []

    @property
    def speaks(self) -> bool:
        """Whether the bank states running balances for this account at all."""
        return self.silent < self.rows or not self.rows

    def doubt_within(self, since: int, until: int) -> str:
        """What is missing in the half-open span [since, until), in a sentence; empty if nothing is."""
        if self.opening and self.first is not None and since <= self.first < until:
            return _late_start(self.opening)
        touching = (gap for gap in self.gaps if gap.after_settled >= since and gap.before_settled < until)
        return str(next(touching, ""))


class Proof(msgspec.Struct, frozen=True):
    """Whether an account's rows are all there, and if not, each reason in a sentence.

    ``balance`` is what the bank says; ``provable`` is false where it states no running balance. Cents.
    """

    account_id: str
    rows: int
    opening: int | None
    closing: int | None
    balance: int | None
    reasons: tuple[str, ...]
    gap: Gap | None = None
    provable: bool = True

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    @property
    def verdict(self) -> bool | None:
        """Whether it is proven; None where the bank states no balances and only the counts agree."""
        return False if self.reasons else True if self.provable else None


def walk(links: Iterable[Link], since: int = 0, until: int = 0) -> Chain:
    """Along an account's rows, from the first to the last.

    Args:
        links: in order of settlement.
        since: where a span of interest begins.
        until: where it ends.
    """
    chain = Chain()
    last, running = None, None
    # What had moved when the two ends of the span were passed, and the balance then, where it was known.
    passed: dict[int, tuple[int, int | None]] = {}
    ends = {since, until}
    for settled, group in groupby(links, _SETTLED):
        chain.first = settled if chain.first is None else chain.first
        if len(passed) < len(ends):
            passed |= {end: (chain.total, running) for end in ends if settled >= end and end not in passed}
        rows = list(group)
        chain.rows_within += len(rows) if since <= settled < until else 0
        for link in rows if len(rows) == 1 else _in_order(rows, running):
            balance = link.balance
            if running is None or balance is None or running + link.amount != balance:
                balance = _stumble(chain, running, last, link)
            running, last = balance, link
            chain.rows += 1
            chain.total += link.amount
    chain.closing = running
    chain.at_since, chain.at_until = (_at(chain, *passed.get(end, (chain.total, running))) for end in (since, until))
    return chain


def prove(
    account_id: str, links: Iterable[Link], balance: int | None, booked: dict[str, int], counted: dict[str, int]
) -> Proof:
    """Hold an account's rows against everything that the bank says of them.

    Args:
        account_id: whose rows.
        links: its completed rows, in order of settlement.
        balance: the account's settled balance in cents, as the bank says it; None where it does not.
        booked: rows of each status in the book.
        counted: rows of each status as the bank counts them.
    """
    chain = walk(links)
    reasons = list(_count_reasons(booked, counted))
    if chain.gaps:
        reasons.insert(0, str(chain.gaps[0]))
    if chain.speaks and chain.opening:
        reasons.append(_late_start(chain.opening))
    if balance is not None and chain.speaks and chain.total != balance:
        reasons.append(f"the rows add up to {_euros(chain.total)} and the bank's balance is {_euros(balance)}")
    gap = chain.gaps[0] if chain.gaps else None
    provable = chain.speaks or (not chain.rows and not balance)
    return Proof(account_id, chain.rows, chain.opening, chain.closing, balance, tuple(reasons), gap, provable)


def _at(chain: Chain, moved: int, running: int | None) -> int | None:
    """The balance at a moment; before the bank first says one, what had moved by then is added to the opening."""
    if running is not None or chain.opening is None:
        return running
    return chain.opening + moved


def _stumble(chain: Chain, running: int | None, last: Link | None, link: Link) -> int | None:
    """A row that does not simply lead on: silent, the first that speaks, or behind a gap; the balance after it."""
    amount, balance = link.amount, link.balance
    if balance is None:
        chain.silent += 1
        return None if running is None else running + amount
    if running is None:
        # What silent rows before this one moved is known, so the chain's opening is too.
        chain.opening = balance - chain.total - amount
    elif last is not None:
        chain.gaps.append(Gap(last.id, last.settled, link.id, link.settled, balance - amount - running))
    return balance


def _in_order(group: list[Link], running: int | None) -> list[Link]:
    """Rows of one moment in an order that chains, where there is one; else as they came.

    Each row leads from one balance to another, so that an order that chains is an Eulerian trail, found with
    Hierholzer's algorithm in linear time.
    """
    if any(link.balance is None for link in group):
        return group
    leaving: dict[int, list[Link]] = defaultdict(list)
    arrivals: dict[int, int] = defaultdict(int)
    for link in reversed(group):
        after = link.balance or 0
        leaving[after - link.amount].append(link)
        arrivals[after] += 1
    start = running if running is not None and running in leaving else _source(leaving, arrivals)
    trail = _trail(start, leaving)
    return trail if len(trail) == len(group) else group


def _source(leaving: dict[int, list[Link]], arrivals: dict[int, int]) -> int:
    """The balance at which a trail must begin: one row more leaves it than arrives; where all are even, nought."""
    even = 0 if 0 in leaving else next(iter(leaving))
    return next((node for node, links in leaving.items() if len(links) > arrivals[node]), even)


def _trail(start: int, leaving: dict[int, list[Link]]) -> list[Link]:
    done: list[Link] = []
    path: list[tuple[int, Link | None]] = [(start, None)]
    while path:
        node, link = path[-1]
        if leaving.get(node):
            following = leaving[node].pop()
            path.append((following.balance or 0, following))
        else:
            path.pop()
            if link is not None:
                done.append(link)
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
