"""The store of receipts and statements beside a book: files under their SHA-256, whole or not there."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from primanota.core.errors import ConfigurationError
from primanota.core.kept_files import KeptFile

PIECE = 1 << 18
# As many bytes as tell the type of a file.
_BEGINNING = 16
FileState = Literal["whole", "missing", "changed"]
_BOOK, _RECEIPTS = ".book", ".receipts"


class IncomingFile:
    """A file that is being received, under a name that no reader looks at; it can be read by its owner only.

    ``beginning`` has its first bytes, ``size`` counts all of them.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.beginning = b""
        self.size = 0
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Append some bytes."""
        if len(self.beginning) < _BEGINNING:
            self.beginning = (self.beginning + piece)[:_BEGINNING]
        self.size += len(piece)
        self._digest.update(piece)
        self._file.write(piece)

    def complete(self) -> None:
        """Sync it to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was written."""
        return self._digest.hexdigest()


class FileStore(Protocol):
    """A place of files by their hashes. Safe to use from several threads.

    Attributes:
        place: where it is, for people.
    """

    place: str

    def staged(self) -> AbstractContextManager[IncomingFile]:
        """Return an empty file to write into; it is removed at the end of the context, unless it was kept."""

    def keep(self, staged: IncomingFile, file: KeptFile) -> None:
        """Give a staged file its place, durably. One that is there already stays, if it has the same bytes.

        Raises:
            PrimanotaError: it could not be written.
        """

    def pieces(self, file: KeptFile) -> Iterator[bytes]:
        """Yield the bytes of a file.

        Raises:
            ConfigurationError: it is missing or cannot be read. Whether it has its hash is not checked.
        """

    def state(self, file: KeptFile) -> FileState:
        """Return whether a file is there with the bytes of its hash; a large one takes no memory.

        Raises:
            ConfigurationError: the place cannot be reached or read.
        """

    def require_usable(self) -> None:
        """Refuse a store that is not there, cannot be written, or can be read by those who may not read the book.

        Raises:
            ConfigurationError, DeliveryFailed: it is one of these.
        """


def place_beside(book: str) -> str:
    """Return the place of the store beside a book: ``acme.receipts`` for ``acme.book``."""
    return f"{book.removesuffix(_BOOK)}{_RECEIPTS}"


def missing(file: KeptFile, place: str) -> ConfigurationError:
    """Return the error for a file that is not in its store."""
    return ConfigurationError(
        f"The file {file.path} is missing from {place}.", "Put it back, or run “primanota receipts --repair”."
    )


def new_file(path: Path) -> BinaryIO:
    """Create a file that only its owner can read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


@contextmanager
def staged_at(path: Path) -> Iterator[IncomingFile]:
    """Stage a file at a path; remove it at the end, if it is still there."""
    try:
        with new_file(path) as file:
            yield IncomingFile(path, file)
    finally:
        path.unlink(missing_ok=True)
