"""Deliver batches on this machine: rename staged files to their targets, and recover interrupted batches.

A batch is decided, recorded and staged before (``build.py``). Here, under the book's lock, the staged file is renamed
to its target and the batch becomes delivered. If a run is killed between the two, the batch stays prepared, and the
next export finishes it. Only bytes with the batch's hash get its name or count as arrived: where neither the staged
file nor the target has them, the batch stays prepared, and a person decides.
"""

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota import profiles
from primanota.adapters.storage import disk
from primanota.book import Batches, Book, Letters
from primanota.core.disk_errors import system_error
from primanota.core.errors import BookConflict, BookLocked, DeliveryFailed, InvalidInput, PrimanotaError
from primanota.core.language.notices import english
from primanota.core.notice import Notice
from primanota.core.results import Batch
from primanota.export.earlier_files import require_replaceable

# How often a file is looked at again where another process moved it meanwhile.
_LOOKS = 3
_NO_NAME = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}


class Recovered(NamedTuple):
    """The result of recovering an interrupted batch: whether it is delivered, and whether its file is at its path."""

    batch: Batch
    notice: Notice
    delivered: bool
    in_place: bool

    @property
    def message(self) -> str:
        """Return what became of it, as a sentence of an error."""
        return english(self.notice)

    @property
    def is_open(self) -> bool:
        """Return whether its rows count as exported although it is not known whether its file arrived."""
        return not self.delivered and self.batch.state == "prepared"


def deliver(book: Book, numbers: Collection[int]) -> None:
    """Upload the book, then rename the files of prepared batches to their targets.

    Raises:
        DeliveryFailed: a file cannot be renamed. Its batch has failed or is open; the others are delivered.
        BookConflict: another run changed the remote book meanwhile; these batches are not in it.
    """
    _publish(book, numbers)
    failed = None
    for number in numbers:
        try:
            found = finish(book, number)
        except DeliveryFailed as error:
            failed = failed or error
        except OSError as error:
            unsure = f"It is not known whether the file of batch {number} arrived: {error.strerror or error}."
            failed = failed or DeliveryFailed(unsure, "The next run looks again.")
        else:
            if found and found.is_open:
                failed = failed or DeliveryFailed(found.message)
    if failed:
        raise failed


def recover_interrupted(book: Book) -> list[Recovered]:
    """Finish the batches that are still prepared because their export was killed."""
    prepared = [batch.number for batch in Batches(book).all() if batch.state == "prepared"]
    return [recovered for number in prepared if (recovered := _try(book, number))]


@contextmanager
def recovering(book: Book) -> Iterator[list[Recovered]]:
    """Finish interrupted batches first; a later error gets their notices."""
    recovered = recover_interrupted(book)
    try:
        yield recovered
    except PrimanotaError as error:
        error.notices = (*error.notices, *(one.notice for one in recovered))
        raise


def finish(book: Book, number: int) -> Recovered | None:
    """Deliver a prepared batch under the book's lock, so that only one of several runs does it.

    Returns:
        The result; None if another run has finished it.

    Raises:
        DeliveryFailed: its file cannot be renamed. The batch has failed.
        OSError: the disk cannot be read. The batch stays prepared.
    """
    batches, failed = Batches(book), None
    with book.writing():
        batch = batches.one(number)
        if batch.state != "prepared":
            return None
        try:
            recovered = _finish(batch, batches)
        except DeliveryFailed as error:
            failed = error
            batches.save(msgspec.structs.replace(batch, state="failed", reason=error.message))
        else:
            if recovered.delivered:
                batches.save(_delivered(batch, batches))
    if failed:
        raise failed
    return recovered


def write_again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[Notice]]:
    """Write a batch's file byte for byte, where it was or to ``to``; return the batch, the path, and notes.

    Raises:
        InvalidInput: there is no such batch, or it has no path on this machine and ``to`` is None.
        DeliveryFailed: another file is there, or the path cannot be written.
    """
    batches, notes = Batches(book), list[Notice]()
    batch = batches.one(number)
    content, path = batches.content(batch), disk.resolved(_target(batch, to))
    if disk.sha256_of(path) != batch.sha256:
        if path.exists():
            raise DeliveryFailed(f"{path} now has other content.", "Name another place with --to.")
        disk.write(path, [content])
    if batch.state == "prepared":
        finish(book, number)
    if batch.state in {"failed", "undone"}:
        notes.append(
            Notice.of("batch_is_undone" if batch.state == "undone" else "batch_has_failed", batch=f"{number}")
        )
    if _current_digest(batch.origin) not in {"", batch.digest}:
        notes.append(Notice.of("profile_changed", profile=batch.profile))
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

    Returns:
        The batch in its state after: ``prepared`` if it is not known whether its file had arrived.

    Raises:
        InvalidInput: there is no such batch, it is not undone, or its rows are in another active batch.
    """
    batches = Batches(book)
    with book.writing():
        batch = batches.one(number)
        if batch.state != "undone":
            raise InvalidInput(f"Batch {number} is {batch.state}, not undone.", "Look at “primanota batches”.")
        if others := batches.active_with_rows_of(batch):
            listed = ", ".join(map(str, others))
            raise InvalidInput(
                f"Rows of batch {number} were exported again, in batch {listed}.", "Undo that batch first."
            )
        is_unknown = bool(batch.path) and not batch.deliveries[0].delivered
        batch = msgspec.structs.replace(batch, state="prepared" if is_unknown else "delivered", reason="")
        batches.save(batch)
    return batch


def _publish(book: Book, numbers: Collection[int]) -> None:
    try:
        book.publish()
    except BookConflict:
        # This copy of the book can never be published. After any other error it still may be, when it is closed.
        for number in numbers:
            _discard(Batches(book).one(number))
        raise


def _delivered(batch: Batch, batches: Batches) -> Batch:
    batch = msgspec.structs.replace(batch, state="delivered")
    for one in batch.deliveries:
        if one.kind in {"folder", "output"}:
            batch = batch.with_delivery(one.destination, batches.now())
    return batch


def _try(book: Book, number: int) -> Recovered | None:
    """Finish an interrupted batch; an error of any kind concerns this batch alone."""
    try:
        return finish(book, number)
    except (BookConflict, BookLocked):  # not of the batch, but of the whole book
        raise
    except DeliveryFailed as error:
        found = Notice.of("batch_failed", batch=f"{number}", error=error.message)
    except Exception as error:  # noqa: BLE001 - one batch must not keep every other command from its work
        known = error if isinstance(error, PrimanotaError) else system_error(error)
        reason = known.message if known else f"{type(error).__name__} ({error})."
        found = Notice.of("batch_unfinished", batch=f"{number}", error=reason)
    return Recovered(Batches(book).one(number), found, delivered=False, in_place=False)


def _finish(batch: Batch, batches: Batches) -> Recovered:
    path, number = batch.path, f"{batch.number}"
    if path is None:
        to_output = any(one.kind == "output" for one in batch.deliveries)
        kept = Notice.of("batch_of_output" if to_output else "batch_in_book", batch=number)
        return Recovered(batch, kept, delivered=True, in_place=False)
    _require_possible(path)
    if not path.parent.is_dir():
        unsure = Notice.of("batch_without_folder", batch=number, folder=f"{path.parent}")
        return Recovered(batch, unsure, delivered=False, in_place=False)
    for _ in range(_LOOKS):
        with suppress(FileExistsError, FileNotFoundError):  # another process has just moved a file
            return _name(batch, path, batches)
    unsure = Notice.of("batch_being_changed", batch=number, path=f"{path}")
    return Recovered(batch, unsure, delivered=False, in_place=False)


def _name(batch: Batch, path: Path, batches: Batches) -> Recovered:
    """Give a batch's staged file its name, if it does not have it yet.

    Raises:
        FileExistsError, FileNotFoundError: another process has moved a file meanwhile.
        DeliveryFailed: the file cannot have its name.
    """
    key = batch.staging_key
    waiting, present = disk.staged(path, key), disk.sha256_of(path)
    is_staged = waiting.is_file()
    if present == batch.sha256:
        disk.discard(path, key)
        arrived = _told("batch_named" if is_staged else "batch_had_arrived", batch, path)
        return Recovered(batch, arrived, delivered=True, in_place=True)
    if not is_staged:
        if disk.sha256_of(path) != present:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), f"{path}")
        return Recovered(batch, _told("batch_lost", batch, path), delivered=False, in_place=False)
    named = "batch_named"
    staged = disk.sha256_of(waiting)
    if not staged:  # another process has just given it its name
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{waiting}")
    if staged != batch.sha256:
        disk.stage(path, key, [batches.content(batch)])
        named = "batch_written_anew"
    try:
        if not path.is_dir():
            require_replaceable(path, present, batch.number if batch.replaces else 0, batches)
    except DeliveryFailed:
        if disk.sha256_of(path) != present:  # as above: what is there may be this batch's file
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), f"{path}") from None
        disk.discard(path, key)
        raise
    disk.finish(path, key, None if path.is_dir() else present)
    return Recovered(batch, _told(named, batch, path), delivered=True, in_place=True)


def _told(name: str, batch: Batch, path: Path) -> Notice:
    return Notice.of(name, batch=f"{batch.number}", path=f"{path}")


def _require_possible(path: Path) -> None:
    """Refuse a path that no file can have, as an older version may have recorded it."""
    try:
        os.lstat(path)
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) or error.errno in _NO_NAME:
            raise disk.unusable_place(path, error) from None


def _discard(batch: Batch) -> None:
    if batch.path:
        disk.discard(batch.path, batch.staging_key)


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
