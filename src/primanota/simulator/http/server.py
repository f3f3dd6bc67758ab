"""The simulator over HTTP, on a real socket."""

import asyncio
import os
import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from primanota.simulator.http.app import HANG_UP

if TYPE_CHECKING:
    from primanota.simulator.simulator import Simulator

_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, zero seconds


class _Sockets:
    """The open connections by the client's address, so that the app can hang up on one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.open: dict[tuple[str, int], asyncio.Transport] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client = tuple(scope["client"])
            scope.setdefault("extensions", {})[HANG_UP] = partial(_hang_up, self.open.get(client))
        await self._app(scope, receive, send)


def _hang_up(transport: asyncio.Transport | None, *, reset: bool) -> None:
    """Close a connection; with `reset` so that the other side sees one."""
    if transport is None:
        return
    if not reset:
        transport.close()
        return
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    transport.abort()


def _protocol(sockets: _Sockets) -> type[H11Protocol]:
    """Uvicorn's protocol, which also says which connections are open."""

    class Registered(H11Protocol):
        def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
            super().connection_made(transport)
            sockets.open[transport.get_extra_info("peername")[:2]] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            peer = self.transport.get_extra_info("peername")
            if peer is not None:
                sockets.open.pop(peer[:2], None)
            super().connection_lost(exc)

    return Registered


def listening(host: str, port: int) -> socket.socket:
    """A socket at which clients can wait already, so that an address that is told is never another program's.

    Raises:
        OSError: the port cannot be had.
    """
    found = socket.socket(
        proto=socket.IPPROTO_TCP
    )  # named, so that asyncio sends small answers at once (TCP_NODELAY)
    try:
        if os.name == "posix":  # elsewhere it would share the port with whoever has it
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen()
    except OSError:
        found.close()
        raise
    return found


def server_for(simulator: "Simulator", *, host: str, port: int) -> uvicorn.Server:
    """A uvicorn server, not yet running: `.run()` blocks, `.should_exit = True` ends it from another thread."""
    sockets = _Sockets(simulator.app)
    config = uvicorn.Config(
        sockets,
        host=host,
        port=port,
        http=_protocol(sockets),
        lifespan="off",
        date_header=False,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
    return uvicorn.Server(config)
