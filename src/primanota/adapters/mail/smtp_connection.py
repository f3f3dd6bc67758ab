"""Connections to mail servers that end in time, however slowly and however much a server answers."""

import socket
import ssl
import time
from smtplib import SMTP, SMTP_SSL
from typing import TYPE_CHECKING, Any

from primanota.core.errors import DeliveryFailed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Of one read or write; without an answer in this time the server is given up.
SECONDS = 30
# A long list of extensions has some thousand bytes.
_MOST_BYTES = 1 << 18
_PIECE = 1 << 14
_LATER = "The next run sends it."


class _Replies:
    """The replies of a server as lines, as ``smtplib`` reads them from a file.

    Args:
        connection: the socket.
        end: when the server is given up, by the monotonic clock.
    """

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._socket = connection
        self._end = end
        self._read = 0
        self._buffer = b""

    def readline(self, limit: int) -> bytes:
        """Return the next line, or as much of it as the limit allows; empty at the end.

        Raises:
            DeliveryFailed: the server takes too long, or answers too much.
        """
        while b"\n" not in self._buffer and len(self._buffer) < limit:
            self._socket.settimeout(min(SECONDS, require_time(self._end)))
            try:
                piece = self._socket.recv(_PIECE)
            except TimeoutError:
                require_time(self._end)
                raise
            if not piece:
                break
            self._read += len(piece)
            if self._read > _MOST_BYTES:
                raise DeliveryFailed("The answers of the mail server are longer than 256 kB.", "Check “server”.")
            self._buffer += piece
        self._socket.settimeout(SECONDS)
        cut = min(self._buffer.find(b"\n") + 1 or len(self._buffer), limit)
        line, self._buffer = self._buffer[:cut], self._buffer[cut:]
        return line

    def close(self) -> None:
        """Close nothing: the socket is closed by its owner."""


class Connection(SMTP):
    """A connection that begins without encryption, and ends in time.

    Args:
        end: when the server is given up, by the monotonic clock.
        host: of the server.
        port: of the server.
        name: of this side.
        context: of TLS, for a connection that begins with it.
    """

    def __init__(self, end: float, host: str, port: int, name: str, context: ssl.SSLContext | None = None) -> None:
        self._end = end
        options: dict[str, Any] = {"context": context} if context else {}
        try:
            super().__init__(host, port, name, timeout=SECONDS, **options)
        except DeliveryFailed:  # of the greeting, so that no caller has the connection to close it
            self.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Return the next reply."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock, self._end)
        return super().getreply()

    def send(self, s: "ReadableBuffer | str") -> None:
        """Send bytes in pieces, none of which takes longer than a read."""
        content = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        for place in range(0, len(content), _PIECE):
            require_time(self._end)
            super().send(content[place : place + _PIECE])


class TlsConnection(Connection, SMTP_SSL):
    """A connection that is encrypted from the start."""


def require_time(end: float) -> float:
    """Return the seconds that are left.

    Raises:
        DeliveryFailed: none is left.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise DeliveryFailed("The mail server takes too long.", _LATER)
    return left
