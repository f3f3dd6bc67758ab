"""The gate in front of every answer of the page: host, session, origin of changes, and headers. Knows no screen."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from primanota.web.access import Access

_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# With “no-referrer” a form would state no origin. What is shown must not stay in a cache of the browser.
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_READING = {"GET", "HEAD"}
_HOW = (
    "Open the address that the command of this page prints in the terminal. "
    "It opens the page once; for another browser, start it again."
)


class Gate:
    """ASGI middleware that lets a request pass if it comes from the browser that has opened the page.

    Args:
        app: the page.
        access: its secrets.
        seen: is called for each request that passes.
    """

    def __init__(self, app: ASGIApp, access: Access, seen: Callable[[], None]) -> None:
        self._app = app
        self._access = access
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on; every answer has the headers."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        answer: ASGIApp | None = self._answer(Request(scope))
        if answer is None:
            self._seen()
            answer = self._app
        await answer(scope, receive, send_with_headers)

    def _answer(self, request: Request) -> Response | None:
        """Return the gate's own answer; None for a request that passes."""
        # A name of somebody else's that leads to this machine (DNS rebinding) is not our address.
        if request.headers.getlist("host") != [self._access.host]:
            return PlainTextResponse("This is not the address of this page.", 421)
        if request.url.path == "/enter":
            return self._enter(request)
        if not self._access.has_entered(request.cookies.get(self._access.cookie_name, "")):
            return PlainTextResponse(_HOW, 403)
        if request.method not in _READING and not self._is_ours(request):
            return PlainTextResponse("This change did not come from this page.", 403)
        return None

    def _enter(self, request: Request) -> Response:
        if request.method != "GET" or not self._access.enter(request.query_params.get("token", "")):
            return PlainTextResponse(_HOW, 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._access.cookie_name, self._access.cookie, httponly=True, samesite="strict", path="/")
        return answer

    def _is_ours(self, request: Request) -> bool:
        """Return whether a change comes from this page. A cookie is not enough: another port is the same site."""
        headers = request.headers
        return headers.getlist("origin") == [self._access.origin] and headers.getlist("sec-fetch-site") == [
            "same-origin"
        ]
