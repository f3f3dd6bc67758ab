"""``primanota review``: show rows that the user should look at, and accept changed rows."""

from datetime import tzinfo

import click

from primanota.app import review as use_cases
from primanota.app import views
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import output, period_options
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.period_options import PeriodOptions
from primanota.core.errors import NotProven, PrimanotaError
from primanota.core.period import Period
from primanota.core.results import Finding
from primanota.core.text import clean
from primanota.export.proof import require_read

# There can be many of these, and they are corrected in the bank's own program: show some, with --verbose all.
_MANY = {"receipt": "without receipt", "vat": "with VAT undecided"}
_SOME = 10


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
    findings, days, zone, unread = workspace.transaction(lambda book: _review(workspace, book, options))
    if common.as_json:
        output.as_json({"organisation": workspace.login, **findings_data(findings), **output.error_data(unread)})
    else:
        print_findings(findings, zone, days, verbose=common.verbose, whole=not unread)
    if unread:
        raise unread


@review.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common_options
def accept(*, ids: tuple[str, ...], common: CommonOptions) -> None:
    """Accept changed rows as they are now.

    They changed after they were exported, and are not shown again until they change again.

    Example: primanota review accept 3f1c9a52-0000-7000-8000-000000000001
    """
    workspace = common.workspace()
    accepted = workspace.transaction(lambda book: use_cases.accept(workspace.journal(book), ids, workspace.ledgers()))
    if common.as_json:
        keys = list(dict.fromkeys(change.changed.id for change in accepted))
        output.as_json({"organisation": workspace.login, "accepted": keys})
    for change in accepted if not common.as_json else ():
        output.result(f"Accepted: {change.changed.id}, as it is now (it is in batch {change.batch.number}).")


def findings_data(findings: list[Finding]) -> dict[str, object]:
    """Return findings as data for ``--json``."""
    return {"findings": [views.finding_view(finding) for finding in findings]}


def _review(
    workspace: Workspace, book: Book, options: PeriodOptions
) -> tuple[list[Finding], Period | None, tzinfo, PrimanotaError | None]:
    """Return the findings, their period and time zone, and the error if an account was never read whole."""
    journal = workspace.journal(book)
    today = workspace.today(journal)
    days = options.resolve(today) if options.given else None
    findings = use_cases.review(journal, today, days, workspace.ledgers())
    try:
        require_read(book, journal.accounts())
    except NotProven as error:
        return findings, days, journal.zone, error
    return findings, days, journal.zone, None


def print_findings(
    findings: list[Finding],
    zone: tzinfo,
    days: Period | None = None,
    *,
    brief: bool = False,
    verbose: bool = False,
    whole: bool = True,
) -> None:
    """Print findings as tables on stdout, days local; one line if there are no findings.

    Args:
        findings: the rows, of all days.
        zone: the time zone of their days.
        days: the period to show; None for all days.
        brief: only count findings without receipt and with VAT undecided.
        verbose: show all of those.
        whole: whether every account was read whole, so that no finding means that there is nothing to look at.
    """
    shown = use_cases.of_days(findings, days)
    where = f" in the period {days}" if days else ""
    many = [_counted(shown, kind, word) for kind, word in _MANY.items() if any(one.kind == kind for one in shown)]
    if few := [finding for finding in shown if finding.kind not in _MANY]:
        output.result(f"To look at{where} (days in {zone}):")
        _print_rows(few)
        _print_changes([finding for finding in few if finding.changes])
    elif whole:
        output.result(f"Nothing is pending, declined, reversed, vanished or changed{where}.")
    for kind, word in _MANY.items() if not brief else ():
        _print_many([finding for finding in shown if finding.kind == kind], word, verbose=verbose)
    if brief and many:
        output.result(f"Also {' and '.join(many)}: primanota review")
    if rest := sum(finding.kind not in _MANY for finding in findings) - len(few):
        output.result(f"{rest} more of other days: primanota review")


def _counted(findings: list[Finding], kind: str, word: str) -> str:
    return f"{output.rows(sum(finding.kind == kind for finding in findings))} {word}"


def _print_rows(findings: list[Finding]) -> None:
    headings = ("Why", "Day", "Account", "Counterparty", "Amount", "Reference", "Member")
    output.table(headings, map(_row, findings), right=(4,))


def _print_changes(findings: list[Finding]) -> None:
    """Print rows as they were exported and as they are now, side by side."""
    if not findings:
        return
    output.result("Changed after they were exported; nothing is exported again by itself:")
    lines = [
        (finding.transaction.id, f"{finding.batch} ({finding.profile})", change.name, change.was, change.now)
        for finding in findings
        for change in finding.changes
    ]
    output.table(("Transaction", "Batch", "What", "Before", "Now"), lines)
    output.result("To accept one: primanota review accept ID. To write it again: primanota export PROFILE --changed")


def _print_many(findings: list[Finding], word: str, *, verbose: bool) -> None:
    if not findings:
        return
    newest = findings if verbose else findings[-_SOME:]
    rest = "" if len(newest) == len(findings) else f", the newest {len(newest)} of them (all: --verbose)"
    output.result(f"{output.rows(len(findings))} {word}{rest}:")
    _print_rows(newest)


def _row(finding: Finding) -> tuple[str, ...]:
    row = finding.transaction
    texts = (clean(row.counterparty), f"{row.amount:.}", clean(row.reference), row.member)
    return finding.reason, f"{finding.day}", finding.account.name, *texts
