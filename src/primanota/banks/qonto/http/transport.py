"""How requests reach the bank: the one seam between the client and the network, a proxy, the simulator or a test."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

# What can fail, as the user reads it.
NO_CONNECTION = "no connection"
TOO_SLOW = "no answer in time"
BROKEN = "the connection broke"
NOT_HTTP = "no valid HTTP"

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class PhaseLimits(NamedTuple):
    """The most seconds that the phases of a request may take: to connect, and each write and each read."""

    connect: float = 10
    write: float = 10
    read: float = 60


PHASES = PhaseLimits()


class NoAnswer(Exception):
    """A request that the bank did not answer, or not whole; the text says what failed, in a few words."""


class HttpAnswer(NamedTuple):
    """An answer of the bank.

    The names of ``headers`` are in lower case. ``pieces`` are read from the network as they are taken, and raise
    :class:`NoAnswer`. After ``close`` no further piece can be taken.
    """

    status: int
    reason: str = ""
    headers: Mapping[str, str] = _NO_HEADERS
    pieces: Iterable[bytes] = ()
    close: Callable[[], object] = lambda: None


class Transport(Protocol):
    """Sends requests to the bank. Safe to use from several threads."""

    def send(self, target: str, authorization: str | None) -> HttpAnswer:
        """Send a GET request.

        Args:
            target: the path and the query, percent-encoded.
            authorization: the value of the Authorization header; None for a host that must not get one.

        Raises:
            NoAnswer: there was no answer.
        """

    def close(self) -> None:
        """Close the connections."""
