"""Hostile settings: one sentence with the place, and the key nowhere."""

import os
import random
import tomllib
from pathlib import Path
from typing import Any
from unittest.mock import patch

from primanota.adapters.secrets import stores
from primanota.simulator import Simulator
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock
from tests.torture.campaign import Campaign
from tests.torture.canary import CANARY, leaks
from tests.torture.inputs import settings_values as values
from tests.torture.inputs.desk import SIZE, Desk, device, prepared_book, untouched
from tests.torture.inputs.toml_text import mangled, mutated, written


def _tables(login: str, chance: random.Random) -> dict[str, Any]:
    tables = tomllib.loads(values.BASE.replace("LOGIN", login))
    ours = tables["organisation"][login]
    for _ in range(chance.choice((1, 1, 2, 3))):
        match chance.randrange(8):
            case 0 | 1 | 2:
                key = chance.choice([*values.KEYS])
                ours[key] = chance.choice(values.KEYS[key])
            case 3 | 4 if isinstance(ours.get("mail"), dict):
                key = chance.choice([*values.MAIL_KEYS])
                ours["mail"][key] = chance.choice(values.MAIL_KEYS[key])
            case 5:
                ours["to"] = [chance.choice(values.PLACES) for _ in range(chance.choice((1, 1, 2)))]
            case 6 if isinstance(tables.get("organisation"), dict):
                name = chance.choice(values.NAMES)
                tables["organisation"][name] = {"secret": "keyring"}
                tables["default"] = chance.choice((login, name))
            case _:
                tables = mutated(tables, chance, values.VALUES)
                ours = tables.get("organisation", {}) if isinstance(tables.get("organisation"), dict) else {}
                ours = ours.get(login) if isinstance(ours.get(login), dict) else {}
    return tables


def _text(desk: Desk, chance: random.Random) -> bytes:
    if chance.random() < 0.3:  # the form that people write
        content = values.BASE.replace("LOGIN", desk.login).encode()
        content = mangled(content, chance)
    else:
        content = written(_tables(desk.login, chance)).encode("utf-8", "replace")
        content = mangled(content, chance) if chance.random() < 0.1 else content
    return (
        content.replace(b":KEY@", f":{CANARY}@".encode())
        .replace(b"KEY", values.PASTED.encode())
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
                    ("TO", values.PLACES),
                    ("BOOK", values.BOOKS),
                    ("MAIL_SERVER", values.SERVERS),
                    ("MAIL_FROM", values.FROM),
                    ("TIMEZONE", values.ZONES),
                    ("PROFILE", values.PROFILES),
                    ("SECRET", values.REFERENCES),
                    ("API_URL", values.URLS),
                    ("LOGIN", values.NAMES),
                )
            )
            word = (
                chance.choice(known)
                .replace(":KEY@", f":{CANARY}@")
                .replace("KEY", values.PASTED)
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
                for words in chance.sample(values.COMMANDS, 4):
                    desk.run(*words)
        finally:
            os.chdir(before)
        for file in (config, secret):
            if file.is_file() or file.is_symlink() or file.is_fifo():
                file.unlink()
        return [
            f"{one} {kept[:1200]!r} {desk.variables}"
            for one in (
                *outside,
                *desk.broken(),
                *leaks(folder, "".join(told.text for told in desk.said), values.PASTED),
            )
        ]


CAMPAIGNS = (Campaign("inputs: settings", 2_000, _run),)
