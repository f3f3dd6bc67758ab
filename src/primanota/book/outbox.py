"""Mails that leave, or wait to: whose, for whom, byte for byte.

A letter is a version like all others, so the book's hash chain covers it; what becomes of it is a newer version of
the same letter. Its bytes lie beside those of the batches, under their SHA-256.
"""

import hashlib
import zlib
from datetime import datetime
from typing import Literal

import msgspec

from primanota.book.records import NEWEST, Book
from primanota.core.model import RawRecord

LETTER = "letter"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail, decided and written.

    ``id`` is its Message-ID without brackets. ``occasion`` is what the run was called that wrote it, ``failed`` says
    that this run did. ``made`` and ``since``, the moment from which on it is in its ``state``, are UTC. ``batches``
    are the numbers of those whose files go with it; ``why`` is why it could not be sent. One is ``withdrawn`` where
    it waited, and a batch that goes with it was undone, or it was refused and is for other people than those of now.
    """

    id: str
    occasion: str
    made: datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    sha256: str
    size: int
    batches: tuple[int, ...]
    failed: bool
    state: Literal["waiting", "sending", "sent", "withdrawn"] = "waiting"
    since: datetime
    why: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is still to be sent, or just being sent."""
        return self.state in {"waiting", "sending"}


class Letters:
    """The letters of a book. What writes stands inside the book's ``writing``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[Letter]:
        """Every letter, oldest first."""
        bodies = self._book.bodies(LETTER).values()
        return sorted(map(_letter.decode, bodies), key=lambda letter: (letter.made, letter.id))

    def one(self, key: str) -> Letter | None:
        """A letter as it is now; None where there is none of that id."""
        select = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"
        return next((_letter.decode(body) for (body,) in self._book.rows(select, LETTER, key)), None)

    def write(self, letter: Letter, content: bytes) -> None:
        """Keep a letter, to be sent."""
        self._book.execute("INSERT OR IGNORE INTO file VALUES (?, ?)", letter.sha256, zlib.compress(content))
        self.save(letter)

    def save(self, letter: Letter) -> None:
        """What is now true of a letter."""
        self._book.keep(LETTER, [RawRecord(letter.id, msgspec.json.encode(letter))])

    def withdraw(self, number: int, now: datetime) -> None:
        """Never send the letters that wait with a batch's file; the others' files go with the next letter."""
        for letter in self.all():
            if letter.waits and number in letter.batches:
                self.save(msgspec.structs.replace(letter, state="withdrawn", since=now))

    def give_up(self, people: tuple[str, ...], now: datetime) -> None:
        """Never send again what was refused and is for somebody who is not meant any more; its files go on."""
        for letter in self.all():
            if letter.state == "waiting" and letter.why and not {*letter.to} <= {*people}:
                self.save(msgspec.structs.replace(letter, state="withdrawn", since=now))

    def content(self, letter: Letter) -> bytes:
        """The mail, byte for byte."""
        (content,) = next(self._book.rows("SELECT content FROM file WHERE sha256 = ?", letter.sha256))
        return zlib.decompress(content)

    def first_inconsistency(self) -> str:
        """The first letter whose bytes are not what it says; empty when there is none."""
        for letter in self.all():
            try:
                content = self.content(letter)
            except (StopIteration, zlib.error):
                content = b""
            if hashlib.sha256(content).hexdigest() != letter.sha256:
                return f"the letter of {letter.made:%Y-%m-%d %H:%M} UTC was changed"
        return ""


_letter = msgspec.json.Decoder(Letter)
