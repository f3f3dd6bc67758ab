"""The text of a PDF, by pypdf, which is imported only where a PDF is read."""

import io
import logging
from collections.abc import Iterable

# A statement has some pages of text; more is not read.
_MOST_PAGES = 200
_MOST_TEXT = 2_000_000


def text_of(pieces: Iterable[bytes]) -> str:
    """Return the text of a PDF, page by page; empty if it has none or cannot be read."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it cannot read is told by this program
    found, size = list[str](), 0
    try:
        pages = PdfReader(io.BytesIO(b"".join(pieces))).pages
        for _, page in zip(range(_MOST_PAGES), pages, strict=False):
            found.append(page.extract_text())
            size += len(found[-1])
            if size > _MOST_TEXT:
                return ""
    except Exception:  # noqa: BLE001 - a broken PDF makes pypdf raise nearly anything
        return ""
    return "\n".join(found)
