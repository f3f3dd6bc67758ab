"""Excel workbook (Office Open XML) with real days and real amounts. Streaming, by a temporary file.

Sources: Microsoft, “Excel specifications and limits” (1,048,576 rows, 32,767 characters in a cell, 15 digits of a
number, 31 characters in a sheet's name); ECMA-376 part 1, 18.8.31 (number formats).

A workbook is a ZIP archive, which cannot be read in pieces. Texts are written as texts and never become formulas.
"""

import re
import string
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Statement, Transaction
from primanota.core.short_ids import beginning
from primanota.core.toml_validation import Mistake
from primanota.formats import Format
from primanota.formats.archive_file import ArchiveFile
from primanota.formats.charsets import Fitter
from primanota.formats.option_errors import refuse
from primanota.formats.sheet_limits import LONGEST_CELL, beyond_a_cell, beyond_a_sheet, utf16_units
from primanota.formats.statement_fields import NOT_PROVEN_NOTE, title
from primanota.formats.templates import MOMENTS, Cell, OwnNames, compile_cell, fields_of, is_text, wrong_columns

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.worksheet import Worksheet

_PIECE = 1 << 16
_MOST_ROWS = 1_048_576
# Excel counts UTF-16 units, of which a character takes two at most.
_LONGEST_TEXT = LONGEST_CELL // 2
# 15 digits, two of them behind the decimal mark.
_MOST_MONEY = Decimal(10**13)
_LONGEST_NAME = 31
# Of the sheet with the changes of a shared workbook.
_EXCELS_OWN = "history"
_NOT_PRINTED, _WITHOUT = "has a character that cannot be printed", "Leave it out."
# Characters that XML cannot hold (XML 1.0, 2.2 Characters), and controls. Texts are cleaned of the latter.
_BANNED = {"\ufffe": "", "\uffff": ""}
_NOT_XML = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_PLAIN = {"original", "receipts", "direction"}
# A sum of balances has no meaning.
_SUMMED = {"amount", "money_in", "money_out", "money_out_signed", "vat_amount"}
_EXCEL = {"%Y": "yyyy", "%m": "mm", "%d": "dd", "%H": "hh", "%M": "mm", "%S": "ss"}
_ISO = "%Y-%m-%d %H:%M:%S"
_DIRECTIVE = re.compile("(%.?)")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sheet.

    ``columns`` are pairs of heading and template. A column of a moment alone has real days, shown in its form:
    ``{booked:%d/%m/%Y}``. A column of an amount alone has real numbers, shown in Excel's number format
    ``amounts``. ``empty`` stands in a text that would be empty. ``total`` stands before the sums in a last
    row; if it is empty, there is no such row. ``direction`` has the tool's words for money in and money out.
    """

    columns: list[tuple[str, str]]
    sheet: str = "Transactions"
    amounts: str = "0.00"
    empty: str = ""
    total: str = ""
    direction: tuple[str, str] = ("in", "out")

    def __post_init__(self) -> None:
        """Refuse options with which a file cannot be written.

        Raises:
            InvalidOptions: an unknown field, a form of days that Excel lacks, an impossible sheet; with all mistakes.
        """
        refuse(self._wrong())

    def _wrong(self) -> Iterator[Mistake]:
        broken = list(wrong_columns(self.columns))
        yield from broken
        yield from beyond_a_sheet(self.columns)
        yield from beyond_a_cell(
            [("empty", self.empty), ("total", self.total), *(("direction", word) for word in self.direction)]
        )
        places = {place for place, _ in enumerate(self.columns)} - {one.keys[-1] for one in broken}
        for place in sorted(places):
            heading, template = self.columns[place]
            form = _only(template)[1] if _kind(template) == "moment" else ""
            for directive in _unknown(form):
                what = f"column “{heading}”: a sheet cannot show “{directive}”"
                yield Mistake(what, f"It can show {', '.join(_EXCEL)}.", ("columns", place))
            if _NOT_XML.search(form):
                yield Mistake(f"column “{heading}”: its form {_NOT_PRINTED}", _WITHOUT, ("columns", place))
        yield from self._wrong_words()
        if self.total and 0 in places and _kind(self.columns[0][1]) == "amount":
            what = f"“{self.total}” stands in the first column, which is an amount"
            yield Mistake(what, "Put another column first.", ("total",))

    def _wrong_words(self) -> Iterator[Mistake]:
        """Yield the mistakes of the sheet's name and of the number format, which stand in the workbook's own XML."""
        if not 0 < utf16_units(self.sheet) <= _LONGEST_NAME or set(self.sheet) & set("[]:*?/\\'"):
            what = f"a sheet's name has up to {_LONGEST_NAME} characters, without []:*?/\\'"
            yield Mistake(what, "Use another name.", ("sheet",))
        elif self.sheet.casefold() == _EXCELS_OWN:
            yield Mistake(f"“{self.sheet}” is a name that Excel keeps for itself", "Use another name.", ("sheet",))
        for name, word in (("sheet", self.sheet), ("amounts", self.amounts)):
            if _NOT_XML.search(word):
                yield Mistake(f"{name} {_NOT_PRINTED}", _WITHOUT, (name,))

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields of a transaction that the columns show."""
        return fields_of(self.columns)


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces.

    Raises:
        FormatRuleViolated: a sheet cannot hold so many rows, or an amount of so many digits.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # All temporary files are in one folder, so that it is empty again when a row is refused.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.xlsx")
        try:
            with closing(ArchiveFile(path)) as archive:
                book = Workbook(archive, {"constant_memory": True, "tmpdir": folder})
                with _closed(book), book:
                    _fill(book, statement, options)
        except FileCreateError as error:  # wraps the error of the disk
            raise error.args[0] from None
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


@contextmanager
def _closed(book: "Workbook") -> Iterator[None]:
    """Close the temporary files of a workbook if it fails: closed later, they would report their error once more."""
    try:
        yield
    except BaseException:
        for file in (file for sheet in book.worksheets() for file in (sheet.row_data_fh, sheet.fh)):
            with suppress(OSError):
                file.close()
        raise


def shows(options: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row: each column's heading and cell."""
    own = OwnNames(direction=options.direction)
    return [
        (heading, compile_cell(template, own, empty=options.empty if _kind(template) == "text" else ""))
        for heading, template in options.columns
    ]


FORMAT = Format(".xlsx", Options, render, shows)


class _Column:
    """A column of a sheet.

    Args:
        write: writes a value into a cell.
        form: how its values are shown.
        place: number of the column, from 0.
        value: returns a row's value; None leaves the cell empty.
        summed: whether its values are amounts that may be added up.
    """

    def __init__(
        self,
        write: Callable[..., object],
        form: "CellFormat",
        place: int,
        value: Callable[[Transaction], Any],
        *,
        summed: bool,
    ) -> None:
        self._write = write
        self._form = form
        self._place = place
        self._value = value
        self._sum = Decimal() if summed else None

    def put(self, line: int, row: Transaction) -> None:
        value = self._value(row)
        if value is not None:
            self._write(line, self._place, value, self._form)
            if self._sum is not None:
                self._sum += value

    def put_sum(self, line: int) -> None:
        if self._sum is not None:
            self._write(line, self._place, self._sum, self._form)


def _fill(book: "Workbook", statement: Statement, options: Options) -> None:
    book.set_properties(_properties(statement))
    sheet = book.add_worksheet(options.sheet)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    columns = _columns(book, sheet, statement, options)
    for place, (heading, _) in enumerate(options.columns):
        sheet.write_string(0, place, heading, bold)
    line = 0
    for line, row in enumerate(statement.rows, 1):
        _check_room(line + bool(options.total), statement)
        for column in columns:
            column.put(line, row)
    if options.total:
        sheet.write_string(line + 1, 0, options.total, bold)
        for column in columns:
            column.put_sum(line + 1)


def _check_room(line: int, statement: Statement) -> None:
    if line >= _MOST_ROWS:
        what = f"{statement.account.name} has more transactions than the {_MOST_ROWS} rows that a sheet can have."
        raise FormatRuleViolated(what, "Export a shorter period.")


def _properties(statement: Statement) -> dict[str, Any]:
    """Return the document properties. Created on the last day, so that the same statement gives the same bytes."""
    return {
        "title": title(statement),
        "comments": "" if statement.proven else NOT_PROVEN_NOTE,
        "created": datetime.combine(statement.last, time()),
    }


def _columns(book: "Workbook", sheet: "Worksheet", statement: Statement, options: Options) -> list[_Column]:
    own = OwnNames.of(statement, options.direction)
    fitter = Fitter("utf-8", statement.text_changes, _BANNED)
    columns = []
    for place, (heading, template) in enumerate(options.columns):
        name, spec = _only(template)
        value: Callable[[Transaction], Any]
        match _kind(template):
            case "moment":
                width, write, form, value = 19, sheet.write_datetime, _day_form(spec), _moment(name, spec)
            case "amount":
                width, write, form, value = 14, sheet.write_number, options.amounts, _amount(name, own)
            case "text":
                cell = compile_cell(template, own)
                width, write, form, value = 36, sheet.write_string, "@", _text(cell, heading, fitter, options.empty)
        sheet.set_column(place, place, width)
        columns.append(_Column(write, book.add_format({"num_format": form}), place, value, summed=name in _SUMMED))
    return columns


def _only(template: str) -> tuple[str, str]:
    """Return the field and its form of a template that is one field alone; else two empty texts."""
    match list(string.Formatter().parse(template)):
        case [("", str(name), spec, None)]:
            return name, spec or ""
    return "", ""


def _kind(template: str) -> Literal["moment", "amount", "text"]:
    name, _ = _only(template)
    if name in MOMENTS:
        return "moment"
    return "text" if is_text(template) or name in _PLAIN else "amount"


def _day_form(spec: str) -> str:
    """Return Excel's number format for the form of a moment."""
    return "".join(_EXCEL.get(part) or _literally(part) for part in _DIRECTIVE.split(spec or _ISO))


def _unknown(spec: str) -> list[str]:
    return [directive for directive in _DIRECTIVE.findall(spec) if directive not in _EXCEL]


def _literally(text: str) -> str:
    return text if not any(map(str.isalnum, text)) else '"' + text.replace('"', "") + '"'


def _moment(name: str, spec: str) -> Callable[[Transaction], datetime | None]:
    timed = not spec or any(directive in spec for directive in ("%H", "%M", "%S"))
    cell = compile_cell(f"{{{name}:{_ISO if timed else _ISO[:8]}}}")
    return lambda row: datetime.fromisoformat(text) if (text := cell(row)) else None


def _amount(name: str, own: OwnNames) -> Callable[[Transaction], Decimal | None]:
    cell = compile_cell(f"{{{name}}}", own)

    def amount(row: Transaction) -> Decimal | None:
        text = cell(row)
        if text and abs(Decimal(text)) >= _MOST_MONEY:
            what = f"{row.title} ({beginning(row.id)}) has {text}, and a sheet keeps only 15 digits of a number."
            raise FormatRuleViolated(what, "Use a format without such limits, such as a CSV.")
        return Decimal(text) if text else None

    return amount


def _text(cell: Cell, heading: str, fitter: Fitter, empty: str) -> Callable[[Transaction], str | None]:
    # A text of characters that XML cannot hold is empty only after it was fitted.
    return lambda row: fitter.fit(row, heading, cell(row), _LONGEST_TEXT) or empty or None
