"""One account from the bank into the book, until the bank's own balance proves that nothing is missing."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from primanota.banks.qonto.bank import AccountStatus, Bank
from primanota.banks.qonto.counts import STATUSES
from primanota.banks.qonto.paging import AccountReader
from primanota.book import TRANSACTION, AppendCounts, Book
from primanota.core.balance_chain import Proof, prove
from primanota.core.errors import BankRefused, InvalidApiKey, NotProven
from primanota.core.model import Account, RawRecord

# How far before the last reading the next one begins: what the bank shows late is still met. Microseconds.
_OVERLAP = 24 * 60 * 60 * 1_000_000


class Synced(msgspec.Struct):
    """What a sync did for one account; ``reasons`` say why its rows are not proven, and are empty when they are."""

    account: Account
    kept: AppendCounts
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


def sync_account(bank: Bank, book: Book, account: Account, reader: AccountReader, *, full: bool) -> Synced:
    """Keep an account's rows and its new watermark together, or nothing of it.

    What cannot be proven is read again: first the window around the first gap and what moved meanwhile, then
    everything. What is still not proven then is kept, with the old watermark, and said.

    Raises:
        InvalidApiKey, ServiceUnavailable: the bank cannot be asked at all; the account stays as it was.
    """
    visit = _Visit(bank, book, account, reader)
    try:
        with book.writing():
            return visit.pay(full=full)
    except InvalidApiKey:
        raise
    except (BankRefused, NotProven) as error:
        return Synced(account, AppendCounts(), reasons=[error.message])


class _Visit:
    """One account's turn within a sync."""

    def __init__(self, bank: Bank, book: Book, account: Account, reader: AccountReader) -> None:
        self._bank = bank
        self._book = book
        self._account = account
        self._reader = reader
        self._done = Synced(account, AppendCounts())

    def pay(self, *, full: bool) -> Synced:
        """Read and prove; what does not add up is read again: the doubtful window first, everything at last."""
        mark = self._bank.now
        before = None if full else self._book.watermark(self._account.id)
        since = (mark if before is None else before) - _OVERLAP
        for whole in (before is None, False, True):
            balance, counted = self._read(since, whole=whole)
            self._prove(balance, counted)
            if self._done.proven:
                self._book.advance(self._account.id, mark)
                break
            self._reader = self._reader.anew(self._bank.now)
        return self._done

    def _read(self, since: int, *, whole: bool) -> AccountStatus:
        """Everything, or what lies around the first gap; then what moved; and meanwhile how the account stands."""
        started = self._bank.now
        gap = self._done.proof.gap if self._done.proof else None
        if whole:
            self._book.forget_noted()
            self._keep(self._reader.everything())
        elif gap:
            self._keep(self._reader.settled(gap.before_settled, gap.after_settled))
        with ThreadPoolExecutor(1) as threads:
            account_status = threads.submit(self._bank.account_status, self._account.id)
            self._keep(self._reader.moved(min(since, started)))
        if whole and not self._reader.doubts:
            self._done.vanished += self._book.mark_absent(self._account.id, STATUSES, started)
        return account_status.result()

    def _keep(self, pages: Iterable[list[RawRecord]]) -> None:
        for entries in pages:
            self._done.kept.add(self._book.keep(TRANSACTION, entries, self._account.id))
            self._book.note(entries)

    def _prove(self, balance: int | None, counted: dict[str, int]) -> None:
        key = self._account.id
        found = prove(key, self._book.links(key), balance, self._book.counts(key), counted)
        self._done.proof = found
        self._done.reasons = [*self._reader.doubts, *found.reasons]


def insist(done: list[Synced]) -> None:
    """Stop with exit code 6 where an account is not proven.

    Raises:
        NotProven: naming the accounts.
    """
    if doubtful := [account.account.name for account in done if not account.proven]:
        raise NotProven(
            f"Not proven complete: {', '.join(doubtful)}.",
            "What was read is kept. Run “primanota sync --full” later; if it stays so, ask the bank.",
        )
