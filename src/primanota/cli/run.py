"""``primanota run``: the weekly job: sync, review, export."""

import sys

import click

from primanota import flow, profiles
from primanota.cli import show, when
from primanota.cli.export import Delivery, ProfileName, delivery, exported_data, print_report, write_files
from primanota.cli.review import findings_data, print_findings
from primanota.cli.session import Door, Session, everywhere
from primanota.cli.sync import bring_up_to_date, insist, print_synced, synced_data
from primanota.cli.when import When
from primanota.errors import WrongWords


@click.command()
@click.argument("profile", type=ProfileName(), default="lexware")
@when.options
@delivery
@everywhere
def run(*, profile: str, asked: When, files: Delivery, door: Door) -> None:
    """Do the weekly job: sync, review, export.

    Reads the bank, shows what is pending or declined, and writes the file. In a terminal without dates it asks for
    them.

    PROFILE is lexware when none is named.

    Example: primanota run lexware --period last-week
    """
    tool = profiles.load(profile)
    session = Session(door.organisation)
    if not asked.said and not sys.stdin.isatty():
        raise WrongWords("Which days?", "Add --period last-week, or --since DAY.")
    weekly_job(session, tool, asked if asked.said else when.ask(), files, door)


def weekly_job(session: Session, tool: profiles.Profile, asked: When, files: Delivery, door: Door) -> None:
    """The whole story for one organisation, told as it goes."""
    synced = bring_up_to_date(session, verbose=door.verbose)
    with session.book() as book:
        zone = session.zone(book)
        days = asked.resolve(session.today(zone))
        findings = flow.review(book, zone, days)
        if not door.as_json:
            print_synced(synced)
            print_findings(findings, zone, days, len(flow.review(book, zone)))
        if not files.unproven and not all(account.proven for account in synced):
            _say(session, door, synced_data(synced) | findings_data(findings))
            insist(synced)
        done = write_files(session, book, tool, days, files)
    _say(session, door, synced_data(synced) | findings_data(findings) | exported_data(tool, days, done))
    if not door.as_json:
        print_report(tool, days, done)


def _say(session: Session, door: Door, told: dict[str, object]) -> None:
    if door.as_json:
        show.as_json({"organisation": session.login, **told})
