"""How many requests are sent at the same time, found out while they are sent. Pure but for a lock.

It is done as TCP does it (slow start, then additive increase and multiplicative decrease; RFC 5681, RFC 3465): two
more for each quick answer, which doubles or triples the number in each round, until the first trouble; then one more
for each round. A trouble halves the number at once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from threading import Condition
from typing import NamedTuple

from primanota.core.hosts import MOST_CONNECTIONS

_FIRST = 16
_MORE = 2  # for each quick answer until the first trouble: “L” of RFC 3465
# An answer is quick within so many seconds, or within twice the time of the quickest one so far.
_QUICK = 0.5
_TWICE = 2


class Asked(NamedTuple):
    """A request that was sent: when, and how often the number had been halved by then."""

    moment: float
    halvings: int


class Concurrency:
    """Lets as many requests be sent at the same time as the bank answers well. Safe to use from several threads.

    Args:
        most: the most requests at the same time.
        clock: seconds of a clock that is never set back.
    """

    def __init__(self, most: int = MOST_CONNECTIONS, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._allowed = min(_FIRST, most)
        self._quick = 0  # answers since the number last grew
        self._in_flight = 0
        self._halvings = 0
        self._quickest = inf
        self._changed = Condition()

    @property
    def allowed(self) -> int:
        """The number of requests that may be sent at the same time now, at least one."""
        return self._allowed

    @contextmanager
    def turn(self, left: Callable[[], float]) -> Iterator[None]:
        """Wait until one more request may be sent; it is one of those in flight as long as the context lasts.

        Args:
            left: returns the seconds that it may wait, or raises an error.
        """
        with self._changed:
            while self._in_flight >= self._allowed:
                self._changed.wait(left())
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify()

    def asked(self) -> Asked:
        """Note that a request is sent now."""
        return Asked(self._clock(), self._halvings)

    def answered(self, asked: Asked) -> None:
        """Note an answer without trouble: if it was quick, and the allowed number is in use, allow more."""
        with self._changed:
            seconds = self._clock() - asked.moment
            self._quickest = min(self._quickest, seconds)
            is_quick = seconds <= max(_QUICK, _TWICE * self._quickest)
            is_in_use = 2 * self._in_flight >= self._allowed
            if not (is_quick and is_in_use and asked.halvings == self._halvings):
                return
            self._quick += 1
            if not self._halvings:
                self._allow(_MORE)
            elif self._quick >= self._allowed:
                self._allow(1)

    def _allow(self, more: int) -> None:
        self._quick, self._allowed = 0, min(self._allowed + more, self._most)
        self._changed.notify(more)

    def troubled(self, asked: Asked) -> None:
        """Note that a request was refused for now, or failed: allow half as many.

        Those that were sent before the number was last halved have the same reason, and do not halve it again.
        """
        with self._changed:
            if asked.halvings == self._halvings:
                self._halvings += 1
                self._quick, self._allowed = 0, max(1, self._allowed // 2)
