"""The tables of docs/performance.md. New measurements replace the older ones of the same benchmark."""

import os
import platform
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from measure import HERE
from result import Result, Row, Table

_DOCS = HERE.parent / "docs"
_PAGE = "performance.md"
_START, _END = "<!-- {}: written by benchmarks/run.py -->\n", "<!-- end of {} -->"
_HEADINGS = (
    "",
    "What",
    "Primanota",
    "Against",
    "Ratio: median (least to most)",
    "Peak memory",
    "Promise",
    "Measured",
)
_GIGABYTE = 1_000_000_000


def _now() -> str:
    """Return the day, and how many processes wanted to run in the last five minutes, the measured ones too."""
    return f"{datetime.now(UTC):%Y-%m-%d}, load {os.getloadavg()[1]:.1f}"


class Pages:
    """The page with the tables, and the drawings beside it.

    Args:
        docs: the folder of the page.
        now: returns when it is, and how busy the machine is.
    """

    def __init__(self, docs: Path = _DOCS, now: Callable[[], str] = _now) -> None:
        self._docs = docs
        self._now = now

    def write(self, names: Iterable[str], measured: str, result: Result) -> str:
        """Write the results of one benchmark, and keep the rows of the others in the common table.

        Args:
            names: all benchmarks, in the order of the table.
            measured: the benchmark that ran.
            result: its results.

        Returns:
            Its tables.
        """
        own = [self._write(table) for table in result.tables]
        for name, text in result.drawings:
            (self._docs / name).write_text(text, encoding="utf-8")
        common = [self._update(names, measured, result.rows)] if result.rows else []
        return "\n".join(common + own)

    def _update(self, names: Iterable[str], measured: str, rows: Iterable[Row]) -> str:
        _, before, _ = self._parted("table")
        lines: list[tuple[str, ...]] = []
        for name in names:
            if name == measured:
                lines += [(name, *row, self._now()) for row in rows]
            else:
                lines += [_cells(line) for line in before.splitlines() if line.startswith(f"| {name} |")]
        return self._write(Table("table", _HEADINGS, lines))

    def _parted(self, name: str) -> tuple[str, str, str]:
        """Return the page in three parts: before a table, the table, and after it."""
        before, rest = (self._docs / _PAGE).read_text(encoding="utf-8").split(_START.format(name))
        table, after = rest.split(_END.format(name))
        return before, table, after

    def _write(self, table: Table) -> str:
        before, _, after = self._parted(table.name)
        text = f"{rendered(table)}\nLast written {self._now()}, on {_machine()}.\n"
        marked = f"{_START.format(table.name)}{text}{_END.format(table.name)}"
        (self._docs / _PAGE).write_text(f"{before}{marked}{after}", encoding="utf-8")
        return text


def shown(measured: str, result: Result) -> str:
    """Return the results of one benchmark without writing them."""
    common = [Table("table", _HEADINGS[:-1], [(measured, *row) for row in result.rows])] if result.rows else []
    return "\n".join(map(rendered, (*common, *result.tables)))


def rendered(table: Table) -> str:
    """Return a table as Markdown."""
    return "".join(f"{_line(cells)}\n" for cells in (table.headings, ["---"] * len(table.headings), *table.rows))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(line.removeprefix("| ").removesuffix(" |").split(" | "))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    """Return a description of the machine and its software that does not identify its owner."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIGABYTE
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB of memory, "
        f"{python}, SQLite {sqlite3.sqlite_version}"
    )
