"""Hostile exported books: refused, and nothing is half written; or what was imported is whole."""

import hashlib
import json
import os
import random
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.torture.campaign import Campaign
from tests.torture.inputs import hostile
from tests.torture.inputs.desk import Desk, device, untouched
from tests.torture.inputs.toml_text import mangled, mutated

_NUMBERS = (0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30, 1.5, True, None)
_VALUES: tuple[Any, ...] = (*_NUMBERS, "", "x", [], {}, [1], {"a": 1}, "0" * 64, "A" * 64, *hostile.TEXTS)


@cache
def _exported() -> dict[str, bytes]:
    """Return the files of an exported book, by their paths."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        assert desk.run("export", "generic", "--period", "2026-10", "--to", str(desk.place)).code == 0
        to = Path(folder, "out")
        assert desk.run("book", "export", str(to)).code == 0
        return {str(path.relative_to(to)): path.read_bytes() for path in sorted(to.rglob("*")) if path.is_file()}


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _changed_line(content: bytes, chance: random.Random) -> bytes:
    """Return JSON lines of which one is changed, doubled, moved or taken out."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return chance.choice((b"\n", b"{}\n", b"null\n", b"[" * 99_999, b'{"x":' + b"[" * 3_000))
    place = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, lines[place])
        case 2:
            chance.shuffle(lines)
        case 3:
            lines[place] = chance.choice(
                (
                    b"\n",
                    b"{}\n",
                    b"null\n",
                    b"[" * 99_999 + b"\n",
                    b'{"x":' + b"[" * 3_000 + b"\n",
                    b"\xff\n",
                    b"x" * 3_000_000,
                )
            )
        case 4:
            lines[place] = mangled(lines[place], chance)
        case _:
            lines[place] = _mutated(lines[place], chance) + b"\n"
    return b"".join(lines)


def _mutated(line: bytes, chance: random.Random) -> bytes:
    """Return an object with another value, or what is no JSON mangled."""
    try:
        made = mutated(json.loads(line), chance, _VALUES)
    except (ValueError, RecursionError):
        return mangled(line, chance)
    text = json.dumps(made, separators=(",", ":"), ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def _sealed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with a manifest whose hashes and numbers of lines are theirs, as an attacker makes it."""
    try:
        manifest = json.loads(files["manifest.json"])
        for name, part in manifest["files"].items():
            content = files.get(name, b"")
            part["rows"] = content.count(b"\n")
            part["sha256"] = hashlib.sha256(content).hexdigest()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return files
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:  # noqa: C901, PLR0912 - a list of attacks
    del number
    desk = Desk(folder)
    desk.book.unlink()
    files, backup = dict(_exported()), folder / "backup"
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice([name for name in files if name != "README.txt"])
        match name, chance.randrange(6):
            case "manifest.json", 0 | 1 | 2 | 3:
                files[name] = json.dumps(mutated(json.loads(_exported()[name]), chance, _VALUES)).encode(
                    "utf-8", "surrogatepass"
                )
            case _, 0:
                del files[name]
            case _, 1:
                files[name] = mangled(files[name], chance)
            case _:
                files[name] = _changed_line(files[name], chance)
    if chance.random() < 0.6:
        files = _sealed(files)
    _write(backup, files)
    name = chance.choice([*files]) if files else "x"
    if chance.random() < 0.15:
        path = backup / name
        path.unlink()
        match chance.randrange(6):
            case 0:
                os.mkfifo(path)
            case 1:
                path.mkdir()
            case 2:
                device(folder / "device", chance)
                path.symlink_to(chance.choice((folder / "device", "/etc/passwd", path.name, "../../outside")))
            case 3:
                with path.open("wb") as file:
                    file.truncate(1 << 26)
            case _:
                path.write_bytes(b"")
    with untouched(folder, desk.place, desk.book.parent) as outside:
        done = desk.run("book", "import", str(backup), *(["--json"] if chance.random() < 0.3 else []))
        if done.code == 0:
            for words in (
                ("check",),
                ("review",),
                ("export", "generic", "--period", "2026-10", "--to", str(desk.place)),
                ("batches", "--json"),
            ):
                desk.run(*words)
    broken = [*outside, *desk.broken()]
    if done.code:
        shutil.rmtree(backup)
        broken += [f"half written: {name}" for name in os.listdir(desk.book.parent)]  # noqa: PTH208 - names only
    elif "Hash chain: whole" not in desk.said[1].text:
        broken.append(f"imported, but not whole: {desk.said[1].text[-300:]}")
    return broken


CAMPAIGNS = (Campaign("inputs: backups", 1_500, _run),)
