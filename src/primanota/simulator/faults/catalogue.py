"""Every failure that the simulator can play, by name. `TRANSIENT` ones pass when the request is sent again."""

from typing import NamedTuple

FAULTS: dict[str, str] = {
    # answers that are no answers: every fifth request, the next one is well again
    "429-retry-after": "Every fifth request is answered 429 with Retry-After: 1.",
    "429-bare": "Every fifth request is answered 429 without Retry-After and without a JSON body.",
    "500-json": "Every fifth request is answered 500 with a JSON error.",
    "500-empty": "Every fifth request is answered 500 with an empty body.",
    "503-html": "Every fifth request is answered 503 with an HTML page.",
    "reset": "Every fifth request has its connection reset.",
    "truncated": "Every fifth answer is cut in the middle of its body.",
    "timeout": "Every fifth request is not answered in time.",
    "slow-start": "The very first request is answered 500.",
    # refusals that stay
    "gateway-403": "Every request is answered 403 by the gateway: `message` and `trace_id`.",
    "cloudflare-1010": "A User-Agent of Python's urllib is answered 403, HTML, error code 1010; others are not.",
    "html-200": "Every request is answered 200 with an HTML page.",
    "key-revoked": "After five requests (or `key_revoked_after`) the key is refused with 401.",
    "forbidden": "Memberships and labels are answered 403.",
    "down": "Every request is answered 503.",
    # wrong lists of transactions
    "wrong-page": "The first request for a page after the first gets page 1.",
    "wrong-page-always": "Whatever page of transactions is asked for, page 1 comes.",
    "row-missing-once": "The first page with two rows or more lacks one; meta counts it.",
    "row-missing-always": "One settled row of the main account is on no page; meta counts it.",
    "row-twice-once": "The first page with two rows or more has its first row again in place of its last.",
    "row-twice-always": "Every page with two rows or more has its first row again in place of its last.",
    "total-count-wrong-once": "The first list of transactions counts one row too many in meta.",
    "total-count-wrong-always": "Every list of transactions counts seven rows too many in meta.",
    "rows-outside-filter": "Every page of transactions ends with a row of another account.",
    "rows-unordered-once": "The first page with two rows or more comes in the opposite order.",
    "balance-gap": "One settled row of the main account is never served nor counted; the balances include it.",
    "balance-wrong": "The balance of the main account is one cent too high.",
    "broken-cents": "One row's amount is one cent more than its amount_cents.",
    "row-without-id": "One row has no id.",
    "amount-missing": "One row has neither amount nor amount_cents.",
    "bad-date": "One row's settled_at is no date.",
    "null-transactions": "`transactions` is null.",
}

FIFTH = ("429-retry-after", "429-bare", "500-json", "500-empty", "503-html", "reset", "truncated", "timeout")
TRANSIENT = frozenset(
    {
        *FIFTH,
        "slow-start",
        "wrong-page",
        "row-missing-once",
        "row-twice-once",
        "total-count-wrong-once",
        "rows-unordered-once",
    }
)


class Mishap(NamedTuple):
    """An answer that a fault gives in place of the real one; `drop` names what becomes of the connection."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    drop: str | None = None


_HTML = b"<!DOCTYPE html><html><head><title>%s</title></head><body><h1>%s</h1></body></html>"
_TEXT = "text/html; charset=utf-8"
UNAVAILABLE = Mishap(503, b'{"errors":[{"code":"service_unavailable","detail":"Service unavailable"}]}')
FAILED = Mishap(500, b'{"errors":[{"code":"internal_server_error","detail":"Internal server error"}]}')
LOGIN_PAGE = Mishap(200, _HTML % (b"OneLogin", b"Connect to Qonto"), _TEXT)
LOGIN_REDIRECT = Mishap(302, b"", _TEXT, (("location", "https://qonto.onelogin.com/login"),))
PORTAL = Mishap(200, _HTML % (b"Welcome", b"Free Wi-Fi: please log in"), _TEXT)
BANNED = Mishap(403, _HTML % (b"Access denied | Cloudflare", b"error code: 1010"), _TEXT)

MISHAPS: dict[str, Mishap] = {
    "429-retry-after": Mishap(
        429,
        b'{"errors":[{"code":"too_many_requests","detail":"Too many requests"}]}',
        headers=(("retry-after", "1"),),
    ),
    "429-bare": Mishap(429, b"", "text/plain"),
    "500-json": FAILED,
    "500-empty": Mishap(500, b"", "text/plain"),
    "503-html": Mishap(503, _HTML % (b"503", b"Service Temporarily Unavailable"), _TEXT),
    "reset": Mishap(drop="reset"),
    "truncated": Mishap(drop="truncated"),
    "timeout": Mishap(drop="timeout"),
}


def checked(kind: str, wanted: frozenset[str], known: dict[str, str]) -> frozenset[str]:
    """The wanted names, all of them known.

    Raises:
        ValueError: naming the unknown ones and every known one.
    """
    if unknown := sorted(wanted - known.keys()):
        raise ValueError(f"unknown {kind}: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return wanted


def struck(faults: frozenset[str], number: int) -> Mishap | None:
    """What befalls request `number` (the first is 1) before anybody has looked at it.

    Of the faults that strike every fifth request the first does so at requests 3, 8, 13 and so on; a second one, in
    the order of `FIFTH`, one request later: so that two faults never fall on one request, up to five of them.
    """
    if "down" in faults:
        return UNAVAILABLE
    if "slow-start" in faults and number == 1:
        return FAILED
    if "html-200" in faults:
        return PORTAL
    for place, name in enumerate(name for name in FIFTH if name in faults):
        if number % 5 == (3 + place) % 5:
            return MISHAPS[name]
    return None
