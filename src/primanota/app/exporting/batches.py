"""Batches: list what was exported, write a file again, undo a batch and take that back, note that it was imported."""

from collections.abc import Iterable
from datetime import date, tzinfo
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.core.errors import InvalidInput
from primanota.core.model import Transaction
from primanota.core.notice import Notice
from primanota.core.period import microseconds, midnight, moment
from primanota.core.results import Batch
from primanota.export import delivery
from primanota.export.delivery import recovering


class ExportedRow(NamedTuple):
    """A row as it was exported: its line in the file; ``current`` is false if there is a newer version of it."""

    line: int
    transaction: Transaction
    current: bool


class UndoPlan(NamedTuple):
    """What undoing a batch does: how many rows become new, of which local days, and how many stay out.

    Rows before ``first_day``, the first day of ``--new`` for the profile, stay out of ``--new``: ``staying`` of them.
    The other rows of the batch are in another active batch.
    """

    batch: Batch
    new: int
    first: date | None
    last: date | None
    staying: int
    first_day: date | None


def exported_rows(journal: Journal, number: int, after: int = 0, most: int = -1) -> tuple[Batch, list[ExportedRow]]:
    """Return a batch and its rows as they were exported, in the order of its file.

    Args:
        journal: the book.
        number: the number of the batch.
        after: the rows after this line.
        most: how many rows at most; -1 for all.

    Raises:
        InvalidInput: there is no batch with this number.
    """
    batches, read = Batches(journal.book), journal.reader()
    return batches.one(number), [
        ExportedRow(row.line, read(row.body), row.current) for row in batches.rows(number, after, most)
    ]


def write_again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[Notice]]:
    """Write a batch's file again, byte for byte, at its old path or at ``to``.

    Returns:
        The batch, where its file is, and notes for the user.

    Raises:
        InvalidInput: there is no such batch.
        DeliveryFailed: another file is there, or the path cannot be written.
    """
    with book.run(f"batches again {number}"), recovering(book) as recovered:
        batch, path, notes = delivery.write_again(book, number, to)
    return batch, path, [*(one.notice for one in recovered), *notes]


def plan_undo(journal: Journal, number: int, first_day: date | None) -> UndoPlan:
    """Return what undoing a batch would do, without doing it.

    Args:
        journal: the book.
        number: the number of the batch.
        first_day: the first local day of new rows for its profile; None if no day is known.

    Raises:
        InvalidInput: there is no batch with this number.
    """
    batches = Batches(journal.book)
    batch = batches.one(number)
    since = microseconds(midnight(first_day, journal.zone)) if first_day else 0
    free, new = batches.free_rows(batch).number, batches.free_rows(batch, since)
    days = [moment(end).astimezone(journal.zone).date() for end in (new.first, new.last) if end is not None]
    return UndoPlan(
        batch, new.number, days[0] if days else None, days[-1] if days else None, free - new.number, first_day
    )


def undo(book: Book, number: int) -> tuple[Batch, int, list[Notice]]:
    """Undo a batch, so that its rows no longer count as exported; the batch stays in the book.

    Returns:
        The batch in its state before, how many of its rows are in no other active batch, and notices of interrupted
        batches that were finished.

    Raises:
        InvalidInput: there is no such batch, or it is undone already.
    """
    with book.run(f"batches undo {number}"), recovering(book) as recovered:
        return *delivery.undo(book, number), [one.notice for one in recovered]


def redo(book: Book, number: int) -> tuple[Batch, list[Notice]]:
    """Take back that a batch was undone, so that its rows count as exported again.

    Returns:
        The batch in its state after, and notices of interrupted batches that were finished.

    Raises:
        InvalidInput: there is no such batch, it is not undone, or its rows are in another active batch.
    """
    with book.run(f"batches redo {number}"), recovering(book) as recovered:
        return delivery.redo(book, number), [one.notice for one in recovered]


def mark_imported(book: Book, numbers: Iterable[int], day: date | None, today: date, zone: tzinfo) -> list[Batch]:
    """Note of batches on which day their files were imported into the tool: of all of them, or of none.

    Args:
        book: the book.
        numbers: the numbers of the batches.
        day: the local day; None to take the note back.
        today: the present local day.
        zone: the organisation's time zone.

    Returns:
        The batches in their state after.

    Raises:
        InvalidInput: there is no such batch, its rows do not count as exported, or it had no file on that day.
    """
    if day and day > today:
        raise InvalidInput(f"{day} has not come yet.", "Give the day of the import with --on.")
    batches, wanted = Batches(book), list(dict.fromkeys(numbers))
    with book.run(f"batches imported {' '.join(map(str, wanted))}"), book.writing():
        return [_mark(batches, number, day, zone) for number in wanted]


def _mark(batches: Batches, number: int, day: date | None, zone: tzinfo) -> Batch:
    batch = batches.one(number)
    if day and batch.state != "delivered":
        raise InvalidInput(
            f"Batch {number} is {batch.state}, so its file cannot have been imported.", "Look at “primanota batches”."
        )
    if day and day < (made := batch.made.astimezone(zone).date()):
        raise InvalidInput(
            f"Batch {number} was written on {made}, after {day}.", "Give the day of the import with --on."
        )
    marked = msgspec.structs.replace(batch, imported=day)
    if marked != batch:
        batches.save(marked)
    return marked
