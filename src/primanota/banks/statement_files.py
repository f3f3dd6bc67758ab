"""The protocol of files of statements: which statements a file has, and the rows of each."""

from collections.abc import Callable, Generator, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

from primanota.core.model import RawRecord

# So many bytes are read at a time.
PIECE = 1 << 16


class StatedSpan(NamedTuple):
    """What a statement says of itself: its account, days (both included), and balances in cents.

    ``key`` is the same for the same statement, ``name`` is the bank's id of it, ``number`` the bank's number in the
    series of the account, None if it has none. ``digest`` stands for balances and rows; empty before they are read.
    """

    key: str
    account: str
    name: str
    number: int | None
    first: date
    last: date
    opening: int
    closing: int
    digest: str = ""


class FiledRow(NamedTuple):
    """A row of a statement, as the book stores it.

    ``family`` begins the ids of all rows of the same day with the same reference of the bank; empty without one.
    """

    record: RawRecord
    family: str
    line: int


class FiledStatement(NamedTuple):
    """A statement: its account as the book stores it, and its rows, which are read as they are taken.

    The generator of the rows returns the record of the statement, with its digest.
    """

    span: StatedSpan
    account: RawRecord
    rows: Generator[FiledRow, None, RawRecord]
    line: int


class StatementFiles(Protocol):
    """Reads files of statements, and what the book stores of them."""

    def read(
        self, path: Path, each_piece: Callable[[], None] | None = None
    ) -> Iterator[tuple[str, Iterator[FiledStatement]]]:
        """Yield the documents of a file with their names: one, or those of an archive; each is taken before the next.

        Args:
            path: the file, which is read twice.
            each_piece: is called whenever a piece of the file was read.

        Raises:
            InvalidInput: the file cannot be read; also while statements and rows are taken.
        """

    def first_account(self, path: Path) -> RawRecord:
        """Return the account of a file's first statement; what stands behind it is not read.

        Raises:
            InvalidInput: the file cannot be read, or has no statement.
        """

    def span(self, raw: bytes) -> StatedSpan:
        """Decode the record of a statement."""

    def organisation(self, account: bytes, login: str) -> RawRecord:
        """Return the record of the organisation that an account belongs to, for a book without one."""
