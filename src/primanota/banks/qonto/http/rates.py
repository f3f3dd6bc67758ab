"""How many requests may be sent in a time. Pure but for a lock."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple, Protocol


class Rate(NamedTuple):
    """At most so many requests in so many seconds, wherever these begin."""

    requests: int
    seconds: float


# Documented: 1,000 requests in 10 s and 10,000 in 10 min, per address. A little less, because the bank counts a
# request when it arrives, and the limiter when it is sent.
BANK_RATES = (Rate(950, 10), Rate(9_500, 600))


class RequestBudget(Protocol):
    """Says when requests may be sent: of one client, or of all that share an address. Safe for several threads.

    A client waits as long as :meth:`hold_back` says, then as long as :meth:`reserve` says, then sends its request.
    """

    def hold_back(self) -> float:
        """Return the seconds to wait before a request is reserved, so that others at the address get theirs."""

    def reserve(self) -> float:
        """Reserve the next moment at which a request may be sent. Return the seconds until then.

        It may wait for its turn before it returns.
        """

    def seconds_until(self, requests: int) -> float:
        """Return the least seconds until so many further requests can have been sent."""


class RateLimiter:
    """Spreads requests over time so that all rates are kept. Safe to use from several threads.

    Args:
        rates: the rates.
        clock: seconds of a clock that is never set back.
    """

    def __init__(self, rates: Sequence[Rate] = BANK_RATES, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates = (*rates,)
        self._clock = clock
        self._moments: deque[float] = deque(maxlen=max(rate.requests for rate in rates))  # the last ones, in order
        self._lock = Lock()

    def hold_back(self) -> float:
        """Return 0: these requests share their rates with no others."""
        return 0.0

    def reserve(self) -> float:
        """Reserve the next moment at which a request may be sent. Return the seconds until then."""
        with self._lock:
            now = self._clock()
            moment = max(now, *map(self._earliest, self.rates))
            self._moments.append(moment)
        return moment - now

    def seconds_until(self, requests: int) -> float:
        """Return the least seconds until so many further requests can have been sent."""
        if requests < 1:
            return 0.0
        with self._lock:
            now = self._clock()
            return max(0.0, *(self._moment_of(requests, rate, now) - now for rate in self.rates))

    def _moment_of(self, requests: int, rate: Rate, now: float) -> float:
        """Return when a rate allows the last of so many further requests."""
        full, rest = divmod(requests - 1, rate.requests)
        back = rate.requests - rest  # so many requests before it, full periods later
        first = self._moments[-back] + rate.seconds if len(self._moments) >= back else now
        return max(now, first) + full * rate.seconds

    def _earliest(self, rate: Rate) -> float:
        """Return when a rate allows a request: when the one that is so many requests back is long enough ago."""
        return self._moments[-rate.requests] + rate.seconds if len(self._moments) >= rate.requests else 0.0
