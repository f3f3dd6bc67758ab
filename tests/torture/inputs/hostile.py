"""Texts that mislead a terminal, a spreadsheet, a file system, a mail or a parser."""

import random

ESCAPES = ("\x1b[2J\x1b[31m", "\x1b]0;title\x07", "\x07", "\x00", "\x7f", "\x9b2J", "a\rb", "a\nb", "a\tb", "a\r\nb")
DIRECTIONS = (
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\u200f",
    "\u200bx",
    "\ufeffx",
    "\u2028x",
    "\u2029",
    "\U000e0041",
    "\u180e",
)
FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", ' "=1+1"', "x;=1+1;y", "x,=1+1,y", "x\t=1+1", '";=1;"'),
    *("\uff1d1+1", "=cmd|' /C calc'!A0", "x|=1", "'=1", "a;\u00a0=1", "a;\u200b=1", "a; '=1"),
)
HEADERS = (
    *(
        "=?utf-8?q?Acme=0d=0aBcc:_evil=40evil.example?=",
        "=?utf-8?b?QQ0KQmNjOiB4QHkueg==?=",
        "a\r\nBcc: evil@evil.example",
    ),
    *(
        "a\n\nbody",
        '"x" <evil@evil.example>',
        "a, b@evil.example",
        "=?utf-8?q?=",
        "=?x?=",
        "Vollständigkeit nachgewiesen " * 12,
    ),
)
PATHS = (
    *(
        "..",
        ".",
        "../../x",
        "/etc/x",
        "C:\\x",
        "c:x",
        "a/b",
        "a\\b",
        "~",
        "~root/x",
        "CON",
        "nul.txt",
        "aux",
        "com1",
        "COM\u00b9",
    ),
    *(
        "x.",
        "x ",
        " x",
        "-rf",
        ".hidden",
        "a:b",
        "a*b",
        "a?b",
        "<x>",
        "|",
        "x" * 300,
        "é" * 200,
        "e\u0301" * 90,
        "🏦" * 100,
    ),
)
ODD = (
    *(
        "",
        " ",
        "\u00a0",
        "   ",
        "🧾",
        "👨‍👩‍👧‍👦",
        "ﷺ" * 40,
        "ß",
        "İ",
        "x" * 100_000,
        "a" + "\u0301" * 300,
        "<b>&amp;</b>",
        "{{7*7}}",
    ),
    *(
        "{x}",
        "%s",
        "%n",
        "$(id)",
        "`id`",
        "'; DROP TABLE sent; --",
        "null",
        "0",
        "1e9",
        "\u2212\u2013",
        "\ufffd",
        "\ue000",
    ),
)
TEXTS = (*ESCAPES, *DIRECTIONS, *FORMULAS, *HEADERS, *PATHS, *ODD)


def text(chance: random.Random) -> str:
    """Return a hostile text, sometimes of several parts."""
    one = chance.choice(TEXTS)
    match chance.randrange(6):
        case 0:
            return one + chance.choice(TEXTS)
        case 1:
            return f"Acme {one} GmbH"
        case 2:
            return "".join(
                chr(chance.choice((chance.randrange(0xD800), chance.randrange(0xE000, 0x110000)))) for _ in range(12)
            )
    return one
