"""Connections to the bank without a proxy: HTTP/1.1 by ``http.client``, with the time limits of a deadline.

A request takes less than half the time that it takes in an HTTP library: docs/dependencies.md has the figures.
"""

import io
import re
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.deadline import Deadline
from primanota.banks.qonto.http.transport import (
    BROKEN,
    NO_CONNECTION,
    NOT_HTTP,
    PHASES,
    TOO_SLOW,
    HttpAnswer,
    NoAnswer,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE, _MOST_AT_ONCE = 64 << 10, 256 << 10
_LENGTH = re.compile(r"[0-9]{1,18}")
# Servers close idle connections after a while, and a request on such a one would be lost.
_MOST_IDLE = 5.0


class DirectTransport:
    """Sends requests to one server, each on a connection of its own for as long as it lasts; then it is used again.

    Safe to use from several threads.

    Args:
        address: the server.
        deadline: limits each read and write.
        context: how certificates are checked; None for plain http.
    """

    def __init__(self, address: Address, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        self._address = address
        self._deadline = deadline
        self._context = context
        self._idle: deque[_Connection] = deque()  # the one that was used last is at the end
        self._is_closed = False

    def send(self, target: str, authorization: str | None) -> HttpAnswer:
        """Send a GET request, as :class:`Transport` does."""
        connection = self._connection()
        try:
            response = connection.ask(target, authorization)
            headers = _by_name(response)
            _check_framing(response, headers)
        except BaseException:
            connection.end()
            raise
        body = _Body(response, lambda is_usable: self._put_back(connection, is_usable=is_usable))
        return HttpAnswer(response.status, response.reason, headers, body, body.close)

    def close(self) -> None:
        """Close the connections that are idle now, and the others when their answers have been read."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().end()

    def _connection(self) -> "_Connection":
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread took it
                break
            if connection.is_usable():
                return connection
            connection.end()
        return _Connection(self._address, self._deadline, self._context)

    def _put_back(self, connection: "_Connection", *, is_usable: bool) -> None:
        if not is_usable or self._is_closed:
            connection.end()
            return
        connection.idle_since = time.monotonic()
        self._idle.append(connection)


class _Connection(HTTPConnection):
    """A connection to the server, opened by its first request."""

    def __init__(self, address: Address, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        super().__init__(address.host, address.port)
        self.idle_since = 0.0
        self._address = address
        self._deadline = deadline
        self._context = context

    def ask(self, target: str, authorization: str | None) -> HTTPResponse:
        """Send a request, and read the head of its answer."""
        if self.sock is None:
            with _translated(NO_CONNECTION):
                opened = _LimitedSocket(self._opened(), self._deadline)
            self.sock = cast("socket.socket", opened)  # as far as it is used
        with _translated(BROKEN):
            self.putrequest("GET", target, skip_host=True, skip_accept_encoding=True)
            self.putheader("Host", self._address.authority)
            if authorization is not None:
                self.putheader("Authorization", authorization)
            for name, value in self._address.headers.items():
                self.putheader(name, value)
            self.endheaders()
            return self.getresponse()

    def is_usable(self) -> bool:
        """Return whether a request can be sent: not if it was idle for long, or if the server has sent or closed."""
        if time.monotonic() - self.idle_since > _MOST_IDLE:
            return False
        poll = select.poll()
        poll.register(self.sock.fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Keep the socket open: the base class calls this before the answer has been read."""

    def end(self) -> None:
        """Close the socket."""
        super().close()

    def _opened(self) -> socket.socket:
        opened = socket.create_connection((self.host, self.port), self._deadline.at_most(PHASES.connect))
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                opened.settimeout(self._deadline.at_most(PHASES.connect))
                return self._context.wrap_socket(opened, server_hostname=self.host)
        except BaseException:
            opened.close()
            raise
        return opened


class _LimitedSocket:
    """What ``http.client`` uses of a socket; each read and write ends with a deadline."""

    def __init__(self, opened: socket.socket, deadline: Deadline) -> None:
        self._socket = opened
        self._deadline = deadline
        self.close = opened.close
        self.fileno = opened.fileno

    def sendall(self, data: bytes) -> None:
        """Send bytes."""
        self._limit(PHASES.write)
        self._socket.sendall(data)

    def receive(self, buffer: "WriteableBuffer") -> int:
        """Read some bytes into a buffer; return how many."""
        self._limit(PHASES.read)
        return self._socket.recv_into(buffer)

    def _limit(self, seconds: float) -> None:
        """Limit what comes next; a limit that holds already is not set again, since that calls the system."""
        most = self._deadline.at_most(seconds)
        if most != self._socket.gettimeout():
            self._socket.settimeout(most)

    def makefile(self, _: str) -> io.BufferedReader:
        """Return a file of what the server sends."""
        return io.BufferedReader(_Received(self), _PIECE)


class _Received(io.RawIOBase):
    """What the server sends, as a file."""

    def __init__(self, connection: _LimitedSocket) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self._connection.receive(buffer)


class _Body:
    """The body of an answer, in the pieces in which it arrives."""

    def __init__(self, answer: HTTPResponse, put_back: Callable[[bool], None]) -> None:
        self._answer = answer
        self._put_back = put_back
        self._is_whole = False
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        with _translated(BROKEN):
            while piece := self._answer.read1(min(self._answer.length or _PIECE, _MOST_AT_ONCE)):
                yield piece
        if self._answer.length:
            raise NoAnswer(NOT_HTTP)
        self._is_whole = True

    def close(self) -> None:
        """Let another request use the connection, if the body has been read to its end."""
        if not self._is_closed:
            self._is_closed = True
            self._answer.close()
            self._put_back(self._is_whole and not self._answer.will_close)


def _by_name(response: HTTPResponse) -> dict[str, str]:
    """Return the headers, with the values of the same name joined."""
    found: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _check_framing(response: HTTPResponse, headers: dict[str, str]) -> None:
    """Refuse an answer whose headers do not tell clearly where its body ends; ``http.client`` would guess.

    Raises:
        NoAnswer: they contradict each other, or cannot be read, or announce another answer.
    """
    if "transfer-encoding" in headers:
        is_clear = headers["transfer-encoding"].strip().lower() == "chunked"
    elif "content-length" in headers:
        lengths = {one.strip() for one in headers["content-length"].split(",")}
        is_clear = len(lengths) == 1 and all(map(_LENGTH.fullmatch, lengths)) and response.length is not None
    else:
        is_clear = True  # the body ends with the connection
    if response.headers.defects or not is_clear or response.status < HTTPStatus.OK:
        raise NoAnswer(NOT_HTTP)


@contextmanager
def _translated(failure: str) -> Iterator[None]:
    """Raise errors of the standard library as those of the client."""
    try:
        yield
    except TimeoutError as error:
        raise NoAnswer(TOO_SLOW) from error
    except HTTPException as error:
        raise NoAnswer(NOT_HTTP) from error
    except OSError as error:
        raise NoAnswer(failure) from error
    except ValueError as error:  # of http.client: a header that cannot be sent, or an answer that cannot be read
        raise NoAnswer(NOT_HTTP) from error
