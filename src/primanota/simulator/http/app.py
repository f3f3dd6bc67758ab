"""The ASGI app: routes to the endpoints, error answers, and the middleware in front of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from hashlib import blake2b

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from primanota.simulator.data.company import Json
from primanota.simulator.data.timestamps import to_datetime
from primanota.simulator.faults.responses import FaultResponse
from primanota.simulator.http.broken_connections import (
    CLOSE_CONNECTION,
    IN_PROCESS,
    close_connection,
    drop,
    extensions,
    truncated,
)
from primanota.simulator.http.endpoints import ENDPOINTS, Endpoint
from primanota.simulator.http.error_answers import ApiError, GatewayError
from primanota.simulator.http.gateway import check_request
from primanota.simulator.http.json_styles import encode_answer
from primanota.simulator.http.oauth_routes import oauth_routes
from primanota.simulator.state import IncomingRequest, SimulatorState

_JSON = "application/json"
Handler = Callable[
    [Request, Exception], Awaitable[Response]
]  # a coroutine: Starlette runs other functions in a thread


def build_app(state: SimulatorState) -> Starlette:
    """Return the app that serves one state."""
    routes = [Route(path, _route_handler(state, endpoint), methods=["GET"]) for path, endpoint in ENDPOINTS.items()]
    for route in routes:
        route.methods = {"GET"}  # Starlette would serve HEAD as well
    if state.auth != "key":
        routes += oauth_routes(state)
    app = Starlette(routes=routes, middleware=[Middleware(GatewayMiddleware, state=state)])
    app.router.redirect_slashes = False
    app.add_exception_handler(ApiError, _api_error_handler(state))
    app.add_exception_handler(HTTPException, _http_exception_handler(state))
    return app


def _route_handler(state: SimulatorState, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(http_request: Request) -> Response:
        request: IncomingRequest = http_request.scope["incoming_request"]
        with state.bank.lock:
            state.bank.advance()
            answered = endpoint(state, request, http_request.path_params)
            return Response(encode_answer(answered, state.switches, request.number), media_type=_JSON)

    return answer


def _error_response(state: SimulatorState, trace_id: str, error: ApiError) -> Response:
    as_object = "errors-object" in state.switches and error.status in {404, 422}
    body = _encode_error(error.body(as_object=as_object), state, trace_id)
    has_retry_after = error.status == 429 and "retry-after" in state.switches  # noqa: PLR2004 - HTTP's number
    return Response(body, error.status, {"retry-after": "10"} if has_retry_after else None, media_type=_JSON)


def _encode_error(answer: Json, state: SimulatorState, trace_id: str) -> bytes:
    """Return the JSON text of an error with its trace id."""
    return msgspec.json.encode(answer if "no-trace-id" in state.switches else {**answer, "trace_id": trace_id})


def _api_error_handler(state: SimulatorState) -> Handler:
    async def handle(http_request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)  # noqa: S101 - tells the type checker what Starlette promises
        return _error_response(state, http_request.scope["incoming_request"].trace_id, error)

    return handle


def _http_exception_handler(state: SimulatorState) -> Handler:
    """Return the handler that answers an unknown path or method with JSON as well."""

    async def handle(http_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what Starlette promises
        code = "not_found" if error.status_code == 404 else "method_not_allowed"  # noqa: PLR2004 - HTTP's number
        trace_id = http_request.scope["incoming_request"].trace_id
        response = _error_response(state, trace_id, ApiError(error.status_code, code, error.detail))
        response.headers.update(error.headers or {})
        return response

    return handle


class GatewayMiddleware:
    """ASGI middleware in front of the endpoints: log, latency, checks, faults, and the headers of every answer."""

    def __init__(self, app: ASGIApp, state: SimulatorState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; pass other ASGI events on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["path"] = scope["path"].rstrip("/") or "/"
        await self._wait(scope)
        request = self._log_request(scope)
        scope["incoming_request"] = request
        send = self._with_headers(request, send)
        try:
            with self._state.bank.lock:
                response = check_request(self._state, request)
        except ApiError as error:
            await _error_response(self._state, request.trace_id, error)(scope, receive, send)
        except GatewayError as error:
            body = _encode_error({"message": error.message}, self._state, request.trace_id)
            await Response(body, error.status, media_type=_JSON)(scope, receive, send)
        else:
            await self._answer(response, scope, receive, send)

    async def _answer(self, response: FaultResponse | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer of the endpoint, or the response of a fault."""
        if response is None:
            await self._app(scope, receive, send)
        elif response.drop is None:
            body = response.body
            if response.content_type == _JSON:
                body = _encode_error(msgspec.json.decode(body), self._state, scope["incoming_request"].trace_id)
            fault = Response(body, response.status, dict(response.headers), response.content_type)
            await fault(scope, receive, send)
        elif response.drop == "truncated":
            await self._app(scope, receive, truncated(send, more_body=CLOSE_CONNECTION in extensions(scope)))
            await close_connection(scope, receive, reset=False)
        else:
            await drop(response.drop, scope, receive, send)

    def _log_request(self, scope: Scope) -> IncomingRequest:
        """Log the request, call `before_request`, and read the clock."""
        query = scope["query_string"].decode("latin-1")
        path = scope["path"]
        with self._state.bank.lock:
            number = self._state.log.add(path, query)
        self._state.before_request(f"{path}?{query}" if query else path)
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        trace_id = blake2b(f"trace:{number}".encode(), digest_size=16).hexdigest()
        client = (scope.get("client") or ("unknown", 0))[0]
        return IncomingRequest(number, path, query, headers, client, self._state.bank.now(), trace_id)

    async def _wait(self, scope: Scope) -> None:
        if not self._state.latency:
            return
        if IN_PROCESS in extensions(scope):
            time.sleep(self._state.latency)  # noqa: ASYNC251 - the caller's own thread, no loop to block
        else:
            await asyncio.sleep(self._state.latency)

    def _with_headers(self, request: IncomingRequest, send: Send) -> Send:
        """Return a `send` that adds the bank's date and the trace id to every answer."""
        date = format_datetime(to_datetime(request.now).replace(microsecond=0), usegmt=True)
        added = [(b"date", date.encode())]
        if "no-trace-id" not in self._state.switches:
            added.append((b"x-tyk-trace-id", request.trace_id.encode()))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        return send_with_headers
