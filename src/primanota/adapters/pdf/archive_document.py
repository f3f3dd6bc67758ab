"""A document of A4 as PDF/A-2u, in two weights of one embedded font. The same bytes twice.

Nothing of it is compressed, so that the bytes do not follow from the zlib of a machine.
"""

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
LEADING = 1.42
POINT = 25.4 / 72
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


class ArchiveDocument(FPDF):
    """A document without pages yet; the margins are 0.

    Args:
        title: its title.
        language: its language (ISO 639-1).
        made: when it was made, aware.
    """

    def __init__(self, title: str, language: str, made: datetime) -> None:
        super().__init__(format="A4", enforce_compliance=DocumentCompliance.PDFA_2U)
        self.set_compression(False)
        self.set_creation_date(made)
        self.set_title(title)
        self.set_lang(language)
        self.set_producer(_PRODUCER)
        self.set_xmp_metadata(_xmp(title, made))
        for weight, name in _FONTS.items():
            with resources.as_file(resources.files(__package__) / "fonts" / name) as path:
                self.add_font(_FAMILY, weight, path)
        for font in self._embedded:
            # or the part of the font that is embedded would have the present time
            font.ttfont.recalcTimestamp = False
        self.set_margin(0)
        self.c_margin = 0

    def close_fonts(self) -> None:
        """Close the files of the fonts."""
        for font in self._embedded:
            font.ttfont.close()

    def use(self, style: Style, scale: float = 1.0) -> None:
        """Set the texts that follow in a style; ``scale`` changes its size."""
        self.set_font(_FAMILY, style.weight, style.size * scale)
        self.set_text_color(*style.colour)

    def known(self, words: str) -> str:
        """Return a text with what the font lacks written in letters that it has."""
        return "".join(one if ord(one) in self._letters else anyascii(one) or "?" for one in words)

    @property
    def content(self) -> bytes:
        """The bytes of the document."""
        return bytes(self.output())

    @cached_property
    def _letters(self) -> frozenset[int]:
        return frozenset(self._embedded[0].cmap)  # both weights have the same letters

    @property
    def _embedded(self) -> list[TTFFont]:
        return [font for font in self.fonts.values() if isinstance(font, TTFFont)]


def _xmp(title: str, made: datetime) -> str:
    return _XMP.format(title=escape(title), made=made.isoformat(timespec="seconds"), producer=_PRODUCER)
