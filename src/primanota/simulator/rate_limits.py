"""The bank's limits on requests, per client address and by the simulator's own clock (Qonto docs: rate limits)."""

from collections import OrderedDict, deque

from primanota.simulator.data.timestamps import HOUR, MINUTE, SECOND

BURST = (1_000, 10 * SECOND)
SUSTAINED = (10_000, 10 * MINUTE)
REFUSALS = (200, HOUR)
_CLIENTS = 64  # addresses remembered


class _Window:
    """The last moments of one client: `most` of them may lie within `span` milliseconds."""

    def __init__(self) -> None:
        self.requests: deque[int] = deque(maxlen=SUSTAINED[0])
        self.refusals: deque[int] = deque(maxlen=REFUSALS[0] + 1)


def _exceeded(moments: deque[int], limit: tuple[int, int], now: int) -> bool:
    most, span = limit
    return len(moments) >= most and moments[-most] > now - span


class Limits:
    """Counts requests. A refused request is not counted: a client that waits is served again."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def _window(self, client: str) -> _Window:
        window = self._windows.setdefault(client, _Window())
        self._windows.move_to_end(client)
        if len(self._windows) > _CLIENTS:
            self._windows.popitem(last=False)
        return window

    def allow(self, client: str, now: int) -> bool:
        """Whether a request may pass at `now` (milliseconds), which counts it."""
        window = self._window(client)
        moments = window.requests
        if _exceeded(moments, BURST, now) or _exceeded(moments, SUSTAINED, now):
            return False
        if _exceeded(window.refusals, (REFUSALS[0] + 1, REFUSALS[1]), now):
            return False
        moments.append(now)
        return True

    def refused(self, client: str, now: int) -> None:
        """Count an answer of 401; more than 200 within an hour are throttled."""
        self._window(client).refusals.append(now)
