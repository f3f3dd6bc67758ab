"""Every format from a whole book: CPU time and peak memory. And DATEV, where a file holds 99,999 entries."""

import json
import shutil
from pathlib import Path

from company import ACCOUNT, EVER, Company, company
from measure import Duel, Took, cpu, note, spread
from result import Result, Row, Table
from scale import Scale

# A profile for each format that an account in Germany can have.
_PROFILES = {
    "lexware": "csv",
    "excel": "xlsx",
    "camt-de": "camt053",
    "datev": "datev",
    "datev-ascii": "datev_ascii",
    "mt940": "mt940",
    "jsonl": "jsonl",
    "ofx": "ofx",
    "qif": "qif",
    "fec-fr": "fec",
    "beancount": "beancount",
    "hledger": "hledger",
    "ledger": "ledger",
}
_NUMBERED, _NAMED = ("1800", "1370"), ("Assets:Qonto", "Expenses:Unsorted")
_ACCOUNTS = {"datev": _NUMBERED, "fec-fr": _NUMBERED, "beancount": _NAMED, "hledger": _NAMED, "ledger": _NAMED}
_HEADINGS = ("Profile", "Format", "Rows", "CPU, a row", "Peak memory", "Size of the files")
_MICRO, _MEGABYTE = 1_000_000, 1_000_000
_HALF = ("--until", "2026-05-25")  # about half of the history


def measure(scale: Scale) -> Result:
    """Write every format from one book, and DATEV below and above what one file holds."""
    large = company(scale.every_format)
    taken, sizes = {}, {}
    for profile in _PROFILES:
        taken[profile] = _export(large, profile, *EVER)
        sizes[profile] = _size_of_removed(_folder(large, profile))
    rows = _rows(large)
    highest = max(taken, key=lambda profile: taken[profile].megabytes)
    lines = [(*_cells(profile, took, rows), sizes[profile]) for profile, took in taken.items()]
    common = Row(
        f"Export of {rows:,} rows in each of {len(taken)} formats",
        f"highest peak: `{highest}`, {cpu([taken[highest]])}",
        f"`lexware`: {cpu([taken['lexware']])}",
        f"{taken[highest].megabytes / taken['lexware'].megabytes:.2f} times the memory",
        f"{taken[highest].megabytes:.0f} MB against {taken['lexware'].megabytes:.0f} MB",
        "at most 120 MB for each format, for a million",
    )
    return Result([_datev(scale), common], [Table("exports", _HEADINGS, lines)])


def _cells(profile: str, took: Took, rows: int) -> tuple[str, ...]:
    micros = f"{took.cpu / rows * _MICRO:.1f} µs"
    return profile, _PROFILES[profile], f"{rows:,}", micros, f"{took.megabytes:.0f} MB"


def _export(of: Company, profile: str, *days: str) -> Took:
    to = _folder(of, profile)
    to.mkdir(exist_ok=True)
    if accounts := _ACCOUNTS.get(profile):
        of.name_accounts(*accounts)
    took = of.run("export", profile, *days, "--account", ACCOUNT, "--to", str(to))
    note(f"exports: {profile}: {took.seconds:.1f} s, {took.cpu:.1f} s of CPU, {took.megabytes:.0f} MB")
    return took


def _folder(of: Company, profile: str) -> Path:
    return of.files / f"{profile}-all"


def _size_of_removed(folder: Path) -> str:
    """Return the size of the files in a folder, and remove them: those of all formats need gigabytes."""
    size = sum(file.stat().st_size for file in folder.iterdir())
    shutil.rmtree(folder)
    return f"{size / _MEGABYTE:.0f} MB"


def _rows(of: Company, *days: str) -> int:
    """Return the number of completed rows of the main account."""
    said = _export(of, "lexware", *(days or EVER), "--json").said
    return int(sum(file["rows"] for file in json.loads(said)["files"]))


def _datev(scale: Scale) -> Row:
    """Compare the CPU time a row of two files with that of one; an entry may become two by its VAT."""
    of = company(scale.export)
    half = (*EVER[:2], *_HALF)
    all_rows, half_rows = _rows(of), _rows(of, *half)
    duel = Duel(
        lambda _: _export(of, "datev", *EVER), lambda _: _export(of, "datev", *half), scale.rounds, warm=False
    )
    pairs = zip(duel.ours, duel.other, strict=True)
    ratios = [(ours.cpu / all_rows) / (other.cpu / half_rows) for ours, other in pairs]
    return Row(
        f"`export datev` of {all_rows:,} rows, more entries than a file may have",
        cpu(duel.ours),
        f"{half_rows:,} rows, one file: {cpu(duel.other)}",
        spread(ratios, "times the CPU a row"),
        duel.memory,
        "each row is rendered once",
    )
