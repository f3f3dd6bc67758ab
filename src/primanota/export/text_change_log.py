"""The texts that a file could not hold unchanged, kept in a private file: a large export has one for each row."""

import weakref
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

import msgspec

from primanota.core.model import TextChange

_IN_MEMORY = 1 << 18
_decode = msgspec.json.Decoder(TextChange).decode
_encode = msgspec.json.Encoder().encode


class TextChangeLog:
    """Changed texts, in the order in which they are appended. They can be read several times."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with this object
        weakref.finalize(self, self._file.close)
        self._changes = 0

    def __len__(self) -> int:
        return self._changes

    def __iter__(self) -> Iterator[TextChange]:
        self._file.seek(0)
        for _ in range(self._changes):
            yield _decode(self._file.readline())

    def append(self, change: TextChange) -> None:
        """Append a changed text; not while the others are read."""
        self._file.write(_encode(change) + b"\n")
        self._changes += 1
