"""Letters on their way: each is claimed before it is sent, so that of several runs one sends it.

A letter that could not be sent waits in the book, and the next run sends it before its own. Whoever is killed while
sending leaves it claimed; nobody knows then whether it left, so after a while it is sent again, under the same
Message-ID, by which a mailbox tells a double.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from primanota.adapters.mail.addresses import mailbox
from primanota.book import Batch, Batches, Book, Letter, Letters
from primanota.core.errors import BookLocked, DeliveryFailed, PrimanotaError
from primanota.export.destinations import is_mail
from primanota.export.uploads import arrived

# The mail, who sends it, who gets it. It raises ``PrimanotaError`` where that cannot be.
Post = Callable[[bytes, str, Sequence[str]], None]
# Longer than any run on AWS can last.
_CLAIM = timedelta(minutes=16)
# How many times the minute that the book waits for another process.
_PATIENCE = 9


def batches_to_mail(book: Book) -> list[Batch]:
    """The batches whose files people still have to get, and that no letter has yet, whoever these people were."""
    taken = {number for letter in Letters(book).all() if letter.waits for number in letter.batches}
    waiting = (batch for batch in Batches(book).all() if any(map(batch.waits_for, _mails(batch))))
    return [batch for batch in waiting if batch.number not in taken]


def _mails(batch: Batch) -> list[str]:
    return [copy.place for copy in batch.copies if is_mail(copy.place)]


def of_occasion(book: Book, occasion: str) -> list[Letter]:
    """The letters of the runs that were called so."""
    return [letter for letter in Letters(book).all() if occasion and letter.occasion == occasion]


def name_of(login: str, occasion: str, sender: str, *, failed: str) -> str:
    """A letter's Message-ID, without brackets: the same for the same run that ended in the same way."""
    digest = hashlib.sha256(f"{login}\n{occasion}\n{failed}".encode()).hexdigest()[:32]
    return f"{digest}@{mailbox(sender).domain}"


class Outbox:
    """The letters that wait, and who brings them away.

    Args:
        post: brings a mail to everybody or to nobody, or raises.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._sent: set[str] = set()  # by us, even if the book that said so is not the one that counts

    def empty(self, book: Book, occasion: str) -> list[PrimanotaError]:
        """Send every letter that waits, oldest first.

        Args:
            book: has the letters.
            occasion: what this run is called, whose own letter somebody else may be sending.

        Returns:
            Why letters could not be sent.

        Raises:
            BookConflict: somebody else changed the book where it lies; do it all again.
        """
        letters = [letter.id for letter in Letters(book).all() if letter.waits]
        failed = [error for key in letters if (error := self._send(book, key))]
        if any(letter.state == "sending" for letter in of_occasion(book, occasion)):
            failed.append(
                DeliveryFailed("Another run is just sending this mail.", "If it died, a later one sends it.")
            )
        return failed

    def _send(self, book: Book, key: str) -> PrimanotaError | None:
        letter = self._claimed(book, key)
        if letter is None:
            return None
        if key not in self._sent:
            book.publish()
            try:
                self._post(Letters(book).content(letter), letter.sender, letter.to)
            except PrimanotaError as error:
                with book.writing():
                    if Letters(book).one(key) == letter:  # else somebody has withdrawn it, or claimed it anew
                        self._say(book, letter, "waiting", error.message)
                return error
            self._sent.add(key)
        self._note(book, letter)
        book.publish()
        return None

    def _note(self, book: Book, letter: Letter) -> None:
        """It has left. What nobody writes down is sent again, so whoever writes meanwhile is waited for."""
        for _ in range(_PATIENCE):
            with suppress(BookLocked):
                self._has_left(book, letter)
                return
        self._has_left(book, letter)

    def _has_left(self, book: Book, letter: Letter) -> None:
        with book.writing():
            self._say(book, letter, "sent")
            for number in letter.batches:
                for place in _mails(Batches(book).one(number)):
                    arrived(book, number, place)

    def _claimed(self, book: Book, key: str) -> Letter | None:
        """The letter, now ours to send; None where somebody else sends it, or has."""
        with book.writing():
            letter, now = Letters(book).one(key), _now(book)
            if letter is None or not letter.waits:
                return None
            if letter.state == "sending" and now - letter.since < _CLAIM and key not in self._sent:
                return None
            claimed = msgspec.structs.replace(letter, state="sending", since=now)
            Letters(book).save(claimed)
        return claimed

    def _say(self, book: Book, letter: Letter, state: str, why: str = "") -> None:
        Letters(book).save(msgspec.structs.replace(letter, state=state, since=_now(book), why=why))


def _now(book: Book) -> datetime:
    return Batches(book).present()
