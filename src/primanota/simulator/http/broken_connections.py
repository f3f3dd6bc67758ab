"""Answers that break off: connections that are reset, that end in the middle of a body, or that never answer."""

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

IN_PROCESS = "primanota.in_process"  # an ASGI extension: no socket, no event loop, the caller's own thread
CLOSE_CONNECTION = "primanota.close_connection"  # an ASGI extension: a function that closes or resets the connection
_CLIENT_TIMEOUT = 35.0  # seconds over HTTP after which a client should have given up


class ConnectionDropped(Exception):
    """The connection failed, in process only. The message is the kind of failure."""


def truncated(send: Send, *, more_body: bool) -> Send:
    """Return a `send` that sends half of every body; the content-length stays that of the whole body.

    With `more_body` the server waits for a rest that never follows.
    """

    async def send_half(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": more_body}
        await send(message)

    return send_half


async def drop(kind: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Send no answer: reset the connection, or let the client wait until it gives up."""
    if IN_PROCESS in extensions(scope):
        raise ConnectionDropped(kind)
    if kind == "reset":
        await close_connection(scope, receive, reset=True)
        return
    try:
        async with asyncio.timeout(_CLIENT_TIMEOUT):
            await _wait_for_disconnect(receive)
    except TimeoutError:
        await Response(b"", 504)(scope, receive, send)


async def close_connection(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Close the connection if there is one, and wait until the server has noticed."""
    if close := extensions(scope).get(CLOSE_CONNECTION):
        close(reset=reset)
        await _wait_for_disconnect(receive)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def extensions(scope: Scope) -> dict[str, Any]:
    """Return the ASGI extensions of a request."""
    found: dict[str, Any] = scope.get("extensions") or {}
    return found
