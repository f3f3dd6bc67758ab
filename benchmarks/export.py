"""(b) An export of 100,000 rows, compared with a script written by hand for the same book."""

import csv
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from shutil import copy2
from typing import NamedTuple

from bank import Served, served
from measure import HERE, PROGRAM, Duel, Row, Took, note, run, seconds, spread

# With this number of transactions the main account has 100,000 completed ones.
_SIZE = 117_300
_AT_LEAST = 100_000
_ROUNDS = 7
_ACCOUNT = "Hauptkonto"
_SINCE, _LAST, _END = "2000-01-01", "2099-12-31", "2100-01-01"


class _Books(NamedTuple):
    """A full book, and the two files that are written from it."""

    bank: Served
    home: Path
    book: Path
    filled: Path
    account: str
    ours: Path
    other: Path

    def export(self, _: int) -> Took:
        """Run Primanota on a copy of the book without earlier exports, which was verified once, as after its sync."""
        copy2(self.filled, self.book)
        run(PROGRAM, "batches", "--json", env=self.bank.environment(self.home))
        days = ("--since", _SINCE, "--until", _LAST)
        words = ("export", "lexware", *days, "--account", _ACCOUNT, "--to", str(self.ours), "--json")
        return run(PROGRAM, *words, env=self.bank.environment(self.home))

    def script(self, _: int) -> Took:
        """Run the script written by hand."""
        script = HERE / "baseline_export.py"
        return run(sys.executable, str(script), str(self.filled), self.account, _SINCE, _END, str(self.other))


def measure() -> list[Row]:
    """Fill a book once; then run Primanota and the script alternately."""
    note(f"export: filling a book of {_SIZE:,} transactions")
    with tempfile.TemporaryDirectory() as folder:
        books = _filled(Path(folder))
        note("export: measuring")
        duel = Duel(books.export, books.script, _ROUNDS)
        rows = _compared(books.ours, books.other)
    return [
        Row(
            f"Export of {rows:,} rows",
            seconds(duel.ours),
            f"a script written by hand: {seconds(duel.other)}",
            spread(duel.speedups, "times as fast"),
            duel.memory,
            "about as fast, and it records every row",
        )
    ]


def _filled(place: Path) -> _Books:
    home = place / "home"
    with served(_SIZE) as bank:
        environment = bank.environment(home)
        run(PROGRAM, "sync", env=environment)
        company = json.loads(run(PROGRAM, "get", "/v2/organization", env=environment).said)["organization"]
    account = next(account["id"] for account in company["bank_accounts"] if account["name"] == _ACCOUNT)
    book, filled = home / "books" / f"{bank.login}.book", place / "filled.book"
    copy2(book, filled)
    return _Books(bank, home, book, filled, account, place / "ours.csv", place / "other.csv")


def _compared(ours: Path, other: Path) -> int:
    """Return the number of rows of both files. They must be equal except for the script's known omissions.

    Raises:
        RuntimeError: there is any other difference, or there are fewer than 100,000 rows.
    """
    rows = 0
    with other.open(encoding="utf-8", newline="") as right:
        for rows, pair in enumerate(zip(_lines(ours), csv.reader(right), strict=True)):
            if pair[0] != pair[1] and not _is_known_difference(*pair):
                raise RuntimeError(f"line {rows + 1}: {pair[0]} is not {pair[1]}")
    if rows < _AT_LEAST:
        raise RuntimeError(f"only {rows} rows")
    return rows


def _lines(first: Path) -> Iterator[list[str]]:
    """Yield the cells of all files of one export: rows above the tool's limit are in further files with headings."""
    for file in (first, *sorted(first.parent.glob(f"{first.stem}_*{first.suffix}"))):
        with file.open(encoding="utf-8", newline="") as lines:
            yield from islice(csv.reader(lines), file != first, None)


def _is_known_difference(ours: list[str], other: list[str]) -> bool:
    """Return whether the only differences are line breaks and formulas in texts; dates and amounts must be equal."""
    plain = [re.sub(r"^'(?=[=+@-])", "", cell) for cell in ours]
    return plain == [" ".join(cell.split()) for cell in other] and (ours[0], ours[3]) == (other[0], other[3])
