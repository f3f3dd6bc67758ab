"""The last step of a batch: its file gets its name, and the book calls it delivered.

Everything about a batch is decided, written down and staged before (``leaving.py``). Here, under the book's lock, the
file gets its name and the batch becomes delivered. Whoever is killed between the two leaves a prepared batch, which
the next export finishes: the staged file tells it whether the other one arrived.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, tzinfo
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota import profiles
from primanota.adapters.storage import disk
from primanota.book import Batch, Batches, Book, Letters
from primanota.book.journal import reader
from primanota.core.errors import DeliveryFailed, InvalidInput, PrimanotaError
from primanota.core.model import Transaction
from primanota.export.build import mark_of


class Recovered(NamedTuple):
    """What became of an interrupted batch, in a sentence; whether its file is ``here``, at its place, now."""

    batch: Batch
    told: str
    delivered: bool
    here: bool

    @property
    def path(self) -> Path:
        """Its place."""
        return Path(self.batch.path)


class Line(NamedTuple):
    """A row as it left: its place in the file; ``current`` is false where a newer version of it is known."""

    line: int
    row: Transaction
    current: bool

    @property
    def day(self) -> date:
        """The local day on which it was booked."""
        return self.row.day


def deliver(book: Book, numbers: Collection[int]) -> None:
    """Give the files of prepared batches their names, once the book is safe where it lives.

    Raises:
        DeliveryFailed: one of them cannot have it. That batch has failed then; the others are delivered.
        BookConflict: somebody else changed the book there meanwhile; these batches are in it no more.
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


def _publish(book: Book, numbers: Collection[int]) -> None:
    try:
        book.publish()
    except BaseException:
        for number in numbers:
            _discard(Batches(book).one(number))
        raise


def settle(book: Book) -> list[Recovered]:
    """Finish what killed exports left behind."""
    waiting = [batch.number for batch in Batches(book).all() if batch.state == "prepared"]
    return [settled for number in waiting if (settled := _try(book, number))]


@contextmanager
def recovering(book: Book) -> Iterator[list[Recovered]]:
    """Finish what killed exports left behind, before anything else; it is told even if that fails, as its notes."""
    settled = settle(book)
    try:
        yield settled
    except PrimanotaError as error:
        for one in settled:
            error.add_note(one.told)
        raise


def finish(book: Book, number: int) -> Recovered | None:
    """Deliver a prepared batch under the book's lock, so that of several who try one does it.

    Returns:
        What became of it; None where somebody else had finished it.

    Raises:
        DeliveryFailed: its file cannot have its name. The batch has failed.
    """
    batches, failed = Batches(book), None
    with book.writing():
        batch = batches.one(number)
        if batch.state != "prepared":
            return None
        try:
            settled = _finish(batch)
        except DeliveryFailed as error:
            failed = error
            batches.save(msgspec.structs.replace(batch, state="failed", why=error.message))
        else:
            if settled.delivered:
                batches.save(msgspec.structs.replace(batch, state="delivered"))
    if failed:
        raise failed
    return settled


def _try(book: Book, number: int) -> Recovered | None:
    try:
        return finish(book, number)
    except DeliveryFailed as error:
        why = f"Batch {number} was interrupted, and has failed: {error.message} Nothing of it left."
        return Recovered(Batches(book).one(number), why, delivered=False, here=False)


def _finish(batch: Batch) -> Recovered:
    if not batch.path:
        return Recovered(
            batch, f"Batch {batch.number} was interrupted; it is in the book.", delivered=True, here=False
        )
    path, mark = Path(batch.path), mark_of(batch.number)
    was, again = f"Batch {batch.number} was interrupted", f"“primanota batches again {batch.number}” writes it again"
    if not path.parent.is_dir():
        new = f"“primanota batches undo {batch.number}” makes them new"
        unsure = f"{was}, and {path.parent} is not there, so nobody knows whether its file arrived."
        return Recovered(batch, f"{unsure} Its rows count as sent: {again}, {new}.", delivered=False, here=False)
    if disk.staged(path, mark).exists():
        disk.finish(path, mark)
        return Recovered(batch, f"{was}; its file is at {path} now.", delivered=True, here=True)
    arrived = f"{was} after its file had arrived at {path}"
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == batch.sha256:
        return Recovered(batch, f"{arrived}.", delivered=True, here=True)
    return Recovered(batch, f"{arrived}; it is gone since: {again}.", delivered=True, here=False)


def lines(book: Book, batch: Batch, zone: tzinfo) -> list[Line]:
    """The rows of a batch as they left, in the order of its file."""
    read, sent = reader(book, zone), Batches(book).sent(batch.number)
    return [Line(row.line, read(row.body), row.current) for row in sent]


def write_again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[str]]:
    """Write a batch's file byte for byte, where it was or somewhere else; and what a person should know of it.

    Raises:
        InvalidInput: there is no such batch, or it has no place here and none was named.
        DeliveryFailed: another file is there, or the place cannot be written.
    """
    batches, notes = Batches(book), []
    batch = batches.one(number)
    content, path = batches.content(batch), _where(batch, to)
    if not path.is_file() or path.read_bytes() != content:
        if path.exists():
            raise DeliveryFailed(f"{path} is another file by now.", "Name another place with --to.")
        disk.write(path, [content])
    if batch.state in {"failed", "undone"}:
        notes.append(f"Batch {number} is {batch.state}: its rows may be in another file too.")
    if _text_of(batch.origin) not in {"", batch.digest}:
        notes.append(f"The profile {batch.profile} has another text by now; this is the file as it was then.")
    return batch, path, notes


def take_back(book: Book, number: int) -> tuple[Batch, int]:
    """Make a batch's rows new again for its profile, but for those that another standing batch has.

    Returns:
        The batch as it was, and how many of its rows are new.

    Raises:
        InvalidInput: there is no such batch, or it is undone already.
    """
    with book.writing():
        batch = Batches(book).one(number)
        if batch.state in {"failed", "undone"}:
            raise InvalidInput(f"Batch {number} is {batch.state} already.", "Its rows are in no file that counts.")
        Batches(book).save(msgspec.structs.replace(batch, state="undone", why="by hand"))
        Letters(book).withdraw(number, Batches(book).present())
        free = Batches(book).free(batch)
    _discard(batch)
    return batch, free


def _discard(batch: Batch) -> None:
    if batch.path:
        disk.discard(Path(batch.path), mark_of(batch.number))


def _where(batch: Batch, to: Path | None) -> Path:
    if to is None and not batch.path:
        raise InvalidInput(f"Batch {batch.number} has no place on this machine.", "Name a folder with --to.")
    if to is None:
        return Path(batch.path)
    folder = to.is_dir() or not to.suffix
    return (to / batch.file if folder else to).absolute()


def _text_of(origin: str) -> str:
    """The digest of a profile's text as it is now; empty where it is gone or has a mistake."""
    try:
        return profiles.load(origin).digest
    except PrimanotaError:
        return ""
