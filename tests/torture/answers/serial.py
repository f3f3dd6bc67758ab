"""Requests one after another in the caller's thread, so that a case is the same each time, and takes less time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import Any, Self
from unittest.mock import patch

import httpx2

from primanota.app.syncing.reading_ahead import AccountReading
from primanota.banks.qonto.http.httpx_transport import HttpxTransport
from primanota.banks.qonto.http.rates import RateLimiter
from primanota.core.model import RawRecord
from tests.support.banks.simulator_client import LOOPBACK


class _Serial(Executor):
    def __init__(self, *_: object, **__: object) -> None:
        """Take the arguments of a pool of threads."""

    def submit(self, call: Callable[..., Any], /, *words: Any, **options: Any) -> Future[Any]:  # noqa: ANN401 - of any call
        """Call at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(call(*words, **options))
        except Exception as error:  # noqa: BLE001 - the future has it
            future.set_exception(error)
        return future


class _OneByOne:
    """Reads each account when it is taken."""

    def __init__(self, _: Sequence[AccountReading]) -> None:
        """Take the readings of a sync."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def take(self, reading: AccountReading) -> Iterator[list[RawRecord]]:
        """Return the pages of a reading."""
        return reading.pages()


@contextmanager
def serial() -> Iterator[None]:
    """Replace the threads of the program by calls."""
    with (
        patch("primanota.banks.qonto.http.client.ThreadPoolExecutor", _Serial),
        patch("primanota.app.syncing.sync.ReadAhead", _OneByOne),
    ):
        yield


@lru_cache(maxsize=4_000)
def _request(target: str, authorization: str) -> httpx2.Request:
    return httpx2.Request("GET", f"{LOOPBACK}{target}", headers={"Authorization": authorization})


def any_rate() -> AbstractContextManager[object]:
    """Send at any rate: a case of thousands of requests would wait for minutes for the rate of the real bank."""
    return patch.object(RateLimiter, "reserve", lambda _: 0.0)


def short_wire() -> AbstractContextManager[object]:
    """Make each request once, since a case sends the same ones again and again."""

    def made(_: HttpxTransport, target: str, authorization: str) -> httpx2.Request:
        return _request(target, authorization)

    return patch.object(HttpxTransport, "_request", made)
