"""Hash, size and compress a file while it is written, and count the rows that go into it."""

import hashlib
import zlib
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

from primanota.core.errors import FileLimitReached, NotProven
from primanota.core.model import Transaction
from primanota.core.short_ids import beginning
from primanota.formats.writable_rows import ROWS_AT_ONCE

_IN_MEMORY = 1 << 20
_SHORTER = "Shorten the note of that transaction, or use a profile without such a limit."


class Payload(NamedTuple):
    """A written file: SHA-256 in hex, size in bytes, its bytes compressed by zlib, rows, and sums in cents.

    The compressed bytes are in a private file, so that a large one takes no memory; it is at its beginning.
    """

    sha256: str
    size: int
    compressed: IO[bytes]
    rows: int
    sum_in: int
    sum_out: int


class PayloadWriter:
    """Counts the rows of one file, and hashes and compresses its rendered pieces.

    Args:
        currency: the currency of the account, which each row must have.
        limit: the maximal size of the file in bytes; 0 for no limit.
        streams: whether the file may end before its last row; else it must have all of them or none.
    """

    def __init__(self, currency: str, limit: int = 0, *, streams: bool = True) -> None:
        self._currency = currency
        self._limit = limit
        self._stops_early = bool(limit) and streams
        self._size = self._largest = 0
        self._rows = self._sum_in = self._sum_out = 0
        self._last: Transaction | None = None
        self._hash = hashlib.sha256()
        self._deflate = zlib.compressobj(1)
        self._compressed: IO[bytes] | None = None

    def count(self, rows: Iterable[Transaction]) -> Iterator[Transaction]:
        """Yield rows and count them, as long as the file has room for another piece, but at least the first ones.

        Raises:
            NotProven: a row is not in the account's currency.
        """
        rows = iter(rows)
        # A piece is rarely more than twice as large as the largest so far; if it is, ``write`` refuses it.
        while not self._stops_early or not self._rows or self._size + 2 * self._largest < self._limit:
            some = list(islice(rows, ROWS_AT_ONCE))
            if not some:
                return
            self._add(some)
            yield from some

    def write(self, pieces: Iterable[bytes]) -> Generator[bytes, None, None]:
        """Yield pieces, and hash and compress them.

        Raises:
            FileLimitReached: the pieces together exceed the limit.
        """
        self._compressed = compressed = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - ``build.record`` closes it
        for piece in pieces:
            self._size += len(piece)
            self._largest = max(self._largest, len(piece))
            if self._limit and self._size > self._limit:
                raise self._full()
            self._hash.update(piece)
            compressed.write(self._deflate.compress(piece))
            yield piece
        compressed.write(self._deflate.flush())
        compressed.seek(0)

    def finish(self) -> Payload:
        """Return the written file."""
        if self._compressed is None:
            raise AssertionError  # a file is written before it is finished
        return Payload(self._hash.hexdigest(), self._size, self._compressed, self._rows, self._sum_in, self._sum_out)

    def discard(self) -> None:
        """Remove what was kept of a file that cannot be written."""
        if self._compressed is not None:
            self._compressed.close()

    def _add(self, rows: list[Transaction]) -> None:
        if {row.amount.currency for row in rows} != {self._currency}:
            other = next(row for row in rows if row.amount.currency != self._currency)
            what = f"{other.title} ({beginning(other.id)}) is not in {self._currency}, as its account is."
            raise NotProven(what, "Run “primanota sync --full” later; if it stays so, ask the bank.")
        cents = [row.amount.cents for row in rows]
        sum_in = sum([one for one in cents if one > 0])
        self._rows += len(rows)
        self._sum_in += sum_in
        self._sum_out += sum(cents) - sum_in
        self._last = rows[-1]

    def _full(self) -> FileLimitReached:
        row = f"{self._last.title} ({beginning(self._last.id)})" if self._last else "its headings"
        message = f"A file for this tool has at most {self._limit} bytes, too few for {row}."
        # ``_size`` includes the piece that did not fit. Each attempt has at least a tenth fewer rows, so they end.
        fewer = max(1, self._rows * self._limit * 9 // (self._size * 10)) if self._rows > 1 else 0
        return FileLimitReached(message, _SHORTER, fits=fewer)
