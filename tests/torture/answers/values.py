"""The values that mutations put into answers: of each type, and odd numbers, dates, ids, texts, counts, headers."""

from typing import Any, Self

HUGE = 2**70
LONG = "x" * 140_000


class Verbatim(float):
    """A number that JSON writes as a given text, such as 1e400."""

    def __new__(cls, text: str) -> Self:
        """Return a number with its text."""
        made = super().__new__(cls, 1.5)
        made.text = text
        return made

    text: str

    def __repr__(self) -> str:
        return self.text


TYPES: tuple[Any, ...] = (None, True, False, 0, -1, 1.5, "", "x", [], {}, [None], {"a": []}, [[[]]])
NUMBERS: tuple[Any, ...] = (
    *(Verbatim(text) for text in ("NaN", "Infinity", "-Infinity", "1e400", "-0", "-0.0", "1e-400", "0." + "1" * 400)),
    *("NaN", "sNaN", "Infinity", "1e999999", "-1", "", "12,34", HUGE, -HUGE, 2**63, -(2**63) - 1, 2**53 + 1),
    *(Verbatim("9" * 5000), 0.1, 1e15, 19.000000001),
)
DATES: tuple[Any, ...] = (
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
IDS: tuple[Any, ...] = (
    *(
        "",
        " ",
        "x",
        LONG,
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
TEXTS: tuple[Any, ...] = (
    *(LONG, "\x00", "\u202e", "\x1b]0;x\x07", "\ufeff", "\ud800", "a\r\nb", "=1+1", '";\n', "\u2028", "\U000e0041"),
    *("x" * 33_000, "EURO", "eur", "€", "XXX", "\x00\x01", "=?utf-8?q?a=0d=0aBcc:_x=40y.z?=", "<b>&amp;", "ﷺ" * 100),
)
META: tuple[Any, ...] = (*(0, -1, 1, 2, 3, 7, 10**6, 2**31, HUGE, 1.5, "3", None, [], {}, True), Verbatim("1e400"))
HEADERS: tuple[tuple[str, str], ...] = (
    *(("Date", text) for text in ("", "x", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon, 01 Jan 1001 00:00:00 GMT", "²")),
    *(("Content-Type", text) for text in ("text/html", "", "application/json; charset=utf-16", "\xff", "image/png")),
    *(("Content-Encoding", text) for text in ("gzip", "br", "deflate", "zstd", "identity", "gzip, gzip", "\xff", "")),
    *(("Retry-After", text) for text in ("86400", "-1", "²", "x", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400)),
    *(("Content-Length", text) for text in ("0", "-1", "x", "9" * 30)),
    *(("Location", text) for text in ("https://evil.example/", "", "\xff", "//x")),
    ("Set-Cookie", "a=b; Domain=evil.example"),
)
STATUS = (100, 199, 204, 206, 301, 304, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 520, 599, 600, 999)
CLOCKS = ("2001", "2025", "2027", "2036", "2099")
