"""Deliver batches on this machine: rename staged files to their targets, and recover interrupted batches.

A batch is decided, recorded and staged before (``build.py``). Here, under the book's lock, the staged file is renamed
to its target and the batch becomes delivered. If a run is killed between the two, the batch stays prepared, and the
next export finishes it: if the staged file still exists, it was not renamed yet.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota import profiles
from primanota.adapters.storage import disk
from primanota.book import Batches, Book, Letters
from primanota.core.errors import DeliveryFailed, InvalidInput, PrimanotaError
from primanota.core.results import Batch
from primanota.export.build import staging_mark


class Recovered(NamedTuple):
    """The result of recovering an interrupted batch: whether it is delivered, and whether its file is at its path."""

    batch: Batch
    message: str
    delivered: bool
    in_place: bool


def deliver(book: Book, numbers: Collection[int]) -> None:
    """Upload the book, then rename the files of prepared batches to their targets.

    Raises:
        DeliveryFailed: a file cannot be renamed. Its batch has failed; the others are delivered.
        BookConflict: another run changed the remote book meanwhile; these batches are not in it.
    """
    _publish(book, numbers)
    failed = None
    for number in numbers:
        try:
            finish(book, number)
        except DeliveryFailed as error:
            failed = failed or error
    if failed:
        raise failed


def recover_interrupted(book: Book) -> list[Recovered]:
    """Finish the batches that are still prepared because their export was killed."""
    prepared = [batch.number for batch in Batches(book).all() if batch.state == "prepared"]
    return [recovered for number in prepared if (recovered := _try(book, number))]


@contextmanager
def recovering(book: Book) -> Iterator[list[Recovered]]:
    """Finish interrupted batches first; a later error gets their messages as notes."""
    recovered = recover_interrupted(book)
    try:
        yield recovered
    except PrimanotaError as error:
        for one in recovered:
            error.add_note(one.message)
        raise


def finish(book: Book, number: int) -> Recovered | None:
    """Deliver a prepared batch under the book's lock, so that only one of several runs does it.

    Returns:
        The result; None if another run has finished it.

    Raises:
        DeliveryFailed: its file cannot be renamed. The batch has failed.
    """
    batches, failed = Batches(book), None
    with book.writing():
        batch = batches.one(number)
        if batch.state != "prepared":
            return None
        try:
            recovered = _finish(batch)
        except DeliveryFailed as error:
            failed = error
            batches.save(msgspec.structs.replace(batch, state="failed", reason=error.message))
        else:
            if recovered.delivered:
                batches.save(_delivered(batch, batches))
    if failed:
        raise failed
    return recovered


def write_again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[str]]:
    """Write a batch's file byte for byte, where it was or to ``to``; return the batch, the path, and notes.

    Raises:
        InvalidInput: there is no such batch, or it has no path on this machine and ``to`` is None.
        DeliveryFailed: another file is there, or the path cannot be written.
    """
    batches, notes = Batches(book), []
    batch = batches.one(number)
    content, path = batches.content(batch), _target(batch, to)
    if not path.is_file() or path.read_bytes() != content:
        if path.exists():
            raise DeliveryFailed(f"{path} now has other content.", "Name another place with --to.")
        disk.write(path, [content])
    if batch.state in {"failed", "undone"}:
        notes.append(f"Batch {number} is {batch.state}: its rows may be in another file too.")
    if _current_digest(batch.origin) not in {"", batch.digest}:
        notes.append(f"The profile {batch.profile} has changed since; this is the file as it was exported.")
    return batch, path, notes


def undo(book: Book, number: int) -> tuple[Batch, int]:
    """Undo a batch: its rows no longer count as exported, unless they are in another active batch of its profile.

    Returns:
        The batch in its state before, and how many of its rows are in no other active batch.

    Raises:
        InvalidInput: there is no such batch, or it is undone or failed already.
    """
    batches = Batches(book)
    with book.writing():
        batch = batches.one(number)
        if batch.state in {"failed", "undone"}:
            raise InvalidInput(f"Batch {number} is {batch.state} already.", "Its rows are in no file that counts.")
        batches.save(msgspec.structs.replace(batch, state="undone", reason="by hand"))
        Letters(book).withdraw(number, batches.now())
        free = batches.free_rows(batch).number
    _discard(batch)
    return batch, free


def redo(book: Book, number: int) -> Batch:
    """Take back that a batch was undone: its rows count as exported again.

    Raises:
        InvalidInput: there is no such batch, it is not undone, its file never arrived, or its rows are in another
            active batch of its profile.
    """
    batches = Batches(book)
    with book.writing():
        batch = batches.one(number)
        if batch.state != "undone":
            raise InvalidInput(f"Batch {number} is {batch.state}, not undone.", "Look at “primanota batches”.")
        if batch.path and not batch.deliveries[0].delivered:
            raise InvalidInput(f"The file of batch {number} never arrived.", "Export its rows again.")
        if others := batches.active_with_rows_of(batch):
            listed = ", ".join(map(str, others))
            raise InvalidInput(
                f"Rows of batch {number} were exported again, in batch {listed}.", "Undo that batch first."
            )
        batches.save(msgspec.structs.replace(batch, state="delivered", reason=""))
    return batch


def _publish(book: Book, numbers: Collection[int]) -> None:
    try:
        book.publish()
    except BaseException:
        for number in numbers:
            _discard(Batches(book).one(number))
        raise


def _delivered(batch: Batch, batches: Batches) -> Batch:
    batch = msgspec.structs.replace(batch, state="delivered")
    return batch.with_delivery(str(batch.path), batches.now()) if batch.path else batch


def _try(book: Book, number: int) -> Recovered | None:
    try:
        return finish(book, number)
    except DeliveryFailed as error:
        message = f"Batch {number} was interrupted, and has failed: {error.message} Nothing of it was written."
        return Recovered(Batches(book).one(number), message, delivered=False, in_place=False)


def _finish(batch: Batch) -> Recovered:
    was, again = f"Batch {batch.number} was interrupted", f"“primanota batches again {batch.number}” writes it again"
    path, mark = batch.path, staging_mark(batch.number)
    if path is None:
        return Recovered(batch, f"{was}; it is in the book.", delivered=True, in_place=False)
    if not path.parent.is_dir():
        new = f"“primanota batches undo {batch.number}” makes them new"
        unsure = f"{was}, and {path.parent} is not there, so it is not known whether its file arrived."
        return Recovered(
            batch, f"{unsure} Its rows count as exported: {again}, {new}.", delivered=False, in_place=False
        )
    if disk.staged(path, mark).exists():
        disk.finish(path, mark)
        return Recovered(batch, f"{was}; its file is at {path} now.", delivered=True, in_place=True)
    arrived = f"{was} after its file had arrived at {path}"
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == batch.sha256:
        return Recovered(batch, f"{arrived}.", delivered=True, in_place=True)
    return Recovered(batch, f"{arrived}; it is gone since: {again}.", delivered=True, in_place=False)


def _discard(batch: Batch) -> None:
    if batch.path:
        disk.discard(batch.path, staging_mark(batch.number))


def _target(batch: Batch, to: Path | None) -> Path:
    if to is None:
        if batch.path:
            return batch.path
        raise InvalidInput(f"Batch {batch.number} has no place on this machine.", "Name a folder with --to.")
    is_folder = to.is_dir() or not to.suffix
    return (to / batch.name if is_folder else to).absolute()


def _current_digest(origin: str) -> str:
    """Return the digest of a profile's present text; empty if it no longer exists or has a mistake."""
    try:
        return profiles.load(origin).digest
    except PrimanotaError:
        return ""
