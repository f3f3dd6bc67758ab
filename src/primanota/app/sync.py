"""Sync the book with the bank: read, store, prove, and read again what does not add up."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

from primanota import banks
from primanota.book import ACCOUNT, LABEL, MEMBER, ORGANISATION, TRANSACTION, Book, SeenTransactions
from primanota.book.journal import Journal
from primanota.core.balance_chain import Proof, prove
from primanota.core.errors import BankRefused, BookUnusable, InvalidApiKey, NotProven, PrimanotaError
from primanota.core.model import COMPLETED, PENDING, Account, RawRecord
from primanota.core.proof_state import CLOCK_TOLERANCE, ProofState, State
from primanota.core.results import AppendCounts, SyncedAccount
from primanota.core.text import visible

# Each reading begins this long before the last one, to find rows that the bank shows late. Microseconds.
_OVERLAP = 24 * 60 * 60 * 1_000_000
_FORBIDDEN, _NOT_FOUND = 403, 404
_NAMED = 10
_GONE = "the bank no longer shows the account"
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
    Journal(book, connector).bring_up_to_date(progress)
    with book.run("sync --full" if full else "sync"):
        notes, listed = _sync_organisation(bank, book, connector)
        known = {account.id: account for account in Journal(book, connector).accounts()}
        shown = [key for key in known if key in listed or not listed]
        unread = [key for key in shown if full or _watermark(book, key, bank.now) is None]
        sources = bank.sources(shown, progress, unread)
        found = {key: _try_account(bank, book, known[key], source, full=full) for key, source in sources.items()}
        others = any(isinstance(one, SyncedAccount) for one in found.values())
        done = []
        for key, account in known.items():
            one = found.get(key)
            done.append(one if isinstance(one, SyncedAccount) else not_read(book, account, one, others_read=others))
        return done, notes


def _try_account(
    bank: banks.Bank, book: Book, account: Account, source: banks.TransactionSource, *, full: bool
) -> SyncedAccount | PrimanotaError:
    """Store an account's rows, its new watermark and its proof in one transaction.

    If the account is not proven, its rows are read again: first the window around the first gap, statuses whose
    counts differ, and rows that were updated meanwhile; then everything. If it is still not proven, the rows are
    stored with the old watermark, and the result has the reasons. The same holds if a row has a value that no file
    could carry, but it is not read again: reading it again would not change it.

    Returns:
        The result, or the error because of which this account could not be read; then the account stays as it was.

    Raises:
        InvalidApiKey, ServiceUnavailable: the bank cannot be read at all.
    """
    try:
        with book.writing():
            return AccountSync(bank, book, account, source).run(full=full)
    except InvalidApiKey:
        raise
    except (BankRefused, NotProven) as error:
        return error


class AccountSync:
    """Syncs one account: read, store, prove, and read again what does not add up."""

    def __init__(self, bank: banks.Bank, book: Book, account: Account, source: banks.TransactionSource) -> None:
        self._bank = bank
        self._book = book
        self._account = account
        self._source = source
        self._seen = SeenTransactions(book)
        self._done = SyncedAccount(account, AppendCounts())
        self._older: list[RawRecord] = []
        self._counted: dict[str, int] = {}
        self._flaws: dict[str, str] = {}
        self._asked = bank.now

    def run(self, *, full: bool) -> SyncedAccount:
        """Read and prove; if that fails, read again what can be missing, then everything."""
        mark = self._bank.now
        before = None if full else _watermark(self._book, self._account.id, mark)
        since = (mark if before is None else before) - _OVERLAP
        for whole in (before is None, False, True):
            self._prove(self._read(since, whole=whole))
            if not self._done.reasons:
                # Without a new watermark the next sync reads these rows again, until the bank has corrected them.
                if not self._flaws:
                    self._book.set_watermark(self._account.id, mark)
                break
            self._source = self._source.restarted(self._bank.now)
        self._done.reasons += list(_sentences(self._flaws))
        self._done.found = self._found()
        self._book.set_proof_state(self._account.id, self._done.found)
        return self._done

    def _read(self, since: int, *, whole: bool) -> banks.AccountStatus:
        """Read all rows, or those that can be missing; then updated rows, and the account's status."""
        started = self._bank.now
        self._older.clear()
        self._seen.clear()
        again = () if whole else self._suspects
        if whole:
            self._store(self._source.everything())
        else:
            self._read_suspects(again)
        self._asked = self._bank.now
        with ThreadPoolExecutor(1) as threads:
            status = threads.submit(self._bank.account_status, self._account.id)
            self._store(self._source.updated_since(min(since, started)))
        if not self._source.doubts:
            self._accept(self._bank.statuses if whole else again, started, whole=whole)
        return status.result()

    def _read_suspects(self, statuses: tuple[str, ...]) -> None:
        """Read again the window around the first gap, and all rows of the statuses whose counts differ."""
        if gap := self._done.proof.gap if self._done.proof else None:
            self._store(self._source.settled_between(gap.before_settled, gap.after_settled))
        if statuses:
            self._store(self._source.of_statuses(statuses))

    def _accept(self, statuses: tuple[str, ...], started: int, *, whole: bool) -> None:
        """Take the present word of a reading without doubts: what it no longer found, and what became older."""
        account, done = self._account.id, self._done
        if whole:
            changed = self._book.append_older(TRANSACTION, self._older, account)
            done.counts.changed, done.counts.same = done.counts.changed + changed, done.counts.same - changed
        others = tuple(status for status in statuses if status != PENDING)
        done.vanished += self._book.mark_absent(account, others, started, self._seen)
        if PENDING in statuses:
            done.released += self._book.mark_absent(account, (PENDING,), started, self._seen)

    def _found(self) -> ProofState:
        """Return how far the account is proven after this sync."""
        before, now, done = self._book.proof_state(self._account.id), self._book.clock(), self._done
        if done.reasons:
            return before.followed_by("doubtful", self._reached, done.reasons, now)
        last = self._book.last_settled(self._account.id)
        until = self._asked if last is None else max(self._asked, last + 1)
        has_balances = done.proof and done.proof.provable and done.proof.balance is not None
        return before.followed_by("proven" if has_balances else "counts only", until, (), now)

    @property
    def _reached(self) -> int | None:
        """Return how far the rows of a doubtful account reach: then only the gaps between them are not proven.

        None if more rows are missing than there are gaps: rows whose amounts cancel out leave the balances whole.
        """
        proof, counted = self._done.proof, self._counted.get(COMPLETED)
        if not proof or not proof.provable or counted is None or not 0 <= counted - proof.rows <= proof.gaps:
            return None
        return self._asked if proof.closing == proof.balance else self._book.last_settled(self._account.id)

    @property
    def _suspects(self) -> tuple[str, ...]:
        """Return the statuses other than completed of which the bank counts another number of rows."""
        return tuple(status for status in self._counted if status != COMPLETED and self._miscounted(status))

    def _miscounted(self, status: str) -> bool:
        stored = self._book.status_counts(self._account.id)
        return status in self._counted and self._counted[status] != stored.get(status, 0)

    def _store(self, pages: Iterable[list[RawRecord]]) -> None:
        for page in pages:
            foreign = self._book.of_other_accounts(self._account.id, page)
            self._flaws |= dict.fromkeys(foreign, "another account has a row of this id")
            records = [record for record in page if record.id not in foreign]
            self._done.counts.add(self._book.append(TRANSACTION, records, self._account.id, self._older))
            self._seen.add(records)
            for record in records:
                self._flaws.pop(record.id, None)
                if record.flaw:
                    self._flaws[record.id] = record.flaw

    def _prove(self, status: banks.AccountStatus) -> None:
        key, self._counted = self._account.id, status.counts
        chain = self._book.chain(key)
        self._book.keep_checkpoints(key, chain)
        found = prove(key, chain, status.balance, self._book.status_counts(key), status.counts)
        self._done.proof = found
        self._done.reasons = [*self._source.doubts, *found.reasons]


def _sentences(flaws: dict[str, str]) -> Iterator[str]:
    """Yield why rows that are stored have a value that no file could carry; of many, only the first ones."""
    for key, flaw in islice(flaws.items(), _NAMED):
        yield f"transaction {visible(key)}: {flaw}"
    if len(flaws) > _NAMED:
        yield f"{len(flaws) - _NAMED} more transactions have such values"


def not_read(book: Book, account: Account, error: PrimanotaError | None, *, others_read: bool) -> SyncedAccount:
    """Return the result for an account that could not be read, and store its state.

    The account is gone if the bank no longer lists it, or does not find it but another one; also if the bank
    refuses it but no other account, and has shown it before.
    Then the book alone proves it up to the moment at which it was proven last.

    Args:
        book: the book.
        account: the account.
        error: why it could not be read, None if the bank no longer lists it.
        others_read: whether another account of this organisation was read.
    """
    before, now = book.proof_state(account.id), book.clock()
    status = error.status if isinstance(error, BankRefused) else 0
    refused_alone = status == _FORBIDDEN and others_read and before.until is not None
    proof = prove(account.id, book.chain(account.id), None, {}, {})
    reasons: list[str] = []
    if error is None or (status == _NOT_FOUND and others_read) or refused_alone:
        state: State = "gone"
        if before.state != "gone":
            reasons = _unproven_rows(book, account, before, proof)
    else:
        reasons = [error.message.rstrip(".")]
        state = "unread" if before.until is None and before.state in {"unread", "gone"} else "partial"
    found = before.followed_by(state, None, reasons, now)
    with book.writing():
        book.set_proof_state(account.id, found)
    return SyncedAccount(account, AppendCounts(), reasons=reasons, proof=proof, found=found)


def _unproven_rows(book: Book, account: Account, before: ProofState, proof: Proof) -> list[str]:
    """Return why the rows of an account that has gone are not proven; empty if the book alone proves them."""
    last = book.last_settled(account.id)
    if last is not None and (before.until is None or last >= before.until):
        return [f"{_GONE}, and its newest rows were not proven before", *before.reasons]
    return [f"{_GONE}, and {reason}" for reason in proof.reasons[:1]]


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


def _watermark(book: Book, account: str, now: int) -> int | None:
    """Return up to when an account was read whole; None if it never was, or if the bank's clock ran ahead then."""
    mark = book.watermark(account)
    return mark if mark is not None and mark <= now + CLOCK_TOLERANCE else None


def _sync_organisation(bank: banks.Bank, book: Book, connector: banks.Connector) -> tuple[list[str], set[str]]:
    """Store the organisation and its lists; return notes, and the ids of the accounts that the bank lists."""
    company = bank.company()
    _check_same_organisation(company.organisation, book, connector)
    with book.writing():
        book.append(ORGANISATION, [RawRecord(id="organisation", body=company.organisation)])
        book.append(ACCOUNT, company.accounts)
        book.append(MEMBER, company.members or [])
        book.append(LABEL, company.labels or [])
    lists = {"members": company.members, "labels": company.labels}
    notes = [f"The bank does not let this key read {name}." for name, found in lists.items() if found is None]
    return notes, {record.id for record in company.accounts}


def _check_same_organisation(company: bytes, book: Book, connector: banks.Connector) -> None:
    """Refuse to mix the rows of two organisations in one book."""
    theirs, ours = connector.organisation(company), Journal(book, connector).find_organisation()
    if ours and ours.id != theirs.id:
        raise BookUnusable(
            f"{book.path} is the book of {ours.name} ({ours.id}), not of {theirs.name} ({theirs.id}).",
            "Look at PRIMANOTA_API_URL, or move this book away.",
        )
