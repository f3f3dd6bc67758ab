"""``primanota status``: what is new, what needs a person, and what was synced, imported and scheduled."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack

import click

from primanota.app.bank_of_book import IMPORT, require_bank
from primanota.app.queries.status import AccountStatusView, NewRowsView, NotImportedView, StatusView
from primanota.app.queries.status import status as read_status
from primanota.app.running import views
from primanota.app.running.views import FindingCountView
from primanota.app.syncing.named_rows import NamedRows, rows_in
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import texts
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import proof_cell
from primanota.cli.terminal.progress import bar
from primanota.cli.terminal.tables import Cell, TableColumn
from primanota.cli.texts import notice_words
from primanota.cli.texts.language import here, on_stdout, spoken
from primanota.core.language.notices import english
from primanota.core.model import Money
from primanota.core.oauth import consent_ends

# Of the files that are not marked as imported the newest are shown, with --verbose all.
_SOME = 10


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
    found, rows = workspace.transaction(lambda book: _status(workspace, book, online=online))
    if common.as_json:
        output.as_json(views.joined(found, {"waiting": " ".join(map(english, found.waiting)) or None}))
        return
    _print(found, rows, online=online, verbose=common.verbose)
    if found.consent_until and (one := consent_ends(workspace.login, found.consent_until, workspace.clock())):
        output.result(notice_words.sentence(one, sys.stdout))


def _status(workspace: Workspace, book: Book, *, online: bool) -> tuple[StatusView, NamedRows]:
    """Return the status, and the rows that it names."""
    with bar() as progress:
        workspace.journal(book).bring_up_to_date(progress)
    with ExitStack() as opened:
        if online:
            require_bank(workspace, book, IMPORT)
        bank = opened.enter_context(workspace.bank()) if online else None
        opened.enter_context(book.reading())
        found = read_status(workspace, book, bank)
        reasons = [reason for account in found.accounts for reason in account.reasons]
        return found, rows_in(workspace.journal(book), reasons)


def _print(found: StatusView, rows: NamedRows, *, online: bool, verbose: bool) -> None:
    words = texts.weekly().status
    _print_accounts(found.accounts, rows, online=online)
    output.result(words.new)
    output.table(_new_columns(), (line for one in found.new for line in _new_rows(one)))
    _print_findings(found.finding_counts)
    _print_not_imported(found.not_imported, verbose=verbose)
    for one in found.waiting:
        output.result(notice_words.sentence(one, sys.stdout))
    if found.next_run:
        day, weekday = on_stdout().day(found.next_run), here().weekday(found.next_run)
        output.result(words.next_run.format(weekday=weekday, day=day, time=f"{found.next_run:%H:%M}"))
    else:
        output.result(words.scheduled if found.scheduled else words.not_scheduled)


def _print_accounts(found: list[AccountStatusView], rows: NamedRows, *, online: bool) -> None:
    output.table(_account_columns(online=online), (_account_row(account, online=online) for account in found))
    not_proven = texts.weekly().sync.not_proven
    for account in found:
        state = texts.tables().proof.of(account.proof)
        for reason in account.reasons:
            why = notice_words.reason(reason, sys.stdout, rows)
            output.result(not_proven.format(account=account.account, state=state, reason=why))
    if any(account.up_to_date is False for account in found):
        output.result(texts.weekly().status.behind)


def _account_columns(*, online: bool) -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.account),
        TableColumn("IBAN", "word"),
        TableColumn(words.last_sync, "word"),
        TableColumn(words.proven),
        TableColumn(words.proven_until, "word"),
        *((TableColumn(words.at_bank),) if online else ()),
    )


def _account_row(account: AccountStatusView, *, online: bool) -> tuple[Cell, ...]:
    words = texts.tables().word
    news = {True: words.same, False: words.more, None: here().unknown}[account.up_to_date]
    moments = (account.synced or words.never, proof_cell(account.proof), account.until or "")
    return account.account, account.iban[-4:], *moments, *((news,) if online else ())


def _new_columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.profile),
        TableColumn(words.since),
        TableColumn(words.rows, "number"),
        *(TableColumn(one, "word") for one in (words.first, words.last)),
        *(TableColumn(one, "amount") for one in (words.money_in, words.money_out)),
        TableColumn(words.currency, "word", for_programs=True),
    )


def _new_rows(found: NewRowsView) -> Iterator[tuple[Cell, ...]]:
    since = found.since or texts.tables().word.not_begun
    rows = "" if found.rows is None else f"{found.rows}"
    days = (found.first or "", found.last or "")
    if not found.sums:
        yield found.profile, since, rows, *days, "", "", ""
    for one in found.sums:
        amounts = (Money(one.sum_in_cents, one.currency), Money(one.sum_out_cents, one.currency))
        yield found.profile, since, rows, *days, *amounts, one.currency


def _print_findings(found: list[FindingCountView]) -> None:
    from primanota.core.language.bookkeeping import bookkeeping

    words, heading = texts.weekly().status, texts.tables().heading
    if not found:
        output.result(words.nothing_to_look_at)
        return
    output.result(words.to_look_at)
    kinds = bookkeeping(spoken()).finding
    columns = (TableColumn(heading.why), TableColumn(heading.rows, "number"))
    output.table(columns, [(kinds.of(one.kind).heading, f"{one.rows}") for one in found])


def _print_not_imported(found: list[NotImportedView], *, verbose: bool) -> None:
    if not found:
        return
    words, heading = texts.weekly().status, texts.tables().heading
    shown = found if verbose else found[-_SOME:]
    if len(shown) == len(found):
        output.result(words.not_imported)
    else:
        output.result(words.newest_not_imported.format(files=len(found), shown=len(shown)))
    columns = (
        TableColumn(heading.batch, "number"),
        TableColumn(heading.when, "word"),
        *map(TableColumn, (heading.profile, heading.account)),
        TableColumn(heading.rows, "number"),
        TableColumn(heading.file, "word"),
    )
    lines = [(f"{one.batch}", one.made, one.profile, one.account, f"{one.rows}", one.name) for one in shown]
    output.table(columns, lines)
