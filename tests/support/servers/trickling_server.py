"""A server that always sends a little, and never comes to an end."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
# What it sends first, and then again and again.
TRICKLES: dict[str, tuple[bytes, bytes]] = {
    "body": (_HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "chunks": (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers": (_HEAD + b"X-Slow: ", b"x"),
    "status": (b"", b"H"),
}


@contextmanager
def trickling(begin: bytes, again: bytes, passing: Callable[[], object] = lambda: None) -> Iterator[str]:
    """Yield the URL of a server that sends a beginning, and then some bytes again and again, if there are any.

    Args:
        begin: the beginning.
        again: the bytes.
        passing: is called each time before they are sent: it may set a clock.
    """
    stop = threading.Event()

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            try:
                connection.sendall(begin)
                while not stop.wait(0.02):
                    passing()
                    connection.sendall(again)
            except OSError:
                return

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        stop.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
