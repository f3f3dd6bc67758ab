"""``primanota run``: the weekly run: sync, review, export."""

import sys

import click

from primanota import profiles
from primanota.adapters.settings.config import Config
from primanota.app.bank_of_book import asks_bank, expect_files
from primanota.app.exporting.dry_run import thrown_away
from primanota.app.exporting.selection import choose_accounts
from primanota.app.importing.statement_folder import import_folder
from primanota.app.running import views
from primanota.app.running.run import execute_run
from primanota.app.running.run_report import RunReport
from primanota.app.running.settings_failure import CannotBegin, reported
from primanota.app.syncing.named_rows import name_vanished
from primanota.app.syncing.sync import require_proven
from primanota.app.syncing.sync import sync as sync_book
from primanota.app.workspace import Workspace
from primanota.cli import texts
from primanota.cli.commands.export import FileOptions, Previews, ProfileName, file_options, print_notes, print_report
from primanota.cli.commands.sync import print_synced, synced_data
from primanota.cli.options import selection as selection_options
from primanota.cli.options.context import CommonOptions, common_options, open_workspace
from primanota.cli.options.selection import SelectionOptions
from primanota.cli.results.findings import print_findings, print_other_days
from primanota.cli.terminal import output
from primanota.cli.terminal.progress import bar
from primanota.core.errors import InvalidInput
from primanota.core.notice import Notice
from primanota.core.results import SyncedAccount
from primanota.profiles import Profile


@click.command()
@click.argument("profile", type=ProfileName(), required=False)
@selection_options.options
@file_options
@click.option("--run-key", metavar="KEY", default="", help="Identifies this run: a doubled one does nothing twice.")
@click.option("--dry-run", is_flag=True, help="Read the bank and show the rows; write, record and mail nothing.")
@click.option("--all", "every", is_flag=True, help="Every organisation of the settings, some at once.")
@common_options
def run(
    *,
    profile: str | None,
    options: SelectionOptions,
    files: FileOptions,
    run_key: str,
    dry_run: bool,
    every: bool,
    common: CommonOptions,
) -> None:
    """Do the weekly job: sync, review, export.

    Reads the bank, shows what a person should look at, and writes the file. If a mail address is among the
    destinations, a mail reports every run. In a terminal, asks for the dates if they are missing. With --dry-run
    everything is done with a copy of the book, which is thrown away.

    Without PROFILE, the profile of the settings is used, or else lexware.

    With --all, or with several names behind --organisation (a,b), each organisation has a run of its own with its own
    settings; one that fails does not keep the others back.

    Example: primanota run lexware --new
    """
    if not options.given and not sys.stdin.isatty():
        raise InvalidInput("Which days?", "Add --period last-week, --since DAY, or --new.")
    named = profiles.load(profile) if profile else None  # a wrong word is told where it was typed, not by mail
    if every or "," in (common.organisation or ""):
        from primanota.cli.commands.run_all import run_several

        if dry_run:
            raise InvalidInput("--dry-run is for one organisation.", "Name it with --organisation.")
        run_several(named, options, files, common, every=every, run_key=run_key)
        return
    if dry_run:
        workspace = common.workspace()
        tool = named or profiles.load(workspace.config.profile(workspace.login))
    else:
        workspace, tool = _begun(common, files, named, run_key)
    options.check(workspace.calendar_here())
    chosen = options if options.given else selection_options.ask(workspace.calendar_here())
    if dry_run:
        _dry_run(workspace, tool, chosen, files, common)
    else:
        weekly_job(workspace, tool, chosen, files, common, run_key)


def _begun(
    common: CommonOptions, files: FileOptions, named: Profile | None, run_key: str
) -> tuple[Workspace, Profile]:
    """Return the workspace and the profile of a run; a mail reports settings with which it cannot begin."""
    try:
        with reported(common.organisation, run_key, files.to, _workspace_of):
            workspace = common.workspace()
            tool = named or profiles.load(workspace.config.profile(workspace.login))
            workspace.destinations(files.to)
    except CannotBegin as failed:
        if failed.mailed:
            output.note(texts.weekly().run.mailed)
        raise failed.error from None
    return workspace, tool


def _dry_run(
    workspace: Workspace, tool: Profile, options: SelectionOptions, files: FileOptions, common: CommonOptions
) -> None:
    """Sync a copy of the book, and show what would be written from it."""
    expect_files(workspace)
    with thrown_away(workspace) as book:
        synced, notes = list[SyncedAccount](), list[Notice]()
        filed = import_folder(workspace, book, bar)
        notes += filed.notes
        if asks_bank(workspace, book):
            with workspace.bank() as bank, bar() as progress:
                synced, found = sync_book(bank, book, workspace.connector, progress)
                notes += found
        journal = workspace.journal(book)
        name_vanished(journal, synced)
        chosen = {account.id for account in choose_accounts(journal.accounts(), files.wanted)}
        if not common.as_json and (read := [*synced, *filed.accounts]):
            print_synced(read)
        if not files.allow_unproven:
            require_proven(one for one in synced if one.account.id in chosen)
        previews = Previews.of(workspace, book, tool, options, files)
    for one in notes:
        output.notice(one)
    previews.note(verbose=common.verbose)
    if common.as_json:
        head = {"organisation": workspace.login, "dry_run": True}
        output.as_json(views.joined(head, synced_data(synced), {"rows": previews.data}))
    else:
        previews.print()
    output.note(texts.weekly().run.dry)


def _workspace_of(organisation: str | None, settings: Config) -> Workspace:
    return open_workspace(organisation, settings=settings)


def weekly_job(
    workspace: Workspace,
    tool: Profile,
    options: SelectionOptions,
    files: FileOptions,
    common: CommonOptions,
    run_key: str = "",
) -> None:
    """Execute the weekly run of one organisation, and print its report."""
    request = files.request(workspace, tool, options, reads_bank=True, run_key=run_key)
    report = execute_run(workspace, request, bar)
    print_notes(report, verbose=common.verbose)
    if not common.as_json:
        _print(tool, report, common)
    elif report.synced or not report.failure:
        output.as_json(_data(workspace, tool, report))
    report.raise_if_failed()


def _data(workspace: Workspace, tool: Profile, report: RunReport) -> dict[str, object]:
    found = views.newest_findings_view(report.findings)
    exported = [] if report.ended_early else [views.export_view(tool.name, report)]
    failure = [views.error_view(report.failure)] if report.failure else []
    head = {"organisation": workspace.login, "repeated": report.repeated}
    return views.joined(head, synced_data(report.synced), found, *exported, *failure)


def _print(tool: Profile, report: RunReport, common: CommonOptions) -> None:
    if report.repeated:
        output.result(texts.weekly().run.repeated)
        return
    if report.synced:
        print_synced(report.synced)
    if report.selection and report.zone:
        whole = all(one.found.state != "unread" for one in report.synced)
        print_findings(report.findings, report.zone, report.period, whole=whole, common=common)
        print_other_days(report.findings_of_other_days, common)
        output.result()
    if report.selection and not report.ended_early:
        print_report(tool, report)
