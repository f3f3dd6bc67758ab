"""The hosts of the bank's files, behind links that are signed already: they never get the API key.

Qonto's documentation of attachments: a link is valid for 30 minutes. Its host is a storage service, which refuses a
request with an Authorization header beside the signature in the link.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from primanota import __version__
from primanota.banks.files import MOST_BYTES, FileRefused
from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.connections import connect
from primanota.banks.qonto.http.deadline import Deadline
from primanota.banks.qonto.http.transport import HttpAnswer, NoAnswer, Transport
from primanota.core.errors import InvalidConfiguration

if TYPE_CHECKING:
    import httpx2

_LONGEST_LINK = 16_384
# All that a host of files is told beside the link itself.
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": f"primanota/{__version__}"}


class FileHosts:
    """Reads files by their links: over https, or from this machine itself where the API is on it, too.

    Redirects are not followed. Safe to use from several threads.

    Args:
        deadline: limits each download, and all of them together.
        connections: the most connections to a host.
        instead: replaces the network.
        allows_plain: whether plain http is allowed to this machine itself.
    """

    def __init__(
        self, deadline: Deadline, connections: int, instead: "httpx2.BaseTransport | None", *, allows_plain: bool
    ) -> None:
        self._deadline = deadline
        self._connections = connections
        self._instead = instead
        self._allows_plain = allows_plain
        self._transports: dict[str, Transport] = {}
        self._lock = Lock()

    @contextmanager
    def opened(self, link: str) -> Iterator[Iterator[bytes]]:
        """Return the pieces of a file, as they arrive.

        Raises:
            FileRefused: it cannot be had; also while the pieces are taken.
            ServiceUnavailable: the time for reading the bank is used up.
        """
        transport, target = self._way(link)
        self._deadline.left_of_run()
        try:
            with (
                self._deadline.within(self._deadline.limits.attempt),
                closing(transport.send(target, None)) as answer,
            ):
                _require_file(answer)
                yield self._pieces(answer)
        except NoAnswer:
            self._deadline.left_of_run()
            raise FileRefused("broken") from None

    def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            transport.close()

    def _way(self, link: str) -> tuple[Transport, str]:
        """Return the connections to the host of a link, and what to ask for there, exactly as it is signed."""
        try:
            if len(link) > _LONGEST_LINK or not (link.isascii() and link.isprintable()) or " " in link:
                raise FileRefused("unsafe")
            parts = urlsplit(link)
            address = Address(f"{parts.scheme}://{parts.netloc}", _HEADERS)
        except (ValueError, InvalidConfiguration):
            raise FileRefused("unsafe") from None
        if parts.username is not None or not (address.is_encrypted or self._allows_plain):
            raise FileRefused("unsafe")
        query = f"?{parts.query}" if parts.query else ""
        return self._transport(address), f"{parts.path or '/'}{query}"

    def _transport(self, address: Address) -> Transport:
        with self._lock:
            if address.url not in self._transports:
                self._transports[address.url] = connect(address, self._deadline, self._connections, self._instead)
            return self._transports[address.url]

    def _pieces(self, answer: HttpAnswer) -> Iterator[bytes]:
        arrived = 0
        for piece in answer.pieces:
            self._deadline.check()
            arrived += len(piece)
            if arrived > MOST_BYTES:
                raise FileRefused("too_large")
            yield piece


def _require_file(answer: HttpAnswer) -> None:
    """Refuse an answer that is not a file as it is, or that is too large."""
    if answer.status != HTTPStatus.OK:
        raise FileRefused("refused")
    if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise FileRefused("broken")
    length = answer.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:12]) > MOST_BYTES:
        raise FileRefused("too_large")
