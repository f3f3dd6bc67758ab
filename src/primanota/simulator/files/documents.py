"""The bytes of invented documents: small, valid, and of an exact size."""

import struct
import zlib
from collections.abc import Sequence

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_JPEG_SEGMENT = 65_000  # bytes of padding in one comment of a JPEG
_LINE_HEIGHT = 18
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
)


def document(content_type: str, lines: Sequence[str], size: int | None = None) -> bytes:
    """Return a document of a content type (PDF, JPEG, PNG). Only a PDF shows the lines.

    Args:
        content_type: `application/pdf`, `image/jpeg` or `image/png`.
        lines: the text.
        size: the exact number of bytes, at least some thousand; None for the smallest.
    """
    make = {"application/pdf": _pdf, "image/jpeg": _jpeg, "image/png": _png}[content_type]
    smallest = make(lines, 0)
    if size is None:
        return smallest
    padding = size - len(smallest)
    # The padding changes the number of digits of a length or the number of segments, and so the size once more.
    while (made := make(lines, padding)) and len(made) != size:
        padding += size - len(made)
    return made


def _pdf(lines: Sequence[str], padding: int) -> bytes:
    """Return a PDF of one page."""
    shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    text = f"BT /F1 12 Tf {_LINE_HEIGHT} TL 60 780 Td {shown}ET".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    made = b"%PDF-1.4\n%" + b"\xe2\xe3\xcf\xd3" + b"." * padding + b"\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%010d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _png(_: Sequence[str], padding: int) -> bytes:
    """Return a PNG of one grey pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    comment = b"Comment\0" + b"." * padding
    chunks = ((b"IHDR", header), (b"tEXt", comment), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b""))
    return _PNG_HEAD + b"".join(chunk(*one) for one in chunks)


def _jpeg(_: Sequence[str], padding: int) -> bytes:
    """Return a JPEG of one grey pixel: two Huffman tables of one code each, and a scan of two bits."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    one_code = bytes([1, *[0] * 15, 0])
    comments = b""
    while padding > 0:
        comments += segment(0xFE, b"." * min(padding, _JPEG_SEGMENT))
        padding -= _JPEG_SEGMENT
    return (
        b"\xff\xd8"
        + comments
        + segment(0xDB, bytes([0, *[1] * 64]))
        + segment(0xC0, bytes([8, 0, 1, 0, 1, 1, 1, 0x11, 0]))
        + segment(0xC4, bytes([0x00]) + one_code)
        + segment(0xC4, bytes([0x10]) + one_code)
        + segment(0xDA, bytes([1, 1, 0, 0, 63, 0]))
        + b"\x3f\xff\xd9"
    )
