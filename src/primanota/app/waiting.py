"""Mails and files that came with an imported or copied book: they wait until a person decides.

They may have left from the book's former place since. What this book makes itself does not wait.
"""

from typing import NamedTuple

import msgspec

from primanota.book import Batches, Book, Letter, Letters
from primanota.core.notice import Notice
from primanota.core.results import Batch


class Waiting(NamedTuple):
    """Mails that wait for a person, and the batches whose files still have to be mailed or uploaded, if any."""

    letters: list[Letter]
    batches: list[Batch]

    @property
    def notices(self) -> list[Notice]:
        """Return how many wait and what to do; an empty list if nothing waits."""
        counts = (("mails_wait", len(self.letters)), ("files_wait", len(self.batches)))
        return [Notice.of(name, number) for name, number in counts if number]


def waiting(book: Book) -> Waiting:
    """Return what came with an imported or copied book and waits for a person."""
    batches, letters = Batches(book), Letters(book).held()
    if book.is_withdrawn:
        return Waiting(letters, [])
    kept = {batch.number for batch in batches.not_held()}
    attached = {number for letter in letters for number in letter.batches}
    return Waiting(
        letters, [batch for batch in batches.all() if batch.number not in kept | attached and _pends(batch)]
    )


def let_go(book: Book) -> Waiting:
    """Let the next run send and upload what waits; return it."""
    found = waiting(book)
    with book.run("book waiting --send"):
        book.decide(send=True)
    return found


def withdraw(book: Book) -> Waiting:
    """Withdraw what waits: none of it leaves. Return it."""
    found = waiting(book)
    with book.run("book waiting --withdraw"), book.writing():
        now = Batches(book).now()
        for letter in found.letters:
            Letters(book).save(msgspec.structs.replace(letter, state="withdrawn", since=now))
    book.decide(send=False)
    return found


def _pends(batch: Batch) -> bool:
    return any(batch.is_pending_at(one.destination) for one in batch.remote_deliveries)
