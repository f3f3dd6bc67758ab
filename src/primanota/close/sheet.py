"""A page of A4 as PDF/A: text in two weights of one embedded font, lines and boxes."""

from collections.abc import Iterable
from datetime import datetime

from primanota.adapters.pdf.archive_document import HEIGHT, LEADING, MARGIN, POINT, WIDTH, ArchiveDocument, Style


class Sheet:
    """A page that is being written, from the top to the bottom.

    Args:
        title: the title of the document.
        language: its language (ISO 639-1).
        made: when it was made, aware.
        scale: the size of all texts and distances, where 1 is the usual one.
    """

    def __init__(self, title: str, language: str, made: datetime, scale: float = 1.0) -> None:
        self._pdf = ArchiveDocument(title, language, made)
        self._pdf.set_auto_page_break(False)
        self._pdf.add_page()
        self._scale = scale
        self.y = MARGIN

    def close(self) -> None:
        """Close the files of the fonts."""
        self._pdf.close_fonts()

    def skip(self, distance: float) -> None:
        """Leave room (mm)."""
        self.y += distance * self._scale

    def text(self, words: str, style: Style, x: float = MARGIN, width: float = WIDTH - 2 * MARGIN) -> float:
        """Write a text below ``y``, in as many lines as it needs; return where it ends. ``y`` stays."""
        self._pdf.use(style, self._scale)
        height = style.size * self._scale * POINT * LEADING
        self._pdf.set_xy(x, self.y)
        self._pdf.multi_cell(width, height, self._pdf.known(words), align=style.align, new_x="LEFT", new_y="NEXT")
        return float(self._pdf.get_y())

    def paragraph(self, words: str, style: Style, x: float = MARGIN, width: float = WIDTH - 2 * MARGIN) -> None:
        """Write a text, and go on below it."""
        self.y = self.text(words, style, x, width)

    def row(self, cells: Iterable[tuple[str, Style, float, float]]) -> None:
        """Write texts side by side, each with its place and width, and go on below the longest."""
        self.y = max([self.text(*cell) for cell in cells], default=self.y)

    def bullets(self, texts: Iterable[str], style: Style, x: float, width: float) -> None:
        """Write texts with a dot before each, and go on below them."""
        indent = 3.2 * self._scale
        for words in texts:
            self.row((("•", style, x, indent), (words, style, x + indent, width - indent)))
            self.skip(0.6)

    def line(self, colour: tuple[int, int, int] = (205, 210, 214), width: float = 0.25) -> None:
        """Draw a line across the page."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(width)
        self._pdf.line(MARGIN, self.y, WIDTH - MARGIN, self.y)

    def box(self, top: float, colour: tuple[int, int, int]) -> None:
        """Draw a bar at the left edge, from a place down to ``y``."""
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(MARGIN, top, 1.4, self.y - top, style="F")

    @property
    def is_full(self) -> bool:
        """Whether more was written than the page has room for."""
        return self.y > HEIGHT - MARGIN * 0.7

    @property
    def content(self) -> bytes:
        """The bytes of the document."""
        return self._pdf.content
