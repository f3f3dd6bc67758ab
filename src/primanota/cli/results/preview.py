"""Show rows of a file upright: as a table, or with a line for each column if the table is too wide."""

from collections.abc import Iterable, Sequence

from primanota.cli.terminal import output, tables
from primanota.core.text import clean, display_width

# The widest table where there is no terminal.
_WIDE = 120
_GAP = 2


def preview(cells: Sequence[Sequence[str]]) -> None:
    """Write rows to stdout, headings first.

    If they are too wide, each column has a line of its own: its number, its heading, and its cells in as many rows as
    fit beside each other.
    """
    headings, *rows = [[clean(cell) for cell in row] for row in cells]
    room = tables.terminal_width() if tables.is_terminal() else _WIDE
    if _width(zip(headings, *rows, strict=True)) <= room:
        output.table(headings, rows)
        return
    numbered = [f"{number} {heading}".rstrip() for number, heading in enumerate(headings, 1)]
    while len(rows) > 1 and _width([numbered, *rows]) > room:
        rows.pop()
    names = (f"Row {number}" for number, _ in enumerate(rows, 1))
    output.table(("Column", *names), list(zip(numbered, *rows, strict=True)))


def _width(columns: Iterable[Sequence[str]]) -> int:
    """Return the width of a table with these columns."""
    return sum(max(map(display_width, column)) + _GAP for column in columns)
