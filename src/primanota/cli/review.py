"""``primanota review``: show rows that the user should look at, and accept changed rows."""

from datetime import tzinfo
from typing import NamedTuple

import click

from primanota.app import review as use_cases
from primanota.app import views
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import output, period_options
from primanota.cli.completions import CHANGED_ROW
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.period_options import PeriodOptions
from primanota.cli.progress import bar
from primanota.cli.tables import Cell, TableColumn
from primanota.core.errors import NotProven, PrimanotaError
from primanota.core.period import Period
from primanota.core.results import CAN_WAIT, Finding, Findings
from primanota.core.text import clean
from primanota.export.proof import require_read

# Of each kind the newest rows are shown, with --verbose all. There can be many of those that can wait.
_SOME, _SOME_THAT_CAN_WAIT = 20, 10
_COLUMNS = (
    TableColumn("Why"),
    TableColumn("Day", "word"),
    TableColumn("Account"),
    TableColumn("Counterparty"),
    TableColumn("Amount", "amount"),
    TableColumn("Reference", "text"),
    TableColumn("Member"),
)
_WORDS = {"receipt": "without receipt", "vat": "with VAT undecided"}


@click.group(invoke_without_command=True)
@period_options.options
@common_options
@click.pass_context
def review(ctx: click.Context, *, options: PeriodOptions, common: CommonOptions) -> None:
    """Show what a person should look at.

    What is pending, declined, reversed or vanished, what changed after it was exported, what lacks a receipt or a VAT
    rate, and what this version does not know: of a period, or everything.

    Example: primanota review --period last-month
    """
    if ctx.invoked_subcommand:
        return
    workspace = common.workspace()
    shown = workspace.transaction(lambda book: _review(workspace, book, options, common))
    if not common.as_json:
        print_findings(
            shown.findings, shown.zone, shown.days, verbose=common.verbose, whole=not shown.unread, common=common
        )
    if shown.unread:
        raise shown.unread


@review.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", type=CHANGED_ROW)
@common_options
def accept(*, ids: tuple[str, ...], common: CommonOptions) -> None:
    """Accept changed rows as they are now.

    They changed after they were exported, and are not shown again until they change again. The first letters of an ID
    are enough if no other changed row begins so.

    Example: primanota review accept 3f1c9a52-0000-7000-8000-000000000001
    """
    workspace = common.workspace()
    accepted = workspace.transaction(lambda book: use_cases.accept(workspace.journal(book), ids, workspace.ledgers()))
    if common.as_json:
        keys = list(dict.fromkeys(change.changed.id for change in accepted))
        output.as_json({"organisation": workspace.login, "accepted": keys})
    for change in accepted if not common.as_json else ():
        output.result(f"Accepted: {change.changed.id}, as it is now (it is in batch {change.batch.number}).")


class _Reviewed(NamedTuple):
    """What was found in a period or in everything, and the error if an account was never read whole."""

    findings: Findings
    days: Period | None
    zone: tzinfo
    unread: PrimanotaError | None


def _review(workspace: Workspace, book: Book, options: PeriodOptions, common: CommonOptions) -> _Reviewed:
    """Review the book as it is at one moment; with --json, write every finding as it is read."""
    journal = workspace.journal(book)
    with bar() as progress:
        journal.bring_up_to_date(progress)
    if common.as_json:
        book.publish()  # after a conflict all this is repeated, which must not happen once something is written
    today, unread = workspace.today(journal), None
    days = options.resolve(workspace.calendar(journal)) if options.given else None
    with book.reading():
        found = use_cases.Review(journal, today, days, workspace.ledgers())
        try:
            require_read(book, journal.accounts())
        except NotProven as error:
            unread = error
        if not common.as_json:
            return _Reviewed(found.newest(None if common.verbose else _SOME), days, journal.zone, unread)
        listed = map(views.finding_view, found.findings())
        output.as_json({"organisation": workspace.login, "findings": listed, **output.error_data(unread)})
        return _Reviewed(Findings(), days, journal.zone, unread)


def print_findings(
    findings: Findings,
    zone: tzinfo,
    days: Period | None = None,
    *,
    brief: bool = False,
    verbose: bool = False,
    whole: bool = True,
    common: CommonOptions,
) -> None:
    """Print findings as tables on stdout, days local; one line if there are no findings.

    Args:
        findings: the counts, and the newest rows of each kind.
        zone: the time zone of their days.
        days: the period that they are of; None for all days.
        brief: only count findings that can wait.
        verbose: show all rows.
        whole: whether every account was read whole, so that no finding means that there is nothing to look at.
        common: the options of the command, which commands in the sentences repeat.
    """
    where = f" in the period {days}" if days else ""
    if findings.urgent:
        output.result(f"To look at{where} (days in {zone}):")
        _print_urgent(findings, verbose=verbose, common=common, brief=brief)
    elif whole:
        output.result(f"Nothing is pending, declined, reversed, vanished or changed{where}.")
    counts = {kind: count for kind in _WORDS if (count := findings.counts.get(kind))}
    if not brief:
        for kind, count in counts.items():
            _print_that_can_wait(findings.of(kind), count, _WORDS[kind], verbose=verbose)
    elif counts:
        many = " and ".join(f"{output.rows(count)} {_WORDS[kind]}" for kind, count in counts.items())
        output.result(f"Also {many}: {common.command('review')}")


def _print_urgent(findings: Findings, *, verbose: bool, common: CommonOptions, brief: bool) -> None:
    kinds = [kind for kind in findings.counts if kind not in CAN_WAIT]
    rows = [finding for kind in kinds for finding in (findings.of(kind) if verbose else findings.of(kind)[-_SOME:])]
    _print_rows(rows)
    _print_changes([finding for finding in rows if finding.changes], common)
    if many := [f"{findings.counts[kind]} {kind}" for kind in kinds if findings.counts[kind] > _SOME and not verbose]:
        command = common.command("review", "--verbose") if brief else "--verbose"
        output.result(f"Of {' and '.join(many)} rows, the newest {_SOME} of each kind are shown (all: {command}).")


def _print_rows(findings: list[Finding]) -> None:
    output.table(_COLUMNS, map(_row, findings))


def _print_changes(findings: list[Finding], common: CommonOptions) -> None:
    """Print rows as they were exported and as they are now, side by side."""
    if not findings:
        return
    output.result("Changed after they were exported; nothing is exported again by itself:")
    lines = [
        (finding.transaction.id, f"{finding.batch} ({finding.profile})", change.name, change.was, change.now)
        for finding in findings
        for change in finding.changes
    ]
    columns = (
        TableColumn("Transaction", "word"),
        TableColumn("Batch"),
        TableColumn("What"),
        TableColumn("Before", "text"),
        TableColumn("Now", "text"),
    )
    output.table(columns, lines)
    accept_one, again = common.command("review", "accept", "ID"), common.command("export", "PROFILE", "--changed")
    output.result(f"To accept one: {accept_one}. To write it again: {again}")


def _print_that_can_wait(findings: list[Finding], count: int, word: str, *, verbose: bool) -> None:
    newest = findings if verbose else findings[-_SOME_THAT_CAN_WAIT:]
    rest = "" if len(newest) == count else f", the newest {len(newest)} of them (all: --verbose)"
    output.result(f"{output.rows(count)} {word}{rest}:")
    _print_rows(newest)


def _row(finding: Finding) -> tuple[Cell, ...]:
    row = finding.transaction
    texts = (clean(row.counterparty), row.amount, clean(row.reference), row.member)
    return finding.reason, f"{finding.day}", finding.account.name, *texts
