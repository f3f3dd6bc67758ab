"""The last step of a batch: its file gets its name, and the book calls it delivered.

Everything about a batch is decided, written down and staged before (``leaving.py``). Here, under the book's lock, the
file gets its name and the batch becomes delivered. Whoever is killed between the two leaves a prepared batch, which
the next export finishes: the staged file tells it whether the other one arrived.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, tzinfo
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota import places, profiles
from primanota.book import MEMBER, Batch, Batches, Book
from primanota.errors import PrimanotaError, Undeliverable, WrongWords
from primanota.leaving import mark_of
from primanota.model import Transaction
from primanota.qonto import normalise
from primanota.reviewing import day_of


class Line(NamedTuple):
    """A row as it left: its place in the file; ``current`` is false where a newer version of it is known."""

    line: int
    row: Transaction
    current: bool

    @property
    def day(self) -> date:
        """The local day on which it was booked."""
        return day_of(self.row)


def deliver(book: Book, numbers: Iterable[int]) -> None:
    """Give the files of prepared batches their names.

    Raises:
        Undeliverable: one of them cannot have it. That batch is undone then; the others are delivered.
    """
    failed = None
    for number in numbers:
        try:
            finish(book, number)
        except Undeliverable as error:
            failed = failed or error
    if failed:
        raise failed


def settle(book: Book) -> list[str]:
    """Finish what a killed export left behind; in a sentence for each batch, what became of it."""
    waiting = [batch.number for batch in Batches(book).all() if batch.state == "prepared"]
    told = []
    for number in waiting:
        try:
            told.append(finish(book, number))
        except Undeliverable as error:
            told.append(f"Batch {number} was interrupted, and is undone: {error.what} Its rows are new again.")
    return [sentence for sentence in told if sentence]


def finish(book: Book, number: int) -> str:
    """Deliver a prepared batch under the book's lock, so that of several who try one does it.

    Returns:
        What became of it, in a sentence; empty where somebody else had finished it.

    Raises:
        Undeliverable: its file cannot have its name. The batch is undone.
    """
    batches, failed = Batches(book), None
    with book.writing():
        batch = batches.one(number)
        if batch.state != "prepared":
            return ""
        try:
            arrived, told = _finish(batch)
        except Undeliverable as error:
            failed = error
            batches.say(msgspec.structs.replace(batch, state="undone", why=error.what))
        else:
            if arrived:
                batches.say(msgspec.structs.replace(batch, state="delivered"))
    if failed:
        raise failed
    return told


def _finish(batch: Batch) -> tuple[bool, str]:
    path, again = Path(batch.path), f"“primanota batches again {batch.number}” writes it again"
    if not path.parent.is_dir():
        return False, (
            f"Batch {batch.number} was interrupted, and {path.parent} is not there, so nobody knows whether its file "
            f"arrived. Its rows count as sent: {again}, “primanota batches undo {batch.number}” makes them new."
        )
    if places.staged(path, mark_of(batch.number)).exists():
        places.finish(path, mark_of(batch.number))
        return True, f"Batch {batch.number} was interrupted; its file is at {path} now."
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == batch.sha256:
        return True, f"Batch {batch.number} was interrupted after its file had arrived at {path}."
    return (
        True,
        f"Batch {batch.number} was interrupted after its file had arrived at {path}; it is gone since: {again}.",
    )


def lines(book: Book, batch: Batch, zone: tzinfo) -> list[Line]:
    """The rows of a batch as they left, in the order of its file."""
    members = {key: normalise.member_name(body) for key, body in book.bodies(MEMBER).items()}
    sent = Batches(book).sent(batch.number)
    return [Line(row.line, normalise.transaction(row.body, zone, members), row.current) for row in sent]


def write_again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[str]]:
    """Write a batch's file byte for byte, where it was or somewhere else; and what a person should know of it.

    Raises:
        WrongWords: there is no such batch.
        Undeliverable: another file is there, or the place cannot be written.
    """
    batches, notes = Batches(book), []
    batch = batches.one(number)
    content, path = batches.content(batch), _where(batch, to)
    if not path.is_file() or path.read_bytes() != content:
        if path.exists():
            raise Undeliverable(f"{path} is another file by now.", "Name another place with --to.")
        places.write(path, [content])
    if batch.state == "undone":
        notes.append(f"Batch {number} was undone: its rows may be in another file too.")
    if _text_of(batch.profile) not in {"", batch.digest}:
        notes.append(f"The profile {batch.profile} has another text by now; this is the file as it was then.")
    return batch, path, notes


def take_back(book: Book, number: int) -> Batch:
    """Make a batch's rows new again for its profile.

    Raises:
        WrongWords: there is no such batch, or it is undone already.
    """
    with book.writing():
        batch = Batches(book).one(number)
        if batch.state == "undone":
            raise WrongWords(f"Batch {number} is undone already.", "Its rows are new again.")
        Batches(book).say(msgspec.structs.replace(batch, state="undone", why="by hand"))
    places.discard(Path(batch.path), mark_of(number))
    return batch


def _where(batch: Batch, to: Path | None) -> Path:
    if to is None:
        return Path(batch.path)
    folder = to.is_dir() or not to.suffix
    return (to / Path(batch.path).name if folder else to).absolute()


def _text_of(profile: str) -> str:
    """The digest of a profile's text as it is now; empty where no such profile comes with the program."""
    try:
        return profiles.load(profile).digest
    except PrimanotaError:
        return ""
