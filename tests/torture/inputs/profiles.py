"""Hostile profiles: refused with a sentence, or they write a right file, which lies inside the place."""

import csv
import io
import os
import random
import tomllib
from collections.abc import Iterator
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from primanota import profiles
from primanota.core.errors import PrimanotaError
from primanota.formats import FORMATS
from primanota.profiles.file_name import unsafe_name
from tests.torture.campaign import Campaign
from tests.torture.commands import Told
from tests.torture.inputs import hostile
from tests.torture.inputs import profile_values as values
from tests.torture.inputs.desk import Desk, device, untouched
from tests.torture.inputs.toml_text import mangled, mutated, written

VALUES: tuple[Any, ...] = (
    *(
        *values.NUMBERS,
        True,
        False,
        1.5,
        "",
        "x",
        [],
        {},
        [[]],
        [""],
        [["a"]],
        {"a": 1},
        {"": ""},
        [["A", "{amount}"]] * 2,
    ),
    *hostile.TEXTS,
)


@cache
def _shipped() -> dict[str, str]:
    folder = resources.files("primanota.profiles")
    return {name: folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in profiles.names()}


def _own(chance: random.Random) -> dict[str, Any]:
    """Return the tables of a profile for a CSV or a workbook, with options from the lists above."""
    often = chance.random() < 0.5
    template = "{purpose}" if often else chance.choice(values.TEMPLATES)
    columns = [["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"], ["Text", template]]
    options: dict[str, Any] = {"columns": columns}
    for key, known in (
        ("encoding", values.ENCODINGS),
        ("delimiter", values.DELIMITERS),
        ("newline", ("\r\n", "\n", "\r", "", "x")),
        ("quoting", ("minimal", "all", "text", "none", "x")),
        ("header", (True, False)),
        ("empty", ("", "_", "=", "---", "\x00", "\n", '"', "x" * 33_000, "é")),
        ("formula_guard", ("", "'", "_", "=", '"', "\n", "\u200b", "x" * 33_000)),
        ("shortest", values.NUMBERS),
        ("lengths", ({"Text": chance.choice(values.NUMBERS)}, {"Day": 3}, {"X": 1}, {"": 0})),
        (
            "banned",
            (
                {"=": "+"},
                {";": "=", '"': ","},
                {",": ";", '"': "'"},
                {"": "x"},
                {"ab": ""},
                {"x": "\n"},
                {"é": "\x00"},
                {"a": ""},
            ),
        ),
        ("direction", (["in", "out"], ["=1", "+2"], ["", ""], ["x"], ["\n", "\x1b"])),
    ):
        if chance.random() < 0.2:
            options[key] = chance.choice(known)
    if chance.random() < 0.15:
        options["columns"] = _odd_columns(chance)
    tables: dict[str, Any] = {"title": "T", "format": chance.choice(("csv", "csv", "xlsx")), "source": "s"}
    if tables["format"] == "xlsx":
        options = {name: options[name] for name in options if name in {"columns", "direction", "empty", "lengths"}}
    if chance.random() < 0.3:
        tables["file"] = chance.choice(values.FILES)
    if chance.random() < 0.2:
        tables["suffix"] = chance.choice(values.SUFFIXES)
    if chance.random() < 0.2:
        tables["format"] = chance.choice((*FORMATS, "csv ", "CSV", "", "../csv", "csv:FORMAT", "x" * 5_000))
    if chance.random() < 0.2:
        tables["rules"] = _rules(chance)
    return {**tables, "options": options}


def _odd_columns(chance: random.Random) -> list[Any]:
    return chance.choice(
        (
            [[f"c{number}", "{amount}"] for number in range(chance.choice((300, 16_385)))],
            [["x" * 32_768, "{amount}"]],
            [["", "{amount}"], ["", "{purpose}"]],
            [["A", "{amount}"], ["A", "{purpose}"]],
            [["A"]],
            [["A", "B", "C"]],
            ["A"],
            [[1, 2]],
            [[hostile.text(chance), "{purpose}"]],
            [["=1+1", "{purpose}"]],
            [["A", "{nothing}"]] * 3_000,
        )
    )


def _rules(chance: random.Random) -> dict[str, Any]:
    return {
        name: chance.choice(known)
        for name, known in (
            ("required", (["Text"], ["Nothing"], [""], ["x"] * 3_000, "Text")),
            ("currency", ("EUR", "USD", "", "euro", "x" * 99)),
            ("zero", ("keep", "skip", "x")),
            ("max_rows", values.NUMBERS),
            ("max_bytes", values.NUMBERS),
            ("fiscal_year", (True, False, 1)),
            ("accounts", ("apart", "together", "x")),
            ("unknown", (1,)),
        )
        if chance.random() < 0.4
    }


def _text(chance: random.Random) -> bytes:
    """Return the text of a profile."""
    match chance.randrange(4):
        case 0 | 1:
            tables = _own(chance)
        case _:
            tables = tomllib.loads(chance.choice([*_shipped().values()]))
            for _ in range(chance.choice((1, 1, 2, 4))):
                tables = mutated(tables, chance, VALUES)
            if chance.random() < 0.3:
                tables["file"] = chance.choice(values.FILES)
    content = written(tables).encode("utf-8", "replace")
    return mangled(content, chance) if chance.random() < 0.15 else content


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    del number
    desk = Desk(folder)
    path = folder / "profiles" / "mine.toml"
    path.parent.mkdir()
    path.write_bytes(_text(chance))
    (folder / "x").write_text("what is here stays", encoding="utf-8")
    with untouched(folder, desk.place, desk.book.parent) as outside:
        checked = desk.run("profiles", "check", str(path))
        shown = desk.run("profiles", "show", str(path), *(["--json"] if chance.random() < 0.3 else []))
        period = chance.choice((("--period", "2026"), ("--new", "--since", "2026-01-01"), ("--period", "2026-10")))
        told = desk.run("export", str(path), *period, "--to", str(desk.place), "--json")
        other = desk.run("export", "generic", "--period", "2026-10", "--to", str(desk.place), "--json")
    broken = [*outside, *desk.broken(), *_wrong(desk, path, told)]
    if checked.code not in {0, 2, 3} or (checked.code == 0 and shown.code) or (checked.code and not told.code):
        broken.append(f"check {checked.code}, show {shown.code}, export {told.code}: {shown.text[-300:]}")
    if other.code:
        broken.append(f"another export: exit {other.code}: {other.text[-300:]}")
    return [f"{one} {path.read_bytes()[:1500]!r}" for one in broken]


def _wrong(desk: Desk, path: Path, told: Told) -> Iterator[str]:
    """Yield what is wrong with the files of a profile."""
    files = [Path(root, name) for root, _, names in os.walk(desk.place) for name in names]
    for file in files:
        if file.parent != desk.place or unsafe_name(file.name) or len(os.fsencode(file.name)) > 255:
            yield f"a file is called {str(file)!r}"
    if told.code:
        return
    try:
        profile = profiles.load(str(path))
    except PrimanotaError as error:
        yield f"exported, and then refused: {error}"
        return
    batches = [one for one in msgspec.json.decode(told.out)["files"] if one["batch"]]
    for one in batches:
        content = Path(one["path"]).read_bytes()
        if profile.format == "csv":
            yield from _wrong_table(content, profile.options, one["rows"])


def _wrong_table(content: bytes, options: Any, rows: int) -> Iterator[str]:  # noqa: ANN401 - of any csv
    text = content.decode(options.encoding)
    quoting: Any = csv.QUOTE_NONE if options.quoting == "none" else csv.QUOTE_MINIMAL
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter, quoting=quoting))
    if len(lines) != rows + options.header:
        yield f"{len(lines)} lines for {rows} rows"
    if any(len(line) != len(options.columns) for line in lines):
        yield "a line has another number of cells"


def _place(folder: Path, number: int, chance: random.Random) -> list[str]:  # noqa: C901, PLR0912 - a list of places
    """Run one case of something else than a file at the place of a profile."""
    desk = Desk(folder)
    path = folder / "mine.toml"
    good = _shipped()["generic"]
    match number % 12:
        case 0:
            path.mkdir()
        case 1:
            os.mkfifo(path)
        case 2:
            device(folder / "device", chance)
            path.symlink_to(folder / "device")
        case 3:
            path.symlink_to(path)
        case 4:
            path.symlink_to(folder / "nowhere")
        case 5:
            with path.open("wb") as file:
                file.truncate(chance.choice((1 << 27, 1 << 24)))
        case 6:
            path = folder / (
                chance.choice(("a\nb", "\x1b[2J", "\u202ex", "x" * 251, "é" * 150, "..", "lexware", "-", ""))
                + ".toml"
            )
            if len(os.fsencode(path.name)) < 256 and "/" not in path.name:
                path.write_text(good, encoding="utf-8")
        case 7:
            path = Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.toml"))
            path.write_text(good, encoding="utf-8")
        case 8:
            path = Path(
                chance.choice(
                    ("", ".toml", "x\x00.toml", "/proc/self/fd/0.toml", "/dev/stdin", "~/x.toml", "s3://a/b.toml")
                )
            )
        case 9:
            path.write_text(f"{good}\n# {'x' * chance.choice((10**6, 2 * 10**7))}\n", encoding="utf-8")
        case 10:
            path.write_bytes(good.encode() + b"\n# \xff")
        case _:
            path.write_text(f'{good}\ntitle2 = """{"a " * 3_000_000}"""\n', encoding="utf-8")
    word = f"{path}" if path.name else chance.choice(hostile.TEXTS)
    with untouched(folder, desk.place, desk.book.parent) as outside:
        desk.run("profiles", "check", "--", word)
        desk.run("profiles", "show", "--", word)
        desk.run("export", "--period", "2026-10", "--to", str(desk.place), "--json", "--", word)
        other = desk.run("export", "generic", "--period", "2026-10", "--to", str(desk.place), "--json")
    return [*outside, *desk.broken(), *([other.text] if other.code else [])]


CAMPAIGNS = (
    Campaign("inputs: profiles", 3_600, _run),
    Campaign("inputs: places of profiles", 240, _place),
)
_ = partial
