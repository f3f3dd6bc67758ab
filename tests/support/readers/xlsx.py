"""Readers of workbooks: calamine, and Debian's xlsx2csv."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from tests.support.readers import ReaderTotals, run


def sheet(path: Path) -> list[list[Any]]:
    """Return every cell of the first sheet, as calamine reads it: numbers are floats, days are days."""
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def calamine(path: Path) -> ReaderTotals:
    """Read the columns “Amount” and “Balance” with calamine."""
    return _seen(sheet(path))


def xlsx2csv(path: Path) -> ReaderTotals:
    """Read the columns “Amount” and “Balance” with xlsx2csv."""
    return _seen(as_csv(path))


def as_csv(path: Path) -> list[list[str]]:
    """Return every cell of the first sheet, as xlsx2csv shows it."""
    return list(csv.reader(run("xlsx2csv", str(path)).stdout.splitlines()))


def _seen(cells: Sequence[Sequence[Any]]) -> ReaderTotals:
    headings, *rows = cells
    amount, balance = headings.index("Amount"), headings.index("Balance")
    moved = [_cents(row[amount]) for row in rows]
    if not rows:
        return ReaderTotals(0, 0)
    opening = _cents(rows[0][balance]) - moved[0]
    return ReaderTotals(len(rows), sum(moved), opening, _cents(rows[-1][balance]))


def _cents(amount: float | str) -> int:
    return round(float(amount) * 100)
