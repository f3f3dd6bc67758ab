"""Values of hostile settings: references of secrets, places, addresses, zones, names, commands."""

from typing import Any

from tests.torture.inputs import hostile

BASE = """
default = "LOGIN"

[organisation.LOGIN]
secret = "file"
api_url = "http://127.0.0.1"
timezone = "Europe/Berlin"
profile = "generic"
to = ["PLACE"]
language = "de"

[organisation.LOGIN.mail]
from = "books@example.com"
server = "127.0.0.1:1"
user = "books"
password = "file"

[organisation.LOGIN.ledger]
bank = "1800"
clearing = "1370"

[[organisation.LOGIN.rule]]
counterparty = "*GmbH*"
account = "4900"

[organisation.other-1]
secret = "keyring"
"""
# A key that a person pasted in a wrong place is known by its form alone: letters and digits.
PASTED = "7d2f9bc4n4ry0fPr1m4n0t4c4n4ry7d2"
REFERENCES = (
    *(
        "keyring",
        "file",
        "",
        " ",
        "command:",
        "command: ",
        "command:false",
        "command:true",
        "command:yes",
        "command:cat",
        "command:sleep 99",
    ),
    *(
        "command:/nonexistent KEY",
        "command:echo KEY x",
        "command:sh -c 'echo KEY; exit 3'",
        "command:sh -c 'echo KEY >&2; exit 1'",
        "command:'",
    ),
    *(
        "command:head -c 3000000 /dev/zero",
        "command:printf '\\377'",
        "command:sh -c 'sleep 99 & echo KEY'",
        "command:sh -c 'echo KEY; sleep 99'",
    ),
    *(
        "command:/",
        "command:\x1b[2J",
        "command:a\nb",
        "secretsmanager:",
        "ssm:",
        "env:PRIMANOTA_X",
        "KEY",
        "file:/etc/passwd",
        "../../x",
        "x" * 9_000,
    ),
    *("command:KEY", "Command:echo x", "command:sh -c 'printf \"KEY\\n\\nx\"'", "command:cat /dev/urandom"),
)
PLACES = (
    *(
        "-",
        "",
        " ",
        "~",
        "~nobody-here/x",
        "~root/x",
        "mailto:",
        "mailto:a@b.example\r\nBcc: x@y.z",
        "mailto:=?utf-8?q?x?=@y.z",
        "s3://",
        "s3://B/",
    ),
    *(
        "s3://bucket/../x",
        "ftp://x/y",
        "file:///etc",
        "x\x00y",
        "\x1b[2J",
        "PLACE/device",
        "/proc/x",
        "\u202ex",
        "x" * 5_000,
        "mailto:" + "a@b.example," * 3_000,
    ),
    *(
        "mailto:a@b@c",
        "mailto:,",
        "mailto:KEY",
        "KEY",
        "login:KEY",
        "PLACE/../../outside/x",
        "PLACE",
        "PLACE/file.csv",
        "PLACE/a/b/c",
    ),
)
URLS = (
    *(
        "https://127.0.0.1:1",
        "http://127.0.0.1",
        "http://evil.example",
        "file:///etc/passwd",
        "",
        " ",
        "x",
        "https://",
        "https://[",
        "https://a b",
    ),
    *(
        "https://user:KEY@127.0.0.1",
        "https://127.0.0.1:99999999",
        "https://127.0.0.1:-1",
        "HTTP://127.0.0.1",
        "https://\x00",
        "https://" + "x" * 9_000,
        "javascript:1",
    ),
    *(
        "http://localhost.evil.example",
        "http://127.0.0.1@evil.example",
        "https://127.0.0.1/\r\nX: y",
        "http://[::1]:1",
        "https://xn--x",
        "https://ß\u202e",
    ),
)
SERVERS = (
    *(
        "127.0.0.1:1",
        "smtps://127.0.0.1:1",
        "smtp://127.0.0.1:1",
        "",
        " ",
        "ses:",
        "ses:x",
        "http://x",
        "a b",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "[::1]:1",
    ),
    *(
        "user:KEY@127.0.0.1",
        "127.0.0.1\r\nX",
        "\x00",
        "x" * 300 + ".invalid",
        "smtp://",
        "smtp://127.0.0.1/x",
        "..",
        "-x.invalid",
        "é.invalid",
    ),
)
FROM = (
    *(
        "books@example.com",
        "B <b@example.com>",
        "",
        "x",
        "a@b@c",
        "a@b.example\r\nBcc: x@y.z",
        "=?utf-8?q?x=0d=0aBcc:_y?= <a@b.example>",
        "<>",
        "@",
    ),
    *(
        '"a\\" <x@y.z>" <a@b.example>',
        "ä@b.example",
        "a@ä.example",
        "x" * 9_000 + "@b.example",
        "a@b.example,c@d.example",
        "\u202e <a@b.example>",
    ),
)
ZONES = (
    "Europe/Berlin",
    "",
    "../../etc/passwd",
    "/etc/localtime",
    "Europe",
    "x",
    "\x00",
    "UTC\n",
    "Europe/Berlin/x",
    "é",
    "a" * 5_000,
    "posixrules",
    "tzdata.zi",
    "leapseconds",
)
BOOKS = (
    "",
    "PLACE/x.book",
    "~nobody-here/x.book",
    "s3://bucket/",
    "s3://B",
    "shared:x",
    "shared:PLACE/device",
    "shared:",
    "PLACE/device",
    "shared:PLACE/pipe",
    "x\x00",
    "PLACE",
    "KEY",
    ":memory:",
    "file:x?mode=memory",
    "PLACE/\u202e.book",
    "x" * 300,
)
PROFILES = (
    "generic",
    "",
    "x",
    "../x.toml",
    "PLACE/device.toml",
    "/etc/passwd",
    "PLACE",
    "x\x00.toml",
    "datev",
    "KEY",
    ".toml",
)
NAMES = (
    "../../x",
    "a/b",
    "",
    " ",
    "x" * 300,
    "\x00",
    "\x1b[2J",
    "\u202e",
    "acme",
    "CON",
    "login:KEY",
    "é",
    "-x",
    ".",
    "..",
    "KEY",
)
VALUES: tuple[Any, ...] = (
    *(
        0,
        1,
        -1,
        10**30,
        True,
        1.5,
        "",
        "x",
        [],
        {},
        [[]],
        [""],
        {"a": 1},
        ["x"] * 2_000,
        "KEY",
        "login:KEY",
        "PLACE",
        *hostile.TEXTS,
    ),
)
KEYS = {
    "secret": REFERENCES,
    "api_url": URLS,
    "timezone": ZONES,
    "book": BOOKS,
    "profile": PROFILES,
    "language": ("de", "", "xx", "../x", "\x00"),
}
MAIL_KEYS = {
    "from": FROM,
    "server": SERVERS,
    "user": ("", "x", "a\r\nb", "KEY", "é", "\x00"),
    "password": REFERENCES,
}
COMMANDS = (
    ("sync",),
    ("batches",),
    ("batches", "--json"),
    ("rules", "test", "--period", "2026-10"),
    ("review", "--json"),
    ("check",),
    ("export", "generic", "--period", "2026-10"),
    ("export", "datev", "--period", "2026-10"),
    ("run", "--new", "--since", "2026-01-01"),
    ("run", "--new", "--since", "2026-01-01", "--to", "mailto:a@b.example"),
    ("run", "--period", "2026-10", "--json"),
    ("profiles", "show", "generic"),
    ("sync", "--organisation", "other-1"),
    ("get", "/v2/organization"),
)
