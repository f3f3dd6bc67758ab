"""``primanota sync``: bring the book up to date."""

import click

from primanota.app import notices, views
from primanota.app.sync import require_proven
from primanota.app.sync import sync as sync_book
from primanota.app.vanished_rows import name_vanished
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import output
from primanota.cli.account_table import AccountLine, account_table
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.findings import print_vanished
from primanota.cli.progress import bar
from primanota.cli.tables import TableColumn, money_of
from primanota.core.results import SyncedAccount

_COLUMNS = (
    TableColumn("Account"),
    TableColumn("IBAN", "word"),
    *(TableColumn(heading, "number") for heading in ("New", "Changed", "Rows")),
    TableColumn("Balance", "amount"),
    TableColumn("Proven", "state"),
)


@click.command()
@click.option("--full", is_flag=True, help="Read everything again, and find what vanished.")
@common_options
def sync(*, full: bool, common: CommonOptions) -> None:
    """Bring the book up to date, and prove it.

    Example: primanota sync
    """
    workspace = common.workspace()
    done, notes = workspace.transaction(lambda book: _sync(workspace, book, full=full), create=True)
    for sentence in notes:
        output.note(sentence)
    if common.verbose:
        output.info(f"The book is {workspace.place}.")
    if common.as_json:
        output.as_json({"organisation": workspace.login, **synced_data(done)})
    else:
        print_synced(done)
    require_proven(done)


def print_synced(done: list[SyncedAccount]) -> None:
    """Print a table of the synced accounts and whether they are proven; below it reasons and vanished rows."""
    account_table(_COLUMNS, map(_line, done), empty="Without rows", state=6)
    for account in done:
        for reason in account.reasons:
            output.result(f"{account.account.name} is not proven ({account.found.state}): {reason}.")
        print_vanished(account)


def synced_data(done: list[SyncedAccount]) -> dict[str, object]:
    """Return synced accounts as data for ``--json``."""
    return {"accounts": [views.synced_view(account) for account in done]}


def _sync(workspace: Workspace, book: Book, *, full: bool) -> tuple[list[SyncedAccount], list[str]]:
    with workspace.bank() as bank, bar() as progress:
        done, notes = sync_book(bank, book, workspace.connector, progress, full=full)
    journal = workspace.journal(book)
    name_vanished(journal, done)
    return done, [*notes, *notices.gone(journal, (one.account for one in done))]


def _line(done: SyncedAccount) -> AccountLine:
    rows, closing = (done.proof.rows, done.proof.closing) if done.proof else (0, None)
    counts = (str(done.counts.new), str(done.counts.changed), str(rows))
    values = (done.account.tail, *counts, money_of(closing, done.account.currency))
    return AccountLine(done.account.name, values, done.found.state, is_empty=not rows and not closing)
