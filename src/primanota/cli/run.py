"""``primanota run``: the weekly job: sync, review, export."""

import sys

import click

from primanota import flow, profiles
from primanota.cli import show, which
from primanota.cli.export import Delivery, ProfileName, delivery, exported_data, print_report, write_files
from primanota.cli.review import findings_data, findings_of, print_findings
from primanota.cli.session import Door, Session, everywhere
from primanota.cli.sync import bring_up_to_date, insist, print_synced, synced_data
from primanota.cli.which import Which
from primanota.errors import WrongWords
from primanota.period import Period


@click.command()
@click.argument("profile", type=ProfileName(), default="lexware")
@which.options
@delivery
@everywhere
def run(*, profile: str, asked: Which, files: Delivery, door: Door) -> None:
    """Do the weekly job: sync, review, export.

    Reads the bank, shows what a person should look at, and writes the file. In a terminal without dates it asks for
    them.

    PROFILE is lexware when none is named.

    Example: primanota run lexware --new
    """
    tool = profiles.load(profile)
    session = Session(door.organisation)
    if not asked.said and not sys.stdin.isatty():
        raise WrongWords("Which days?", "Add --period last-week, --since DAY, or --new.")
    weekly_job(session, tool, asked if asked.said else which.ask(), files, door)


def weekly_job(session: Session, tool: profiles.Profile, asked: Which, files: Delivery, door: Door) -> None:
    """The whole story for one organisation, told as it goes."""
    synced = bring_up_to_date(session, verbose=door.verbose)
    with session.book() as book:
        zone = session.zone(book)
        selection = asked.resolve(session, book, tool)
        days = selection if isinstance(selection, Period) else None
        findings = flow.review(book, zone, session.today(zone))
        if not door.as_json:
            print_synced(synced)
            print_findings(findings, zone, days, brief=True)
        told = synced_data(synced) | findings_data(findings_of(findings, days))
        if not files.unproven and not all(account.proven for account in synced):
            _say(session, door, told)
            insist(synced)
        done = write_files(session, book, tool, selection, files, verbose=door.verbose)
    _say(session, door, told | exported_data(tool, selection, done))
    if not door.as_json:
        print_report(tool, selection, done)


def _say(session: Session, door: Door, told: dict[str, object]) -> None:
    if door.as_json:
        show.as_json({"organisation": session.login, **told})
