"""The tables of docs/performance.md. New measurements replace the older ones of the same benchmark."""

import os
import platform
import sqlite3
from collections.abc import Iterable

from measure import HERE, Row

PAGE = HERE.parent / "docs" / "performance.md"
_START, _END = "<!-- {}: written by benchmarks/run.py -->\n", "<!-- end of {} -->"
_HEADINGS = ("", "What", "Primanota", "Against", "Ratio: median (least to most)", "Peak memory", "Promise")
_GIGABYTE = 1_000_000_000


def update(names: Iterable[str], measured: str, rows: list[Row]) -> str:
    """Write the rows of one benchmark into the common table, and keep those of the others.

    Args:
        names: all benchmarks, in the order of the table.
        measured: the benchmark that ran.
        rows: its rows.

    Returns:
        The table.
    """
    _, before, _ = _parted("table")
    lines: list[str] = []
    for name in names:
        if name == measured:
            lines += [_line((name, *row)) for row in rows]
        else:
            lines += [line for line in before.splitlines() if line.startswith(f"| {name} |")]
    return _write("table", _HEADINGS, lines)


def write(name: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Rewrite a separate table. Returns it."""
    return _write(name, tuple(headings), map(_line, rows))


def _parted(name: str) -> tuple[str, str, str]:
    """Return the page in three parts: before a table, the table, and after it."""
    before, rest = PAGE.read_text(encoding="utf-8").split(_START.format(name))
    table, after = rest.split(_END.format(name))
    return before, table, after


def _write(name: str, headings: tuple[str, ...], lines: Iterable[str]) -> str:
    before, _, after = _parted(name)
    head = _line(headings), _line(["---"] * len(headings))
    table = "\n".join([*head, *lines, "", f"Last written on {_machine()}.", ""])
    PAGE.write_text(f"{before}{_START.format(name)}{table}{_END.format(name)}{after}", encoding="utf-8")
    return table


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
