"""The rows of a month with their receipts, as a pack lists them."""

from collections.abc import Iterator
from typing import NamedTuple

from primanota.app.receipt_archive import ReceiptArchive
from primanota.book.found_rows import RowQuery, found_rows
from primanota.book.journal import Journal
from primanota.core.kept_files import FileKind, KeptFile
from primanota.core.model import COMPLETED, LACKS, Account, Transaction
from primanota.core.period import Period
from primanota.core.receipt_names import comparable_name, receipt_names


class NamedFile(NamedTuple):
    """A kept file of a row, and its name in the pack; ``is_first`` is false where another row has the same file."""

    name: str
    kind: FileKind
    file: KeptFile
    is_first: bool


class MonthRow(NamedTuple):
    """A row of the month: the batches that have it, its receipts, and whether it needs one and has none.

    ``waiting`` counts receipts that the bank lists and that were not fetched.
    """

    row: Transaction
    batches: list[int]
    files: list[NamedFile]
    lacks_receipt: bool
    waiting: int


class FileNaming:
    """Gives each kept file of a pack one name: a file that two rows have is there once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, FileKind], str] = {}
        self._taken: set[str] = set()

    def of(self, row: Transaction, number: int, kind: FileKind, file: KeptFile) -> NamedFile:
        """Return a file of a row with its name."""
        key = (file.sha256, kind)
        if known := self._names.get(key):
            return NamedFile(known, kind, file, is_first=False)
        names = receipt_names(row, number, kind, file)
        name = next((one for one in names if comparable_name(one) not in self._taken), names[-1])
        self._taken.add(comparable_name(name))
        self._names[key] = name
        return NamedFile(name, kind, file, is_first=True)


def month_rows(
    journal: Journal, archive: ReceiptArchive, account: Account, period: Period, batches: list[int], naming: FileNaming
) -> Iterator[MonthRow]:
    """Yield the rows of an account that settled in a month, in order of settlement.

    Args:
        journal: the book.
        archive: its receipts.
        account: the account.
        period: the month.
        batches: the numbers of the batches that count.
        naming: names the receipts.
    """
    read, record = journal.reader(), journal.connector.record
    query = RowQuery((account.id,), *period.span(journal.zone), statuses=(COMPLETED,))
    for found in found_rows(journal.book, query, batches):
        row, receipts = read(found.body), archive.of(found_id := record(found.body).id)
        assert found_id == row.id  # noqa: S101 - both are the bank's id
        files = [
            naming.of(row, number, kind, file)
            for number, receipt in enumerate(receipts.kept, 1)
            for kind, file in receipt.files
        ]
        unfetched = len([key for key in receipts.waiting if not _is_kept(key, receipts.kept)])
        yield MonthRow(row, found.batches, files, bool(record(found.body).lacks & LACKS["receipt"]), unfetched)
