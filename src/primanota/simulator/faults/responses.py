"""The complete answers that faults send in place of the bank's."""

from collections.abc import Container
from typing import NamedTuple

from primanota.simulator.faults.catalogue import EVERY_FIFTH


class FaultResponse(NamedTuple):
    """An answer in place of the bank's. `drop` (reset, truncated, timeout) breaks the connection instead."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    drop: str | None = None


_HTML = b"<!DOCTYPE html><html><head><title>%s</title></head><body><h1>%s</h1></body></html>"
_HTML_TYPE = "text/html; charset=utf-8"
_UNAVAILABLE = FaultResponse(503, b'{"errors":[{"code":"service_unavailable","detail":"Service unavailable"}]}')
_SERVER_ERROR = FaultResponse(500, b'{"errors":[{"code":"internal_server_error","detail":"Internal server error"}]}')
_WIFI_PORTAL = FaultResponse(200, _HTML % (b"Welcome", b"Free Wi-Fi: please log in"), _HTML_TYPE)
LOGIN_PAGE = FaultResponse(200, _HTML % (b"OneLogin", b"Connect to Qonto"), _HTML_TYPE)
LOGIN_REDIRECT = FaultResponse(302, b"", _HTML_TYPE, (("location", "https://qonto.onelogin.com/login"),))
BANNED_CLIENT = FaultResponse(403, _HTML % (b"Access denied | Cloudflare", b"error code: 1010"), _HTML_TYPE)

_RESPONSES: dict[str, FaultResponse] = {
    "429-retry-after": FaultResponse(
        429,
        b'{"errors":[{"code":"too_many_requests","detail":"Too many requests"}]}',
        headers=(("retry-after", "1"),),
    ),
    "429-bare": FaultResponse(429, b"", "text/plain"),
    "500-json": _SERVER_ERROR,
    "500-empty": FaultResponse(500, b"", "text/plain"),
    "503-html": FaultResponse(503, _HTML % (b"503", b"Service Temporarily Unavailable"), _HTML_TYPE),
    "reset": FaultResponse(drop="reset"),
    "truncated": FaultResponse(drop="truncated"),
    "timeout": FaultResponse(drop="timeout"),
}


# The answers to a request for tokens, once.
TOKENS_ONCE = {
    "token-500-once": _SERVER_ERROR,
    "token-429-once": _RESPONSES["429-retry-after"],
    "token-timeout-once": _RESPONSES["timeout"],
    "token-truncated-once": _RESPONSES["truncated"],
}
TOKENS_ALWAYS = {"token-down": _UNAVAILABLE, "token-html": LOGIN_PAGE}


def fault_response(faults: Container[str], request_number: int) -> FaultResponse | None:
    """Return the answer that a fault sends to request `request_number` (from 1), or None.

    The first fault of `EVERY_FIFTH` applies to requests 3, 8, 13 and so on; a second one, in the order of
    `EVERY_FIFTH`, to the requests after those. So up to five faults never apply to the same request.
    """
    if "down" in faults:
        return _UNAVAILABLE
    if "slow-start" in faults and request_number == 1:
        return _SERVER_ERROR
    if "html-200" in faults:
        return _WIFI_PORTAL
    for place, name in enumerate(name for name in EVERY_FIFTH if name in faults):
        if request_number % 5 == (3 + place) % 5:
            return _RESPONSES[name]
    return None
