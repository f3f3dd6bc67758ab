"""The simulator as an HTTP server on a real socket."""

import asyncio
import os
import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from primanota.simulator.http.broken_connections import CLOSE_CONNECTION

if TYPE_CHECKING:
    from primanota.simulator.several import SeveralSimulators
    from primanota.simulator.simulator import Simulator

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, zero seconds


class _ConnectionRegistry:
    """ASGI middleware that records the open connections by client address, so that the app can close one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.connections: dict[tuple[str, int], asyncio.Transport] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            connection = self.connections.get(tuple(scope["client"]))
            scope.setdefault("extensions", {})[CLOSE_CONNECTION] = partial(_close, connection)
        await self._app(scope, receive, send)


def _close(connection: asyncio.Transport | None, *, reset: bool) -> None:
    """Close a connection, with a TCP reset if `reset`."""
    if connection is None:
        return
    if not reset:
        connection.close()
        return
    tcp: socket.socket = connection.get_extra_info("socket")
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    connection.abort()


def _protocol(registry: _ConnectionRegistry) -> type[H11Protocol]:
    """Return uvicorn's protocol, extended to record its connections."""

    class RecordingProtocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
            super().connection_made(transport)
            registry.connections[transport.get_extra_info("peername")[:2]] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            peer = self.transport.get_extra_info("peername")
            if peer is not None:
                registry.connections.pop(peer[:2], None)
            super().connection_lost(exc)

    return RecordingProtocol


def open_listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens already, so that an address that is printed cannot be another program's.

    Port 0 lets the system choose a free one.

    Raises:
        OSError: the port cannot be opened.
    """
    # The protocol is named, so that asyncio sends small answers at once (TCP_NODELAY).
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on other systems this option would share the port with its present owner
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def make_server(simulator: "Simulator | SeveralSimulators", *, host: str, port: int) -> uvicorn.Server:
    """Return a uvicorn server that is not running yet: `.run()` blocks until another thread sets `.should_exit`.

    Requests on the port of the simulator's `files_url` are for its files, those on any other socket for the API.
    """
    registry = _ConnectionRegistry(simulator.hosts)
    config = uvicorn.Config(
        registry,
        host=host,
        port=port,
        http=_protocol(registry),
        lifespan="off",
        date_header=False,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
    return uvicorn.Server(config)
