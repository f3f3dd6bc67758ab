"""Connections to the bank without a proxy: HTTP/1.1 by ``http.client``, with the time limits of a deadline.

A page takes a third of the time that it takes in ``httpx2``: docs/dependencies.md has the figures.
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

import httpx2

from primanota.banks.qonto.deadline import Deadline

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE, _MOST_AT_ONCE = 64 << 10, 256 << 10
_LENGTH = re.compile(r"[0-9]{1,18}")
# Servers close idle connections after a while, and a request on such a one would be lost.
_MOST_IDLE = 5.0


class DirectTransport(httpx2.BaseTransport):
    """Sends requests to one server, each on a connection of its own for as long as it lasts; then it is used again.

    Safe to use from several threads.

    Args:
        url: the server.
        deadline: limits each read and write.
        context: how certificates are checked; None for plain http.
    """

    def __init__(self, url: httpx2.URL, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        self._url = url
        self._deadline = deadline
        self._context = context
        self._idle: deque[_Connection] = deque()  # the one that was used last is at the end
        self._is_closed = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request without a body, and return its answer, whose body has not been read.

        Raises:
            httpx2.TransportError: the server cannot be reached, or does not keep to HTTP.
        """
        connection = self._connection()
        try:
            answer = connection.ask(request)
        except BaseException:
            connection.end()
            raise
        return httpx2.Response(
            answer.status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()],
            stream=_Body(answer, lambda is_usable: self._put_back(connection, is_usable=is_usable)),
            extensions={"reason_phrase": answer.reason.encode("ascii", "ignore")},
        )

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
        return _Connection(self._url, self._deadline, self._context)

    def _put_back(self, connection: "_Connection", *, is_usable: bool) -> None:
        if not is_usable or self._is_closed:
            connection.end()
            return
        connection.idle_since = time.monotonic()
        self._idle.append(connection)


class _Connection(HTTPConnection):
    """A connection to the server, opened by its first request."""

    def __init__(self, url: httpx2.URL, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        super().__init__(url.raw_host.decode("ascii"), url.port or (443 if context else 80))
        self.idle_since = 0.0
        self._deadline = deadline
        self._context = context

    def ask(self, request: httpx2.Request) -> HTTPResponse:
        """Send a request, and read the head of its answer."""
        timeouts = request.extensions["timeout"]
        if self.sock is None:
            with _translated(httpx2.ConnectTimeout, httpx2.ConnectError):
                opened = self._opened(timeouts["connect"])
            self.sock = cast(
                "socket.socket", _LimitedSocket(opened, self._deadline, timeouts)
            )  # as far as it is used
        with _translated(httpx2.WriteTimeout, httpx2.WriteError):
            target = request.url.raw_path.decode("ascii")
            self.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                self.putheader(name.decode("ascii"), value)
            self.endheaders()
        with _translated(httpx2.ReadTimeout, httpx2.ReadError):
            answer = self.getresponse()
        _check_framing(answer)
        return answer

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

    def _opened(self, seconds: float) -> socket.socket:
        opened = socket.create_connection((self.host, self.port), self._deadline.at_most(seconds))
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                opened.settimeout(self._deadline.at_most(seconds))
                return self._context.wrap_socket(opened, server_hostname=self.host)
        except BaseException:
            opened.close()
            raise
        return opened


class _LimitedSocket:
    """What ``http.client`` uses of a socket; each read and write ends with a deadline."""

    def __init__(self, opened: socket.socket, deadline: Deadline, timeouts: dict[str, float]) -> None:
        self._socket = opened
        self._deadline = deadline
        self._timeouts = timeouts
        self.close = opened.close
        self.fileno = opened.fileno

    def sendall(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.settimeout(self._deadline.at_most(self._timeouts["write"]))
        self._socket.sendall(data)

    def receive(self, buffer: "WriteableBuffer") -> int:
        """Read some bytes into a buffer; return how many."""
        self._socket.settimeout(self._deadline.at_most(self._timeouts["read"]))
        return self._socket.recv_into(buffer)

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


class _Body(httpx2.SyncByteStream):
    """The body of an answer, in the pieces in which it arrives."""

    def __init__(self, answer: HTTPResponse, put_back: Callable[[bool], None]) -> None:
        self._answer = answer
        self._put_back = put_back
        self._is_whole = False
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        with _translated(httpx2.ReadTimeout, httpx2.ReadError):
            while piece := self._answer.read1(min(self._answer.length or _PIECE, _MOST_AT_ONCE)):
                yield piece
        if self._answer.length:
            raise httpx2.RemoteProtocolError("The body is shorter than its content-length")
        self._is_whole = True

    def close(self) -> None:
        """Let another request use the connection, if the body has been read to its end."""
        if not self._is_closed:
            self._is_closed = True
            self._answer.close()
            self._put_back(self._is_whole and not self._answer.will_close)


def _check_framing(answer: HTTPResponse) -> None:
    """Refuse an answer whose headers do not tell clearly where its body ends; ``http.client`` would guess.

    Raises:
        httpx2.RemoteProtocolError: they contradict each other, or cannot be read, or announce another answer.
    """
    encodings = [one.strip().lower() for one in answer.headers.get_all("transfer-encoding", [])]
    lengths = {one.strip() for one in answer.headers.get_all("content-length", [])}
    has_end = not encodings and len(lengths) in {0, 1} and all(map(_LENGTH.fullmatch, lengths))
    is_clear = has_end or encodings == ["chunked"]
    if answer.headers.defects or not is_clear or answer.status < HTTPStatus.OK:
        raise httpx2.RemoteProtocolError("The headers of the answer contradict each other, or cannot be read")


@contextmanager
def _translated(timeout: type[httpx2.TransportError], failure: type[httpx2.TransportError]) -> Iterator[None]:
    """Raise errors of the standard library as those of httpx2."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(f"{error}") from error
    except HTTPException as error:
        raise httpx2.RemoteProtocolError(f"{error}") from error
    except OSError as error:
        raise failure(f"{error}") from error
    except ValueError as error:  # of http.client: a header or a target that cannot be sent
        raise httpx2.LocalProtocolError(f"{error}") from error
