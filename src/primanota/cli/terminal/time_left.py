"""The time that a reading still takes."""

import time
from collections import deque
from collections.abc import Callable

# The speed is that of so many last pages, at least so many of them, in at least so many seconds.
_MOST, _FEWEST, _SHORTEST = 500, 8, 1.0


class TimeLeft:
    """Estimates how long further pages take: as the last ones did, but no less than the bank's limit allows.

    Args:
        clock: seconds of a clock that is never set back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moments: deque[float] = deque(maxlen=_MOST)
        self._first: float | None = None
        self.seconds_until: Callable[[int], float] = lambda _: 0.0

    def page(self) -> None:
        """Count a page that was read now."""
        self._moments.append(self._clock())
        if self._first is None:
            self._first = self._moments[0]

    def seconds(self, pages: int) -> float | None:
        """Return how many seconds so many further pages take; None as long as too few were read to tell."""
        now = self._clock()
        if self._first is None or len(self._moments) < _FEWEST or now - self._first < _SHORTEST:
            return None
        each = (now - self._moments[0]) / (len(self._moments) - 1)
        return max(each * pages, self.seconds_until(pages))
