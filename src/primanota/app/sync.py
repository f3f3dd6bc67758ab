"""Sync the book with the bank: read, store, prove, and read again what does not add up."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

from primanota import banks
from primanota.book import ACCOUNT, LABEL, MEMBER, ORGANISATION, TRANSACTION, Book, SeenTransactions
from primanota.book.journal import Journal
from primanota.core.balance_chain import prove
from primanota.core.errors import BankRefused, BookUnusable, InvalidApiKey, NotProven
from primanota.core.model import Account, RawRecord
from primanota.core.proof_state import ProofState
from primanota.core.results import AppendCounts, SyncedAccount

# Each reading begins this long before the last one, to find rows that the bank shows late. Microseconds.
_OVERLAP = 24 * 60 * 60 * 1_000_000
# Returns a context manager that shows the progress of a reading.
ShowProgress = Callable[[], AbstractContextManager[banks.Progress]]


class Silent:
    """A progress that shows nothing."""

    def expect(self, pages: int) -> None:
        """Ignore how many pages are to come."""

    def page(self, rows: int) -> None:
        """Ignore a page."""


def no_progress() -> AbstractContextManager[banks.Progress]:
    """Show no progress: for a run without a terminal."""
    return nullcontext(Silent())


def sync(
    bank: banks.Bank, book: Book, connector: banks.Connector, progress: banks.Progress, *, full: bool = False
) -> tuple[list[SyncedAccount], list[str]]:
    """Bring the book up to date: the organisation, then each account's rows with its new watermark.

    Args:
        bank: the bank to read.
        book: the book to bring up to date.
        connector: decodes the bank's records.
        progress: is called for each page.
        full: read everything again, and find vanished transactions.

    Returns:
        The result of each account, and notes on lists that the bank does not let this key read.

    Raises:
        BankRefused, ServiceUnavailable: the bank cannot be read at all.
        BookUnusable: the book is that of another organisation.
    """
    with book.run("sync --full" if full else "sync"):
        notes = _sync_organisation(bank, book, connector)
        known = {account.id: account for account in Journal(book, connector).accounts()}
        unread = [key for key in known if full or book.watermark(key) is None]
        sources = bank.sources(list(known), progress, unread)
        return [sync_account(bank, book, known[key], source, full=full) for key, source in sources.items()], notes


def sync_account(
    bank: banks.Bank, book: Book, account: Account, source: banks.TransactionSource, *, full: bool
) -> SyncedAccount:
    """Store an account's rows and its new watermark in one transaction.

    If the account is not proven, its rows are read again: first the window around the first gap and rows that were
    updated meanwhile, then everything. If it is still not proven, the rows are stored with the old watermark, and the
    result has the reasons.

    Raises:
        InvalidApiKey, ServiceUnavailable: the bank cannot be read at all; the account stays as it was.
    """
    try:
        with book.writing():
            return AccountSync(bank, book, account, source).run(full=full)
    except InvalidApiKey:
        raise
    except (BankRefused, NotProven) as error:
        return SyncedAccount(account, AppendCounts(), reasons=[error.message])


class AccountSync:
    """Syncs one account: read, store, prove, and read again what does not add up."""

    def __init__(self, bank: banks.Bank, book: Book, account: Account, source: banks.TransactionSource) -> None:
        self._bank = bank
        self._book = book
        self._account = account
        self._source = source
        self._seen = SeenTransactions(book)
        self._done = SyncedAccount(account, AppendCounts())

    def run(self, *, full: bool) -> SyncedAccount:
        """Read and prove; if that fails, read the window around the first gap again, then everything."""
        mark = self._bank.now
        before = None if full else self._book.watermark(self._account.id)
        since = (mark if before is None else before) - _OVERLAP
        for whole in (before is None, False, True):
            self._prove(self._read(since, whole=whole))
            if self._done.proven:
                self._book.set_watermark(self._account.id, mark)
                self._book.set_proof_state(self._account.id, ProofState("proven", self._bank.now, (), mark))
                break
            self._source = self._source.restarted(self._bank.now)
        return self._done

    def _read(self, since: int, *, whole: bool) -> banks.AccountStatus:
        """Read all rows, or those around the first gap; then updated rows, and the account's status."""
        started = self._bank.now
        gap = self._done.proof.gap if self._done.proof else None
        if whole:
            self._seen.clear()
            self._store(self._source.everything())
        elif gap:
            self._store(self._source.settled_between(gap.before_settled, gap.after_settled))
        with ThreadPoolExecutor(1) as threads:
            status = threads.submit(self._bank.account_status, self._account.id)
            self._store(self._source.updated_since(min(since, started)))
        if whole and not self._source.doubts:
            self._done.vanished += self._book.mark_absent(self._account.id, self._bank.statuses, started, self._seen)
        return status.result()

    def _store(self, pages: Iterable[list[RawRecord]]) -> None:
        for records in pages:
            self._done.counts.add(self._book.append(TRANSACTION, records, self._account.id))
            self._seen.add(records)

    def _prove(self, status: banks.AccountStatus) -> None:
        key = self._account.id
        rows, stored = self._book.booked_rows(key), self._book.status_counts(key)
        found = prove(key, rows, status.balance, stored, status.counts)
        self._done.proof = found
        self._done.reasons = [*self._source.doubts, *found.reasons]


def require_proven(done: Iterable[SyncedAccount]) -> None:
    """Raise an error (exit code 6) if an account is not proven.

    Raises:
        NotProven: an account is not proven; the message names all such accounts.
    """
    if doubtful := [account.account.name for account in done if not account.proven]:
        raise NotProven(
            f"Not proven complete: {', '.join(doubtful)}.",
            "What was read is kept. Run “primanota sync --full” later; if it stays so, ask the bank.",
        )


def _sync_organisation(bank: banks.Bank, book: Book, connector: banks.Connector) -> list[str]:
    company = bank.company()
    _check_same_organisation(company.organisation, book, connector)
    with book.writing():
        book.append(ORGANISATION, [RawRecord(id="organisation", body=company.organisation)])
        book.append(ACCOUNT, company.accounts)
        book.append(MEMBER, company.members or [])
        book.append(LABEL, company.labels or [])
    lists = {"members": company.members, "labels": company.labels}
    return [f"The bank does not let this key read {name}." for name, found in lists.items() if found is None]


def _check_same_organisation(company: bytes, book: Book, connector: banks.Connector) -> None:
    """Refuse to mix the rows of two organisations in one book."""
    theirs, ours = connector.organisation(company), Journal(book, connector).find_organisation()
    if ours and ours.id != theirs.id:
        raise BookUnusable(
            f"{book.path} is the book of {ours.name} ({ours.id}), not of {theirs.name} ({theirs.id}).",
            "Look at PRIMANOTA_API_URL, or move this book away.",
        )
