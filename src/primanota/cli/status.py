"""``primanota status``: what is new, what needs a person, and what was synced, imported and scheduled."""

import sys
from collections.abc import Iterator

import click

from primanota.app import views
from primanota.app.status import AccountStatusView, NewRowsView, NotImportedView, StatusView
from primanota.app.status import status as read_status
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import output, told
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.progress import bar
from primanota.cli.tables import Cell, TableColumn
from primanota.core.language.notices import english
from primanota.core.model import Money

# Of the files that are not marked as imported the newest are shown, with --verbose all.
_SOME = 10
_ACCOUNTS = (
    TableColumn("Account"),
    TableColumn("IBAN", "word"),
    TableColumn("Last sync", "word"),
    TableColumn("Proven", "state"),
    TableColumn("Proven until", "word"),
)
_NEW = (
    TableColumn("Profile"),
    TableColumn("Since"),
    TableColumn("Rows", "number"),
    *(TableColumn(heading, "word") for heading in ("From", "To")),
    *(TableColumn(heading, "amount") for heading in ("In", "Out")),
    TableColumn("Currency", "word"),
)
_NOT_IMPORTED = (
    TableColumn("Batch", "number"),
    TableColumn("When", "word"),
    TableColumn("Profile"),
    TableColumn("Account"),
    TableColumn("Rows", "number"),
    TableColumn("File", "word"),
)


@click.command()
@click.option("--online", is_flag=True, help="Ask the bank whether it has what the book lacks. Nothing is stored.")
@common_options
def status(*, online: bool, common: CommonOptions) -> None:
    """Show what is new, what needs a person, and what was done last.

    Per account the last sync and its proof, per profile the rows that are in no file yet, what a person should see,
    the files that are not marked as imported, and the next scheduled run. Only reads the book, unless --online.

    Example: primanota status
    """
    workspace = common.workspace()
    found = workspace.transaction(lambda book: _status(workspace, book, online=online))
    if common.as_json:
        output.as_json(views.joined(found, {"waiting": " ".join(map(english, found.waiting)) or None}))
    else:
        _print(found, online=online, verbose=common.verbose)


def _status(workspace: Workspace, book: Book, *, online: bool) -> StatusView:
    with bar() as progress:
        workspace.journal(book).bring_up_to_date(progress)
    if not online:
        with book.reading():
            return read_status(workspace, book)
    with workspace.bank() as bank, book.reading():
        return read_status(workspace, book, bank)


def _print(found: StatusView, *, online: bool, verbose: bool) -> None:
    columns = (*_ACCOUNTS, TableColumn("At the bank")) if online else _ACCOUNTS
    output.table(columns, (_account_row(account, online=online) for account in found.accounts))
    for account in found.accounts:
        for reason in account.reasons:
            why = told.reason(reason, sys.stdout)
            output.result(f"{account.account} is not proven ({account.proof}): {why}.")
    if any(account.up_to_date is False for account in found.accounts):
        output.result("The bank has what the book lacks: primanota sync")
    _print_new(found.new)
    if found.finding_counts:
        output.result("To look at (primanota review):")
        output.table(
            (TableColumn("Why"), TableColumn("Rows", "number")),
            [(one.kind, f"{one.rows}") for one in found.finding_counts],
        )
    else:
        output.result("There is nothing to look at.")
    _print_not_imported(found.not_imported, verbose=verbose)
    for one in found.waiting:
        output.result(told.sentence(one, sys.stdout))
    if found.next_run:
        output.result(f"Next run: {found.next_run:%A, %Y-%m-%d at %H:%M}")
    elif found.scheduled:
        output.result("A run is scheduled: primanota schedule show")
    else:
        output.result("No run is scheduled on this machine: primanota schedule install")


def _account_row(account: AccountStatusView, *, online: bool) -> tuple[str, ...]:
    synced = f"{account.synced:%Y-%m-%d %H:%M}" if account.synced else "never"
    until = f"{account.until:%Y-%m-%d %H:%M}" if account.until else ""
    news = {True: "the same", False: "more", None: "unknown"}[account.up_to_date]
    return account.account, account.iban[-4:], synced, account.proof, until, *((news,) if online else ())


def _print_new(found: list[NewRowsView]) -> None:
    output.result("New, and in no file yet:")
    output.table(_NEW, (line for one in found for line in _new_rows(one)))


def _new_rows(found: NewRowsView) -> Iterator[tuple[Cell, ...]]:
    since = f"{found.since}" if found.since else "not begun"
    rows = "" if found.rows is None else f"{found.rows}"
    days = (f"{found.first or ''}", f"{found.last or ''}")
    if not found.sums:
        yield found.profile, since, rows, *days, "", "", ""
    for one in found.sums:
        amounts = (Money(one.sum_in_cents, one.currency), Money(one.sum_out_cents, one.currency))
        yield found.profile, since, rows, *days, *amounts, one.currency


def _print_not_imported(found: list[NotImportedView], *, verbose: bool) -> None:
    if not found:
        return
    shown = found if verbose else found[-_SOME:]
    if len(shown) == len(found):
        output.result("Not marked as imported (primanota batches imported N):")
    else:
        output.result(
            f"{len(found)} files are not marked as imported (primanota batches imported N), "
            f"the newest {len(shown)} of them (all: --verbose):"
        )
    lines = [
        (f"{one.batch}", f"{one.made:%Y-%m-%d %H:%M}", one.profile, one.account, f"{one.rows}", one.name)
        for one in shown
    ]
    output.table(_NOT_IMPORTED, lines)
