"""Batches: list what was exported, write a file again, make the rows of a batch new again."""

from pathlib import Path
from typing import NamedTuple

from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.core.model import Transaction
from primanota.core.results import Batch
from primanota.export import delivery
from primanota.export.delivery import recovering


class ExportedRow(NamedTuple):
    """A row as it was exported: its line in the file; ``current`` is false if there is a newer version of it."""

    line: int
    transaction: Transaction
    current: bool


def exported_rows(journal: Journal, number: int) -> tuple[Batch, list[ExportedRow]]:
    """Return a batch and its rows as they were exported, in the order of its file.

    Raises:
        InvalidInput: there is no batch with this number.
    """
    batches, read = Batches(journal.book), journal.reader()
    return batches.one(number), [ExportedRow(row.line, read(row.body), row.current) for row in batches.rows(number)]


def write_again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[str]]:
    """Write a batch's file again, byte for byte, at its old path or at ``to``.

    Returns:
        The batch, where its file is, and notes for the user.

    Raises:
        InvalidInput: there is no such batch.
        DeliveryFailed: another file is there, or the path cannot be written.
    """
    with book.run(f"batches again {number}"), recovering(book) as recovered:
        batch, path, notes = delivery.write_again(book, number, to)
    return batch, path, [*(one.message for one in recovered), *notes]


def undo(book: Book, number: int) -> tuple[Batch, int, list[str]]:
    """Make a batch's rows new again for its profile; the batch stays in the book, undone.

    Returns:
        The batch in its state before, how many of its rows are in no other active batch, and messages on interrupted
        batches that were finished.

    Raises:
        InvalidInput: there is no such batch, or it is undone already.
    """
    with book.run(f"batches undo {number}"), recovering(book) as recovered:
        return *delivery.undo(book, number), [one.message for one in recovered]
