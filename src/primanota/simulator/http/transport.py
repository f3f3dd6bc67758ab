"""An httpx2 transport that runs the simulator's apps in the caller's own thread, without a socket.

In this mode the app never waits, so its coroutine is run by hand: without an event loop, without a thread, and
without anything to close.
"""

from collections.abc import Awaitable

import httpx2
from starlette.types import ASGIApp, Message, Scope

from primanota.simulator.http.broken_connections import IN_PROCESS, ConnectionDropped


class InProcessTransport(httpx2.BaseTransport):
    """Passes requests to the app. Many threads may use it at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request.

        Raises:
            httpx2.ReadError: the simulator reset the connection.
            httpx2.ReadTimeout: the simulator did not answer in time (raised at once, without waiting).
            httpx2.RemoteProtocolError: the body is shorter than its content-length.
        """
        sent: list[Message] = []
        body = request.read()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        try:
            _run(self._app(_scope(request), receive, send))
        except ConnectionDropped as drop:
            if str(drop) == "timeout":
                raise httpx2.ReadTimeout("The read operation timed out", request=request) from drop
            raise httpx2.ReadError("[Errno 104] Connection reset by peer", request=request) from drop
        return _response(request, sent)


def _scope(request: httpx2.Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(key.lower(), value) for key, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
        "extensions": {IN_PROCESS: {}},
    }


def _run(answering: Awaitable[None]) -> None:
    """Run an awaitable that never waits."""
    for _ in answering.__await__():
        raise RuntimeError("the app waited, which it must not do in process")


def _response(request: httpx2.Request, sent: list[Message]) -> httpx2.Response:
    start, *bodies = sent
    content = b"".join(message.get("body", b"") for message in bodies)
    response = httpx2.Response(start["status"], headers=start["headers"], stream=httpx2.ByteStream(content))
    if int(response.headers.get("content-length", len(content))) != len(content):
        text = "peer closed connection without sending complete message body"
        raise httpx2.RemoteProtocolError(text, request=request)
    return response
