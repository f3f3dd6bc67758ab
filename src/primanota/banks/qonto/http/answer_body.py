"""The bytes of an answer, read piece by piece up to a limit, compressed or not; and the JSON in them."""

import zlib
from codecs import utf_8_decode
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from primanota.banks.qonto.http.transport import HttpAnswer, NoAnswer
from primanota.core.errors import NotProven

# A page of 100 rows has some hundred kilobytes.
MOST_BYTES = 16 << 20
# Of an error only its message is used.
_MOST_OF_ERROR = 64 << 10
_NOT_COMPRESSED = {"", "identity"}
_GZIP = {"gzip", "x-gzip"}
_DECODED_AT_ONCE = 4 << 10
_WITH_GZIP_HEADER = zlib.MAX_WBITS | 16

T = TypeVar("T")


class Undecodable(ValueError):
    """An answer whose body contradicts its headers; the text of the error says why."""


def read_body(answer: HttpAnswer, path: str, check_time: Callable[[], None], most: int = MOST_BYTES) -> bytes:
    """Read the body of an answer.

    Args:
        answer: the answer, whose body has not been read.
        path: the path that was asked for.
        check_time: is called for each piece that arrives, and raises an error if the time is used up.
        most: the most bytes that it may have, as they arrive and as they are without compression.

    Raises:
        NotProven: the body is larger.
        Undecodable: it is not compressed in the way that was asked for, or is incomplete.
    """
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in _NOT_COMPRESSED | _GZIP:
        raise Undecodable(f"it is compressed as “{encoding[:20]}”, which was not asked for")
    pieces, size, arrived = list[bytes](), 0, 0
    unpacker = _Unpacker() if encoding in _GZIP else None
    for piece in answer.pieces:
        check_time()
        arrived += len(piece)
        for part in unpacker.unpacked(piece, most + 1 - size) if unpacker else (piece,):
            pieces.append(part)
            size += len(part)
        if max(arrived, size) > most:
            raise NotProven(
                f"The bank's answer to {path} is larger than {most >> 20} MB.",
                "Run the same command again later; if it happens again, please report it.",
            )
    if unpacker and not unpacker.complete:
        raise Undecodable("its compressed data is incomplete")
    return b"".join(pieces)  # one piece alone is not copied


def read_error(answer: HttpAnswer, path: str, check_time: Callable[[], None]) -> bytes:
    """Read the body of an error; empty if it cannot be read or is too large for a message."""
    try:
        return read_body(answer, path, check_time, _MOST_OF_ERROR)
    except (NotProven, Undecodable, NoAnswer):
        return b""


def decode_json(content: bytes, kind: type[T]) -> T:
    """Decode the JSON of an answer.

    Raises:
        Undecodable: it is not JSON in UTF-8, is nested too deeply, or does not have the form of ``kind``.
    """
    try:
        if not content.isascii():
            _check_utf8(content)  # what is kept as raw JSON is not checked by the decoder
        return msgspec.json.decode(content, type=kind)
    except UnicodeDecodeError as error:
        raise Undecodable(f"byte {error.start} is not UTF-8") from None
    except RecursionError:
        raise Undecodable("it is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise Undecodable(str(error)) from None


def _check_utf8(content: bytes) -> None:
    """Refuse bytes that are not UTF-8. Piece by piece it takes a sixth of the time: no large text is made.

    Raises:
        UnicodeDecodeError: at the first byte that is not.
    """
    start = 0
    while start < len(content):
        end = start + _DECODED_AT_ONCE
        try:
            start += utf_8_decode(content[start:end], "strict", end >= len(content))[1]
        except UnicodeDecodeError as error:
            raise UnicodeDecodeError("utf-8", content, start + error.start, start + error.end, error.reason) from None


class _Unpacker:
    """Decompresses gzip data, of one or several members, no further than it is asked to."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._begun = False

    @property
    def complete(self) -> bool:
        """Whether the last member has ended."""
        return self._member.eof or not self._begun

    def unpacked(self, piece: bytes, most: int) -> Iterator[bytes]:
        """Yield what a piece is without compression, ``most`` bytes of it at most; what would follow is dropped.

        Raises:
            Undecodable: it is not gzip data.
        """
        self._begun = self._begun or bool(piece)
        try:
            while piece and most > 0:
                if self._member.eof:
                    self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
                part = self._member.decompress(piece, most)
                most -= len(part)
                yield part
                piece = self._member.unused_data
        except zlib.error as error:
            raise Undecodable(f"its compressed data is damaged ({error})") from None
