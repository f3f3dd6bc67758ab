"""A sample as a table: how it is written, and its rows. Pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple

from primanota.core.errors import InvalidInput
from primanota.profiles.learning.contents import FILLERS, are_figures, is_value
from primanota.profiles.learning.doubts import Answer, Open
from primanota.profiles.learning.encodings import decode

_DELIMITERS = {";": "a semicolon", ",": "a comma", "\t": "a tab", "|": "a bar"}
# What Excel reads, and nobody else, as the name of the delimiter.
_SEPARATOR = re.compile(r"sep=.\r?\n")
_LOOKED_AT = 200
_MOSTLY = 0.9
_LONGEST = 40


class Sample(NamedTuple):
    """``rows`` are all of one width, the headings among them; ``notes`` say what no profile can write."""

    encoding: str
    delimiter: str
    quoting: Literal["minimal", "all"]
    newline: Literal["\r\n", "\n"]
    rows: list[list[str]]
    notes: list[str]


def read(data: bytes, still: Open) -> Sample:
    """A sample as a table.

    Raises:
        InvalidInput: it is empty, no text, or has but one column.
    """
    encoding, text = decode(data, still)
    found = [Answer(one, _DELIMITERS[one]) for one in delimiters(text)]
    if not found:
        raise InvalidInput(
            "The sample has but one column.", "The cells of a table are parted by ; or , or | or tabs."
        )
    delimiter = still.decide("Delimiter", "What parts the cells?", found)
    lines = _parsed(text, delimiter)
    rows, notes = _table(lines)
    if _SEPARATOR.match(text):
        notes.append("The sample begins with a line for Excel, “sep=”, which no profile can write.")
    quoting, doubtful = _quoting(text, lines, delimiter)
    newline: Literal["\r\n", "\n"] = "\n" if text.count("\n") > 2 * text.count("\r\n") else "\r\n"
    return Sample(encoding, delimiter, quoting, newline, rows, [*notes, *doubtful])


def delimiters(text: str) -> list[str]:
    """What may part the cells, the likeliest first; one where there is no doubt; none where nothing does."""
    looks = {one: _look(_parsed(text, one)[:_LOOKED_AT]) for one in _DELIMITERS}
    best = max(looks.values())
    return [one for one in looks if looks[one] == best and best.width > 1]


class _Look(NamedTuple):
    """How a text looks with a delimiter: the greater, the likelier."""

    even: bool
    telling: int
    width: int


def _look(lines: list[list[str]]) -> _Look:
    width, often = _width(lines)
    columns = list(zip(*(line for line in lines if len(line) == width), strict=True))
    telling = sum(sum(map(is_value, column)) * 2 >= len(column) for column in columns)
    # The headings may be one more or one less than the cells.
    return _Look(width > 1 and often >= _MOSTLY * (len(lines) - 1), telling, width)


def _width(lines: Iterable[list[str]]) -> tuple[int, int]:
    """How many cells most lines have, and how many lines have so many."""
    return max(Counter(map(len, lines)).items(), key=lambda found: (found[1], found[0]), default=(0, 0))


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """The lines that say something, in cells."""
    named = _SEPARATOR.match(text)
    body = text[named.end() :] if named else text
    try:
        lines = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
    except csv.Error:  # a cell of more than 128 kB: the quotes are something else here
        return []
    return [line for line in lines if any(map(str.strip, line))]


def _table(lines: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """Its rows, each as wide as most, and what is none of them."""
    width, _ = _width(lines)
    start = next(place for place, line in enumerate(lines) if len(line) == width)
    if start and len(lines[start - 1]) == width - 1 and any(map(is_value, lines[start])):
        start -= 1  # the headings, of lines that end with a delimiter
    rows = [(line + [""] * width)[:width] for line in lines[start:]]
    end = len(rows) - _below(rows)
    notes = []
    if start:
        first = " ".join(lines[0]).strip()[:_LONGEST]
        notes.append(f"{_lines(start)} before the table (“{first}”), which no profile can write.")
    if below := rows[end:]:
        first = " ".join(filter(None, map(str.strip, below[0])))[:_LONGEST]
        which = "a line" if len(below) == 1 else f"{len(below)} lines"
        notes.append(f"The sample ends with {which} below the table (“{first}”), which no profile can write.")
    if uneven := sum(len(line) != width for line in lines[start : start + end]):
        notes.append(f"{_lines(uneven)} of another width than {width} cells.")
    return rows[:end], notes


def _below(rows: list[list[str]]) -> int:
    """How many of the last rows are none: a text stands where each other row has a day or an amount."""
    return max((_foot(column) for column in zip(*rows[1:], strict=True)), default=0)


def _foot(column: Sequence[str]) -> int:
    """How many of the last cells are below a column of days or amounts; most of a column is never its foot."""
    cells = [cell.strip() for cell in column]
    foot = sum(1 for _ in takewhile(lambda cell: not is_value(cell), reversed(cells)))
    if not 0 < foot <= len(cells) // 2 or not are_figures(cells[:-foot]):
        return 0
    first = cells[-foot]
    return foot if any(map(str.isalpha, first)) and first not in FILLERS else 0


def _lines(number: int) -> str:
    return "The sample has 1 line" if number == 1 else f"The sample has {number} lines"


def _quoting(text: str, lines: list[list[str]], delimiter: str) -> tuple[Literal["minimal", "all"], list[str]]:
    """Which cells have quotes, and what a profile cannot do as the sample does it."""
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
