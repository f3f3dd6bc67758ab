"""Comma-separated values (RFC 4180), in the dialect that a profile asks for. Pure, streaming."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Literal

import msgspec

from primanota.errors import RuleBroken
from primanota.formats.cells import Cell, check_template, compile_cell
from primanota.model import Statement

SUFFIX = ".csv"
_ROWS_AT_ONCE = 500
_QUOTING: dict[str, Literal[0, 1]] = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dialect.

    ``columns`` are pairs of heading and template. ``empty`` stands in a cell that would be empty.
    ``formula_guard`` is put before a text that a spreadsheet would take for a formula; never before an amount.
    """

    columns: list[tuple[str, str]]
    encoding: str = "utf-8"
    delimiter: str = ","
    quoting: Literal["minimal", "all"] = "minimal"
    newline: Literal["\r\n", "\n"] = "\r\n"
    header: bool = True
    empty: str = ""
    formula_guard: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be written.

        Raises:
            ValueError: an unknown field, encoding or delimiter, in a sentence.
        """
        if not self.columns:
            raise ValueError("there are no columns")
        for heading, template in self.columns:
            try:
                check_template(template)
            except ValueError as error:
                raise ValueError(f"column “{heading}”: {error}") from None
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(f"there is no encoding “{self.encoding}”") from None
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\0':
            raise ValueError("the delimiter must be one character, and neither a quote nor a line break")

    @property
    def headings(self) -> list[str]:
        """The column headings, in order."""
        return [heading for heading, _ in self.columns]


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole lines.

    Raises:
        RuleBroken: a text holds a character that the encoding does not have.
    """
    cells = [cell for _, cell in shows(options)]
    encode = codecs.getincrementalencoder(options.encoding)().encode
    if options.header:
        yield _lines([options.headings], options, encode)
    rows = iter(statement.rows)
    while piece := [[cell(row) for cell in cells] for row in islice(rows, _ROWS_AT_ONCE)]:
        yield _lines(piece, options, encode)


def shows(options: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row: each column's heading and cell."""
    guard, empty = options.formula_guard, options.empty
    return [(heading, compile_cell(template, guard=guard, empty=empty)) for heading, template in options.columns]


def read_back(piece: bytes, options: Options) -> list[list[str]]:
    """The cells of a piece of the file, as any other program would read them."""
    text = io.StringIO(piece.decode(options.encoding), newline="")
    return list(csv.reader(text, delimiter=options.delimiter, strict=True))


def _lines(rows: Iterable[list[str]], options: Options, encode: Callable[[str], bytes]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(
        text, delimiter=options.delimiter, quoting=_QUOTING[options.quoting], lineterminator=options.newline
    ).writerows(rows)
    try:
        return encode(text.getvalue())
    except UnicodeEncodeError as error:
        raise RuleBroken(
            f"The character “{error.object[error.start]}” does not exist in {options.encoding}.",
            "Choose utf-8 in the profile.",
        ) from None
