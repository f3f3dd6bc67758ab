"""The outbox: mails that were sent or wait to be sent, with sender, recipients and bytes.

A letter is stored as a version, so the book's hash chain covers it; a new state of a letter is a newer version of it.
Its bytes are in the same table as the files of the batches, under their SHA-256.
"""

import hashlib
import zlib
from datetime import datetime
from typing import Literal

import msgspec

from primanota.book.file.database_errors import RESTORE
from primanota.book.records.index import NEWEST
from primanota.book.records.records import Book
from primanota.core.errors import BookDamaged
from primanota.core.model import RawRecord

LETTER = "letter"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is composed and stored.

    ``id`` is its Message-ID without brackets. ``run_key`` is the key of the run that wrote it, ``failed`` is
    whether that run failed. ``made`` and ``since``, the moment of its present ``state``, are UTC. ``batches`` are the
    numbers of the batches whose files are attached; ``reason`` is why it could not be sent. A waiting letter is
    ``withdrawn`` where one of its batches was undone, or where it was refused and its recipients have changed since.
    """

    id: str
    run_key: str = msgspec.field(name="occasion", default="")
    made: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    sha256: str = ""
    size: int = 0
    batches: tuple[int, ...] = ()
    failed: bool = False
    state: Literal["waiting", "sending", "sent", "withdrawn"] = "waiting"
    since: datetime
    reason: str = msgspec.field(name="why", default="")

    def of(self, content: bytes) -> "Letter":
        """Return the same letter with the hash and the size of its bytes."""
        return msgspec.structs.replace(self, sha256=hashlib.sha256(content).hexdigest(), size=len(content))

    @property
    def is_waiting(self) -> bool:
        """Return whether it is still to be sent, or is being sent now."""
        return self.state in {"waiting", "sending"}


class Letters:
    """The letters of a book. Methods that write are called inside the book's ``writing``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[Letter]:
        """Return every letter, oldest first."""
        bodies = self._book.bodies(LETTER).values()
        return sorted(map(_letter.decode, bodies), key=lambda letter: (letter.made, letter.id))

    def held(self) -> list[Letter]:
        """Return the waiting letters that came with a book from elsewhere, oldest first."""
        held = self._book.held_ids(LETTER)
        return [letter for letter in self.all() if letter.is_waiting and letter.id in held]

    def one(self, key: str) -> Letter | None:
        """Return a letter in its present state; None if the id is unknown."""
        select = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"
        return next((_letter.decode(body) for (body,) in self._book.rows(select, LETTER, key)), None)

    def add(self, letter: Letter, content: bytes) -> None:
        """Add a letter that is to be sent."""
        self._book.execute("INSERT OR IGNORE INTO file VALUES (?, ?)", letter.sha256, zlib.compress(content))
        self.save(letter)

    def save(self, letter: Letter) -> None:
        """Save a letter's new state as a newer version."""
        self._book.append(LETTER, [RawRecord(letter.id, msgspec.json.encode(letter))])

    def withdraw(self, number: int, now: datetime) -> None:
        """Withdraw the waiting letters of a batch; the next letter gets the files of their other batches."""
        for letter in self.all():
            if letter.is_waiting and number in letter.batches:
                self.save(msgspec.structs.replace(letter, state="withdrawn", since=now))

    def withdraw_refused(self, recipients: tuple[str, ...], now: datetime) -> None:
        """Withdraw refused letters to a recipient who is no longer configured; the next letter gets their files."""
        for letter in self.all():
            if letter.state == "waiting" and letter.reason and not {*letter.to} <= {*recipients}:
                self.save(msgspec.structs.replace(letter, state="withdrawn", since=now))

    def content(self, letter: Letter) -> bytes:
        """Return the mail, byte for byte.

        Raises:
            BookDamaged: the mail was changed from outside.
        """
        content = self._book.stored_file(letter.sha256)
        if hashlib.sha256(content).hexdigest() != letter.sha256:
            raise BookDamaged(f"The book {self._book.path} is damaged: {_changed(letter)}.", RESTORE)
        return content

    def first_inconsistency(self) -> str:
        """Return the first letter whose bytes were changed, in a sentence; empty if there is none."""
        for letter in self.all():
            if not self._book.is_file_whole(letter.sha256):
                return _changed(letter)
        return ""


def _changed(letter: Letter) -> str:
    return f"the letter of {letter.made:%Y-%m-%d %H:%M} UTC was changed"


_letter = msgspec.json.Decoder(Letter)
