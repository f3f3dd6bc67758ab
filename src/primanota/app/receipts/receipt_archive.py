"""The receipts of a book with their bytes: what a pack, a folder of receipts or a page shows of them."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from primanota.adapters.storage import disk
from primanota.adapters.storage.file_store import FileStore
from primanota.book.journal import Journal
from primanota.core.errors import BookUnusable, DeliveryFailed
from primanota.core.kept_files import FileKind, KeptFile, KeptStatement, RowReceipts
from primanota.core.model import Account, Transaction
from primanota.core.period import END_OF_TIME, Period
from primanota.core.receipt_names import comparable_name, receipt_names


class RowWithReceipts(NamedTuple):
    """A row and its receipts."""

    row: Transaction
    receipts: RowReceipts


class HandedOutFile(NamedTuple):
    """A file of a receipt in a folder, and whether it was written now; it may have been there."""

    path: Path
    row: Transaction
    kind: FileKind
    file: KeptFile
    is_new: bool


class ReceiptArchive:
    """The receipts and statements of a book, as far as they were fetched. Reading needs no bank.

    Args:
        journal: the book. What its newest rows list is searched first, which may write a little.
        store: has the bytes.
    """

    def __init__(self, journal: Journal, store: FileStore) -> None:
        self._journal = journal
        self._store = store
        self._receipts = journal.receipts()
        self._receipts.bring_up_to_date()

    def rows(self, account: Account, period: Period | None = None) -> Iterator[RowWithReceipts]:
        """Yield an account's completed rows of a period, or all, in order of settlement, each with its receipts."""
        for row in self._journal.transactions(account, period):
            yield RowWithReceipts(row, self._receipts.of(row.id))

    def rows_with_receipts(
        self, accounts: Iterable[Account], period: Period | None = None
    ) -> Iterator[RowWithReceipts]:
        """Yield the rows of any status that have or had receipts, by their days; only these are decoded."""
        since, until = period.span(self._journal.zone) if period else (0, END_OF_TIME)
        read = self._journal.reader()
        for key, body in self._receipts.rows((account.id for account in accounts), since, until):
            yield RowWithReceipts(read(body), self._receipts.of(key))

    def statements(self, account: str, month: str) -> list[KeptStatement]:
        """Return the bank's statements of an account (its id) for a month (``2026-10``)."""
        found = self._receipts.statements()
        return [one for one in found if (one.account, one.month) == (account, month)]

    def pieces(self, file: KeptFile) -> Iterator[bytes]:
        """Yield the bytes of a kept file.

        Raises:
            ConfigurationError: it is missing or cannot be read.
            BookUnusable: after the last piece: it has not its hash.
        """
        return checked_pieces(self._store, file)


def checked_pieces(store: FileStore, file: KeptFile) -> Iterator[bytes]:
    """Yield the bytes of a kept file; after the last one, refuse a file that has not its hash.

    Raises:
        ConfigurationError: it is missing or cannot be read.
        BookUnusable: it has not its hash.
    """
    digest = hashlib.sha256()
    for piece in store.pieces(file):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != file.sha256:
        raise BookUnusable(
            f"The file {file.path} in {store.place} was changed.", "Run “primanota receipts --repair”."
        )


def hand_out(archive: ReceiptArchive, rows: Iterable[RowWithReceipts], folder: Path) -> Iterator[HandedOutFile]:
    """Write receipts into a folder under speaking names. No file is overwritten; again gives the same names.

    Args:
        archive: has the bytes.
        rows: the rows whose receipts are written.
        folder: the folder; it is made if it does not exist.

    Raises:
        DeliveryFailed: a file cannot be written.
        ConfigurationError: a kept file is missing, or was changed.
    """
    folder, taken = disk.resolved(folder), dict[str, str]()
    for one in rows:
        for number, receipt in enumerate(one.receipts.kept, 1):
            for kind, file in receipt.files:
                names = receipt_names(one.row, number, kind, file)
                path, is_new = _written(archive, file, folder, names, taken)
                yield HandedOutFile(path, one.row, kind, file, is_new)


def _written(
    archive: ReceiptArchive, file: KeptFile, folder: Path, names: Iterable[str], taken: dict[str, str]
) -> tuple[Path, bool]:
    """Return the path at which a file is now, under the first of its names that no other file has."""
    for name in names:
        path = folder / name
        if taken.setdefault(comparable_name(name), file.sha256) != file.sha256:
            continue
        if not disk.is_there(path):
            key = disk.new_token()
            disk.stage(path, key, archive.pieces(file))
            try:
                disk.finish(path, key, replaces="")
            except FileExistsError:
                disk.discard(path, key)
            else:
                return path, True
        if disk.sha256_of(path) == file.sha256:
            return path, False
    raise DeliveryFailed(f"Other files have the names of a receipt: {path}.", "Name another folder with --to.")
