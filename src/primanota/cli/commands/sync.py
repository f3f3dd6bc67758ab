"""``primanota sync``: bring the book up to date."""

import sys

import click

from primanota.app.running import views
from primanota.app.running.sync_now import sync_now
from primanota.app.syncing.sync import require_proven
from primanota.cli import texts
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.results.account_table import AccountLine, account_table
from primanota.cli.results.findings import print_vanished
from primanota.cli.terminal import output
from primanota.cli.terminal.progress import bar
from primanota.cli.terminal.tables import TableColumn, money_of
from primanota.cli.texts import notice_words
from primanota.core.results import SyncedAccount


@click.command()
@click.option("--full", is_flag=True, help="Read everything again, and find what vanished.")
@common_options
def sync(*, full: bool, common: CommonOptions) -> None:
    """Bring the book up to date, and prove it.

    Reads the bank, and imports the files in the folder of statements that the settings name: what there is of both.

    Example: primanota sync
    """
    workspace = common.workspace()
    done, notes = sync_now(workspace, bar, full=full)
    for one in notes:
        output.notice(one)
    if common.verbose:
        output.info(f"The book is {workspace.place}.")
    if common.as_json:
        output.as_json({"organisation": workspace.login, **synced_data(done)})
    else:
        print_synced(done)
    require_proven(done)


def print_synced(done: list[SyncedAccount]) -> None:
    """Print a table of the synced accounts and whether they are proven; below it reasons and vanished rows."""
    state = TableColumn(texts.tables().heading.proven)
    account_table(_columns(state), map(_line, done), state=state, empty=texts.tables().without_rows)
    words = texts.weekly().sync
    for one in done:
        name, proof = one.account.name, texts.tables().proof.of(one.found.state)
        for reason in one.reasons:
            why = notice_words.reason(reason, sys.stdout, one.named)
            output.result(words.not_proven.format(account=name, state=proof, reason=why))
        print_vanished(one)


def synced_data(done: list[SyncedAccount]) -> dict[str, object]:
    """Return synced accounts as data for ``--json``."""
    return {"accounts": [views.synced_view(account) for account in done]}


def _line(done: SyncedAccount) -> AccountLine:
    rows, closing = (done.proof.rows, done.proof.closing) if done.proof else (0, None)
    counts = (str(done.counts.new), str(done.counts.changed), str(rows))
    values = (done.account.tail, *counts, money_of(closing, done.account.currency))
    return AccountLine(done.account.name, values, done.found.state, is_empty=not rows and not closing)


def _columns(state: TableColumn) -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.account),
        TableColumn("IBAN", "word"),
        *(TableColumn(one, "number") for one in (words.new, words.changed, words.rows)),
        TableColumn(words.balance, "amount"),
        state,
    )
