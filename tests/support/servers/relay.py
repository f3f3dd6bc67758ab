"""A server that passes bytes on to another one: with TLS on its own side, or as a proxy that is asked to CONNECT."""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

_AT_ONCE = 65_536


class Relay(NamedTuple):
    """The port of a relay, the connections that it has accepted, and what a proxy was asked."""

    port: int
    accepted: list[int]
    asked: list[bytes]


@contextmanager
def relaying(to: int, context: ssl.SSLContext | None = None, *, is_proxy: bool = False) -> Iterator[Relay]:
    """Relay to a port of this machine.

    Args:
        to: the port.
        context: for TLS with its own clients.
        is_proxy: whether clients first ask to be connected, as they do with a proxy.
    """

    def serve() -> None:
        while True:
            try:
                accepted, _ = listening.accept()
            except OSError:
                return
            relay.accepted.append(1)
            threading.Thread(target=_relay_one, args=(accepted, to, context, relay, is_proxy), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        relay = Relay(listening.getsockname()[1], [], [])
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield relay
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _relay_one(
    accepted: socket.socket,
    to: int,
    context: ssl.SSLContext | None,
    relay: Relay,
    is_proxy: bool,  # noqa: FBT001
) -> None:
    with suppress(OSError), accepted:
        if is_proxy:
            relay.asked.append(accepted.recv(_AT_ONCE))
            accepted.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        ours = context.wrap_socket(accepted, server_side=True) if context else accepted
        with closing(ours), socket.create_connection(("127.0.0.1", to)) as theirs:
            _pump(ours, theirs)


def _pump(ours: socket.socket, theirs: socket.socket) -> None:
    """Pass on what either side sends, until one has closed."""
    while True:
        for source in select.select([ours, theirs], [], [])[0]:
            data = source.recv(_AT_ONCE)
            while isinstance(source, ssl.SSLSocket) and source.pending():
                data += source.recv(_AT_ONCE)
            if not data:
                return
            (theirs if source is ours else ours).sendall(data)
