"""The bank's rates, shared by several organisations at one address: none of them takes what the others need."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from primanota.banks.qonto.http.rates import BANK_RATES, Rate, RateLimiter, RequestBudget


class SharedBudget:
    """The requests of an address. Each organisation that reads the bank now has an equal part of every rate.

    So a first sync of a hundred thousand rows, which would use up the requests of ten minutes in two, never keeps the
    others waiting. Safe to use from several threads.

    Args:
        rates: the rates of the address.
        clock: seconds of a clock that is never set back.
    """

    def __init__(self, rates: Sequence[Rate] = BANK_RATES, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates = (*rates,)
        self.clock = clock
        self.limiter = RateLimiter(rates, clock)
        self.members = 0
        self._lock = Lock()

    @contextmanager
    def share(self) -> Iterator[RequestBudget]:
        """Yield the budget of one organisation, which has its part until the end of the block."""
        with self._lock:
            self.members += 1
        try:
            yield _Share(self)
        finally:
            with self._lock:
                self.members -= 1


class _Share:
    """One organisation's part of a shared budget."""

    def __init__(self, shared: SharedBudget) -> None:
        self._shared = shared
        self._moments: deque[float] = deque(maxlen=max(rate.requests for rate in shared.rates))
        self._lock = Lock()

    def hold_back(self) -> float:
        """Return the seconds until the organisation's part of every rate allows a further request."""
        with self._lock:
            now = self._shared.clock()
            moment = max(now, *map(self._earliest, self._shared.rates))
            self._moments.append(moment)
        return moment - now

    def reserve(self) -> float:
        """Reserve the next moment that the address has. Return the seconds until then."""
        return self._shared.limiter.reserve()

    def seconds_until(self, requests: int) -> float:
        """Return the least seconds until so many further requests can have been sent, if no one else sends any."""
        return self._shared.limiter.seconds_until(requests)

    def _earliest(self, rate: Rate) -> float:
        part = max(1, rate.requests // max(1, self._shared.members))
        return self._moments[-part] + rate.seconds if len(self._moments) >= part else 0.0
