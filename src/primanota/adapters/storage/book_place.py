"""What the places of remote books have in common: fetched whole, and put back only if they did not change meanwhile.

A book is a SQLite file, and SQLite's locks end where the disk ends. So a remote book is never opened in its place:
when it is put back, the revision that was fetched is compared with the present one. If the last writer won, rows
that another process recorded as exported would be new again, and be exported twice.
"""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from primanota.core.errors import BookConflict, BookUnusable

PIECE = 1 << 20
_REPEAT = "Fetch it again, and repeat what was done."
RESTORE = "Restore it, from an older version or a backup, before anything else is done."


class StoredNote(NamedTuple):
    """The note that was put together with a book, and whether it is about the bytes that were fetched."""

    content: bytes = b""
    is_current: bool = False


class BookStore(Protocol):
    """The place of a remote book.

    Attributes:
        note: the note that was fetched with the book.
    """

    note: StoredNote

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file.

        Returns:
            The revision that was fetched; empty if there is no book yet, and no file was made.

        Raises:
            ConfigurationError: the place cannot be reached or read.
            BookUnusable: the book was deleted, or has other bytes than were put.
        """

    def upload(self, source: Path, revision: str, note: bytes = b"") -> str:
        """Put a book back in place of a revision; with an empty one, where there is no book yet.

        Args:
            source: the book.
            revision: what it replaces.
            note: is kept with the book, and comes back with it.

        Returns:
            The new revision.

        Raises:
            BookConflict: the book has another revision. Nothing was written.
            BookUnusable: the book that was there is gone; a new one is not begun in its place.
            ConfigurationError: the place cannot be reached or written.
        """


def write_pieces(pieces: Iterable[bytes], to: Path) -> str:
    """Write a file that only its owner can read; return the SHA-256 of its bytes in base 64."""
    digest = hashlib.sha256()
    to.touch(0o600)
    with to.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    return base64.b64encode(digest.digest()).decode()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in base 64."""
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha256").digest()).decode()


def conflict(place: object) -> BookConflict:
    """Return the error for a book that was changed by another process."""
    return BookConflict(f"The book {place} was changed by another process meanwhile.", _REPEAT)


def gone(place: object) -> BookUnusable:
    """Return the error for a book that vanished since it was fetched."""
    return BookUnusable(f"The book {place} is gone; it was there a moment ago.", RESTORE)
