"""Hostile samples for ``profiles learn``: refused with a sentence, or a profile is learnt that is right."""

import gzip
import io
import os
import random
import zipfile
from pathlib import Path

from primanota import profiles
from primanota.app.queries.sample_rows import invented
from tests.torture.campaign import Campaign
from tests.torture.inputs import hostile
from tests.torture.inputs.desk import Desk, untouched
from tests.torture.inputs.toml_text import mangled

_CSV = tuple(name for name in profiles.names() if profiles.load(name).format == "csv")


def _good(chance: random.Random) -> bytes:
    """Return the file of a profile of the program, with three rows."""
    rows = invented()
    return b"".join(profiles.load(chance.choice(_CSV)).render(rows))


def _cells(chance: random.Random, columns: int, rows: int, delimiter: str) -> bytes:
    cell = [hostile.text(chance)[:60] for _ in range(7)]
    lines = [[chance.choice((*cell, "12,34", "2026-10-05", "")) for _ in range(columns)] for _ in range(rows)]
    return "\n".join(map(delimiter.join, lines)).encode("utf-8", "replace")


def _huge(chance: random.Random) -> bytes:  # noqa: PLR0911 - a list of samples
    """Return a sample of which something is large."""
    cell = chance.choice((b"x", b"12,34", b'"', b"=1", b"2026-10-05", b"\xc3\xa4", b"\xe4", b"'"))
    delimiter = chance.choice((b";", b",", b"\t", b"|"))
    match chance.randrange(10):
        case 0:
            return delimiter.join([cell] * 100_000) + b"\n" + delimiter.join([cell] * 100_000)
        case 1:
            return b'Day;Amount;Text\n"' + b"2026-10-05;1,00;x\n" * chance.choice((8_000, 200_000))
        case 2:
            return b"Day;Amount;Text\n" + b'2026-10-05;1,00;"x\n' * chance.choice((8_001, 60_000))
        case 3:
            return delimiter.join([cell] * 990) + b"\n" + (delimiter.join([cell] * 990) + b"\n") * 300
        case 4:
            return b"Day;Amount;Text\n2026-10-05;1,00;" + cell * 3_000_000
        case 5:
            return b"\n" * 2_000_000
        case 6:
            return (cell + b"\n") * 500_000
        case 7:
            return b"Day;Amount\n" + b"".join(b"%d;%d\n" % (one, one) for one in range(100_000))
        case 8:
            return b'"' * chance.choice((999_999, 3_000_000))
        case _:
            return (b'"a""' * 50_000 + b";") * 12


def _packed(chance: random.Random) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(chance.choice(("xl/workbook.xml", "../../x", "[Content_Types].xml")), b"\0" * 30_000_000)
    return chance.choice(
        (
            made.getvalue(),
            gzip.compress(b"a;b\n" * 5_000_000),
            b"%PDF-1.7",
            b"\xd0\xcf\x11\xe0" * 9,
            b"\x7fELF" + bytes(999),
        )
    )


def _sample(chance: random.Random) -> bytes:
    match chance.randrange(10):
        case 0:
            return _huge(chance)
        case 1:
            return _packed(chance)
        case 2:
            return bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 9, 3_000))))
        case 3 | 4:
            return _cells(
                chance, chance.choice((1, 2, 5, 40, 999, 1_001)), chance.choice((1, 2, 30)), chance.choice(";,\t|")
            )
    content = _good(chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        content = mangled(content, chance)
    if chance.random() < 0.3:
        word = hostile.text(chance)[:40_000].encode("utf-8", "replace")
        content = content.replace(chance.choice((b"Lovelace", b"Lunch", b"2026", b"EUR", b"\n", b";", b",")), word)
    return content


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    del number
    desk = Desk(folder)
    name = chance.choice(
        (
            "bank.csv",
            "bank.csv",
            "a\nb.csv",
            "\u202ex.csv",
            '"x".csv',
            "a\\b.csv",
            ".csv",
            "lexware.csv",
            "x" * 200 + ".csv",
            "[x].csv",
        )
    )
    sample, learnt = folder / name, desk.place / "learnt.toml"
    sample.write_bytes(_sample(chance))
    to = ["--to", str(learnt)] if chance.random() < 0.9 else []
    answers = [
        "--answer",
        chance.choice(
            (
                "Column 1=amount",
                "Delimiter=;",
                "Encoding=utf-7",
                "Encoding=hex",
                "Column 1=\x1b[2J",
                "x",
                "=",
                "Column 1={purpose:>1000000000}",
                "Column 1={",
            )
        ),
    ]
    before = Path.cwd()
    os.chdir(desk.place)
    try:
        with untouched(folder, desk.place, desk.book.parent) as outside:
            done = desk.run(
                "profiles", "learn", str(sample), *to, "--yes", *(answers if chance.random() < 0.3 else [])
            )
            if done.code == 0 and to:
                desk.run("profiles", "check", str(learnt))
                desk.run("profiles", "show", str(learnt))
                desk.run("export", str(learnt), "--period", "2026-10", "--to", str(desk.place / "files"))
    finally:
        os.chdir(before)
    broken = [*outside, *desk.broken()]
    if done.code and learnt.exists():
        broken.append("refused, but written")
    if done.code == 0 and len(desk.said) > 1 and desk.said[1].code:
        broken.append(f"learnt a profile with mistakes: {desk.said[1].text[:400]}")
    if len(desk.said) > 3 and desk.said[3].code not in {0, 7}:
        broken.append(f"learnt, but not exported: {desk.said[3].text[:400]}")
    return [f"{one} {sample.read_bytes()[:300]!r}" for one in broken]


CAMPAIGNS = (Campaign("inputs: samples", 800, _run),)
