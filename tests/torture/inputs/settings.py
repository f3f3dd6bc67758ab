"""Hostile settings: one sentence with the place, and the key nowhere."""

import os
import random
import tomllib
from pathlib import Path
from typing import Any
from unittest.mock import patch

from primanota.adapters.secrets import stores
from primanota.simulator import Simulator
from tests.support.clock import Clock
from tests.support.simulator_client import LOOPBACK
from tests.torture.campaign import Campaign
from tests.torture.canary import CANARY, leaks
from tests.torture.inputs import hostile
from tests.torture.inputs.desk import SIZE, Desk, device, prepared_book, untouched
from tests.torture.inputs.toml_text import mangled, mutated, written

_BASE = """
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
_PASTED = "7d2f9bc4n4ry0fPr1m4n0t4c4n4ry7d2"
_REFERENCES = (
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
_PLACES = (
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
_URLS = (
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
_SERVERS = (
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
_FROM = (
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
_ZONES = (
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
_BOOKS = (
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
_PROFILES = (
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
_NAMES = (
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
_VALUES: tuple[Any, ...] = (
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
_KEYS = {
    "secret": _REFERENCES,
    "api_url": _URLS,
    "timezone": _ZONES,
    "book": _BOOKS,
    "profile": _PROFILES,
    "language": ("de", "", "xx", "../x", "\x00"),
}
_MAIL_KEYS = {
    "from": _FROM,
    "server": _SERVERS,
    "user": ("", "x", "a\r\nb", "KEY", "é", "\x00"),
    "password": _REFERENCES,
}
_COMMANDS = (
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


def _tables(login: str, chance: random.Random) -> dict[str, Any]:
    tables = tomllib.loads(_BASE.replace("LOGIN", login))
    ours = tables["organisation"][login]
    for _ in range(chance.choice((1, 1, 2, 3))):
        match chance.randrange(8):
            case 0 | 1 | 2:
                key = chance.choice([*_KEYS])
                ours[key] = chance.choice(_KEYS[key])
            case 3 | 4 if isinstance(ours.get("mail"), dict):
                key = chance.choice([*_MAIL_KEYS])
                ours["mail"][key] = chance.choice(_MAIL_KEYS[key])
            case 5:
                ours["to"] = [chance.choice(_PLACES) for _ in range(chance.choice((1, 1, 2)))]
            case 6 if isinstance(tables.get("organisation"), dict):
                name = chance.choice(_NAMES)
                tables["organisation"][name] = {"secret": "keyring"}
                tables["default"] = chance.choice((login, name))
            case _:
                tables = mutated(tables, chance, _VALUES)
                ours = tables.get("organisation", {}) if isinstance(tables.get("organisation"), dict) else {}
                ours = ours.get(login) if isinstance(ours.get(login), dict) else {}
    return tables


def _text(desk: Desk, chance: random.Random) -> bytes:
    if chance.random() < 0.3:  # the form that people write
        content = _BASE.replace("LOGIN", desk.login).encode()
        content = mangled(content, chance)
    else:
        content = written(_tables(desk.login, chance)).encode("utf-8", "replace")
        content = mangled(content, chance) if chance.random() < 0.1 else content
    return (
        content.replace(b":KEY@", f":{CANARY}@".encode())
        .replace(b"KEY", _PASTED.encode())
        .replace(b"PLACE", os.fsencode(desk.place))
    )


def _odd_file(file: Path, chance: random.Random) -> None:
    match chance.randrange(7):
        case 0:
            file.mkdir()
        case 1:
            os.mkfifo(file)
        case 2:
            file.symlink_to(chance.choice((file.parent / "device", file.name, "nowhere")))
            device(file.parent / "device", chance)
        case 3:
            with file.open("wb") as huge:
                huge.truncate(1 << 26)
        case 4:
            file.write_bytes(b"\xff\xfe" + "default = 'x'\n".encode("utf-16-le"))
        case 5:
            file.write_bytes(b"\n[x]" * chance.choice((2_000, 40_000)))
        case _:
            file.write_bytes(b"# " + b"x" * 900_000 + b"\n[organisation.a]\nx = \n" * 900)


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    del number
    clock = Clock()
    with Simulator(size=SIZE, seed=1, clock=clock) as simulator, patch.object(stores, "_COMMAND_SECONDS", 0.3):
        desk = Desk(folder, simulator, clock)
        desk.book.parent.mkdir(parents=True)
        desk.book.write_bytes(prepared_book()[1])
        config, secret = desk.home / "config.toml", desk.home / f"{desk.login}.secret"
        if chance.random() < 0.06:
            _odd_file(config, chance)
        else:
            config.write_bytes(_text(desk, chance))
        secret.write_text(
            CANARY if chance.random() < 0.7 else chance.choice((simulator.secret, "", "\xff", "a\nb")),
            encoding="latin-1",
        )
        secret.chmod(chance.choice((0o600, 0o600, 0o600, 0o644)))
        if chance.random() < 0.5:
            del desk.variables["PRIMANOTA_LOGIN"]
        if chance.random() < 0.5:
            del desk.variables["PRIMANOTA_SECRET_KEY"]
        if chance.random() < 0.7:
            del desk.variables["PRIMANOTA_API_URL"]
        else:
            desk.variables["PRIMANOTA_API_URL"] = LOOPBACK
        if chance.random() < 0.2:
            variable, known = chance.choice(
                (
                    ("TO", _PLACES),
                    ("BOOK", _BOOKS),
                    ("MAIL_SERVER", _SERVERS),
                    ("MAIL_FROM", _FROM),
                    ("TIMEZONE", _ZONES),
                    ("PROFILE", _PROFILES),
                    ("SECRET", _REFERENCES),
                    ("API_URL", _URLS),
                    ("LOGIN", _NAMES),
                )
            )
            word = (
                chance.choice(known)
                .replace(":KEY@", f":{CANARY}@")
                .replace("KEY", _PASTED)
                .replace("PLACE", str(desk.place))
            )
            if "\0" not in word:
                desk.variables[f"PRIMANOTA_{variable}"] = word
        kept = config.read_bytes() if config.is_file() and not config.is_symlink() else b""
        device(desk.place / "device", chance)
        device(desk.place / "device.toml", chance)
        os.mkfifo(desk.place / "pipe")
        before = Path.cwd()
        os.chdir(desk.place)
        try:
            with untouched(folder, desk.place, desk.book.parent, desk.home / "exports", folder / "user") as outside:
                for words in chance.sample(_COMMANDS, 4):
                    desk.run(*words)
        finally:
            os.chdir(before)
        for file in (config, secret):
            if file.is_file() or file.is_symlink() or file.is_fifo():
                file.unlink()
        return [
            f"{one} {kept[:1200]!r} {desk.variables}"
            for one in (*outside, *desk.broken(), *leaks(folder, "".join(told.text for told in desk.said), _PASTED))
        ]


CAMPAIGNS = (Campaign("inputs: settings", 2_000, _run),)
