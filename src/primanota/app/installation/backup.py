"""Back up a book as plain files that can be read without this program, and restore the identical book from them."""

from collections.abc import Callable
from pathlib import Path

from primanota import banks
from primanota.adapters.storage import regular_file
from primanota.adapters.storage.file_store import PIECE, FileStore
from primanota.app.receipts.receipt_archive import checked_pieces
from primanota.book.backup.dump import dump
from primanota.book.backup.layout import DAMAGED, RECEIPTS, Contents, Control, Manifest
from primanota.book.backup.restore import restored
from primanota.book.journal import Journal
from primanota.book.records.index import ReindexCounts
from primanota.core.balance_chain import prove
from primanota.core.errors import BookUnusable
from primanota.core.kept_files import KeptFile


def export_book(journal: Journal, to: Path, store: FileStore | None = None) -> Manifest:
    """Write the whole book as plain files into a folder that is empty or does not exist yet.

    Args:
        journal: the book.
        to: the folder.
        store: has the book's receipts, which are written, too; None to leave them out.

    Raises:
        BookUnusable: the book is not whole, so it could not be restored identically.
        ConfigurationError: a receipt is missing, or was changed.
        DeliveryFailed: the folder is not empty, or cannot be written.
    """
    with journal.book.reading():
        if inconsistency := journal.verify():
            raise BookUnusable(
                f"The book is not whole: {inconsistency}.", "Run “primanota book reindex”, or restore a backup."
            )
        files = {file.path: file for file in journal.receipts().files()} if store else {}
        receipts = ((name, checked_pieces(store, file)) for name, file in sorted(files.items()) if store)
        return dump(journal.book, to, _contents(journal), receipts)


def import_book(
    folder: Path,
    manifest: Manifest,
    path: Path,
    connector: banks.Connector,
    clock: Callable[[], int],
    store: FileStore | None = None,
) -> None:
    """Restore the identical book from an exported one at ``path``, if all hashes and sums are right.

    Its receipts come into the store beside it. Those that are missing from the exported book stay missing, which a
    check says.

    Args:
        folder: the exported book.
        manifest: its manifest.
        path: where the book is to be.
        connector: decodes the records of the book's bank.
        clock: returns the present in microseconds UTC.
        store: receives the receipts; None to leave them out.

    Raises:
        BookUnusable: a file is not what was exported.
        DeliveryFailed: there is a book already, or it cannot be written.
    """
    with restored(folder, manifest, path, clock, connector) as book:
        journal = Journal(book, connector)
        if problem := journal.verify() or manifest.contents.difference(_contents(journal)):
            raise BookUnusable(f"{folder} is not what was exported: {problem}.", DAMAGED)
        for file in journal.receipts().files():
            _restore(folder / RECEIPTS / file.path, file, store)


def _restore(source: Path, file: KeptFile, store: FileStore | None) -> None:
    """Copy a receipt into the store, if it was exported.

    Raises:
        BookUnusable: it has not its hash, or cannot be read.
    """
    if store is None or not source.exists():
        return
    try:
        with regular_file.opened(source) as content, store.staged() as staged:
            while piece := content.read(PIECE):
                staged.write(piece)
            if staged.sha256 != file.sha256:
                raise BookUnusable(f"{source} was changed: its SHA-256 is not its name.", DAMAGED)
            store.keep(staged, file)
    except OSError as error:
        raise BookUnusable(f"{source} cannot be read: {error.strerror or error}.", DAMAGED) from None


def reindex_book(journal: Journal) -> ReindexCounts:
    """Rebuild the book's index from the bank's records.

    Raises:
        BookUnusable: a record cannot be decoded.
    """
    with journal.book.run("book reindex"), journal.book.writing():
        return journal.book.reindex(journal.connector.record, journal.connector.lacks_rule)


def _contents(journal: Journal) -> Contents:
    controls = []
    for account in journal.accounts():
        found = prove(account.id, journal.book.chain(account.id), None, {}, {})
        sum_in = sum(row.amount for row in journal.book.booked_rows(account.id) if row.amount > 0)
        sum_out = sum(row.amount for row in journal.book.booked_rows(account.id) if row.amount < 0)
        facts = (
            account.id,
            account.name,
            account.currency,
            found.rows,
            sum_in,
            sum_out,
            found.opening,
            found.closing,
        )
        controls.append(Control(*facts))
    return Contents(journal.organisation(), journal.book.head.hex(), controls)
