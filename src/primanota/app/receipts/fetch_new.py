"""Receipts and statements: fetch what is new, repair what is damaged, and say what could not be had."""

import msgspec

from primanota import banks
from primanota.adapters.storage.file_store import FileStore
from primanota.app.bank_of_book import asks_bank
from primanota.app.progress import ShowProgress
from primanota.app.receipts.fetch_receipts import FetchedFiles, fetch_receipts
from primanota.app.receipts.kept_files import differences
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.receipts.statements import fetch_statements
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.receipts import WantedReceipts
from primanota.core.disk_errors import system_error
from primanota.core.errors import BookConflict, BookLocked, BookUnusable, PrimanotaError, ServiceUnavailable
from primanota.core.kept_files import KeptFile, Receipt
from primanota.core.notice import Notice
from primanota.core.period import END_OF_TIME, Period

# A later try may help against these.
_TEMPORARY = {"broken", "refused", "unreadable", "wrong_size"}


def fetch_new(workspace: Workspace, bank: banks.Bank, book: Book, progress: banks.Progress) -> list[Notice]:
    """Fetch receipts and statements after a sync, where the settings say so; return notes for the user.

    Whatever fails is a note, and the next run tries again.

    Raises:
        BookConflict, BookLocked, BookUnusable: nothing can be stored in this book.
    """
    if not workspace.config.receipts(workspace.login):
        return []
    try:
        return _fetch_new(workspace, bank, book, progress)
    except (BookConflict, BookLocked, BookUnusable):
        raise
    except PrimanotaError as error:
        return [_ended(error)]
    except OSError as error:
        return [_ended(system_error(error) or PrimanotaError(f"{error}."))]


def _fetch_new(workspace: Workspace, bank: banks.Bank, book: Book, progress: banks.Progress) -> list[Notice]:
    journal, store = workspace.journal(book), store_of(workspace)
    receipts = journal.receipts()
    before = receipts.withdrawn_count()
    receipts.bring_up_to_date()
    notes = []
    if (withdrawn := receipts.withdrawn_count() - before) > 0:
        notes.append(Notice.of("receipts_withdrawn", withdrawn))
    done = fetch_receipts(bank, book, receipts, store, receipts.wanted(), progress)
    if not done.error:
        done = done.and_then(fetch_statements(bank, book, journal, store, progress))
    return [*notes, *problems(done), *differences(journal)]


def fetch(
    workspace: Workspace,
    bank: banks.Bank,
    book: Book,
    progress: banks.Progress,
    *,
    accounts: frozenset[str] | None = None,
    period: Period | None = None,
) -> FetchedFiles:
    """Fetch the receipts of a selection that are not kept yet.

    Args:
        workspace: the organisation.
        bank: the bank.
        book: the book, which was synced before.
        progress: is called for each row.
        accounts: the ids of the accounts; None for all.
        period: the local days on which a row settled, or else was made; None for all.
    """
    journal = workspace.journal(book)
    receipts = journal.receipts()
    receipts.bring_up_to_date()
    span = period.span(journal.zone) if period else (0, END_OF_TIME)
    wanted = receipts.wanted(accounts, *span)
    return fetch_receipts(bank, book, receipts, store_of(workspace), wanted, progress)


def fetch_kindly(workspace: Workspace, book: Book, progress: ShowProgress, period: Period) -> list[Notice]:
    """Fetch the receipts of a period and the bank's statements where no sync does; return notes, also of what failed.

    Raises:
        BookConflict, BookLocked, BookUnusable: nothing can be stored in this book.
    """
    if not asks_bank(workspace, book):
        return []
    try:
        journal = workspace.journal(book)
        with workspace.bank() as bank, progress() as shown:
            done = fetch(workspace, bank, book, shown, period=period)
            if not done.error:
                done = done.and_then(fetch_statements(bank, book, journal, store_of(workspace), shown))
            return [*problems(done), *differences(journal)]
    except (BookConflict, BookLocked, BookUnusable):
        raise
    except PrimanotaError as error:
        return [_ended(error)]
    except OSError as error:
        return [_ended(system_error(error) or PrimanotaError(f"{error}."))]


def repair(workspace: Workspace, bank: banks.Bank, book: Book, progress: banks.Progress) -> FetchedFiles:
    """Look at every kept receipt and statement, and fetch again those whose file is missing or was changed."""
    journal, store = workspace.journal(book), store_of(workspace)
    receipts = journal.receipts()
    receipts.bring_up_to_date()
    found = [_without(one, damaged) for one in receipts.all() if (damaged := _damaged(store, one))]
    wanted = [WantedReceipts(one.transaction, (one.id,), {one.id: one}) for one in found]
    done = fetch_receipts(bank, book, receipts, store, wanted, progress)
    statements = [one.id for one in receipts.statements() if store.state(one.file) != "whole"]
    if done.error or not statements:
        return done
    return done.and_then(fetch_statements(bank, book, journal, store, progress, again=statements))


def _damaged(store: FileStore, receipt: Receipt) -> list[KeptFile]:
    return [file for _, file in receipt.files if store.state(file) != "whole"]


def _without(receipt: Receipt, damaged: list[KeptFile]) -> Receipt:
    original, sealed = (None if file in damaged else file for file in (receipt.original, receipt.sealed))
    return msgspec.structs.replace(receipt, original=original, sealed=sealed)


def problems(done: FetchedFiles) -> list[Notice]:
    """Return a note for each reason why files could not be had."""
    found = [Notice.of(f"files_{name}", number) for name, number in sorted(done.problems.items())]
    return [*found, *([_ended(done.error)] if done.error else [])]


def incomplete(done: FetchedFiles) -> PrimanotaError | None:
    """Return the error that ended the fetching, or one if a later try can fetch more; None if none is needed."""
    number = sum(count for name, count in done.problems.items() if name in _TEMPORARY)
    if done.error or not number:
        return done.error
    return ServiceUnavailable(f"{number} files could not be fetched.", "Run the same command again later.")


def _ended(error: PrimanotaError) -> Notice:
    return Notice.of("files_ended", reason=error.message)
