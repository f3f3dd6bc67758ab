"""``primanota review``: what a person should look at."""

from zoneinfo import ZoneInfo

import click

from primanota import flow
from primanota.cli import show, when
from primanota.cli.session import Door, Session, everywhere
from primanota.cli.when import When
from primanota.flow import Finding
from primanota.formats.cells import clean
from primanota.period import Period


@click.command()
@when.options
@everywhere
def review(*, asked: When, door: Door) -> None:
    """Show what a person should look at.

    What is pending, declined, reversed or vanished: of a period, or everything.

    Example: primanota review --period last-month
    """
    session = Session(door.organisation)
    with session.book() as book:
        zone = session.zone(book)
        days = asked.resolve(session.today(zone)) if asked.said else None
        findings = flow.review(book, zone, days)
    if door.as_json:
        show.as_json({"organisation": session.login, **findings_data(findings)})
    else:
        print_findings(findings, zone, days)


def findings_data(findings: list[Finding]) -> dict[str, object]:
    """What machines read of a review."""
    return {"findings": [_summary(finding) for finding in findings]}


def print_findings(findings: list[Finding], zone: ZoneInfo, days: Period | None = None, open_rows: int = 0) -> None:
    """A table on stdout, times local; one line where there is nothing.

    Args:
        findings: the rows.
        zone: in which their times are.
        days: the period that they are of, None for everything.
        open_rows: how many there are of all periods together.
    """
    where = f" in the period {days}" if days else ""
    if findings:
        show.tell(f"To look at{where} (times in {zone.key}):")
        headings = ("Status", "Last update", "Account", "Counterparty", "Amount", "Reference")
        show.table(headings, (_row(finding) for finding in findings), right=(4,))
    else:
        show.tell(f"Nothing is pending, declined, reversed or vanished{where}.")
    if open_rows > len(findings):
        show.tell(f"{open_rows - len(findings)} more of other days: primanota review")


def _row(finding: Finding) -> tuple[str, ...]:
    row = finding.transaction
    amount, reference = f"{row.amount:.}", clean(row.reference)
    updated = f"{row.updated:%Y-%m-%d %H:%M}"
    return finding.why, updated, finding.account.name, clean(row.counterparty), amount, reference


def _summary(finding: Finding) -> dict[str, object]:
    row = finding.transaction
    return {
        "id": row.id,
        "why": finding.why,
        "account": finding.account.name,
        "updated": row.updated,
        "counterparty": row.counterparty,
        "amount_cents": row.amount.cents,
        "currency": row.amount.currency,
        "reference": row.reference,
        "member": row.member,
    }
