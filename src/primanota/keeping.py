"""One account from the bank into the book, until the bank's own balance proves that nothing is missing."""

from collections.abc import Callable, Iterable

import msgspec

from primanota.book import TRANSACTION, Book, Kept
from primanota.errors import KeyRefused, NotProven, Refused
from primanota.model import Account, Entry
from primanota.proof import Proof, prove
from primanota.qonto.bank import Bank
from primanota.qonto.counts import STATUSES
from primanota.qonto.pages import AccountReader, Progress

# How far before the last reading the next one begins: what the bank shows late is still met. Microseconds.
_OVERLAP = 24 * 60 * 60 * 1_000_000


class Synced(msgspec.Struct):
    """What a sync did for one account; ``reasons`` say why its rows are not proven, and are empty when they are."""

    account: Account
    kept: Kept
    vanished: list[str] = []
    reasons: list[str] = []
    proof: Proof | None = None

    @property
    def proven(self) -> bool:
        """Whether nothing speaks against the book having all that the bank has."""
        return not self.reasons

    @property
    def verdict(self) -> bool | None:
        """Whether that is proven; None where the bank states no balances and only the counts agree."""
        return False if self.reasons or not self.proof else self.proof.verdict


def sync_account(bank: Bank, book: Book, account: Account, progress: Progress, *, full: bool) -> Synced:
    """Keep an account's rows and its new watermark together, or nothing of it.

    What cannot be proven is read again: first what moved meanwhile, then the window around the first gap, then
    everything. What is still not proven then is kept, with the old watermark, and said.

    Raises:
        KeyRefused, Unreachable: the bank cannot be asked at all; the account stays as it was.
    """
    visit = _Visit(bank, book, account, progress)
    try:
        with book.writing():
            return visit.pay(full=full)
    except KeyRefused:
        raise
    except (Refused, NotProven) as error:
        return Synced(account, Kept(), reasons=[error.what])


class _Visit:
    """One account's turn within a sync."""

    def __init__(self, bank: Bank, book: Book, account: Account, progress: Progress) -> None:
        self._bank = bank
        self._book = book
        self._account = account
        self._progress = progress
        self._done = Synced(account, Kept())

    def pay(self, *, full: bool) -> Synced:
        """Read, prove, and read again what does not add up."""
        mark = self._bank.now
        before = None if full else self._book.watermark(self._account.id)
        since = (mark if before is None else before) - _OVERLAP
        first = self._everything if before is None else self._moved
        for read in (first, self._moved, self._gap, self._everything):
            reader = self._bank.reader(self._account.id, self._progress)
            read(reader, since)
            if self._holds(reader):
                self._book.advance(self._account.id, mark)
                break
        return self._done

    def _moved(self, reader: AccountReader, since: int) -> None:
        self._keep(reader.moved(since))

    def _everything(self, reader: AccountReader, since: int) -> None:
        """All rows, then what moved while they were read; what the bank no longer shows is marked."""
        started = self._bank.now
        self._book.forget_noted()
        self._keep(reader.everything(), self._book.note)
        self._keep(reader.moved(min(since, started)), self._book.note)
        if not reader.doubts:
            self._done.vanished += self._book.mark_absent(self._account.id, STATUSES, started)

    def _gap(self, reader: AccountReader, since: int) -> None:
        """The window around the first break of the chain, and what moved meanwhile."""
        gap = self._done.proof.gap if self._done.proof else None
        if gap:
            self._keep(reader.settled(gap.before_settled, gap.after_settled))
        self._keep(reader.moved(since))

    def _keep(self, pages: Iterable[list[Entry]], also: Callable[[list[Entry]], None] | None = None) -> None:
        for entries in pages:
            self._done.kept.add(self._book.keep(TRANSACTION, entries, self._account.id))
            if also:
                also(entries)

    def _holds(self, reader: AccountReader) -> bool:
        key = self._account.id
        balance, counted = self._bank.balance(key), self._bank.counts(key)
        self._done.proof = prove(key, self._book.links(key), balance, self._book.counts(key), counted)
        self._done.reasons = [*reader.doubts, *self._done.proof.reasons]
        return not self._done.reasons
