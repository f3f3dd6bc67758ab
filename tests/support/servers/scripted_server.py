"""A server that answers each request with bytes that a test has written."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
OK = JSON + b'Content-Length: 9\r\n\r\n{"ok": 1}'


class Scripted(NamedTuple):
    """Its URL, the heads of the requests that it was sent, and how many connections it has accepted."""

    url: str
    heads: list[bytes]
    accepted: list[int]


@contextmanager
def answering(
    answer: Callable[[int], bytes], context: ssl.SSLContext | None = None, *, once: bool = False
) -> Iterator[Scripted]:
    """Serve on a free port.

    Args:
        answer: returns the answer to each request, counted from 0; the connection is closed after an empty one, and
            after one that says ``Connection: close``.
        context: for TLS.
        once: close each connection after its first answer.
    """

    def talk(connection: socket.socket) -> None:
        with (
            suppress(OSError),
            context.wrap_socket(connection, server_side=True) if context else connection as talking,
        ):
            head = b""
            while piece := talking.recv(65_536):
                head += piece
                if not head.endswith(b"\r\n\r\n"):
                    continue
                found.heads.append(head)
                head, words = b"", answer(len(found.heads) - 1)
                talking.sendall(words)
                if once or not words or b"Connection: close" in words:
                    return

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            found.accepted.append(1)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = "localhost" if context else "127.0.0.1"
        url = f"{'https' if context else 'http'}://{host}:{listening.getsockname()[1]}"
        found = Scripted(url, [], [])
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield found
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
