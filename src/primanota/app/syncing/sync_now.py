"""Sync the book of a workspace: open its bank, read it, and say what a person should know beside the result."""

from typing import NamedTuple

from primanota.app.bank_of_book import require_bank
from primanota.app.exporting import notices
from primanota.app.progress import ShowProgress, no_progress
from primanota.app.receipts.fetch_new import fetch_new
from primanota.app.syncing.named_rows import name_vanished
from primanota.app.syncing.sync import sync
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core.notice import Notice
from primanota.core.results import SyncedAccount


class Synced(NamedTuple):
    """The result of each account, and what a person should know beside it."""

    accounts: list[SyncedAccount]
    notes: list[Notice]


def sync_now(workspace: Workspace, progress: ShowProgress = no_progress, *, full: bool = False) -> Synced:
    """Bring the book up to date, and create it if there is none yet.

    Args:
        workspace: the organisation.
        progress: shows the progress.
        full: read everything again, and find what vanished.

    Raises:
        ConfigurationError: the book has no bank to ask.
        BankRefused, ServiceUnavailable: the bank cannot be read at all.
        BookLocked, BookConflict: another process writes the book.
    """

    def work(book: Book) -> Synced:
        require_bank(workspace, book)
        with workspace.bank() as bank, progress() as shown:
            done, notes = sync(bank, book, workspace.connector, shown, full=full)
            notes += fetch_new(workspace, bank, book, shown)
        journal = workspace.journal(book)
        name_vanished(journal, done)
        return Synced(done, [*notes, *notices.gone(journal, (one.account for one in done))])

    return workspace.transaction(work, create=True)
