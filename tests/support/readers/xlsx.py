"""Who reads workbooks: calamine, and Debian's xlsx2csv."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from tests.support import environment
from tests.support.readers import Seen, program


def sheet(path: Path) -> list[list[Any]]:
    """Every cell of the first sheet, as calamine reads it: numbers are floats, days are days."""
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def calamine(path: Path) -> Seen:
    """What calamine finds in the columns “Amount” and “Balance”."""
    return _seen(sheet(path))


def xlsx2csv(path: Path) -> Seen:
    """What xlsx2csv finds in the columns “Amount” and “Balance”."""
    return _seen(as_csv(path))


def as_csv(path: Path) -> list[list[str]]:
    """Every cell of the first sheet, as xlsx2csv shows it."""
    done = environment.run([program("xlsx2csv"), path], check=True)
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
