"""A page of A4 as PDF/A-2u: text in two weights of one embedded font, lines and boxes. The same bytes twice.

Nothing of it is compressed, so that the bytes do not follow from the zlib of a machine.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from importlib import resources
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from anyascii import anyascii
from fpdf import FPDF
from fpdf.enums import DocumentCompliance
from fpdf.fonts import TTFFont

Weight = Literal["", "B"]
_FAMILY = "notosans"
_FONTS: dict[Weight, str] = {"": "NotoSans-Regular.ttf", "B": "NotoSans-Bold.ttf"}
WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 20.0
_LEADING = 1.42
_POINT = 25.4 / 72
_PRODUCER = "Primanota"


# What PDF/A asks for (ISO 19005-2, 6.6): the library's own would say that the file was changed at the present time.
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
    <rdf:Description rdf:about="" xmp:CreateDate="{made}" pdf:Producer="{producer}">
      <pdfaid:part>2</pdfaid:part>
      <pdfaid:conformance>U</pdfaid:conformance>
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""


class Style(NamedTuple):
    """How a text is set: size in points, weight, colour (RGB), alignment."""

    size: float
    weight: Weight = ""
    colour: tuple[int, int, int] = (32, 36, 40)
    align: Literal["L", "R"] = "L"


class Sheet:
    """A page that is being written, from the top to the bottom.

    Args:
        title: the title of the document.
        language: its language (ISO 639-1).
        made: when it was made, aware.
        scale: the size of all texts and distances, where 1 is the usual one.
    """

    def __init__(self, title: str, language: str, made: datetime, scale: float = 1.0) -> None:
        self._pdf = FPDF(format="A4", enforce_compliance=DocumentCompliance.PDFA_2U)
        self._pdf.set_compression(False)
        self._pdf.set_creation_date(made)
        self._pdf.set_title(title)
        self._pdf.set_lang(language)
        self._pdf.set_producer(_PRODUCER)
        self._pdf.set_xmp_metadata(_xmp(title, made))
        for weight, name in _FONTS.items():
            with resources.as_file(resources.files(__package__) / "fonts" / name) as path:
                self._pdf.add_font(_FAMILY, weight, path)
        for font in self._fonts:
            font.ttfont.recalcTimestamp = (
                False  # or the part of the font that is embedded would have the present time
            )
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.add_page()
        self._scale = scale
        self.y = MARGIN

    def close(self) -> None:
        """Close the files of the fonts."""
        for font in self._fonts:
            font.ttfont.close()

    def skip(self, distance: float) -> None:
        """Leave room (mm)."""
        self.y += distance * self._scale

    def text(self, words: str, style: Style, x: float = MARGIN, width: float = WIDTH - 2 * MARGIN) -> float:
        """Write a text below ``y``, in as many lines as it needs; return where it ends. ``y`` stays."""
        self._use(style)
        height = style.size * self._scale * _POINT * _LEADING
        self._pdf.set_xy(x, self.y)
        self._pdf.multi_cell(width, height, self._known(words), align=style.align, new_x="LEFT", new_y="NEXT")
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
        return bytes(self._pdf.output())

    def _use(self, style: Style) -> None:
        self._pdf.set_font(_FAMILY, style.weight, style.size * self._scale)
        self._pdf.set_text_color(*style.colour)

    def _known(self, words: str) -> str:
        """Return a text with what the font lacks written in letters that it has."""
        return "".join(one if ord(one) in self._letters else anyascii(one) or "?" for one in words)

    @cached_property
    def _letters(self) -> frozenset[int]:
        return frozenset(self._fonts[0].cmap)  # both weights have the same letters

    @property
    def _fonts(self) -> list[TTFFont]:
        return [font for font in self._pdf.fonts.values() if isinstance(font, TTFFont)]


def _xmp(title: str, made: datetime) -> str:
    return _XMP.format(title=escape(title), made=made.isoformat(timespec="seconds"), producer=_PRODUCER)
