"""Back up a book as plain files that can be read without this program, and restore the identical book from them."""

from collections.abc import Callable
from pathlib import Path

from primanota import banks
from primanota.book.backup.dump import dump
from primanota.book.backup.layout import DAMAGED, Contents, Control, Manifest
from primanota.book.backup.restore import restored
from primanota.book.index import ReindexCounts
from primanota.book.journal import Journal
from primanota.core.balance_chain import prove
from primanota.core.errors import BookUnusable


def export_book(journal: Journal, to: Path) -> Manifest:
    """Write the whole book as plain files into a folder that is empty or does not exist yet.

    Raises:
        BookUnusable: the book is not whole, so it could not be restored identically.
        DeliveryFailed: the folder is not empty, or cannot be written.
    """
    with journal.book.reading():
        if inconsistency := journal.verify():
            raise BookUnusable(
                f"The book is not whole: {inconsistency}.", "Run “primanota book reindex”, or restore a backup."
            )
        return dump(journal.book, to, _contents(journal))


def import_book(
    folder: Path, manifest: Manifest, path: Path, connector: banks.Connector, clock: Callable[[], int]
) -> None:
    """Restore the identical book from an exported one at ``path``, if all hashes and sums are right.

    Raises:
        BookUnusable: a file is not what was exported.
        DeliveryFailed: there is a book already, or it cannot be written.
    """
    with restored(folder, manifest, path, clock, connector) as book:
        journal = Journal(book, connector)
        if problem := journal.verify() or manifest.contents.difference(_contents(journal)):
            raise BookUnusable(f"{folder} is not what was exported: {problem}.", DAMAGED)


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
