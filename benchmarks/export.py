"""An export of 100,000 rows, compared with a script written by hand for the same book."""

import csv
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from shutil import copy2
from typing import NamedTuple

from company import ACCOUNT, EVER, SINCE, Company, company
from measure import HERE, Duel, Took, cpu, note, run, seconds, spread
from result import Result, Row
from scale import Scale

_ROUNDS = 7
_END = "2100-01-01"


class _Books(NamedTuple):
    """A full book, and the two files that are written from it."""

    company: Company
    filled: Path
    account: str
    ours: Path
    other: Path

    def export(self, _: int) -> Took:
        """Run Primanota on a copy of the book without earlier exports, which was verified once, as after its sync."""
        _copy(self.filled, self.company.book)
        for file in self.ours.parent.glob(f"{self.ours.stem}*"):
            file.unlink()
        self.company.run("batches", "--json")
        return self.company.run("export", "lexware", *EVER, "--account", ACCOUNT, "--to", str(self.ours), "--json")

    def bound(self, _: int) -> Took:
        """Do what no export can leave out, on a copy of the book."""
        _copy(self.filled, self.company.book)
        script, file = HERE / "export_bound.py", str(self.company.book)
        return run(sys.executable, str(script), file, self.account, str(self.other))

    def script(self, _: int) -> Took:
        """Run the script written by hand."""
        script = HERE / "baseline_export.py"
        return run(sys.executable, str(script), str(self.filled), self.account, SINCE, _END, str(self.other))


def measure(scale: Scale) -> Result:
    """Fill a book once; then run Primanota and the script alternately."""
    with tempfile.TemporaryDirectory() as folder:
        books = _filled(company(scale.export), Path(folder))
        note("export: measuring")
        duel = Duel(books.export, books.script, _ROUNDS)
        rows = _compared(books.ours, books.other)
        least = Duel(books.bound, books.script, _ROUNDS)
    return Result(
        [
            Row(
                f"Export of {rows:,} rows",
                f"{seconds(duel.ours)}, {cpu(duel.ours)}",
                f"a script written by hand: {seconds(duel.other)}, {cpu(duel.other)}",
                spread(duel.speedups, "times as fast"),
                duel.memory,
                "at least 1.6 times as fast, with every check",
            ),
            Row(
                f"What no export of {rows:,} rows can leave out",
                f"{seconds(least.ours)}, {cpu(least.ours)}",
                f"the same script: {seconds(least.other)}, {cpu(least.other)}",
                spread(least.speedups, "times as fast"),
                least.memory,
                "",
            ),
        ]
    )


def _filled(of: Company, place: Path) -> _Books:
    organisation = json.loads(of.run("get", "/v2/organization").said)["organization"]
    account = next(account["id"] for account in organisation["bank_accounts"] if account["name"] == ACCOUNT)
    filled = place / "filled.book"
    copy2(of.book, filled)
    return _Books(of, filled, account, place / "ours.csv", place / "other.csv")


def _copy(book: Path, place: Path) -> None:
    """Copy a book, and wait until it is on the disk, as after a sync: else the export that syncs its rows waits."""
    copy2(book, place)
    with place.open("rb") as copied:
        os.fsync(copied.fileno())


def _compared(ours: Path, other: Path) -> int:
    """Return the number of rows of both files. They must be equal except for the script's known omissions.

    Rows of one moment may have another order: the script does not know that of their balances.


    Raises:
        RuntimeError: there is any other difference, or there are no rows.
    """
    left, right = sorted(map(_unguarded, _lines(ours))), sorted(map(_joined, _lines(other)))
    for pair in zip(left, right, strict=True):
        if pair[0] != pair[1]:
            raise RuntimeError(f"{pair[0]} is not {pair[1]}")
    rows = len(left) - 1  # without the heading
    if rows < 1:
        raise RuntimeError("the files have no rows")
    return rows


def _lines(first: Path) -> Iterator[list[str]]:
    """Yield the cells of all files of one export: rows above the tool's limit are in further files with headings."""
    for file in (first, *sorted(first.parent.glob(f"{first.stem}_*{first.suffix}"))):
        with file.open(encoding="utf-8", newline="") as lines:
            yield from islice(csv.reader(lines), file != first, None)


def _unguarded(ours: list[str]) -> list[str]:
    """Return the cells without the mark before a formula, which the script does not write."""
    return [re.sub(r"^'(?=[=+@-])", "", cell) for cell in ours]


def _joined(other: list[str]) -> list[str]:
    """Return the cells as one line each; the script keeps line breaks in texts."""
    return [" ".join(cell.split()) for cell in other]
