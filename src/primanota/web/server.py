"""Serve the page on this machine alone, until it is ended or has been idle for long."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from starlette.applications import Starlette

from primanota.core.errors import InvalidInput
from primanota.web.access import Access
from primanota.web.application import MakePages, application

_HOST = "127.0.0.1"
_IDLE_SECONDS = 3600.0


class PageServer:
    """A page that listens already, so that its address cannot be another program's.

    Args:
        pages: makes what it serves.
        port: the port; 0 for a free one.
        can_write: whether changes are allowed.
        idle_seconds: how long it stays without a request.

    Raises:
        InvalidInput: the port cannot be opened.
    """

    def __init__(
        self, pages: MakePages, *, port: int = 0, can_write: bool = False, idle_seconds: float = _IDLE_SECONDS
    ) -> None:
        try:
            self._socket = socket.create_server((_HOST, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or f"{error}"
            raise InvalidInput(f"Port {port} cannot be opened: {reason}.", "Leave --port out.") from None
        self.access = Access(self._socket.getsockname()[1], can_write=can_write)
        self._idle_seconds = idle_seconds
        self._last = time.monotonic()
        app = application(pages(self.access), self._seen, self._until_idle)
        settings = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, date_header=False, ws="none"
        )
        self._server = uvicorn.Server(settings)

    def run(self) -> None:
        """Answer requests until Ctrl-C, ``stop``, or an hour without a request."""
        try:
            with suppress(KeyboardInterrupt):
                self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End the page, from another thread."""
        self._server.should_exit = True

    def _seen(self) -> None:
        self._last = time.monotonic()

    @asynccontextmanager
    async def _until_idle(self, _: Starlette) -> AsyncIterator[None]:
        self._watch()
        yield

    def _watch(self) -> None:
        """End the page if it has been idle for long, or look again when it will have been."""
        rest = self._last + self._idle_seconds - time.monotonic()
        if rest <= 0:
            self.stop()
        else:
            asyncio.get_running_loop().call_later(rest, self._watch)
