"""The receipts of a book's rows, and the bank's own statements: what is kept of them, and what is to be fetched."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

import msgspec

from primanota.book.file.database import AMONG, listed
from primanota.book.records import row_receipts
from primanota.book.records.index import NEWEST
from primanota.book.records.records import Book
from primanota.book.records.row_receipts import RECEIPT, ReadIds
from primanota.core.kept_files import KeptFile, KeptStatement, Receipt, RowReceipts
from primanota.core.model import RawRecord
from primanota.core.period import END_OF_TIME

STATEMENT = "statement"
_T = TypeVar("_T", bound=Receipt | KeptStatement)


class WantedReceipts(NamedTuple):
    """A row of which receipts are to be fetched: its id, the bank's ids of the attachments, what is kept of them."""

    row: str
    attachments: tuple[str, ...]
    known: dict[str, Receipt]


class Receipts:
    """The receipts and statements that a book names; their bytes are in the store beside it.

    Args:
        book: the book.
        read: returns the ids of the attachments that a stored row lists.
    """

    def __init__(self, book: Book, read: ReadIds) -> None:
        self._book = book
        self._read = read

    def bring_up_to_date(self) -> None:
        """Read the attachments of rows that were stored since the last search; outside of a transaction."""
        if row_receipts.searched_until(self._book) < self._book.newest_version:
            with self._book.writing():
                row_receipts.bring_up_to_date(self._book, self._read)

    def wanted(
        self, accounts: Iterable[str] | None = None, since: int = 0, until: int = END_OF_TIME
    ) -> Iterator[WantedReceipts]:
        """Yield the rows of which something is to be fetched, the latest first; after a search.

        Args:
            accounts: the ids of the accounts; None for all.
            since: the first moment at which a row settled, or else was made, in microseconds UTC.
            until: the first moment after the span.
        """
        only = f"AND l.account {_AMONG_FIRST}" if accounts is not None else "AND ?1 IS NULL"
        given = None if accounts is None else listed(accounts)
        found = self._book.rows(_WANTED.format(only=only), given, since, until)
        for row, some in groupby(found, itemgetter(0)):
            keys = tuple(key for _, key in some)
            yield WantedReceipts(row, keys, self._known(keys))

    def of(self, row: str) -> RowReceipts:
        """Return the receipts of a row, in the bank's order; after a search."""
        kept, withdrawn, waiting = list[Receipt](), list[Receipt](), list[str]()
        for key, place, is_wanted in self._book.rows(_OF_ROW, row):
            receipt = row_receipts.receipt_of(self._book, key)
            if receipt and receipt.files:
                (kept if place else withdrawn).append(receipt)
            if is_wanted:
                waiting.append(key)
        return RowReceipts(tuple(kept), tuple(withdrawn), tuple(waiting))

    def rows(self, accounts: Iterable[str], since: int, until: int) -> Iterator[tuple[str, bytes]]:
        """Yield the rows that have or had receipts: their ids and stored records, by their moments; after a search.

        Args:
            accounts: the ids of the accounts.
            since: the first moment at which a row settled, or else was made, in microseconds UTC.
            until: the first moment after the span.
        """
        return self._book.rows(_ROWS, listed(accounts), since, until)

    def keep(self, receipts: Iterable[Receipt]) -> None:
        """Store what was fetched, once its files are in the store; inside ``writing``."""
        found = list(receipts)
        self._book.append(RECEIPT, [RawRecord(one.id, msgspec.json.encode(one)) for one in found])
        for one in found:
            row_receipts.mark(self._book, one)

    def keep_statements(self, statements: Iterable[KeptStatement]) -> None:
        """Store statements, once their files are in the store; inside ``writing``."""
        self._book.append(STATEMENT, [RawRecord(one.id, msgspec.json.encode(one)) for one in statements])

    def all(self) -> Iterator[Receipt]:
        """Yield every receipt that is kept, also those that no row lists any more."""
        return self._decoded(RECEIPT, Receipt)

    def statements(self) -> list[KeptStatement]:
        """Return every statement that is kept, by month, then by account."""
        found = self._decoded(STATEMENT, KeptStatement)
        return sorted(found, key=lambda one: (one.month, one.account, one.id))

    def files(self) -> Iterator[KeptFile]:
        """Yield every file that the book names; one may come several times."""
        for receipt in self.all():
            yield from (file for _, file in receipt.files)
        yield from (statement.file for statement in self.statements())

    def withdrawn_count(self) -> int:
        """Return how many receipts are kept although their rows no longer list them; after a search."""
        return int(next(self._book.rows(_COUNT_WITHDRAWN, RECEIPT))[0])

    def first_wrong(self) -> str:
        """Return the first row whose list of receipts is wrong, in a sentence; empty if there is none."""
        return row_receipts.first_wrong(self._book, self._read)

    def _known(self, keys: tuple[str, ...]) -> dict[str, Receipt]:
        return {key: receipt for key in keys if (receipt := row_receipts.receipt_of(self._book, key))}

    def _decoded(self, kind: str, form: type[_T]) -> Iterator[_T]:
        decode = msgspec.json.Decoder(form).decode
        return (decode(body) for (body,) in self._book.rows(f"{_BODIES} ORDER BY l.id", kind))


_AMONG_FIRST = AMONG.replace("?", "?1")
_BODIES = f"SELECT v.body {NEWEST} WHERE l.kind = ?"
_WANTED = """SELECT r.row, r.attachment FROM row_receipt r INDEXED BY row_receipt_wanted
             CROSS JOIN latest l ON l.kind = 'transaction' AND l.id = r.row
             WHERE r.wanted = 1 {only} AND ifnull(l.settled, l.emitted) >= ?2 AND ifnull(l.settled, l.emitted) < ?3
             ORDER BY ifnull(l.settled, l.emitted) DESC, r.row, r.place"""
_ROWS = f"""SELECT l.id, v.body FROM (SELECT DISTINCT row FROM row_receipt) r
            CROSS JOIN latest l ON l.kind = 'transaction' AND l.id = r.row JOIN version v ON v.seq = l.seq
            WHERE l.account {_AMONG_FIRST}
              AND ifnull(l.settled, l.emitted) >= ?2 AND ifnull(l.settled, l.emitted) < ?3
            ORDER BY ifnull(l.settled, l.emitted), l.id"""
_OF_ROW = "SELECT attachment, place, wanted FROM row_receipt WHERE row = ? ORDER BY place, attachment"
_COUNT_WITHDRAWN = """SELECT count(*) FROM row_receipt r JOIN latest l ON l.kind = ? AND l.id = r.attachment
                      WHERE r.place = 0"""
