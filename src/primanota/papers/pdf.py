"""Set a description, written in Markdown, as a PDF to be archived: a contents page, numbered pages, tables."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace
from markdown_it import MarkdownIt
from markdown_it.token import Token

from primanota.adapters.pdf.archive_document import HEIGHT, LEADING, MARGIN, POINT, WIDTH, ArchiveDocument, Style
from primanota.papers.description import title_of

_INK, _SOFT, _RULE, _BAND = (32, 36, 40), (98, 106, 114), (205, 210, 214), (240, 243, 245)
_HEADINGS: Final = {1: Style(20, "B"), 2: Style(13, "B")}
_BODY, _CODE, _CELL, _FOOT = Style(9.5), Style(8.5), Style(8), Style(7.5, colour=_SOFT)
_TOP, _BOTTOM = 20.0, 22.0
_FULL = WIDTH - 2 * MARGIN
_INDENT = 5.0
# A heading without the beginning of its text below it goes to the next page (mm).
_LEAST_ROOM = 34.0
_PADDING, _LONGEST_WORD = 3.0, 60.0  # of a cell, left and right together; a longer word is broken (mm)


class _Table(NamedTuple):
    rows: list[list[str]]
    aligned: list[str]


def pdf(text: str, language: str, made: datetime) -> bytes:
    """Return a description as PDF/A.

    Args:
        text: the description, as ``description`` writes it.
        language: its language (ISO 639-1).
        made: when it was made, aware.
    """
    document = _Pages(title_of(text), language, made)
    try:
        _Setter(document).set(MarkdownIt("commonmark").enable("table").parse(text))
        return document.content
    finally:
        document.close_fonts()


class _Pages(ArchiveDocument):
    """Pages of A4 with a number at the foot of each."""

    def __init__(self, title: str, language: str, made: datetime) -> None:
        super().__init__(title, language, made)
        self._name = title
        self.set_auto_page_break(True, _BOTTOM)
        self.set_margins(MARGIN, _TOP, MARGIN)
        self.add_page()

    def footer(self) -> None:
        """Write the title and the number of the page; fpdf2 calls it for each page."""
        self.set_y(HEIGHT - 14)
        self.use(_FOOT)
        self.cell(_FULL - 20, 4, self.known(self._name))
        self.cell(20, 4, f"{self.page_no()}", align="R")


class _Setter:
    """Sets the tokens of a Markdown text one after the other."""

    def __init__(self, document: _Pages) -> None:
        self._pdf = document
        self._items: list[int] = []

    def set(self, tokens: list[Token]) -> None:
        """Set all tokens."""
        stream = iter(tokens)
        for token in stream:
            setting: Callable[[Iterator[Token], Token], None] | None = getattr(self, f"_{token.type}", None)
            if setting:
                setting(stream, token)

    def _heading_open(self, stream: Iterator[Token], token: Token) -> None:
        level, words = int(token.tag[1]), _plain(next(stream))
        style = _HEADINGS[level]
        if self._pdf.get_y() > HEIGHT - _BOTTOM - _LEAST_ROOM:
            self._pdf.add_page()
        elif level > 1:
            self._pdf.ln(5)
        if level > 1:
            self._pdf.start_section(words, level - 2)
        self._write(words, style, MARGIN, _FULL)
        self._pdf.ln(3 if level == 1 else 1.5)

    def _inline(self, _: Iterator[Token], token: Token) -> None:
        indent = _INDENT if self._items else 0.0
        if self._items:
            number = self._items[-1]
            self._write(f"{number}." if number else "•", _BODY, MARGIN, _INDENT, goes_on=True)
            self._items[-1] = number + 1 if number else 0
        self._write(_plain(token), _CODE if _is_code(token) else _BODY, MARGIN + indent, _FULL - indent)
        self._pdf.ln(1 if self._items else 2.2)

    def _ordered_list_open(self, _: Iterator[Token], __: Token) -> None:
        self._items.append(1)

    def _bullet_list_open(self, _: Iterator[Token], __: Token) -> None:
        self._items.append(0)

    def _ordered_list_close(self, _: Iterator[Token], __: Token) -> None:
        self._items.pop()
        self._pdf.ln(1.5)

    _bullet_list_close = _ordered_list_close

    def _table_open(self, stream: Iterator[Token], _: Token) -> None:
        table = _table(stream)
        widths = self._widths(table)
        self._pdf.use(_CELL)
        self._pdf.set_draw_color(*_RULE)
        with self._pdf.table(
            col_widths=widths,
            width=int(_FULL),
            align="L",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_INK, fill_color=_BAND),
            line_height=_CELL.size * POINT * LEADING,
            text_align=tuple("RIGHT" if one == "right" else "LEFT" for one in table.aligned),
            padding=(0.9, _PADDING / 2),
            v_align="TOP",
        ) as shown:
            for row in table.rows:
                shown.row([self._pdf.known(cell) for cell in row])
        self._pdf.ln(3)

    def _widths(self, table: _Table) -> tuple[float, ...]:
        """Return the widths of the columns (mm): no word is broken, and the longest texts get the rest."""
        self._pdf.use(_CELL._replace(weight="B"))
        columns = list(zip(*table.rows, strict=True))
        words = ((word for cell in column for word in cell.split()) for column in columns)
        least = [min(self._width(some), _LONGEST_WORD) for some in words]
        more = [max(self._width(column) - low, 0.1) for column, low in zip(columns, least, strict=True)]
        rest = max(_FULL - sum(least), 0.0) / sum(more)
        return tuple(low + rest * wish for low, wish in zip(least, more, strict=True))

    def _width(self, texts: Iterable[str]) -> float:
        widths = (self._pdf.get_string_width(self._pdf.known(text)) for text in texts)
        return max(widths, default=0.0) + _PADDING + 0.5

    def _write(self, words: str, style: Style, x: float, width: float, *, goes_on: bool = False) -> None:
        self._pdf.use(style)
        self._pdf.set_x(x)
        height = style.size * POINT * LEADING
        below: Any = "TOP" if goes_on else "NEXT"
        self._pdf.multi_cell(width, height, self._pdf.known(words), align="L", new_x="LMARGIN", new_y=below)


def _table(stream: Iterator[Token]) -> _Table:
    """Return the rows of a table, up to its end, and how each column is aligned."""
    rows: list[list[str]] = []
    aligned: list[str] = []
    for token in stream:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "th_open":
            aligned.append("right" if "right" in str(token.attrs.get("style", "")) else "left")
        elif token.type == "inline":
            rows[-1].append(_plain(token))
    return _Table(rows, aligned)


def _plain(token: Token) -> str:
    """Return the text of a token without marks."""
    return "".join(" " if one.type in {"softbreak", "hardbreak"} else one.content for one in token.children or ())


def _is_code(token: Token) -> bool:
    return [one.type for one in token.children or ()] == ["code_inline"]
