"""The bank's own statements: fetched and kept, and their balances held against the book as a second witness."""

from collections.abc import Collection
from datetime import UTC, date
from typing import Literal, NamedTuple

from primanota import banks
from primanota.adapters.pdf.text import text_of
from primanota.adapters.storage.file_store import FileStore
from primanota.app.proving.balances import balance_before
from primanota.app.receipts.downloads import Downloads
from primanota.app.receipts.fetch_receipts import FetchedFiles, side_by_side
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.kept_files import KeptFile, KeptStatement
from primanota.core.model import Account
from primanota.core.period import microseconds, midnight
from primanota.core.statement_text import RULE, stated_balances

# Both balances are those of the book; one differs; one could not be read; the book does not reach that far, or has no
# balances of this account.
Witness = Literal["agrees", "differs", "unread", "unknown"]


class ComparedStatement(NamedTuple):
    """A statement beside the book's own balances before and after its month, in cents."""

    statement: KeptStatement
    account: Account
    witness: Witness
    opening: int | None = None
    closing: int | None = None


def fetch_statements(
    bank: banks.Bank,
    book: Book,
    journal: Journal,
    store: FileStore,
    progress: banks.Progress,
    *,
    again: Collection[str] = (),
) -> FetchedFiles:
    """Fetch the statements that are not kept yet, read their balances, and store both.

    One whose account or month the bank states otherwise than before is fetched again.

    Args:
        bank: the bank.
        book: the book.
        journal: the same book.
        store: receives the files.
        progress: is called for each statement.
        again: the ids of statements that are fetched although the book names them.

    Raises:
        BookConflict, BookLocked, BookUnusable: nothing can be stored in this book.
    """
    done, receipts = FetchedFiles(), journal.receipts()
    known = {(one.id, one.account, one.month) for one in receipts.statements() if one.id not in again}
    offered: list[banks.OfferedStatement] = []
    for _, listed in side_by_side([None], lambda _: bank.files.statements(), done):
        offered = [one for one in listed if (one.id, one.account, one.month) not in known]
    if not offered:
        return done
    downloads = Downloads(bank.files, store)

    def fetch(one: banks.OfferedStatement) -> KeptStatement | str:
        file = downloads.statement(one)
        return _read(one, file, store) if isinstance(file, KeptFile) else file

    progress.expect(len(offered))
    with book.run("statements"):
        for _, found in side_by_side(offered, fetch, done):
            progress.page(1)
            if isinstance(found, str):
                done.problems[found] += 1
                continue
            with book.writing():
                receipts.keep_statements([found])
            done.statements += 1
            done.size += found.file.size
    return done


def _read(one: banks.OfferedStatement, file: KeptFile, store: FileStore) -> KeptStatement:
    return KeptStatement(one.id, one.account, one.month, file, stated_balances(text_of(store.pieces(file))))


def read_again(book: Book, journal: Journal, store: FileStore) -> None:
    """Read the balances of statements anew that were read by an older rule; outside of a transaction."""
    receipts = journal.receipts()
    older = [one for one in receipts.statements() if one.balances.rule != RULE]
    for one in older:
        balances = stated_balances(text_of(store.pieces(one.file)))
        with book.run("statements"), book.writing():
            receipts.keep_statements([KeptStatement(one.id, one.account, one.month, one.file, balances)])


def compared(journal: Journal) -> list[ComparedStatement]:
    """Return every statement that is kept beside the book's balances, by month, then in the bank's order."""
    accounts = {account.id: account for account in journal.accounts()}
    order = {key: place for place, key in enumerate(accounts)}
    found = [
        _compare(journal, one, accounts.get(one.account) or Account(one.account, one.account))
        for one in journal.receipts().statements()
    ]
    return sorted(found, key=lambda one: (one.statement.month, order.get(one.account.id, len(order))))


def _compare(journal: Journal, statement: KeptStatement, account: Account) -> ComparedStatement:
    first, end = month_of(statement.month)
    until = journal.book.proof_state(account.id).until
    stated = statement.balances
    opening = _nearest(journal, account.id, first, stated.opening)
    closing = _nearest(journal, account.id, end, stated.closing)
    if stated.opening is None or stated.closing is None:
        witness: Witness = "unread"
    elif opening is None or closing is None or until is None or until < microseconds(midnight(end, UTC)):
        witness = "unknown"
    else:
        witness = "agrees" if (stated.opening, stated.closing) == (opening, closing) else "differs"
    return ComparedStatement(statement, account, witness, opening, closing)


def _nearest(journal: Journal, account: str, day: date, stated: int | None) -> int | None:
    """Return the book's balance at the beginning of a day: the local one, or that of UTC if the bank states it.

    Which of the two the bank means is not documented.
    """
    moments = (microseconds(midnight(day, zone)) for zone in (journal.zone, UTC))
    local, utc = (balance_before(journal.book, account, moment) for moment in moments)
    return utc if stated == utc else local


def month_of(month: str) -> tuple[date, date]:
    """Return the first day of a month (``2026-10``), and that of the next one."""
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
