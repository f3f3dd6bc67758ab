"""Sync the book with the bank: read, store, prove, and read again what does not add up."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from primanota import banks
from primanota.app.progress import SharedProgress
from primanota.app.syncing.late_rows import LateRows
from primanota.app.syncing.reading_ahead import AccountReading, ReadAhead
from primanota.app.syncing.sync_organisation import asked_at_once, sync_organisation
from primanota.book import TRANSACTION, Book, SeenTransactions
from primanota.book.journal import Journal
from primanota.core.advice import read_all_again
from primanota.core.balance_chain import Chain, Proof, prove
from primanota.core.errors import BankRefused, InvalidApiKey, NotProven, PrimanotaError
from primanota.core.model import COMPLETED, PENDING, Account, RawRecord
from primanota.core.notice import Notice
from primanota.core.proof_state import ProofState, State
from primanota.core.results import AppendCounts, SyncedAccount
from primanota.core.text import visible

# The record that has what was found out about the bank: see ``banks.Bank.recall``.
_BANK, _FILTERS = "bank", "filters"
_FORBIDDEN, _NOT_FOUND = 403, 404
_NAMED = 10
_GONE = "the bank no longer shows the account"


def sync(
    bank: banks.Bank, book: Book, connector: banks.Connector, progress: banks.Progress, *, full: bool = False
) -> tuple[list[SyncedAccount], list[Notice]]:
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
        if not full:
            bank.recall(book.bodies(_BANK).get(_FILTERS, b""))
        late = LateRows(book, _BANK)
        asked = {} if full else asked_at_once(bank, book, connector, late)
        notes, listed = sync_organisation(bank, book, connector, asked)
        known = {one.id: one for one in Journal(book, connector).accounts() if not one.from_files}
        shown = [key for key in known if key in listed or not listed]
        present = {key: None if full else late.since(key, bank.now) for key in shown}
        wanted = {key: since if since is None else asked.get(key, since) for key, since in present.items()}
        sources = bank.sources(wanted, SharedProgress(progress))
        readings = {key: _first_reading(bank, key, source, wanted[key], late) for key, source in sources.items()}
        with ReadAhead(list(readings.values())) as ahead:
            found = {key: _try_account(bank, book, known[key], ahead, one, late) for key, one in readings.items()}
        with book.writing():
            book.append(_BANK, [RawRecord(id=_FILTERS, body=bank.news)] if bank.news else [])
            late.store()
        others = any(isinstance(one, SyncedAccount) for one in found.values())
        done = []
        for key, account in known.items():
            one = found.get(key)
            done.append(one if isinstance(one, SyncedAccount) else not_read(book, account, one, others_read=others))
        return done, notes


def _first_reading(
    bank: banks.Bank, key: str, source: banks.TransactionSource, since: int | None, late: LateRows
) -> AccountReading:
    """Return the first reading of an account: all that changed since a moment; without one, everything."""
    if since is None:
        return AccountReading(bank, key, source, late.meanwhile(source.now), source.everything, is_whole=True)
    return AccountReading(bank, key, source, since, None, is_whole=False)


def _try_account(
    bank: banks.Bank, book: Book, account: Account, ahead: ReadAhead, reading: AccountReading, late: LateRows
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
            return AccountSync(bank, book, account, reading, late).run(ahead)
    except InvalidApiKey:
        raise
    except (BankRefused, NotProven) as error:
        return error


class AccountSync:
    """Syncs one account: store what is read, prove it, and read again what does not add up."""

    def __init__(
        self, bank: banks.Bank, book: Book, account: Account, reading: AccountReading, late: LateRows
    ) -> None:
        self._bank = bank
        self._book = book
        self._account = account
        self._reading = reading
        self._late = late
        before = None if reading.is_whole else book.watermark(account.id)
        self._thoroughly = late.thoroughly(account.id, reading.started if before is None else before)
        self._seen = SeenTransactions(book)
        # Where nothing was known, nothing can have vanished, and hardly any row is there already.
        self._is_first = reading.is_whole and not book.status_counts(account.id)
        self._may_vanish = reading.is_whole and not self._is_first
        self._has_others = book.has_other_accounts(account.id)
        self._done = SyncedAccount(account, AppendCounts())
        self._older: list[RawRecord] = []
        self._counted: dict[str, int] = {}
        self._flaws: dict[str, str] = {}

    def run(self, ahead: ReadAhead) -> SyncedAccount:
        """Store and prove; if that fails, read again what can be missing, then everything."""
        first = self._reading
        self._store(ahead.take(first))
        self._accept(self._bank.statuses if first.is_whole else ())
        self._prove()
        for whole in (False, True):
            if not self._done.reasons:
                break
            self._read_again(whole=whole)
            self._prove()
        # Without a new watermark the next sync reads these rows again, until the bank has corrected them.
        if not self._done.reasons and not self._flaws:
            self._book.set_watermark(self._account.id, first.started)
            if self._bank.tells_time and (first.is_whole or self._reading.since <= self._thoroughly):
                self._late.note(self._account.id, first.started)
        self._done.reasons += list(_sentences(self._flaws))
        self._done.found = self._found()
        self._book.set_proof_state(self._account.id, self._done.found)
        return self._done

    def _read_again(self, *, whole: bool) -> None:
        """Read all rows, or those that can be missing; then updated rows, and the account's status."""
        again = () if whole else self._suspects
        source = self._reading.source.restarted(self._bank.now)
        rows = source.everything if whole else partial(self._suspicious_rows, source, again)
        since, account = self._thoroughly, self._account.id
        self._reading = AccountReading(self._bank, account, source, since, rows, is_whole=whole)
        self._older.clear()
        self._seen.clear()
        self._may_vanish = True
        self._store(self._reading.pages())
        self._accept(self._bank.statuses if whole else again)

    def _suspicious_rows(
        self, source: banks.TransactionSource, statuses: tuple[str, ...]
    ) -> Iterator[list[RawRecord]]:
        """Yield again the window around the first gap, and all rows of the statuses whose counts differ."""
        if gap := self._done.proof.gap if self._done.proof else None:
            yield from source.settled_between(gap.before_settled, gap.after_settled)
        if statuses:
            yield from source.of_statuses(statuses)

    def _accept(self, statuses: tuple[str, ...]) -> None:
        """Take the present word of a reading without doubts: what it no longer found, and what became older."""
        account, done, started = self._account.id, self._done, self._reading.started
        if self._reading.source.doubts:
            return
        if self._reading.is_whole:
            changed = self._book.append_older(TRANSACTION, self._older, account)
            done.counts.changed, done.counts.same = done.counts.changed + changed, done.counts.same - changed
        if not self._may_vanish:
            return
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
        until = self._reading.asked if last is None else max(self._reading.asked, last + 1)
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
        return self._reading.asked if proof.closing == proof.balance else self._book.last_settled(self._account.id)

    @property
    def _suspects(self) -> tuple[str, ...]:
        """Return the statuses other than completed of which the bank counts another number of rows."""
        return tuple(status for status in self._counted if status != COMPLETED and self._miscounted(status))

    def _miscounted(self, status: str) -> bool:
        stored = self._book.status_counts(self._account.id)
        return status in self._counted and self._counted[status] != stored.get(status, 0)

    def _store(self, pages: Iterable[list[RawRecord]]) -> None:
        for page in pages:
            if self._is_first and not page:
                self._walk()
            foreign = self._book.of_other_accounts(self._account.id, page) if self._has_others else set()
            self._flaws |= dict.fromkeys(foreign, "another account has a row of this id")
            records = [record for record in page if record.id not in foreign]
            if self._is_first and self._book.append_new(records, self._account.id):
                self._done.counts.new += len(records)
            else:
                self._done.counts.add(self._book.append(TRANSACTION, records, self._account.id, self._older))
            if self._may_vanish:
                self._seen.add(records)
            if self._flaws or any(record.flaw for record in records):
                now = self._flaws | {record.id: record.flaw for record in records}
                self._flaws = {key: flaw for key, flaw in now.items() if flaw}

    def _prove(self) -> None:
        status = self._reading.status
        key, self._counted = self._account.id, status.counts
        chain = self._walk()
        found = prove(key, chain, status.balance, self._book.status_counts(key, chain.rows), status.counts)
        self._done.proof = found
        self._done.reasons = [*self._reading.source.doubts, *found.reasons]

    def _walk(self) -> Chain:
        """Return the balance chain; where no row changes meanwhile, the next walk begins near its end."""
        chain = self._book.chain(self._account.id)
        self._book.keep_checkpoints(self._account.id, chain)
        return chain


def _sentences(flaws: dict[str, str]) -> Iterator[str]:
    """Yield why rows that are stored have a value that no file could carry; of many, only the first ones."""
    for key, flaw in islice(flaws.items(), _NAMED):
        yield f"transaction {visible(key)}: {flaw}"
    if len(flaws) > _NAMED:
        yield f"{len(flaws) - _NAMED} more transactions have such values"


def not_read(book: Book, account: Account, error: PrimanotaError | None, *, others_read: bool) -> SyncedAccount:
    """Return the result for an account that could not be read, and store its state.

    The account is gone if the bank no longer lists it; also if the bank does not find it, or refuses it, but another
    one was read, and it was read whole before; or if it is an account of another bank, of which the bank has no rows.
    Then the book alone proves it up to the moment at which it was proven last.

    Args:
        book: the book.
        account: the account.
        error: why it could not be read, None if the bank no longer lists it.
        others_read: whether another account of this organisation was read.
    """
    before, now = book.proof_state(account.id), book.clock()
    status = error.status if isinstance(error, BankRefused) else 0
    may_go = before.until is not None or (account.external and status == _NOT_FOUND)
    refused_alone = status in {_FORBIDDEN, _NOT_FOUND} and others_read and may_go
    proof = prove(account.id, book.chain(account.id), None, {}, {})
    reasons: list[str] = []
    if error is None or refused_alone:
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
    if doubtful := [one.account for one in done if not one.proven]:
        names, advice = ", ".join(one.name for one in doubtful), read_all_again(doubtful)
        also = "" if all(one.from_files for one in doubtful) else " later; if it stays so, ask the bank"
        raise NotProven(f"Not proven complete: {names}.", f"What was read is kept. {advice}{also}.")
