"""Set a description, written in Markdown, as a PDF to be archived: title page, contents, numbered pages, tables.

The text is set twice: the pages of the sections are known after the first time. What comes before the first section
is the title page; the list in the first section are the contents.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace
from markdown_it import MarkdownIt
from markdown_it.token import Token

from primanota.adapters.pdf.archive_document import (
    HEIGHT,
    LEADING,
    MARGIN,
    POINT,
    WIDTH,
    ArchiveDocument,
    Style,
    Weight,
)
from primanota.papers.description import title_of

_INK, _SOFT, _RULE, _BAND = (32, 36, 40), (98, 106, 114), (205, 210, 214), (240, 243, 245)
_HEADINGS: Final = {1: Style(24, "B"), 2: Style(13, "B")}
_BODY, _CODE, _CELL, _FOOT = Style(9.5), Style(8.5), Style(8), Style(7.5, colour=_SOFT)
_TOP, _BOTTOM, _TITLE_AT = 20.0, 22.0, 62.0
_FULL = WIDTH - 2 * MARGIN
_INDENT = 5.0
# A heading without the beginning of its text below it goes to the next page (mm).
_LEAST_ROOM = 34.0
_PADDING, _LONGEST_WORD = 3.0, 60.0  # of a cell, left and right together; a longer word is broken (mm)
_GAP = _PADDING + 0.5  # what a cell needs beside its words


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
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    pages = dict[str, int]()
    for _ in range(2):
        document = _Pages(title_of(text), language, made)
        try:
            _Setter(document, pages).set(tokens)
            content = document.content if pages else b""
        finally:
            document.close_fonts()
    return content


class _Pages(ArchiveDocument):
    """Pages of A4 with a number at the foot of each but the first."""

    def __init__(self, title: str, language: str, made: datetime) -> None:
        super().__init__(title, language, made)
        self._name = title
        self.set_auto_page_break(True, _BOTTOM)
        self.set_margins(MARGIN, _TOP, MARGIN)
        self.add_page()

    def footer(self) -> None:
        """Write the title and the number of the page; fpdf2 calls it for each page."""
        if self.page_no() == 1:
            return
        self.set_y(HEIGHT - 14)
        self.use(_FOOT)
        self.cell(_FULL - 20, 4, self.known(self._name))
        self.cell(20, 4, f"{self.page_no()}", align="R")


class _Setter:
    """Sets the tokens of a Markdown text one after the other.

    Args:
        document: the document.
        pages: the page of each section, for the contents; gets them.
    """

    def __init__(self, document: _Pages, pages: dict[str, int]) -> None:
        self._pdf = document
        self._known = {**pages}
        self._pages = pages
        self._items: list[int] = []
        self._sections = 0

    def set(self, tokens: list[Token]) -> None:
        """Set all tokens."""
        stream = iter(tokens)
        for token in stream:
            setting: Callable[[Iterator[Token], Token], None] | None = getattr(self, f"_{token.type}", None)
            if setting:
                setting(stream, token)

    def _heading_open(self, stream: Iterator[Token], token: Token) -> None:
        level, words = int(token.tag[1]), _plain(next(stream))
        if level == 1:
            self._title(words)
            return
        self._sections += 1
        if self._sections in {1, 2} or self._pdf.get_y() > HEIGHT - _BOTTOM - _LEAST_ROOM:
            self._pdf.add_page()
        else:
            self._pdf.ln(5)
        self._pdf.start_section(words, level - 2)
        self._pages[words] = self._pdf.page_no()
        self._write(words, _HEADINGS[level], MARGIN, _FULL)
        self._pdf.ln(1.5)

    def _title(self, words: str) -> None:
        self._pdf.set_y(_TITLE_AT)
        self._write(words, _HEADINGS[1], MARGIN, _FULL)
        self._pdf.set_draw_color(*_RULE)
        self._pdf.line(MARGIN, self._pdf.get_y() + 4, WIDTH - MARGIN, self._pdf.get_y() + 4)
        self._pdf.ln(10)

    def _inline(self, _: Iterator[Token], token: Token) -> None:
        words = _plain(token)
        if self._items and self._sections == 1:
            self._contents_line(words)
            return
        indent = _INDENT if self._items else 0.0
        if self._items:
            number = self._items[-1]
            self._write(f"{number}." if number else "•", _BODY, MARGIN, _INDENT, goes_on=True)
            self._items[-1] = number + 1 if number else 0
        if _is_code(token):
            self._write(words, _CODE, MARGIN + indent, _FULL - indent)
        else:
            self._flow(token, MARGIN + indent)
        self._pdf.ln(1 if self._items else 2.2)

    def _flow(self, token: Token, x: float) -> None:
        """Write a paragraph from a left edge on, with its strong words in bold."""
        self._pdf.set_left_margin(x)
        self._pdf.set_x(x)
        for words, weight in _runs(token):
            self._pdf.use(_BODY._replace(weight=weight))
            self._pdf.write(_BODY.size * POINT * LEADING, self._pdf.known(words))
        self._pdf.set_left_margin(MARGIN)
        self._pdf.ln(_BODY.size * POINT * LEADING)

    def _contents_line(self, words: str) -> None:
        self._pdf.use(_BODY)
        self._pdf.set_x(MARGIN)
        self._pdf.set_draw_color(*_RULE)
        self._pdf.cell(_FULL - 15, 8, self._pdf.known(words), border="B")
        self._pdf.cell(15, 8, f"{self._known.get(words, '')}", border="B", align="R")
        self._pdf.ln(8)

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
        widths, scale = self._widths(table)
        self._pdf.use(_CELL, scale)
        self._pdf.set_draw_color(*_RULE)
        with self._pdf.table(
            col_widths=widths,
            width=int(_FULL),
            align="L",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_INK, fill_color=_BAND),
            line_height=_CELL.size * scale * POINT * LEADING,
            text_align=tuple("RIGHT" if one == "right" else "LEFT" for one in table.aligned),
            padding=(0.9, _PADDING / 2),
            v_align="TOP",
        ) as shown:
            for row in table.rows:
                shown.row([self._pdf.known(cell) for cell in row])
        self._pdf.ln(3)

    def _widths(self, table: _Table) -> tuple[tuple[float, ...], float]:
        """Return the widths of the columns (mm), and the scale of the letters.

        No word is broken: if the longest words have no room beside each other, the letters are smaller. The longest
        texts get what is left.
        """
        self._pdf.use(_CELL._replace(weight="B"))
        columns = list(zip(*table.rows, strict=True))
        words = ((word for cell in column for word in cell.split()) for column in columns)
        least = [min(self._width(some), _LONGEST_WORD) for some in words]
        whole = [self._width(column) for column in columns]
        if sum(whole) <= _FULL:
            return (*whole[:-1], _FULL - sum(whole[:-1])), 1.0
        if sum(least) >= _FULL:
            gaps = _GAP * len(least)
            return tuple(least), (_FULL - gaps) / (sum(least) - gaps)
        more = [max(wide - low, 0.1) for wide, low in zip(whole, least, strict=True)]
        rest = (_FULL - sum(least)) / sum(more)
        return tuple(low + rest * wish for low, wish in zip(least, more, strict=True)), 1.0

    def _width(self, texts: Iterable[str]) -> float:
        widths = (self._pdf.get_string_width(self._pdf.known(text)) for text in texts)
        return max(widths, default=0.0) + _GAP

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


def _runs(token: Token) -> list[tuple[str, Weight]]:
    """Return the texts of a token, as long as they can be, with the weight of each."""
    weight: Weight = ""
    found: list[tuple[str, Weight]] = []
    for one in token.children or ():
        words = " " if one.type in {"softbreak", "hardbreak"} else one.content
        if one.type in {"strong_open", "strong_close"}:
            weight = "B" if one.type == "strong_open" else ""
        elif found and found[-1][1] == weight:
            found[-1] = (found[-1][0] + words, weight)
        else:
            found.append((words, weight))
    return [one for one in found if one[0]]


def _plain(token: Token) -> str:
    """Return the text of a token without marks."""
    return "".join(" " if one.type in {"softbreak", "hardbreak"} else one.content for one in token.children or ())


def _is_code(token: Token) -> bool:
    return [one.type for one in token.children or ()] == ["code_inline"]
