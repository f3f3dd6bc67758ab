"""Send the waiting letters of the book: each is claimed before it is sent, so that only one of several runs sends it.

A letter that could not be sent waits in the book, and the next run sends it before its own. If a run is killed while
it sends a letter, the letter stays claimed and it is unknown whether it was sent; after ``_CLAIM`` it is sent again
with the same Message-ID, by which a mailbox recognises a duplicate.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from primanota.adapters.mail.addresses import mailbox
from primanota.book import Batches, Book, Letter, Letters
from primanota.book.outbox import LETTER
from primanota.core.errors import BookLocked, DeliveryFailed, PrimanotaError
from primanota.core.results import Batch
from primanota.export.uploads import mark_delivered

# Sends a mail (bytes, sender, recipients) to all recipients, or raises ``PrimanotaError``.
Mailer = Callable[[bytes, str, Sequence[str]], None]
# Longer than any run on AWS can last.
_CLAIM = timedelta(minutes=16)
# How many times to wait for another process that is writing; each time the book waits a minute.
_WAITS = 9


def batches_to_mail(book: Book) -> list[Batch]:
    """Return the batches whose files still have to be mailed and are not attached to a waiting letter."""
    taken = {number for letter in Letters(book).all() if letter.is_waiting for number in letter.batches}
    waiting = (batch for batch in Batches(book).not_held() if any(map(batch.is_pending_at, _mails(batch))))
    return [batch for batch in waiting if batch.number not in taken]


def _mails(batch: Batch) -> list[str]:
    return [one.destination for one in batch.remote_deliveries if one.kind == "mail"]


def letters_of_run(book: Book, run_key: str) -> list[Letter]:
    """Return the letters of the runs with a key."""
    return [letter for letter in Letters(book).all() if run_key and letter.run_key == run_key]


def message_id(login: str, run_key: str, sender: str, *, failed: str) -> str:
    """Return a letter's Message-ID without brackets: the same for the same run that ended in the same way."""
    digest = hashlib.sha256(f"{login}\n{run_key}\n{failed}".encode()).hexdigest()[:32]
    return f"{digest}@{mailbox(sender).domain}"


class Outbox:
    """Sends the letters that wait in a book.

    Args:
        mailer: sends a mail to all of its recipients, or raises ``PrimanotaError``.
    """

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        # By this process, even if the book that records it was not uploaded, or its upload seemed to fail.
        self._sent: set[str] = set()
        self._claims: dict[str, datetime] = {}

    def flush(self, book: Book, run_key: str) -> list[PrimanotaError]:
        """Send every letter that waits, oldest first, except those that came with a book from elsewhere.

        Args:
            book: has the letters.
            run_key: the key of this run, whose own letter another process may be sending.

        Returns:
            The errors of letters that could not be sent.

        Raises:
            BookConflict: another run changed the remote book; everything must be repeated with that book.
        """
        held = book.held_ids(LETTER)
        letters = [letter.id for letter in Letters(book).all() if letter.is_waiting and letter.id not in held]
        failed = [error for key in letters if (error := self._send(book, key))]
        if any(letter.state == "sending" for letter in letters_of_run(book, run_key)):
            failed.append(
                DeliveryFailed("Another run is sending this mail.", "If that run was killed, a later one sends it.")
            )
        return failed

    def _send(self, book: Book, key: str) -> PrimanotaError | None:
        letter = self._claimed(book, key)
        if letter is None:
            return None
        if key not in self._sent:
            book.publish()
            try:
                self._mailer(Letters(book).content(letter), letter.sender, letter.to)
            except PrimanotaError as error:
                with book.writing():
                    if Letters(book).one(key) == letter:  # else it was withdrawn, or claimed again
                        self._save(book, letter, "waiting", error.message)
                return error
            self._sent.add(key)
        self._record_sent(book, letter)
        book.publish()
        return None

    def _record_sent(self, book: Book, letter: Letter) -> None:
        """Record that a letter was sent; wait for other writers, since an unrecorded letter would be sent again."""
        for _ in range(_WAITS):
            with suppress(BookLocked):
                self._mark_sent(book, letter)
                return
        self._mark_sent(book, letter)

    def _mark_sent(self, book: Book, letter: Letter) -> None:
        with book.writing():
            self._save(book, letter, "sent")
            for number in letter.batches:
                for place in _mails(Batches(book).one(number)):
                    mark_delivered(book, number, place)

    def _claimed(self, book: Book, key: str) -> Letter | None:
        """Claim a letter; None where another process sends it, or has sent it."""
        with book.writing():
            letter, now = Letters(book).one(key), _now(book)
            if letter is None or not letter.is_waiting:
                return None
            is_ours = key in self._sent or self._claims.get(key) == letter.since
            if letter.state == "sending" and now - letter.since < _CLAIM and not is_ours:
                return None
            claimed = msgspec.structs.replace(letter, state="sending", since=now)
            Letters(book).save(claimed)
        self._claims[key] = now
        return claimed

    def _save(self, book: Book, letter: Letter, state: str, reason: str = "") -> None:
        Letters(book).save(msgspec.structs.replace(letter, state=state, since=_now(book), reason=reason))


def _now(book: Book) -> datetime:
    return Batches(book).now()
