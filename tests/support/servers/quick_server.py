"""uvicorn's server, which ends at once when it is told to: its own waits a fifth of a second, in each test."""

import asyncio
import socket
from collections.abc import Sequence

import uvicorn

_MOMENT = 0.005  # seconds


class QuickServer(uvicorn.Server):
    """Serves as uvicorn does, but looks every five milliseconds whether it should end, or its connections have."""

    async def main_loop(self) -> None:
        """Serve until ``should_exit`` is set."""
        while not await self.on_tick(0):  # noqa: ASYNC110 - uvicorn sets attributes, not events
            await asyncio.sleep(_MOMENT)

    async def shutdown(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Close the sockets, and wait until connections and tasks have ended."""
        for server in self.servers:
            server.close()
        for one in sockets or ():
            one.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        while (self.server_state.connections or self.server_state.tasks) and not self.force_exit:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(_MOMENT)
        await self.lifespan.shutdown()
