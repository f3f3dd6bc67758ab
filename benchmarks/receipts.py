"""Receipts: fetching them, compared with a loop; and the memory of a month's pack, compared with a tenth of it."""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bank import variables
from measure import HERE, PROGRAM, Duel, Took, cpu, highest, median, note, run, seconds, spread
from result import Result, Row
from scale import Scale

_LATENCY = 0.15
_THOUSAND = 1000
# A month has so much of the bank's transactions.
_MONTHS = 14


class _Company:
    """A company with receipts: its bank, and a synced book below a folder."""

    def __init__(self, url: str, login: str, secret: str, home: Path) -> None:
        self.url, self.key = url, f"{login}:{secret}"
        self.home = home
        self.book = home / "books" / f"{login}.book"
        self.receipts = self.book.with_suffix(".receipts")
        self._variables = {"PRIMANOTA_HOME": f"{home}", **variables(url, login, secret, "")}

    def run(self, *words: str) -> Took:
        """Run Primanota with this book."""
        return run(PROGRAM, *words, env=self._variables)

    def rows_with_receipts(self) -> list[str]:
        """Return the ids of the rows that list receipts."""
        with sqlite3.connect(self.book) as book:
            return [key for (key,) in book.execute("SELECT DISTINCT row FROM row_receipt ORDER BY row")]


@contextmanager
def _company(size: int, latency: float) -> Iterator[_Company]:
    words = [sys.executable, str(HERE / "receipts_bank.py"), f"{size}", f"{latency}"]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryDirectory(prefix="primanota-bench-") as folder,
        subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process,  # noqa: S603 - our own program
    ):
        assert process.stdin  # noqa: S101 - for the type checker
        assert process.stdout  # noqa: S101 - the same
        try:
            found = _Company(**json.loads(process.stdout.readline()), home=Path(folder, "home"))
            found.run("sync")
            yield found
        finally:
            process.stdin.close()


def measure(scale: Scale) -> Result:
    """Fetch receipts in alternation with the loop, then close a month of each size."""
    return Result([_fetching(scale), _packing(scale)])


def _fetching(scale: Scale) -> Row:
    note(f"receipts: of {scale.receipt_rows:,} transactions, {_LATENCY * 1000:.0f} ms a request")
    with _company(scale.receipt_rows, _LATENCY) as company:
        before, files = company.book.read_bytes(), list[int]()

        def ours(_: int) -> Took:
            shutil.rmtree(company.receipts, ignore_errors=True)
            company.book.write_bytes(before)
            took = company.run("receipts", "--json")
            found = json.loads(took.said)
            files.append(found["receipts"] + found["sealed"])
            return took

        def loop(number: int) -> Took:
            words = (f"{company.home / f'loop-{number}'}", company.url, company.key)
            took = run(sys.executable, str(HERE / "baseline_receipts.py"), *words, given="\n".join(rows))
            if int(took.said) != files[-1]:
                raise RuntimeError(f"{took.said} files, and not {files[-1]}, were fetched")
            return took

        ours(0)
        rows = company.rows_with_receipts()
        duel = Duel(ours, loop, scale.rounds, warm=False)
    ours_took, loop_took = (median(took).seconds / files[-1] * _THOUSAND for took in (duel.ours, duel.other))
    return Row(
        f"Fetch {files[-1]:,} files of receipts of {len(rows):,} rows, 150 ms a request",
        f"{seconds(duel.ours)}, {cpu(duel.ours)}: {ours_took:.1f} s for 1,000 files",
        f"one after another: {seconds(duel.other)}, {cpu(duel.other)}: {loop_took:.1f} s for 1,000 files",
        spread(duel.speedups, "times as fast"),
        duel.memory,
        "at least 4 times as fast",
    )


def _packing(scale: Scale) -> Row:
    small, large = (_pack(rows, scale.rounds) for rows in scale.month_rows)
    return Row(
        f"Close a month of {large.rows:,} rows, {large.receipts:,} files of receipts",
        f"{seconds(large.took)}, {cpu(large.took)}",
        f"{small.rows:,} rows, {small.receipts:,} files: {seconds(small.took)}",
        f"{highest(large.took) / highest(small.took):.2f} times the memory",
        f"{highest(large.took):.0f} MB against {highest(small.took):.0f} MB",
        "at most 20 MB more for ten times the month",
    )


class _Pack:
    def __init__(self, took: list[Took], rows: int, receipts: int) -> None:
        self.took, self.rows, self.receipts = took, rows, receipts


def _pack(rows: int, rounds: int) -> _Pack:
    """Close a month that has about so many rows."""
    month = f"{datetime.now(UTC).replace(day=1) - timedelta(days=1):%Y-%m}"
    note(f"receipts: the pack of a month of {rows:,} rows")
    with _company(rows * _MONTHS, 0.0) as company:
        company.run("receipts", "--period", month)
        to = company.home / "packs"
        took = [company.run("close", month, "--for", "lexware", "--to", f"{to}") for _ in range(rounds)]
        (pack,) = to.iterdir()
        with zipfile.ZipFile(pack) as found:
            names = found.namelist()
            lines = found.read("index.csv").count(b"\n") - 1
    return _Pack(took, lines, len([name for name in names if name.startswith("receipts/")]))
