"""The ASGI app: a gateway before a table of desks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from primanota.simulator.data.company import Json
from primanota.simulator.data.timestamps import moment_of
from primanota.simulator.faults.catalogue import Mishap
from primanota.simulator.http.endpoints import DESKS, Desk
from primanota.simulator.http.error_answers import Refusal
from primanota.simulator.http.gateway import GatewayRefusal, turned_away
from primanota.simulator.http.json_styles import written_out
from primanota.simulator.state import State, Visit

IN_PROCESS = "primanota.in_process"  # an ASGI extension: no socket, no event loop, the caller's own thread
HANG_UP = "primanota.hang_up"  # an ASGI extension: a function that ends the connection, `reset` or not
_JSON = "application/json"
Handler = Callable[[Request, Exception], Awaitable[Response]]  # a coroutine: others would be sent to a thread
_TOO_LONG = 35.0  # seconds over HTTP until a client has lost its patience


class Dropped(Exception):
    """In-process only: the connection failed. The name says how."""


def build_app(state: State) -> Starlette:
    """The app over one state."""
    routes = [Route(path, _endpoint(state, desk), methods=["GET"]) for path, desk in DESKS.items()]
    for route in routes:
        route.methods = {"GET"}  # Starlette would serve HEAD as well
    app = Starlette(routes=routes, middleware=[Middleware(Gateway, state=state)])
    app.router.redirect_slashes = False
    app.add_exception_handler(Refusal, _on_refusal(state))
    app.add_exception_handler(HTTPException, _on_http_exception(state))
    return app


def _endpoint(state: State, desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visit: Visit = request.scope["visit"]
        with state.bank.lock:
            state.bank.advance()
            answered = desk(state, visit, request.path_params)
            return Response(written_out(answered, state.switches, visit.number), media_type=_JSON)

    return answer


def _refused(state: State, trace: str, refusal: Refusal) -> Response:
    as_object = "errors-object" in state.switches and refusal.status in {404, 422}
    body = _traced(refusal.body(as_object=as_object), state, trace)
    too_many = refusal.status == 429 and "retry-after" in state.switches  # noqa: PLR2004 - HTTP's number
    headers = {"retry-after": "10"} if too_many else None
    return Response(body, refusal.status, headers, media_type=_JSON)


def _trace(state: State, trace: str) -> str | None:
    return None if "no-trace-id" in state.switches else trace


def _traced(answer: Json, state: State, trace: str) -> bytes:
    """The JSON of an error with its trace id."""
    shown = _trace(state, trace)
    return msgspec.json.encode(answer if shown is None else {**answer, "trace_id": shown})


def _on_refusal(state: State) -> Handler:
    async def handle(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Refusal)  # noqa: S101 - tells the type checker what Starlette promises
        return _refused(state, request.scope["visit"].trace, problem)

    return handle


def _on_http_exception(state: State) -> Handler:
    """A path or method that does not exist: JSON as well."""

    async def handle(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)  # noqa: S101 - tells the type checker what Starlette promises
        code = "not_found" if problem.status_code == 404 else "method_not_allowed"  # noqa: PLR2004 - HTTP's number
        response = _refused(state, request.scope["visit"].trace, Refusal(problem.status_code, code, problem.detail))
        response.headers.update(problem.headers or {})
        return response

    return handle


class Gateway:
    """What stands before the bank: log, latency, limits, keys, faults, and the headers of every answer."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (anything but HTTP is passed on)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = scope["path"].rstrip("/") or "/"
        await self._wait(scope)
        visit = self._open(scope)
        scope["visit"] = visit
        send = self._stamped(visit, send)
        try:
            with self._state.bank.lock:
                mishap = turned_away(self._state, visit)
        except Refusal as refusal:
            await _refused(self._state, visit.trace, refusal)(scope, receive, send)
        except GatewayRefusal as refusal:
            body = _traced({"message": refusal.message}, self._state, visit.trace)
            await Response(body, refusal.status, media_type=_JSON)(scope, receive, send)
        else:
            await self._serve(mishap, scope, receive, send)

    async def _serve(self, mishap: Mishap | None, scope: Scope, receive: Receive, send: Send) -> None:
        if mishap is None:
            await self._app(scope, receive, send)
        elif mishap.drop is None:
            body = mishap.body
            if mishap.content_type == _JSON:
                body = _traced(msgspec.json.decode(body), self._state, scope["visit"].trace)
            await Response(body, mishap.status, dict(mishap.headers), mishap.content_type)(scope, receive, send)
        elif mishap.drop == "truncated":
            await self._app(scope, receive, _cut(send, still_open=HANG_UP in _extensions(scope)))
            await _hang_up(scope, receive, reset=False)
        else:
            await _drop(mishap.drop, scope, receive, send)

    def _open(self, scope: Scope) -> Visit:
        """Log the visit, let a test interfere, and look at the clock."""
        query = scope["query_string"].decode("latin-1")
        path = scope["path"]
        with self._state.bank.lock:
            number = self._state.log.add(path, query)
        self._state.knock(f"{path}?{query}" if query else path)
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        trace = blake2b(f"trace:{number}".encode(), digest_size=16).hexdigest()
        client = (scope.get("client") or ("unknown", 0))[0]
        return Visit(number, path, query, headers, client, self._state.bank.now(), trace)

    async def _wait(self, scope: Scope) -> None:
        if not self._state.latency:
            return
        if IN_PROCESS in _extensions(scope):
            time.sleep(self._state.latency)  # noqa: ASYNC251 - the caller's own thread, no loop to block
        else:
            await asyncio.sleep(self._state.latency)

    def _stamped(self, visit: Visit, send: Send) -> Send:
        """Every answer carries the bank's date and the trace id."""
        date = format_datetime(moment_of(visit.now).replace(microsecond=0), usegmt=True)
        stamps = [(b"date", date.encode())]
        if trace := _trace(self._state, visit.trace):
            stamps.append((b"x-tyk-trace-id", trace.encode()))

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *stamps]}
            await send(message)

        return stamped


def _cut(send: Send, *, still_open: bool) -> Send:
    """Half of every body; the headers still promise the whole. A server is told that more comes: it never does."""

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": still_open}
        await send(message)

    return cut


async def _drop(how: str, scope: Scope, receive: Receive, send: Send) -> None:
    """No answer: the connection is reset, or the client waits in vain."""
    if IN_PROCESS in _extensions(scope):
        raise Dropped(how)
    if how == "reset":
        await _hang_up(scope, receive, reset=True)
        return
    try:
        async with asyncio.timeout(_TOO_LONG):
            await _gone(receive)
    except TimeoutError:
        await Response(b"", 504)(scope, receive, send)


async def _hang_up(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """End the connection where there is one, and wait until the server has noticed."""
    if hang_up := _extensions(scope).get(HANG_UP):
        hang_up(reset=reset)
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _extensions(scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = scope.get("extensions") or {}
    return found
