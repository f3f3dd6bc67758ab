"""Readers of workbooks: calamine, and Debian's xlsx2csv."""

import csv
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from tests.support.readers import Seen, program


def sheet(path: Path) -> list[list[Any]]:
    """Return every cell of the first sheet, as calamine reads it: numbers are floats, days are days."""
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def calamine(path: Path) -> Seen:
    """Read the columns “Amount” and “Balance” with calamine."""
    return _seen(sheet(path))


def xlsx2csv(path: Path) -> Seen:
    """Read the columns “Amount” and “Balance” with xlsx2csv."""
    return _seen(as_csv(path))


def as_csv(path: Path) -> list[list[str]]:
    """Return every cell of the first sheet, as xlsx2csv shows it."""
    done = subprocess.run([program("xlsx2csv"), str(path)], capture_output=True, encoding="utf-8", check=True)  # noqa: S603 - our own words
    return list(csv.reader(done.stdout.splitlines()))


def _seen(cells: Sequence[Sequence[Any]]) -> Seen:
    headings, *rows = cells
    amount, balance = headings.index("Amount"), headings.index("Balance")
    moved = [_cents(row[amount]) for row in rows]
    if not rows:
        return Seen(0, 0)
    opening = _cents(rows[0][balance]) - moved[0]
    return Seen(len(rows), sum(moved), opening, _cents(rows[-1][balance]))


def _cents(amount: float | str) -> int:
    return round(float(amount) * 100)
