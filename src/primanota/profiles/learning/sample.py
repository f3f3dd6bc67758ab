"""Read a sample as a table: its dialect and its rows. Pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple

from primanota.core.errors import InvalidInput
from primanota.profiles.learning.cell_values import FILLERS, are_figures, is_value
from primanota.profiles.learning.encodings import decode
from primanota.profiles.learning.questions import Answer, Questions

_DELIMITERS = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a bar"}
# A first line that names the delimiter, for Excel only.
_SEPARATOR = re.compile(r"sep=.\r?\n")
_LOOKED_AT = 200
_CELLS_LOOKED_AT = 10_000
_FEWEST = 10
# So many lines below the table are told from rows.
_DEEPEST_FOOT = 50
_MOSTLY = 0.9
_LONGEST = 40
# More columns have no tool; each of them is a possible question.
_MOST_COLUMNS = 1_000


class Sample(NamedTuple):
    """A table; ``rows`` have one width and include the headings, ``notes`` tell what a profile cannot write."""

    encoding: str
    delimiter: str
    quoting: Literal["minimal", "all"]
    newline: Literal["\r\n", "\n"]
    rows: list[list[str]]
    notes: list[str]


def read(data: bytes, questions: Questions) -> Sample:
    """Read a sample as a table.

    Raises:
        InvalidInput: it is empty, not a text, has only one column, or too many.
    """
    encoding, text = decode(data, questions)
    found = [Answer(one, _DELIMITERS[one]) for one in delimiters(text)]
    if not found:
        raise InvalidInput(
            "The sample has only one column.", "The cells of a table are separated by ; or , or | or tabs."
        )
    delimiter = questions.decide("Delimiter", "What separates the cells?", found)
    lines = _parsed(text, delimiter)
    if (width := _width(lines)[0]) > _MOST_COLUMNS:
        what = f"The sample has {width:,} columns, and a profile is learnt from {_MOST_COLUMNS:,} at most."
        raise InvalidInput(what, "Take a file with fewer columns, or look at its quotes.")
    rows, notes = _table(lines)
    if _SEPARATOR.match(text):
        notes.append("The sample begins with a line for Excel, “sep=”, which a profile cannot write.")
    quoting, more = _quoting(text, lines, delimiter)
    newline: Literal["\r\n", "\n"] = "\n" if text.count("\n") > 2 * text.count("\r\n") else "\r\n"
    return Sample(encoding, delimiter, quoting, newline, rows, [*notes, *more])


def delimiters(text: str) -> list[str]:
    """Return the possible delimiters, the likeliest first; only one if it is certain, none if there is no table."""
    fits = {one: _fit_of(_parsed(text, one)[:_LOOKED_AT]) for one in _DELIMITERS}
    best = max(fits.values())
    return [one for one in fits if fits[one] == best and best.width > 1]


class _DelimiterFit(NamedTuple):
    """How well a delimiter fits a text: the greater, the likelier."""

    is_even: bool
    value_columns: int
    width: int


def _fit_of(lines: list[list[str]]) -> _DelimiterFit:
    width, _ = _width(lines)
    lines = lines[: max(_CELLS_LOOKED_AT // max(width, 1), _FEWEST)]
    often = sum(len(line) == width for line in lines)
    columns = list(zip(*(line[:_MOST_COLUMNS] for line in lines if len(line) == width), strict=True))
    value_columns = sum(sum(map(is_value, column)) * 2 >= len(column) for column in columns)
    # The headings may be one more or one less than the cells.
    return _DelimiterFit(width > 1 and often >= _MOSTLY * (len(lines) - 1), value_columns, width)


def _width(lines: Iterable[list[str]]) -> tuple[int, int]:
    """Return the most frequent number of cells in a line, and the number of such lines."""
    return max(Counter(map(len, lines)).items(), key=lambda found: (found[1], found[0]), default=(0, 0))


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """Return the lines that are not empty, as cells."""
    named = _SEPARATOR.match(text)
    body = text[named.end() :] if named else text
    try:
        lines = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
    except csv.Error:  # a cell of more than 128 kB: the quotes are something else here
        return []
    return [line for line in lines if any(map(str.strip, line))]


def _table(lines: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """Return the rows of the table, all of the most frequent width, and notes on the other lines."""
    width, _ = _width(lines)
    start = next(place for place, line in enumerate(lines) if len(line) == width)
    if start and len(lines[start - 1]) == width - 1 and any(map(is_value, lines[start])):
        start -= 1  # the headings, of lines that end with a delimiter
    rows = [(line + [""] * width)[:width] for line in lines[start:]]
    end = len(rows) - _below(rows)
    notes = []
    if start:
        first = " ".join(lines[0]).strip()[:_LONGEST]
        notes.append(f"{_lines(start)} before the table (“{first}”), which a profile cannot write.")
    if below := rows[end:]:
        first = " ".join(filter(None, map(str.strip, below[0])))[:_LONGEST]
        which = "a line" if len(below) == 1 else f"{len(below)} lines"
        notes.append(f"The sample ends with {which} below the table (“{first}”), which a profile cannot write.")
    if uneven := sum(len(line) != width for line in lines[start : start + end]):
        notes.append(f"{_lines(uneven)} of another width than {width} cells.")
    return rows[:end], notes


def _below(rows: list[list[str]]) -> int:
    """Return how many lines at the end are below the table: they have a text where rows have a day or an amount."""
    return max((_foot(column) for column in zip(*rows[1:], strict=True)), default=0)


def _foot(column: Sequence[str]) -> int:
    """Return how many cells at the end are below a column of days or amounts; at most half of the column."""
    cells = [cell.strip() for cell in column]
    foot = sum(1 for _ in takewhile(lambda cell: not is_value(cell), reversed(cells[-_DEEPEST_FOOT:])))
    if not 0 < foot <= len(cells) // 2 or not are_figures(cells[:-foot]):
        return 0
    first = cells[-foot]
    return foot if any(map(str.isalpha, first)) and first not in FILLERS else 0


def _lines(number: int) -> str:
    return "The sample has 1 line" if number == 1 else f"The sample has {number} lines"


def _quoting(text: str, lines: list[list[str]], delimiter: str) -> tuple[Literal["minimal", "all"], list[str]]:
    """Return which cells have quotes, and a note if the sample follows no rule."""
    if '"' not in text:
        return "minimal", []
    plain = text.replace("\r\n", "\n").rstrip("\n")
    if plain == _written(lines, delimiter, csv.QUOTE_MINIMAL):
        return "minimal", []
    if plain == _written(lines, delimiter, csv.QUOTE_ALL):
        return "all", []
    begun = len(re.findall(rf'(?:^|{re.escape(delimiter)})"', text, re.MULTILINE))
    most: Literal["minimal", "all"] = "all" if begun * 2 > sum(map(len, lines)) else "minimal"
    which = {"all": "all cells", "minimal": "the cells that need them"}[most]
    return most, [f"The sample quotes some cells and not others; the profile quotes {which}."]


def _written(lines: list[list[str]], delimiter: str, quoting: Literal[0, 1]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(lines)
    return text.getvalue().replace("\r\n", "\n").rstrip("\n")
