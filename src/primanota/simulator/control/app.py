"""The control over HTTP: GET /control shows the bank's state, POST /control/ACTION changes it."""

from urllib.parse import parse_qs, urlsplit

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from primanota.simulator.control.actions import ACTIONS, SimulatorControl

PATH = "/control"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ControlApp:
    """An ASGI app for programs of this machine; a web page of another host cannot use it through a browser."""

    def __init__(self, control: SimulatorControl) -> None:
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        status, answer = self._answer(scope)
        response = Response(msgspec.json.encode(answer), status, media_type="application/json")
        await response(scope, receive, send)

    def _answer(self, scope: Scope) -> tuple[int, object]:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if not _of_this_machine(f"//{headers.get('host', '')}") or (origin and not _of_this_machine(origin)):
            return 403, {"error": "The control answers this machine only."}
        name = scope["path"].removeprefix(PATH).strip("/")
        if not name:
            return (200, self._control.state()) if scope["method"] == "GET" else _wrong_method("GET")
        if name not in ACTIONS:
            return 404, {"error": f"unknown action: {name}; known: {', '.join(ACTIONS)}"}
        if scope["method"] != "POST":
            return _wrong_method("POST")
        try:
            given = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            return 200, self._control.act(name, given)
        except ValueError as error:
            return 400, {"error": str(error)}


def _of_this_machine(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _LOOPBACK
    except ValueError:
        return False


def _wrong_method(right: str) -> tuple[int, object]:
    return 405, {"error": f"The method is {right}."}
