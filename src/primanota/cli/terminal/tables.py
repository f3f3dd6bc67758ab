"""Tables for people: they fit the terminal, and never break a name, an id, a file's name or a number.

In a terminal a table is folded at the blanks of its texts. If it does not fit even so, each row is written as a
record: one value below the other. Elsewhere each row is one line, with amounts as programs read them.
"""

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Literal, NamedTuple

import click
import msgspec

from primanota.adapters.settings.terminal import wants_colours
from primanota.cli.texts.language import Writing, can_show, here
from primanota.core.model import Money
from primanota.core.text import display_width, shortened, visible


class StateCell(msgspec.Struct, frozen=True):
    """A state in the reader's words, and whether it is good; None for one that is neither good nor bad."""

    text: str
    is_good: bool | None = None


class ShownCell(NamedTuple):
    """A value as it is shown: its text without colours, and its colour."""

    text: str
    colour: str | None = None


# How the values of a column are shown: a ``name`` is folded at its blanks, a ``text`` also within a long word, a
# ``word`` (an id, a file's name, a day) stays whole; a ``number`` and an ``amount`` are right-aligned.
Kind = Literal["name", "text", "word", "number", "amount"]
# A text, a day or a moment (a ``datetime``), an amount, amounts of several currencies; None for an unknown amount.
Cell = str | date | Money | tuple[Money, ...] | StateCell | None

_GAP = "  "
# A longer word of a text may be broken, where the table would not fit otherwise.
_LONGEST_WORD = 16
# A text of many thousand letters would fill screens; --json has it whole.
_LONGEST = 400
_RIGHT = {"number", "amount"}
_FOLDED = {"name", "text"}
_STATES = {True: "green", False: "red", None: "yellow"}


class TableColumn(NamedTuple):
    """A column of a table, with the kind of its values.

    ``for_programs`` is set where a terminal shows its values in another column, as currencies beside their amounts.
    """

    heading: str
    kind: Kind = "name"
    for_programs: bool = False

    @property
    def is_right(self) -> bool:
        """Whether its values are right-aligned."""
        return self.kind in _RIGHT


def lines_for_programs(columns: Sequence[TableColumn], rows: Iterable[Sequence[ShownCell]]) -> Iterator[str]:
    """Yield a table with one line for each row."""
    cells = [[column.heading for column in columns], *([cell.text for cell in row] for row in rows)]
    widths = [max(map(display_width, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield _line(columns, row, widths)


def lines_for_people(
    columns: Sequence[TableColumn], rows: Iterable[Sequence[ShownCell]], width: int, *, colours: bool
) -> Iterator[str]:
    """Yield a table that fits a width: folded at blanks, or as records, one value below the other."""
    laid = [[cell._replace(text=shortened(cell.text, _LONGEST)) for cell in row] for row in rows]
    widths = _widths(columns, [[cell.text for cell in row] for row in laid], width)
    if widths is None:
        yield from _records(columns, laid, width, colours=colours)
        return
    headings = [ShownCell(column.heading) for column in columns]
    for line in _folded(columns, headings, widths, colours=False):
        yield click.style(line, bold=True) if colours else line
    rule = "─" if can_show("─") else "-"
    yield _GAP.join(rule * one for one in widths)
    for row in laid:
        yield from _folded(columns, row, widths, colours=colours)


def as_many_as_fit(
    columns: Sequence[TableColumn], rows: Sequence[Sequence[Cell]], enough: Iterable[int]
) -> tuple[Sequence[TableColumn], Sequence[Sequence[Cell]]]:
    """Return a table without its last columns, where a terminal is too narrow for all: rather than as records.

    Args:
        columns: all columns, the most important ones first.
        rows: the values of each row.
        enough: numbers of columns that may be shown instead of all, the largest first. If not even the last of them
            fits, all columns are returned.
    """
    for many in (len(columns), *enough):
        some, shown = columns[:many], [row[:many] for row in rows]
        if fits(some, shown):
            return some, shown
    return columns, rows


def fits(columns: Sequence[TableColumn], rows: Iterable[Sequence[Cell]]) -> bool:
    """Return whether a table fits the terminal without being written as records; it always does elsewhere."""
    if not is_terminal():
        return True
    writing = Writing(people=True)
    texts = [[shortened(visible(shown_cell(cell, writing).text), _LONGEST) for cell in row] for row in rows]
    return _widths(columns, texts, terminal_width()) is not None


def money_of(cents: int | None, currency: str) -> Money | None:
    """Return an amount of a table; None, which is shown as unknown, for an amount that is not known."""
    return None if cents is None else Money(cents, currency)


def shown_cell(cell: Cell, writing: Writing) -> ShownCell:
    """Return a value as it is shown: an amount with its currency for people, and as ``-1234.50`` for programs."""
    if isinstance(cell, Money):
        text = writing.amount(cell) if writing.people else f"{cell:.}"
        return ShownCell(text, "red" if cell.cents < 0 else "green")
    if isinstance(cell, StateCell):
        return ShownCell(cell.text, _STATES[cell.is_good])
    if isinstance(cell, tuple):
        return ShownCell(writing.amounts(cell))
    if isinstance(cell, date):
        return ShownCell(writing.moment(cell) if isinstance(cell, datetime) else writing.day(cell))
    return ShownCell(here().unknown if cell is None else cell)


def terminal_width() -> int:
    """Return the number of columns of the terminal."""
    return shutil.get_terminal_size().columns


def has_colours(stream: object) -> bool:
    """Return whether colours may be written to a stream: see https://no-color.org/."""
    return bool(getattr(stream, "isatty", lambda: False)()) and wants_colours()


def is_terminal() -> bool:
    """Return whether stdout is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def _widths(columns: Sequence[TableColumn], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """Return the width of each column so that the table fits; None if it cannot fit."""
    cells = [*zip(*rows, strict=True)] or [()] * len(columns)
    natural = [
        max(map(display_width, (column.heading, *texts))) for column, texts in zip(columns, cells, strict=True)
    ]
    room = width - len(_GAP) * (len(columns) - 1)
    for breaks in (False, True):
        least = [
            _least(column, texts, breaks=breaks) if column.kind in _FOLDED else full
            for column, texts, full in zip(columns, cells, natural, strict=True)
        ]
        if sum(least) <= room:
            return _shrunk(natural, least, room)
    return None


def _least(column: TableColumn, texts: Sequence[str], *, breaks: bool) -> int:
    """Return the width of the longest word of a column; ``breaks`` says whether a long word of a text is broken."""
    most = max((display_width(word) for text in texts for word in text.split(" ")), default=0)
    if breaks and column.kind == "text":
        most = min(most, _LONGEST_WORD)
    return max(most, *map(display_width, column.heading.split(" ")))


def _shrunk(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths with a sum that fits: the widest columns become narrower first."""
    widths = [*natural]
    while (excess := sum(widths) - room) > 0:
        shrinkable = [place for place, one in enumerate(widths) if one > least[place]]
        widest = max(widths[place] for place in shrinkable)
        those = [place for place in shrinkable if widths[place] == widest]
        below = max((widths[place] for place in shrinkable if widths[place] < widest), default=0)
        for place in those:
            widths[place] = max(least[place], below, widest - -(-excess // len(those)))
    return widths


def _folded(
    columns: Sequence[TableColumn], row: Sequence[ShownCell], widths: Sequence[int], *, colours: bool
) -> Iterator[str]:
    pieces = [_pieces(cell.text, width) for cell, width in zip(row, widths, strict=True)]
    for line in zip_longest(*pieces, fillvalue=""):
        yield _line(columns, line, widths, [cell.colour for cell in row] if colours else ())


def _line(
    columns: Sequence[TableColumn], texts: Sequence[str], widths: Sequence[int], colours: Sequence[str | None] = ()
) -> str:
    shown = []
    for column, text, width, colour in zip_longest(columns, texts, widths, colours):
        padding = " " * (width - display_width(text))
        styled = click.style(text, fg=colour) if colour and text else text
        shown.append(padding + styled if column.is_right else styled + padding)
    return _GAP.join(shown).rstrip()


def _pieces(text: str, width: int) -> list[str]:
    """Return the lines of a text that is folded at its blanks; only a word that is too long itself is broken."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if display_width(longer) <= width:
            lines[-1] = longer
            continue
        *parts, rest = _broken(word, width)
        lines += [*parts, rest]
    return [line for line in lines if line] or [""]


def _broken(word: str, width: int) -> list[str]:
    parts = [""]
    for character in word:
        if parts[-1] and display_width(parts[-1] + character) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _records(
    columns: Sequence[TableColumn], rows: Sequence[Sequence[ShownCell]], width: int, *, colours: bool
) -> Iterator[str]:
    """Yield each row as a record; values that are empty are left out."""
    names = max(display_width(column.heading) for column in columns)
    for number, row in enumerate(rows):
        if number:
            yield ""
        for column, cell in zip(columns, row, strict=True):
            if not cell.text:
                continue
            room = max(width - names - len(_GAP), 1)
            whole = column.kind not in _FOLDED
            values = [cell.text] if whole else _pieces(cell.text, max(room, _least(column, [cell.text], breaks=True)))
            for place, value in enumerate(values):
                name = "" if place else column.heading
                styled = click.style(value, fg=cell.colour) if colours and cell.colour else value
                yield f"{name}{' ' * (names - display_width(name))}{_GAP}{styled}".rstrip()
