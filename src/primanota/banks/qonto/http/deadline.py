"""How long the bank may take: limits for one attempt, for one request with its repetitions, and for a whole run.

A time limit of a socket counts from one byte to the next, so a server that sends a byte now and then would never
reach it. Here each read of the network gets no more time than is left of all limits.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import NamedTuple

from primanota.banks.qonto.http.transport import TOO_SLOW, NoAnswer
from primanota.core.errors import ServiceUnavailable


class TimeLimits(NamedTuple):
    """Limits in seconds: for a run, for a request with its repetitions, for one attempt, for a wait between two."""

    run: float = 3600
    request: float = 300
    attempt: float = 90
    wait: float = 30


USUAL_LIMITS = TimeLimits()


def limits_until(end: float) -> TimeLimits:
    """Return the usual limits for a run that must also end at a moment of the monotonic clock."""
    return USUAL_LIMITS._replace(run=max(0.0, min(end - time.monotonic(), USUAL_LIMITS.run)))


class Deadline:
    """Counts the time of a run, and in each thread that of the request and the attempt that it is busy with.

    Args:
        limits: the limits.
        clock: seconds of a clock that is never set back.
    """

    def __init__(self, limits: TimeLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._end = clock() + limits.run
        self._thread = local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit what this thread does in this context, besides all limits that it has already."""
        before: float = getattr(self._thread, "end", self._end)
        self._thread.end = min(before, self._clock() + seconds)
        try:
            yield
        finally:
            self._thread.end = before

    @property
    def left(self) -> float:
        """The seconds that this thread has left."""
        return float(getattr(self._thread, "end", self._end)) - self._clock()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Do not count what this thread waits in this context, except as time of the run."""
        before, began = float(getattr(self._thread, "end", self._end)), self._clock()
        try:
            yield
        finally:
            self._thread.end = min(before + self._clock() - began, self._end)

    def check(self) -> None:
        """Refuse to go on with an attempt that has used up its time.

        Raises:
            NoAnswer: no time is left.
        """
        self.at_most(None)

    def at_most(self, seconds: float | None) -> float:
        """Return how long an operation may take that may take so many seconds at most.

        Raises:
            NoAnswer: no time is left.
        """
        left = self.left
        if left <= 0:
            raise NoAnswer(TOO_SLOW)
        return left if seconds is None else min(seconds, left)

    def left_of_run(self, before: float = 0) -> float:
        """Return the seconds that the run has left.

        Args:
            before: the seconds after which a request can begin.

        Raises:
            ServiceUnavailable: the time of the run is used up, or will be before the request can begin.
        """
        left = self._end - self._clock()
        if left <= before:
            raise ServiceUnavailable(
                f"Reading the bank took longer than {self.limits.run / 60:.0f} minutes, so it was ended.",
                "Run the same command again later: nothing was lost.",
            )
        return left
