"""Hostile places of files, books and homes: followed where they lead to what is ours, else refused and left alone."""

import os
import random
import socket
import stat
from pathlib import Path

from tests.torture.campaign import Campaign
from tests.torture.commands import Told
from tests.torture.inputs import hostile
from tests.torture.inputs.desk import Desk, device, snapshot

_KINDS = (
    *(
        "folder",
        "new",
        "deep",
        "file",
        "foreign",
        "link-file",
        "link-folder",
        "link-foreign",
        "link-lost",
        "link-loop",
        "pipe",
        "socket",
    ),
    *(
        "device",
        "link-device",
        "no-rights",
        "bytes",
        "long",
        "deep-long",
        "nul",
        "word",
        "dash",
        "through-file",
        "dot-dot",
        "dev-fd",
        "home",
        "hard-link",
    ),
)
_OTHERS = 65_534


def _made(folder: Path, kind: str, chance: random.Random) -> str:  # noqa: C901, PLR0911, PLR0912, PLR0915 - a list of kinds
    """Make a place of a kind in a folder, and return the word for it."""
    path = folder / chance.choice(("x.csv", "x", "x.toml", "x.xlsx", ".x", "x.book"))
    match kind:
        case "folder":
            path.mkdir()
        case "deep":
            path = path / "a" / "b" / "c.csv"
        case "file":
            path.write_bytes(chance.choice((b"", b"a letter of a person\n")))
        case "foreign":
            path.write_bytes(b"of another user")
            os.chown(path, _OTHERS, _OTHERS)
        case "link-file" | "link-foreign":
            aim = folder / "aim"
            aim.write_bytes(b"a letter of a person\n" if chance.random() < 0.5 else b"")
            os.chown(aim, *((_OTHERS, _OTHERS) if kind == "link-foreign" else (-1, -1)))
            path.symlink_to(aim)
        case "link-folder":
            (folder / "aim").mkdir()
            os.chown(folder / "aim", *chance.choice(((-1, -1), (_OTHERS, _OTHERS))))
            path.symlink_to(folder / "aim")
        case "link-lost":
            path.symlink_to(folder / "nowhere" / "x")
        case "link-loop":
            path.symlink_to(path.name)
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(path))
        case "device":
            device(path, chance)
        case "link-device":
            device(folder / "device", chance)
            path.symlink_to(folder / "device")
        case "no-rights":
            path.mkdir(0o500)
            path = path / "x.csv"
        case "bytes":
            return os.fsdecode(os.fsencode(folder) + chance.choice((b"/\xff\xfe", b"/\xff.csv", b"/\xc3\x28/x.csv")))
        case "long":
            return str(folder / ("x" * chance.choice((250, 255, 256, 5_000))))
        case "deep-long":
            return str(folder / "/".join(["y" * 200] * 30))
        case "nul":
            return f"{folder}/a\0b"
        case "word":
            return chance.choice(hostile.TEXTS)
        case "dash":
            return "-"
        case "through-file":
            (folder / "plain").write_bytes(b"a letter\n")
            return str(folder / "plain" / "x.csv")
        case "dot-dot":
            return f"{folder}/a/../../place/../x.csv"
        case "dev-fd":
            (folder / "open").write_bytes(chance.choice((b"", b"a letter of a person\n")))
            return f"/proc/self/fd/{os.open(folder / 'open', os.O_RDWR)}"
        case "home":
            return chance.choice(("~nobody-here", "~nobody-here/x.csv", "~", "~/x", "$HOME/x"))
        case "hard-link":
            (folder / "aim").write_bytes(b"a letter of a person\n")
            path.hardlink_to(folder / "aim")
    return str(path)


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    desk = Desk(folder)
    around = folder / "around"
    around.mkdir()
    kind = _KINDS[number % len(_KINDS)]
    word = _made(around, kind, chance)
    letters = {path: Path(path).read_bytes() for path, _ in snapshot(around).items() if _is_letter(path)}
    before = Path.cwd()
    os.chdir(around)
    role = chance.choice(
        ("to", "to", "to", "to", "book", "shared", "home", "config", "tmp", "import", "backup", "learn")
    )
    try:
        told = _used(desk, role, word, chance)
    except (ValueError, UnicodeError) as error:  # the case itself cannot be: a variable with a NUL
        if "\0" in word or "surrogates" in str(error):
            return []
        raise
    finally:
        os.chdir(before)
        if kind == "dev-fd":
            os.close(int(word.rpartition("/")[2]))
    broken = [f"{role} {kind} {word!r}: {one}" for one in desk.broken(raw=word == "-")]
    for path, content in letters.items():
        if not os.path.lexists(path) or _is_letter(path) is False or Path(path).read_bytes() != content:
            broken.append(f"{role} {kind} {word!r}: a person's file was replaced: {path!r} {told.text[-300:]}")
    return broken


def _is_letter(path: str) -> bool:
    """Return whether a path is a regular file with something in it."""
    status = os.lstat(path)
    return stat.S_ISREG(status.st_mode) and status.st_size > 0


def _used(desk: Desk, role: str, word: str, chance: random.Random) -> Told:  # noqa: PLR0911 - a list of roles
    profile = chance.choice(("generic", "excel", "datev-mt940"))
    days = chance.choice((("--period", "2026-10"), ("--new", "--since", "2026-01-01")))
    account = ("--account", "Hauptkonto") if chance.random() < 0.6 else ()
    json = ("--json",) if chance.random() < 0.4 and word != "-" else ()
    match role:
        case "to":
            told = desk.run("export", profile, *days, *account, f"--to={word}", *json)
            desk.run("export", profile, *days, *account, f"--to={word}", *json)
            desk.run("export", "generic", "--period", "2026-10", "--to", str(desk.place))
            desk.run("batches", *json)
            return told
        case "book" | "shared":
            place = f"shared:{word}" if role == "shared" else word
            desk.run("check", f"--book={place}", *json)
            desk.run("batches", f"--book={place}")
            desk.run("book", "export", str(desk.place / "out"), f"--book={place}")
            return desk.run("sync", f"--book={place}", *json)
        case "home":
            return desk.run("batches", variables={"PRIMANOTA_HOME": word})
        case "config":
            return desk.run("batches", *json, variables={"PRIMANOTA_CONFIG": word})
        case "tmp":
            return desk.run("export", "excel", *days, "--to", str(desk.place), variables={"TMPDIR": word})
        case "import":
            return desk.run("book", "import", "--", word)
        case "backup":
            return desk.run("book", "export", "--", word)
    return desk.run("profiles", "learn", "--yes", f"--to={word}", "--", word)


CAMPAIGNS = (Campaign("inputs: places", 1_200, _run),)
