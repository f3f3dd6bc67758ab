"""``primanota run``: the weekly job: sync, review, export."""

import sys

import click

from primanota import profiles
from primanota.app.notify import RunReport
from primanota.app.review import findings_of
from primanota.app.run import execute_run
from primanota.app.workspace import Workspace
from primanota.cli import output, selection_options
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.export import Delivery, ProfileName, delivery, exported_data, note, print_report
from primanota.cli.progress import bar
from primanota.cli.review import findings_data, print_findings
from primanota.cli.selection_options import SelectionOptions
from primanota.cli.sync import print_synced, synced_data
from primanota.core.errors import InvalidInput
from primanota.profiles import Profile


@click.command()
@click.argument("profile", type=ProfileName(), required=False)
@selection_options.options
@delivery
@click.option(
    "--occasion", metavar="NAME", default="", help="What this run is called: a doubled one does nothing twice."
)
@common_options
def run(
    *, profile: str | None, options: SelectionOptions, files: Delivery, occasion: str, door: CommonOptions
) -> None:
    """Do the weekly job: sync, review, export.

    Reads the bank, shows what a person should look at, and writes the file. Where a mail address is among the places,
    a mail tells what became of it, always. In a terminal without dates it asks for them.

    PROFILE is the one of the settings when none is named, or else lexware.

    Example: primanota run lexware --new
    """
    session = door.session()
    tool = profiles.load(profile or session.config.profile(session.login))
    if not options.given and not sys.stdin.isatty():
        raise InvalidInput("Which days?", "Add --period last-week, --since DAY, or --new.")
    options.check(session.clock().astimezone().date())
    weekly_job(session, tool, options if options.given else selection_options.ask(), files, door, occasion)


def weekly_job(
    session: Workspace,
    tool: Profile,
    options: SelectionOptions,
    files: Delivery,
    door: CommonOptions,
    occasion: str = "",
) -> None:
    """The whole story for one organisation, told when it is over."""
    told = execute_run(session, files.job(session, tool, options, reads=True, occasion=occasion), bar)
    note(told, verbose=door.verbose)
    if not door.as_json:
        _print(session, tool, told)
    elif told.synced or not told.failure:
        output.as_json({"organisation": session.login, **_data(tool, told), **output.error_data(told.failure)})
    told.insist()


def _data(tool: Profile, told: RunReport) -> dict[str, object]:
    data = {"again": told.again} | synced_data(told.synced) | findings_data(findings_of(told.findings, told.days))
    return data if told.ended else data | exported_data(tool, told)


def _print(session: Workspace, tool: Profile, told: RunReport) -> None:
    if told.again:
        output.result("This occasion has had its run and its mail.")
        return
    if told.synced:
        print_synced(told.synced)
    if told.selection:
        with session.book() as book:
            print_findings(told.findings, session.zone(book), told.days, brief=True)
    if told.selection and not told.ended:
        print_report(tool, told)
