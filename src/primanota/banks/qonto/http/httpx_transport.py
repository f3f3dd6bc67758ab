"""A transport of httpx2 as one of the client's: of the simulator, the demo and the tests, and through a proxy.

Connections to the bank without a proxy need no httpx2, which is slow to import.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.transport import (
    BROKEN,
    NO_CONNECTION,
    NOT_HTTP,
    PHASES,
    TOO_SLOW,
    HttpAnswer,
    NoAnswer,
)

_FAILURES = {
    httpx2.TimeoutException: TOO_SLOW,
    httpx2.ConnectError: NO_CONNECTION,
    httpx2.ProxyError: NO_CONNECTION,
    httpx2.NetworkError: BROKEN,
}


class HttpxTransport:
    """Sends requests by a transport of httpx2.

    Args:
        inner: the transport.
        address: the bank's address.
    """

    def __init__(self, inner: httpx2.BaseTransport, address: Address) -> None:
        self._inner = inner
        self._address = address
        self._url = httpx2.URL(address.url)
        limits = httpx2.Timeout(PHASES.write, connect=PHASES.connect, read=PHASES.read)
        self._extensions = {"timeout": limits.as_dict()}

    def send(self, target: str, authorization: str | None) -> HttpAnswer:
        """Send a GET request, as :class:`Transport` does."""
        with translated_failures():
            response = self._inner.handle_request(self._request(target, authorization))
        return answer_of(response)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _request(self, target: str, authorization: str | None) -> httpx2.Request:
        url = self._url.copy_with(raw_path=target.encode("ascii"))
        access = {} if authorization is None else {"Authorization": authorization}
        headers = {**access, **self._address.headers}
        return httpx2.Request("GET", url, headers=headers, extensions=self._extensions)


def answer_of(response: httpx2.Response) -> HttpAnswer:
    """Return a response as an answer of the bank."""
    return HttpAnswer(
        response.status_code,
        response.reason_phrase,
        dict(response.headers),  # names in lower case, values of the same name joined
        _pieces(response),
        response.close,
    )


def _pieces(response: httpx2.Response) -> Iterator[bytes]:
    """Yield the pieces of a body as they arrive; ``iter_raw`` refuses a body that a test has prepared."""
    assert isinstance(response.stream, httpx2.SyncByteStream)  # noqa: S101 - for the type checker
    with translated_failures():
        yield from response.stream


@contextmanager
def translated_failures() -> Iterator[None]:
    """Raise errors of httpx2 as those of the client."""
    try:
        yield
    except httpx2.TransportError as error:
        raise NoAnswer(
            next((text for kind, text in _FAILURES.items() if isinstance(error, kind)), NOT_HTTP)
        ) from error
