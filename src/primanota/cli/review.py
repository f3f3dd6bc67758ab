"""``primanota review``: what a person should look at."""

from zoneinfo import ZoneInfo

import click

from primanota.app import flow
from primanota.app.review import Finding, findings_of
from primanota.cli import output, period_options
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.period_options import PeriodOptions
from primanota.core.period import Period
from primanota.core.text import clean

# There can be many of these, and each is settled in the bank's own program: a screen has some, --verbose all.
_MANY = {"receipt": "without receipt", "vat": "with VAT undecided"}
_SOME = 10


@click.group(invoke_without_command=True)
@period_options.options
@common_options
@click.pass_context
def review(ctx: click.Context, *, options: PeriodOptions, door: CommonOptions) -> None:
    """Show what a person should look at.

    What is pending, declined, reversed or vanished, what changed after it was exported, what lacks a receipt or a VAT
    rate, and what this version does not know: of a period, or everything.

    Example: primanota review --period last-month
    """
    if ctx.invoked_subcommand:
        return
    session = door.session()
    with session.book() as book:
        zone = session.zone(book)
        today = session.today(zone)
        days = options.resolve(today) if options.given else None
        findings = flow.review(book, zone, today, days)
    if door.as_json:
        output.as_json({"organisation": session.login, **findings_data(findings)})
    else:
        print_findings(findings, zone, days, verbose=door.verbose)


@review.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common_options
def accept(*, ids: tuple[str, ...], door: CommonOptions) -> None:
    """Put changed rows away.

    They changed after they were exported, and need no more looking at: until they change again.

    Example: primanota review accept 3f1c9a52-0000-7000-8000-000000000001
    """
    session = door.session()
    with session.book() as book:
        accepted = flow.accept(book, session.zone(book), ids)
    if door.as_json:
        output.as_json(
            {"organisation": session.login, "accepted": list(dict.fromkeys(change.moved.id for change in accepted))}
        )
    for change in accepted if not door.as_json else ():
        output.result(f"Accepted: {change.moved.id}, as it is now (it left in batch {change.batch.number}).")


def findings_data(findings: list[Finding]) -> dict[str, object]:
    """What machines read of a review."""
    return {"findings": [_summary(finding) for finding in findings]}


def print_findings(
    findings: list[Finding],
    zone: ZoneInfo,
    days: Period | None = None,
    *,
    brief: bool = False,
    verbose: bool = False,
) -> None:
    """Tables on stdout, days local; one line where there is nothing.

    Args:
        findings: the rows, of all days.
        zone: in which their days are.
        days: the period to show, None for everything.
        brief: leave out the kinds that can be many, and only count them.
        verbose: show all of these, too.
    """
    shown = findings_of(findings, days)
    where = f" in the period {days}" if days else ""
    many = [_counted(shown, kind, word) for kind, word in _MANY.items() if any(one.kind == kind for one in shown)]
    if few := [finding for finding in shown if finding.kind not in _MANY]:
        output.result(f"To look at{where} (days in {zone.key}):")
        _print_rows(few)
        _print_changes([finding for finding in few if finding.changes])
    else:
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
    """As it left and as it is, side by side."""
    if not findings:
        return
    output.result("Changed after they left; nothing is sent again by itself:")
    lines = [
        (finding.transaction.id, f"{finding.batch} ({finding.profile})", change.name, change.was, change.now)
        for finding in findings
        for change in finding.changes
    ]
    output.table(("Transaction", "Batch", "What", "Before", "Now"), lines)
    output.result("To put one away: primanota review accept ID. To write it anew: primanota export PROFILE --changed")


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
    return finding.why, f"{finding.day}", finding.account.name, *texts


def _summary(finding: Finding) -> dict[str, object]:
    row = finding.transaction
    return {
        "id": row.id,
        "kind": finding.kind,
        "why": finding.why,
        "day": finding.day,
        "account": finding.account.name,
        "updated": row.updated,
        "counterparty": row.counterparty,
        "amount_cents": row.amount.cents,
        "currency": row.amount.currency,
        "reference": row.reference,
        "member": row.member,
        "batch": finding.batch,
        "profile": finding.profile or None,
        "changes": finding.changes,
    }
