"""A file on its way to its place: counted, hashed, and compressed for the book."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice

from primanota.core.errors import FileLimitReached
from primanota.core.model import Transaction

# So few that the first piece is hardly larger than what a tool takes.
_ROWS_AT_ONCE = 100
_SHORTER = "Shorten the note of that transaction, or use a profile without such a limit."


class PayloadWriter:
    """A file on its way to its place: its digest and size, and its bytes compressed for the book."""

    def __init__(self) -> None:
        self.size = 0
        self._rows = 0
        self._last: Transaction | None = None
        self._largest = 0
        self._hash = hashlib.sha256()
        self._deflate = zlib.compressobj(1)
        self._packed: list[bytes] = []

    def through(self, pieces: Iterable[bytes], most: int = 0) -> Iterator[bytes]:
        """The pieces, while they pass.

        Raises:
            FileLimitReached: they are more than ``most`` bytes, where that is not 0.
        """
        for piece in pieces:
            self.size += len(piece)
            self._largest = max(self._largest, len(piece))
            if most and self.size > most:
                row = f"transaction {self._last.id} of {self._last.day}" if self._last else "its headings"
                what = f"A file for this tool has at most {most} bytes, too few for {row}."
                raise FileLimitReached(what, _SHORTER, fits=self._fewer(most))
            self._hash.update(piece)
            self._packed.append(self._deflate.compress(piece))
            yield piece

    def at_most(self, most: int, rows: Iterator[Transaction]) -> Iterator[Transaction]:
        """Rows as long as there is surely room for one more piece, and at least one; all, where ``most`` is 0."""
        begun = False
        # A piece is hardly twice as large as the largest so far; where it is, ``through`` refuses it.
        while not most or not begun or self.size + 2 * self._largest < most:
            some = list(islice(rows, _ROWS_AT_ONCE))
            self._rows, self._last = self._rows + len(some), some[-1] if some else self._last
            yield from some
            begun = True
            if not some:
                return

    @property
    def digest(self) -> str:
        """The SHA-256, in hex."""
        return self._hash.hexdigest()

    def _fewer(self, most: int) -> int:
        if self._rows <= 1:
            return 0
        # What did not fit has been measured as far as its last piece. A tenth less each time comes to an end.
        return max(1, self._rows * most * 9 // (self.size * 10))

    @property
    def compressed(self) -> bytes:
        """All of it, by zlib."""
        return b"".join((*self._packed, self._deflate.copy().flush()))
