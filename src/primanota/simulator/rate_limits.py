"""The bank's rate limits, per client address and by the simulator's own clock (Qonto docs: rate limits)."""

from collections import OrderedDict, deque
from threading import Lock

from primanota.simulator.data.timestamps import HOUR, MINUTE, SECOND

_BURST = (1_000, 10 * SECOND)  # (most, within so many milliseconds)
_SUSTAINED = (10_000, 10 * MINUTE)
_UNAUTHORIZED = (200, HOUR)
_MAX_CLIENTS = 64  # addresses whose requests are counted


class _ClientHistory:
    """The times of one client's last requests and of its last answers of 401."""

    def __init__(self) -> None:
        self.requests: deque[int] = deque(maxlen=_SUSTAINED[0])
        self.unauthorized: deque[int] = deque(maxlen=_UNAUTHORIZED[0] + 1)


def _reached(times: deque[int], limit: tuple[int, int], now: int) -> bool:
    most, span = limit
    return len(times) >= most and times[-most] > now - span


class RateLimits:
    """Counts requests. A refused request is not counted, so a client that waits is served again.

    Several simulators that stand for one bank share one: the bank counts by address, whatever the key is. Safe to use
    from several threads.
    """

    def __init__(self) -> None:
        self._clients: OrderedDict[str, _ClientHistory] = OrderedDict()
        self._lock = Lock()

    def _history(self, client: str) -> _ClientHistory:
        history = self._clients.setdefault(client, _ClientHistory())
        self._clients.move_to_end(client)
        if len(self._clients) > _MAX_CLIENTS:
            self._clients.popitem(last=False)
        return history

    def allow(self, client: str, now: int) -> bool:
        """Return whether a request at `now` (milliseconds) is within the limits, and count it if so."""
        with self._lock:
            history = self._history(client)
            if _reached(history.requests, _BURST, now) or _reached(history.requests, _SUSTAINED, now):
                return False
            if _reached(history.unauthorized, (_UNAUTHORIZED[0] + 1, _UNAUTHORIZED[1]), now):
                return False
            history.requests.append(now)
            return True

    def record_unauthorized(self, client: str, now: int) -> None:
        """Count an answer of 401. After more than 200 within an hour the client is throttled."""
        with self._lock:
            self._history(client).unauthorized.append(now)
