"""The import of a file of camt.053, compared with a script written by hand, and its memory with that of a tenth."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from measure import HERE, PROGRAM, Duel, Took, cpu, highest, median, note, run, seconds, spread
from result import Result, Row
from scale import Scale
from statement_file import StatementFile, statement_file

_MICRO, _MEGABYTE = 1_000_000, 1_000_000


class _Import(NamedTuple):
    """A file, and the folder below which each program puts its book."""

    file: StatementFile
    folder: Path

    def ours(self, _: int) -> Took:
        """Import the file into a new book."""
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        took = run(PROGRAM, "import", f"{self.file.path}", "--json", env={"PRIMANOTA_HOME": f"{home}"})
        (account,) = json.loads(took.said)["accounts"]
        self._compare(account["rows"], account["balance_cents"])
        return took

    def script(self, _: int) -> Took:
        """Import the file with the script written by hand, into a new database."""
        database = self.folder / "script.db"
        database.unlink(missing_ok=True)
        took = run(sys.executable, str(HERE / "baseline_import.py"), f"{self.file.path}", f"{database}")
        self._compare(*map(int, took.said.split()))
        return took

    def a_row(self, took: list[Took]) -> str:
        """Return the median CPU of a row as a text."""
        return f"{median(took).cpu / self.file.rows * _MICRO:.0f} µs a row"

    def _compare(self, rows: int, closing: int) -> None:
        if (rows, closing) != (self.file.rows, self.file.closing):
            raise RuntimeError(f"{rows} rows lead to {closing}: they should be {self.file}")


def measure(scale: Scale) -> Result:
    """Import a large file in alternation with the script, and a small one."""
    with tempfile.TemporaryDirectory(prefix="primanota-bench-") as folder:
        small, large = (_written(Path(folder), rows) for rows in scale.import_rows)
        note(f"import: a file of {large.file.rows:,} rows")
        duel = Duel(large.ours, large.script, scale.rounds)
        few = [small.ours(number) for number in range(scale.rounds)]
    many, size = duel.ours, large.file.size / _MEGABYTE
    compared = Row(
        f"Import of camt.053: {large.file.rows:,} rows, {size:.0f} MB",
        f"{seconds(many)}, {cpu(many)} ({large.a_row(many)})",
        f"`iterparse` and `sqlite3`: {seconds(duel.other)}, {cpu(duel.other)} ({large.a_row(duel.other)})",
        spread(_cpu_ratios(duel), "times the CPU"),
        duel.memory,
        "at most 5 times the CPU, with every check",
    )
    grown = Row(
        f"Memory of an import of {large.file.rows:,} rows",
        f"{cpu(many)} ({large.a_row(many)})",
        f"{small.file.rows:,} rows: {cpu(few)} ({small.a_row(few)})",
        f"{highest(many) / highest(few):.2f} times the memory",
        f"{highest(many):.0f} MB against {highest(few):.0f} MB",
        "at most 35 MB more for ten times the rows",
    )
    return Result([compared, grown])


def _cpu_ratios(duel: Duel) -> list[float]:
    """Return how many times as much CPU Primanota took in each round; both are bound by it."""
    return [ours.cpu / other.cpu for ours, other in zip(duel.ours, duel.other, strict=True)]


def _written(folder: Path, rows: int) -> _Import:
    place = folder / f"{rows}"
    place.mkdir()
    return _Import(statement_file(place / "statement.xml", rows), place)
