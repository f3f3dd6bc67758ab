"""Reader of QIF: quiffen."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.readers import ReaderTotals


def quiffen(path: Path) -> ReaderTotals:
    """Read a file with quiffen. The format has no balances."""
    amounts = [cents for _, cents in movements(path)]
    return ReaderTotals(len(amounts), sum(amounts))


def movements(path: Path, *, encoding: str = "utf-8", day_first: bool = True) -> list[tuple[str, int]]:
    """Return days and cents, as quiffen reads them."""
    rows = transactions(path, encoding=encoding, day_first=day_first)
    return [(f"{row.date:%Y-%m-%d}", round(row.amount * 100)) for row in rows]


def transactions(path: Path, *, encoding: str = "utf-8", day_first: bool = True) -> list[Any]:
    """Return the rows as quiffen reads them; without rows it has no account. It needs a Python before 3.14."""
    accounts = pytest.importorskip("quiffen").Qif.parse(path, day_first=day_first, encoding=encoding).accounts
    return [row for account in accounts.values() for rows in account.transactions.values() for row in rows]
