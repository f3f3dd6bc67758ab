"""How long the bank may take: limits for one attempt, for one request with its repetitions, and for a whole run.

A time limit of a socket counts from one byte to the next, so a server that sends a byte now and then would never
reach it. Here each read of the network gets no more time than is left of all limits.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any, NamedTuple

import httpcore2
import httpx2
from httpcore2 import SOCKET_OPTION, NetworkBackend, NetworkStream, SyncBackend

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

    def check(self) -> None:
        """Refuse to go on with an attempt that has used up its time.

        Raises:
            httpx2.ReadTimeout: no time is left.
        """
        if self.left <= 0:
            raise httpx2.ReadTimeout("The answer took too long")

    def check_run(self) -> None:
        """Refuse to begin a request after the end of the run.

        Raises:
            ServiceUnavailable: the time of the run is used up.
        """
        if self._clock() >= self._end:
            raise ServiceUnavailable(
                f"Reading the bank took longer than {self.limits.run / 60:.0f} minutes, so it was ended.",
                "Run the same command again later: nothing was lost.",
            )

    def limit_network(self, client: httpx2.Client) -> None:
        """Apply the limits to each read and write of a client's connections, also of those through a proxy."""
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 - there is no public way
            if isinstance(transport, httpx2.HTTPTransport):
                transport._pool._network_backend = _LimitedBackend(self)  # noqa: SLF001 - as above


class _LimitedBackend(NetworkBackend):
    """Opens connections whose reads and writes end with a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._backend = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        timeout = _least(self._deadline, timeout)
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _LimitedStream(stream, self._deadline)


class _LimitedStream(NetworkStream):
    """A connection whose reads and writes end with a deadline."""

    def __init__(self, stream: NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _least(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _least(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _least(self._deadline, timeout))
        return _LimitedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore2
        return self._stream.get_extra_info(info)


def _least(deadline: Deadline, timeout: float | None) -> float:
    """Return how long an operation may take.

    Raises:
        httpcore2.ReadTimeout: no time is left.
    """
    left = deadline.left
    if left <= 0:
        raise httpcore2.ReadTimeout("The answer took too long")
    return left if timeout is None else min(timeout, left)
