"""Requests that are sent before their answers are needed, so that one wait serves many of them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from primanota.banks.qonto.http.request import Request

if TYPE_CHECKING:  # an export reads only the book: it need not load an HTTP client
    from concurrent.futures import Future

    from primanota.banks.qonto.http.client import Client

T = TypeVar("T")


class SentRequests:
    """Requests that were sent already; each answer is taken once. Used by one thread at a time.

    Args:
        client: the bank's API.
    """

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._waiting: dict[Request, Future[Any]] = {}

    def send(self, requests: Iterable[Request], kind: type[T]) -> None:
        """Send requests whose answers will be needed, and do not wait; an answer that still waits serves again."""
        for request in requests:
            if request not in self._waiting:
                self._waiting[request] = self._client.begin(request, kind)

    def get(self, request: Request, kind: type[T]) -> T:
        """Return the answer to a request that was sent already, else send it now.

        Raises:
            PrimanotaError: as ``Client.get`` does.
        """
        sent: Future[T] | None = self._waiting.pop(request, None)
        return self._client.get(request, kind) if sent is None else sent.result()

    def cancel(self) -> None:
        """Take none of the answers that wait."""
        for sent in self._waiting.values():
            sent.cancel()
        self._waiting.clear()
