"""The table of docs/performance.md: what was measured this time replaces what was measured before."""

import os
import platform
import sqlite3
from collections.abc import Iterable

from measure import HERE, Row

PAGE = HERE.parent / "docs" / "performance.md"
_START, _END = "<!-- table: written by benchmarks/run.py -->", "<!-- end of table -->"
_HEADINGS = ("", "What", "Primanota", "Against", "Ratio: median (least to most)", "Peak memory", "Promise")
_GIGABYTE = 1_000_000_000


def update(names: Iterable[str], measured: str, rows: list[Row]) -> str:
    """Write the rows of a benchmark that ran into the page, and keep those of the others.

    Args:
        names: all benchmarks, in the order of the table.
        measured: which one ran.
        rows: what it found.

    Returns:
        The table.
    """
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(_START)
    table, after = rest.split(_END)
    lines = [_line(_HEADINGS), _line(["---"] * len(_HEADINGS))]
    for name in names:
        if name == measured:
            lines += [_line((name, *row)) for row in rows]
        else:
            lines += [line for line in table.splitlines() if line.startswith(f"| {name} |")]
    table = "\n".join([*lines, "", f"Last written on {_machine()}.", ""])
    PAGE.write_text(f"{before}{_START}\n{table}{_END}{after}", encoding="utf-8")
    return table


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    """What the figures depend on, without what would tell whose machine it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIGABYTE
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB of memory, "
        f"{python}, SQLite {sqlite3.sqlite_version}"
    )
