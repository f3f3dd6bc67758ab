"""Sync the book of a workspace: import its folder of statements, read its bank, and say what a person should know."""

from typing import NamedTuple

from primanota.app.bank_of_book import IMPORT, asks_bank, expect_files, require_bank
from primanota.app.exporting import notices
from primanota.app.importing.statement_folder import import_folder
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

    Files in the folder of statements are imported, and the bank is read: what the organisation has of both.

    Args:
        workspace: the organisation.
        progress: shows the progress.
        full: read everything again, and find what vanished.

    Raises:
        BankRefused, ServiceUnavailable: the bank cannot be read at all.
        ConfigurationError: the book is one of files alone, and the settings name no folder.
        InvalidInput: a file of the folder cannot be read, or contradicts the book.
        BookLocked, BookConflict: another process writes the book.
    """

    def work(book: Book) -> Synced:
        filed = import_folder(workspace, book, progress)
        if not workspace.config.statements(workspace.login):
            require_bank(workspace, book, IMPORT)
        if not asks_bank(workspace, book):
            return Synced(filed.accounts, filed.notes)
        with workspace.bank() as bank, progress() as shown:
            done, notes = sync(bank, book, workspace.connector, shown, full=full)
            notes += fetch_new(workspace, bank, book, shown)
        journal = workspace.journal(book)
        name_vanished(journal, done)
        notes = [*filed.notes, *notes, *notices.gone(journal, (one.account for one in done))]
        return Synced([*done, *filed.accounts], notes)

    expect_files(workspace)
    return workspace.transaction(work, create=True)
