"""Mutations of a bank's answers: each is a tuple of numbers, so that a case can be drawn, repeated and shrunk."""

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from itertools import repeat
from threading import Lock
from typing import Any, NamedTuple, Self

import httpx2
from hypothesis import strategies as st

HUGE = 2**70
_PATHS = ("/v2/transactions", "/v2/organization", "/v2/memberships", "/v2/labels", "/v2/bank_accounts")
_ALWAYS = 6
_LONG = "x" * 140_000


class _Verbatim(float):
    """A number that JSON writes as a given text, such as 1e400."""

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, 1.5)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


_TYPES: tuple[Any, ...] = (None, True, False, 0, -1, 1.5, "", "x", [], {}, [None], {"a": []}, [[[]]])
_NUMBERS: tuple[Any, ...] = (
    *(
        _Verbatim(text)
        for text in ("NaN", "Infinity", "-Infinity", "1e400", "-0", "-0.0", "1e-400", "0." + "1" * 400)
    ),
    *("NaN", "sNaN", "Infinity", "1e999999", "-1", "", "12,34", HUGE, -HUGE, 2**63, -(2**63) - 1, 2**53 + 1),
    *(_Verbatim("9" * 5000), 0.1, 1e15, 19.000000001),
)
_DATES: tuple[Any, ...] = (
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    *(
        "2026-06-30T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-10-05",
        "2026-10-05T08:30:00",
        "yesterday",
        "",
        1790000000,
    ),
    *("1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2036-02-07T06:28:16Z", "2026-10-05T08:30:00.1234567Z", None),
    *("2026-10-05T08:30:00+14:00", "+12026-10-05T08:30:00Z", "2026-10-05t08:30:00z"),
)
_IDS: tuple[Any, ...] = (
    *(
        "",
        " ",
        "x",
        _LONG,
        "a\x00b",
        "a\nb",
        "\u202eabc",
        "../../x",
        "=1+1",
        "é" * 300,
        "\x1b[31m",
        "a,b",
        "\ud800",
        7,
    ),
    None,
)
_TEXTS: tuple[Any, ...] = (
    *(_LONG, "\x00", "\u202e", "\x1b]0;x\x07", "\ufeff", "\ud800", "a\r\nb", "=1+1", '";\n', "\u2028", "\U000e0041"),
    *("x" * 33_000, "EURO", "eur", "€", "XXX", "\x00\x01", "=?utf-8?q?a=0d=0aBcc:_x=40y.z?=", "<b>&amp;", "ﷺ" * 100),
)
_META: tuple[Any, ...] = (*(0, -1, 1, 2, 3, 7, 10**6, 2**31, HUGE, 1.5, "3", None, [], {}, True), _Verbatim("1e400"))
_HEADERS: tuple[tuple[str, str], ...] = (
    *(("Date", text) for text in ("", "x", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 1001 00:00:00 GMT", "²")),
    *(("Content-Type", text) for text in ("text/html", "", "application/json; charset=utf-16", "\xff", "image/png")),
    *(("Content-Encoding", text) for text in ("gzip", "br", "deflate", "zstd", "identity", "gzip, gzip", "\xff", "")),
    *(("Retry-After", text) for text in ("86400", "-1", "²", "x", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400)),
    *(("Content-Length", text) for text in ("0", "-1", "x", "9" * 30)),
    *(("Location", text) for text in ("https://evil.example/", "", "\xff", "//x")),
    ("Set-Cookie", "a=b; Domain=evil.example"),
)
_STATUS = (100, 199, 204, 206, 301, 304, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 520, 599, 600, 999)
_CLOCKS = ("2001", "2025", "2027", "2036", "2099")
KINDS = ("structure", "types", "numbers", "dates", "ids", "texts", "meta", "bytes", "headers", "framing", "time")


class Mutation(NamedTuple):
    """One mutation: which answer (``at``, or each if it is large), which of its rows and fields, and which value."""

    kind: str
    path: int
    at: int
    row: int
    field: int
    value: int

    @property
    def wanted_path(self) -> str:
        """The path whose answers are mutated; mostly that of the transactions."""
        return _PATHS[max(0, self.path - len(_PATHS))] if self.path < 2 * len(_PATHS) else _PATHS[0]


def drawn(chance: random.Random, kind: str) -> tuple[Mutation, ...]:
    """Return the mutations of a case, one or two."""
    return tuple(
        Mutation(kind, *(chance.randrange(most) for most in (13, 12, 60, 60, 1000)))
        for _ in range(chance.choice((1, 1, 2)))
    )


def cases() -> st.SearchStrategy[tuple[Mutation, ...]]:
    """Return a strategy of cases, which hypothesis shrinks to the smallest numbers."""
    numbers = [st.integers(0, most - 1) for most in (13, 12, 60, 60, 1000)]
    one = st.builds(Mutation, st.sampled_from(KINDS), *numbers)
    return st.lists(one, min_size=1, max_size=2).map(tuple)


class MutatingTransport(httpx2.BaseTransport):
    """Passes requests on, and mutates some of the answers. It notes which rows it has told."""

    def __init__(self, inner: httpx2.BaseTransport, case: tuple[Mutation, ...], secret: str) -> None:
        self._inner = inner
        self._case = case
        self._secret = secret
        self._count: dict[str, int] = {}
        self._lock = Lock()
        self.told: set[tuple[str, str]] = set()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        response = self._inner.handle_request(request)
        path = request.url.path
        with self._lock:
            number = self._count[path] = self._count.get(path, -1) + 1
        content, headers, status = response.read(), list(response.headers.raw), response.status_code
        endless = False
        for one in self._case:
            if one.wanted_path == path and (one.at >= _ALWAYS or one.at == number):
                content, headers, status, more = _mutated(one, content, headers, status, self._secret)
                endless = endless or more
        self._note(content)
        stream = _Endless(content) if endless else httpx2.ByteStream(content)
        return httpx2.Response(status, headers=headers, stream=stream)

    def _note(self, content: bytes) -> None:
        try:
            rows = json.loads(content)["transactions"]
            told = {(str(row["id"]), str(row.get("settled_at"))) for row in rows}
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return
        with self._lock:
            self.told |= told


class _Endless(httpx2.SyncByteStream):
    def __init__(self, begin: bytes) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin
        yield from repeat(b" " * (1 << 20))


_Answer = tuple[bytes, list[tuple[bytes, bytes]], int, bool]


def _mutated(one: Mutation, content: bytes, headers: list[tuple[bytes, bytes]], status: int, secret: str) -> _Answer:
    if one.kind in _OF_JSON:
        try:
            data = json.loads(content)
        except ValueError:
            return content, headers, status, False
        _OF_JSON[one.kind](one, data)
        text = json.dumps(data, ensure_ascii=True)
        return text.encode("utf-8", "surrogatepass"), headers, status, False
    if one.kind == "bytes":
        return _bytes(one, content), headers, status, False
    if one.kind == "framing":
        return _framed(one, content, headers, secret)
    if one.kind == "time":
        year = _CLOCKS[one.value % len(_CLOCKS)]
        return content, _with(headers, "Date", f"Mon, 23 Nov {year} 10:00:00 GMT"), status, False
    name, text = _HEADERS[one.value % len(_HEADERS)]
    changed = 429 if name == "Retry-After" else 302 if name == "Location" else status
    return content, _with(headers, name, text), changed, False


def _with(headers: list[tuple[bytes, bytes]], name: str, text: str) -> list[tuple[bytes, bytes]]:
    others = [(key, value) for key, value in headers if key.lower() != name.lower().encode()]
    return [*others, (name.encode(), text.encode("utf-8"))]


def _bytes(one: Mutation, content: bytes) -> bytes:
    place = one.row * len(content) // 60
    return (
        content[:place],
        b"",
        b"\xef\xbb\xbf" + content,
        content[:place] + b"\x00" + content[place:],
        content[:place] + b"\xff\xfe" + content[place:],
        content.decode("utf-8", "replace").encode("utf-16"),
        content.decode("utf-8", "replace").encode("cp1252", "replace"),
        gzip.compress(content),
        content + content,
        b"[" * 100_000,
        content[:place] + content[place + 1 :],
        content.replace(b'"label":"', b'"label":"\xc3'),
        content.replace(b'"note":null', b'"note":' + b"[" * 400 + b"]" * 400),
        content.replace(b'"note":null', b'"odd":' + b"[" * 40 + b"]" * 40),
    )[one.value % 14]


def _framed(one: Mutation, content: bytes, headers: list[tuple[bytes, bytes]], secret: str) -> _Answer:
    status = _STATUS[one.value % len(_STATUS)]
    kept = [(key, value) for key, value in headers if key.lower() != b"content-length"]
    bodies = (
        content,
        b"",
        json.dumps({"errors": [{"code": "x", "detail": f"Authorization: {secret}"}]}).encode(),
        json.dumps({"errors": {"code": 7}}).encode(),
        json.dumps({"message": "y" * 100_000}).encode(),
        b"[" * 50_000,
        b"<html>" + secret.encode(),
    )
    return bodies[one.row % len(bodies)], kept, status if one.field % 5 else 200, one.field % 7 == 0


def _rows(data: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    found = data.get("organization", data) if isinstance(data, dict) else {}
    if not isinstance(found, dict):
        return []
    lists = [value for value in found.values() if isinstance(value, list)]
    rows = [row for one in lists for row in one if isinstance(row, dict)]
    return rows or [found]


def _one(one: Mutation, data: Any, wanted: tuple[str, ...] = ()) -> tuple[dict[str, Any], str] | None:  # noqa: ANN401
    rows = _rows(data)
    if not rows:
        return None
    row = rows[one.row % len(rows)]
    names = sorted(name for name in row if not wanted or any(part in name for part in wanted))
    return (row, names[one.field % len(names)]) if names else None


def _setting(values: tuple[Any, ...], *wanted: str) -> Callable[[Mutation, Any], None]:
    def change(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
        if found := _one(one, data, wanted):
            row, name = found
            row[name] = values[one.value % len(values)]

    return change


def _vat(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
    value = _NUMBERS[one.value % len(_NUMBERS)]
    if one.field % 4 == 0 and (rows := _rows(data)):
        row = rows[one.row % len(rows)]
        item = {"rate": value, "amount_cents": value, "amount_excluding_vat_cents": one.value}
        row["vat_details"] = {"items": [item, item] if one.field % 8 else [item]}
        row["local_currency"], row["local_amount"] = "USD", value
        return
    _setting(_NUMBERS, "amount", "cents", "rate", "balance")(one, data)


def _structure(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
    rows = _rows(data)
    if not rows or not data or not isinstance(data, dict):
        return
    row = rows[one.row % len(rows)]
    names = sorted(row) or [""]
    name, key, copied = names[one.field % len(names)], sorted(data)[one.field % len(data)], copy.deepcopy(row)
    lists = [value for value in data.values() if isinstance(value, list) and value]
    kind = one.value % 9
    if kind == 0:
        row.pop(name, None)
    elif kind == 1:
        row.clear()
    elif kind == 2:
        row[name] = {"nested": copied.get(name)}
    elif kind == 3:
        row["more"] = {"deep": [[[[[copied.get(name)]]]]]}
    elif kind == 4:
        data.pop(key)
    elif kind == 5:
        data[key] = [copied, copied]
    for value in lists:
        if kind in _LISTS:
            _LISTS[kind](value, copied, one.row)


_LISTS: dict[int, Callable[[list[Any], Any, int], object]] = {
    6: lambda value, copied, _: value.append(copied),
    7: lambda value, _, row: value.pop(row % len(value)),
    8: lambda value, *_: value.reverse(),
}


def _meta(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(data, dict) and isinstance(data.get("meta"), dict) and data["meta"]:
        names = sorted(data["meta"])
        data["meta"][names[one.field % len(names)]] = _META[one.value % len(_META)]


_OF_JSON: dict[str, Callable[[Mutation, Any], None]] = {
    "structure": _structure,
    "types": _setting(_TYPES),
    "numbers": _vat,
    "dates": _setting(_DATES, "_at", "date"),
    "ids": _setting(_IDS, "id", "iban", "slug"),
    "texts": _setting(
        _TEXTS, "label", "note", "reference", "name", "currency", "status", "type", "category", "side", "country"
    ),
    "meta": _meta,
}
