"""Comma-separated values (RFC 4180), in the dialect of a profile. Pure, streaming."""

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Literal

import msgspec

from primanota.core.errors import FormatRuleViolated, among
from primanota.core.model import Statement, Transaction
from primanota.core.toml_validation import Mistake
from primanota.formats import Format
from primanota.formats.charsets import Fitter, cut
from primanota.formats.delimited_text import Dialect, cells_of, text_of
from primanota.formats.formula_guard import guarding
from primanota.formats.option_errors import refuse
from primanota.formats.sheet_limits import beyond_a_cell, beyond_a_sheet
from primanota.formats.templates import (
    Cell,
    OwnNames,
    compile_cell,
    compile_column,
    fields_of,
    is_figure,
    is_text,
    sample_cell,
    wrong_columns,
)

_ROWS_AT_ONCE = 500
# Codecs of Python that are no encodings of files.
_NO_CHARSETS = {"charmap", "idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dialect.

    ``columns`` are pairs of heading and template. ``quoting``: quotes are around the cells that need them
    (``minimal``), around all, around all but numbers and days (``text``), or around ``none``. ``empty`` stands in a
    cell that would be empty. ``formula_guard`` is put before what a spreadsheet would take for a formula in a text,
    also behind a delimiter of another country; never before an amount. ``lengths`` are the most characters that a
    column's texts may have, ``shortest`` the fewest of any text: a shorter one gets ``empty`` behind it. ``banned``
    are the characters that a text may not have, with their replacements. ``direction`` has the tool's words for money
    in and money out.
    """

    columns: list[tuple[str, str]]
    encoding: str = "utf-8"
    delimiter: str = ","
    quoting: Literal["minimal", "all", "text", "none"] = "minimal"
    newline: Literal["\r\n", "\n"] = "\r\n"
    header: bool = True
    empty: str = ""
    formula_guard: str = ""
    lengths: dict[str, int] = {}
    shortest: int = 0
    banned: dict[str, str] = {}
    direction: tuple[str, str] = ("in", "out")

    def __post_init__(self) -> None:
        """Refuse options with which a file cannot be written.

        Raises:
            InvalidOptions: an unknown field, encoding or delimiter, and every other mistake.
        """
        refuse(self._wrong())

    def _wrong(self) -> Iterator[Mistake]:
        yield from wrong_columns(self.columns)
        yield from beyond_a_sheet(self.columns)
        words = (("direction", word) for word in self.direction)
        yield from beyond_a_cell([("empty", self.empty), ("formula_guard", self.formula_guard), *words])
        yield from self._wrong_dialect()
        yield from self._wrong_lengths()
        for char in self.banned:
            if len(char) != 1:
                what = "banned has single characters, each with its replacement"
                yield Mistake(what, f"Write the characters of “{char}” one by one.", ("banned", char))
            if char and char in self.formula_guard:
                what = f"formula_guard has “{char}”, which banned forbids"
                yield Mistake(what, "Use another guard, such as an underscore.", ("formula_guard",))

    def _wrong_lengths(self) -> Iterator[Mistake]:
        headings = self.headings
        known = set(headings)
        for heading, length in self.lengths.items():
            if heading not in known:
                what = f"lengths names a column that is not there: “{heading}”"
                yield Mistake(what, among(heading, headings), ("lengths", heading))
            elif length < max(self.shortest, 1):
                least = "a character" if self.shortest <= 1 else f"{self.shortest} characters, as shortest asks"
                what = f"lengths gives “{heading}” {length}, and a text has at least {least}"
                yield Mistake(
                    what, "Write a greater number, or leave the column out of lengths.", ("lengths", heading)
                )
        if self.shortest < 0:
            yield Mistake("shortest is less than 0", "Write a whole number from 0 on.", ("shortest",))
        if self.shortest > len(self.empty):
            what = f"shortest asks for {self.shortest} characters, and empty, which follows a shorter text, has fewer"
            yield Mistake(what, "Write as many into empty.", ("shortest",))

    def _wrong_dialect(self) -> Iterator[Mistake]:
        try:
            own = (*self.headings, *self.direction, self.delimiter, self.empty, self.formula_guard)
            "".join(own).encode(_charset(self.encoding))
        except UnicodeEncodeError as error:
            what = f"{self.encoding} has no “{error.object[error.start]}”, which this profile writes"
            yield Mistake(what, "Use utf-8, or another heading.", ("encoding",))
        except (LookupError, ValueError):  # no codec of texts has this name, or none of files
            hint = among(self.encoding, ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"))
            yield Mistake(f"there is no encoding “{self.encoding}”", hint, ("encoding",))
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\0':
            what = "the delimiter must be one character, and neither a quote nor a line break"
            yield Mistake(what, 'Write ",", ";", "|" or "\\t".', ("delimiter",))
        if self.quoting == "none" and not {self.delimiter, '"'} <= self.banned.keys():
            what = "without quotes, banned must have replacements for the delimiter and for a quote"
            yield Mistake(what, "Write them there, or leave quoting out.", ("quoting",))
        elif self.quoting == "none":
            yield from self._wrong_without_quotes()

    def _wrong_without_quotes(self) -> Iterator[Mistake]:
        """Yield what would need quotes: texts have replacements, but not headings, numbers and options."""
        needy, wrong = {self.delimiter, *'"\r\n'}, {mistake.keys[-1] for mistake in wrong_columns(self.columns)}
        hint = "Choose another delimiter, or leave quoting out."
        for name, word in (
            *(("empty", self.empty), ("formula_guard", self.formula_guard)),
            *(("direction", word) for word in self.direction),
            *(("banned", replacement) for replacement in self.banned.values()),
        ):
            if needy & {*word}:
                yield Mistake(f"{name} writes “{word}”, which needs quotes", hint, (name,))
        for place, (heading, template) in enumerate(self.columns):
            figure = place not in wrong and not is_text(template)
            if needy & {*heading, *(sample_cell(template) if figure else "")}:
                yield Mistake(f"column “{heading}” needs quotes", hint, ("columns", place))

    @property
    def dialect(self) -> Dialect:
        """Return how its lines are written."""
        return Dialect(self.delimiter, self.newline, self.quoting)

    @property
    def headings(self) -> list[str]:
        """Return the column headings, in order."""
        return [heading for heading, _ in self.columns]

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields of a transaction that the columns show."""
        return fields_of(self.columns)

    @property
    def fits_every_text(self) -> bool:
        """Return whether every text can be written unchanged."""
        return self.encoding.lower().startswith("utf") and not self.lengths and not self.banned and not self.shortest


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines. A text that the file cannot hold is fitted, and reported.

    Raises:
        FormatRuleViolated: a row needs quotes, and the dialect has none.
    """
    table, dialect = _table(statement, options), options.dialect
    encode = codecs.getincrementalencoder(options.encoding)().encode
    if options.header:
        yield encode(_lines([[heading] for heading in options.headings], dialect))
    rows = iter(statement.rows)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield encode(_lines(table(some), dialect))


def shows(options: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row: each column's heading and cell."""
    return _cells(options, OwnNames(direction=options.direction))


def read_back(piece: bytes, options: Options) -> list[list[str]]:
    """Return the cells of a piece of the file, as another program would read them."""
    try:
        return cells_of(piece.decode(options.encoding), options.dialect)
    except csv.Error as error:  # a cell of more than 131,072 letters, which other programs do not read either
        raise FormatRuleViolated(
            f"A row cannot be read back: {error}.", "Leave columns out of the profile."
        ) from None


def _lines(columns: Sequence[Sequence[str]], dialect: Dialect) -> str:
    try:
        return text_of(columns, dialect)
    except csv.Error:
        what = "A row needs quotes, for a cell that is empty or has the delimiter, and this profile writes none."
        raise FormatRuleViolated(what, "Choose another delimiter in the profile, or leave quoting out.") from None


def _charset(encoding: str) -> str:
    """Return an encoding of files.

    Raises:
        LookupError: there is no such codec, or it is no encoding of files.
    """
    if codecs.lookup(encoding).name in _NO_CHARSETS:
        raise LookupError(encoding)
    return encoding


FORMAT = Format(".csv", Options, render, shows, read_back)


def _cells(options: Options, own: OwnNames) -> list[tuple[str, Cell]]:
    return [(heading, compile_cell(template, own, **_guarded(options))) for heading, template in options.columns]


def _table(statement: Statement, options: Options) -> Callable[[Sequence[Transaction]], Sequence[Sequence[str]]]:
    """Return a function that makes the columns of several transactions."""
    own = OwnNames.of(statement, options.direction)
    if options.fits_every_text and options.quoting != "text":
        columns = [compile_column(template, own, **_guarded(options)) for _, template in options.columns]
        return lambda rows: [column(rows) for column in columns]
    cells = [cell for _, cell in _cells(options, own)]
    if not options.fits_every_text:
        fitter = Fitter(options.encoding, statement.text_changes, options.banned)
        cells = [
            _fitting(cell, heading, options, fitter) if is_text(template) else cell
            for cell, (heading, template) in zip(cells, options.columns, strict=True)
        ]
    if options.quoting == "text":
        cells = [
            _bare(cell, options.empty) if is_figure(template) else cell
            for cell, (_, template) in zip(cells, options.columns, strict=True)
        ]
    # Row by row, so that changed texts are reported in the order of the rows.
    return lambda rows: list(zip(*([cell(row) for cell in cells] for row in rows), strict=True))


def _guarded(options: Options) -> dict[str, str]:
    return {"guard": options.formula_guard, "delimiter": options.delimiter, "empty": options.empty}


class _Figure(str):
    """The text of a number or a day, which ``csv.writer`` does not quote, since it has ``__float__``."""

    __slots__ = ()

    def __float__(self) -> float:
        raise NotImplementedError


def _bare(cell: Cell, empty: str) -> Cell:
    """Return the cell without quotes, unless it is the text for an empty cell."""

    def bare(row: Transaction) -> str:
        text = cell(row)
        return text if text and text == empty else _Figure(text)

    return bare


def _fitting(cell: Cell, heading: str, options: Options, fitter: Fitter) -> Cell:
    limit = options.lengths.get(heading)
    harmless = guarding(options.formula_guard, options.delimiter)

    def guarded(text: str) -> str:
        return harmless(text) if limit is None else cut(harmless(text), limit)

    def fitting(row: Transaction) -> str:
        text = fitter.fit(row, heading, cell(row), limit)
        # A replacement may make a formula: a dash becomes a minus, a comma a semicolon.
        text = text if text == options.empty else guarded(text)
        return text if len(text) >= max(options.shortest, 1) else text + options.empty

    return fitting
