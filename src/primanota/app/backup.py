"""A book out of the program and back: plain files that a stranger can read, and the identical book from them."""

from collections.abc import Callable
from pathlib import Path

from primanota.app import flow
from primanota.app.check import first_inconsistency
from primanota.banks.qonto import normalise
from primanota.book import Book
from primanota.book.backup.dump import dump
from primanota.book.backup.layout import DAMAGED, Contents, Control, Manifest
from primanota.book.backup.restore import restored
from primanota.book.records import Rebuilt
from primanota.core.balance_chain import prove
from primanota.core.errors import BookUnusable


def export_book(book: Book, to: Path) -> Manifest:
    """Write the whole book as plain files into a folder that is empty or not there yet.

    Raises:
        BookUnusable: the book is not whole, so nobody could make the same one again.
        DeliveryFailed: the folder is not empty, or cannot be written.
    """
    with book.reading():
        if forgery := first_inconsistency(book):
            raise BookUnusable(
                f"The book is not whole: {forgery}.", "Run “primanota book reindex”, or restore it from a backup."
            )
        return dump(book, to, _contents(book))


def import_book(folder: Path, manifest: Manifest, path: Path, clock: Callable[[], int]) -> None:
    """Make the identical book of an exported one, under the name ``path``, and only if all of it adds up.

    Raises:
        BookUnusable: something is not what was exported.
        DeliveryFailed: there is a book already, or it cannot be written.
    """
    with restored(folder, manifest, path, clock, normalise.record) as book:
        if complaint := first_inconsistency(book) or manifest.contents.difference(_contents(book)):
            raise BookUnusable(f"{folder} is not what was exported: {complaint}.", DAMAGED)


def reindex_book(book: Book) -> Rebuilt:
    """Rebuild the book's index from the stored bank records.

    Raises:
        BookUnusable: this program cannot read a stored record.
    """
    with book.run("book reindex"), book.writing():
        return book.rebuild(normalise.record)


def _contents(book: Book) -> Contents:
    controls = []
    for account in flow.accounts(book):
        found = prove(account.id, book.links(account.id), None, {}, {})
        came = sum(link.amount for link in book.links(account.id) if link.amount > 0)
        went = sum(link.amount for link in book.links(account.id) if link.amount < 0)
        facts = (account.id, account.name, account.currency, found.rows, came, went, found.opening, found.closing)
        controls.append(Control(*facts))
    return Contents(flow.organisation(book), book.head.hex(), controls)
