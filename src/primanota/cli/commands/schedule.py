"""``primanota schedule``: let the weekly run start by itself."""

import shlex
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import click

from primanota.adapters.schedulers import Times, times
from primanota.app.installation.schedule import Installation, RunCommand, RunSchedule
from primanota.app.workspace import Workspace
from primanota.cli import texts
from primanota.cli.commands.export import ProfileName
from primanota.cli.commands.run import run as run_command
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.groups import option_group
from primanota.cli.options.selection import SelectionOptions
from primanota.cli.terminal import output
from primanota.cli.texts.language import here, on_stdout
from primanota.core.errors import InvalidInput

_DEFAULT = ("mon", "07:00")


class ScheduleOptions(NamedTuple):
    """The options that say when the run starts, as given; at most one of them."""

    weekly: tuple[str, str] | None
    daily: str | None
    monthly: tuple[str, str] | None
    cron: str | None

    def times(self) -> Times:
        """Parse the times; Monday at 07:00 if no option is given.

        Raises:
            InvalidInput: not times, or more than one option.
        """
        if sum(option is not None for option in self) > 1:
            raise InvalidInput("--weekly, --daily, --monthly and --cron exclude each other.", "Use one of them.")
        if self.daily is not None:
            return times.daily(self.daily)
        if self.monthly is not None:
            return times.monthly(*self.monthly)
        if self.cron is not None:
            return times.cron(self.cron)
        return times.weekly(*self.weekly or _DEFAULT)


_schedule_options = option_group(
    "options",
    ScheduleOptions,
    {
        "weekly": click.option(
            "--weekly", nargs=2, metavar="DAY TIME", help="Each week: mon 07:00, or mon,thu 07:00."
        ),
        "daily": click.option("--daily", metavar="TIME", help="Each day: 07:00."),
        "monthly": click.option("--monthly", nargs=2, metavar="DAY TIME", help="Each month: 1 07:00."),
        "cron": click.option("--cron", metavar="TEXT", help="An expression of cron: “0 7 * * 1”."),
    },
)


@click.group()
def schedule() -> None:
    """Let the weekly run start by itself.

    Uses the scheduler of the system: systemd, launchd, Task Scheduler, or cron.

    Example: primanota schedule install --weekly mon 07:00
    """


@schedule.command()
@click.argument("profile", type=ProfileName(), required=False)
@click.argument("words", nargs=-1, metavar="[-- WORDS]...")
@_schedule_options
@click.option("--to", multiple=True, metavar="PLACE", help="Passed to the run. May be given more than once.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be written and run, and do nothing.")
@common_options
def install(
    *,
    profile: str | None,
    words: tuple[str, ...],
    options: ScheduleOptions,
    to: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    common: CommonOptions,
) -> None:
    """Install the run, in place of an installed one.

    Shows every file that it will write and every command that it will run, and asks. It runs “primanota run PROFILE
    --new” in the current folder; WORDS after -- replace --new.

    Example: primanota schedule install lexware --weekly mon 07:00
    """
    times, workspace = options.times(), common.workspace()
    if profile and profile.startswith("-"):  # click takes the first word after -- for the profile
        words, profile = (profile, *words), None
    tool = profile or workspace.config.profile(workspace.login)
    run = _parse_run(
        workspace, (tool, *(words or ("--new",)), *_repeat("--to", *to), *_repeat("--book", common.book))
    )
    run_schedule = RunSchedule(workspace)
    installation = run_schedule.plan(run, times)
    _print(run_schedule, installation, times, output.info if common.as_json else output.result)
    for sentence in installation.notes:
        output.note(sentence)
    confirmed = not dry_run and (yes or output.confirm(texts.schedule().question))
    if confirmed:
        run_schedule.install(installation)
    if common.as_json:
        output.as_json(_installation_data(workspace, run_schedule, installation, installed=confirmed))
    elif confirmed:
        output.result(_installed_text(installation.next_run))
    else:
        output.result(texts.schedule().nothing_written)


@schedule.command("show")
@common_options
def show_(*, common: CommonOptions) -> None:
    """Show the installed run, and its state in the words of the scheduler.

    Example: primanota schedule show
    """
    workspace = common.workspace()
    run_schedule = RunSchedule(workspace)
    installed = run_schedule.installed
    files = [str(path) for path in run_schedule.scheduler.files] if installed else []
    status = run_schedule.status() if installed else ""
    if common.as_json:
        output.as_json({**_names(workspace, run_schedule), "installed": installed, "files": files, "said": status})
    elif installed:
        for text in (*files, status.rstrip()):
            output.block(text, output.line)
    else:
        output.result(texts.schedule().none.format(organisation=workspace.login))


@schedule.command()
@common_options
def remove(*, common: CommonOptions) -> None:
    """Remove the run. Book and files stay.

    Example: primanota schedule remove
    """
    workspace = common.workspace()
    run_schedule = RunSchedule(workspace)
    for sentence in run_schedule.remove():
        output.note(sentence)
    if common.as_json:
        output.as_json({**_names(workspace, run_schedule), "installed": False})
    else:
        output.result(texts.schedule().removed.format(organisation=workspace.login))


def _repeat(name: str, *values: str | None) -> tuple[str, ...]:
    return tuple(word for value in values if value for word in (name, value))


def _parse_run(workspace: Workspace, words: tuple[str, ...]) -> RunCommand:
    """Parse the words of a run as “primanota run” does, to refuse now what would fail each week.

    Raises:
        click.UsageError: “primanota run” does not take such words.
        InvalidInput: the words select no rows, or contradict each other.
    """
    given = run_command.make_context("primanota run", list(words)).params
    selection = SelectionOptions(**{name: given[name] for name in SelectionOptions._fields if name in given})
    selection.check(workspace.calendar_here())
    if not (selection.new or selection.changed or selection.period or selection.since):
        raise InvalidInput("The words of the run do not select rows.", "Add --new to them.")
    return RunCommand(words, given["profile"], given["to"], selection.new and not selection.since)


def _installed_text(next_run: datetime) -> str:
    """Return when the next run is, in a sentence."""
    day, weekday = on_stdout().day(next_run), here().weekday(next_run)
    return texts.schedule().installed.format(weekday=weekday, day=day, time=f"{next_run:%H:%M}")


def _print(run_schedule: RunSchedule, installation: Installation, times: Times, write: Callable[[str], None]) -> None:
    plan, words, scheduler = installation.plan, texts.schedule(), run_schedule.scheduler
    head = words.head if scheduler.knows_zones else words.head_of_machine
    write(head.format(scheduler=scheduler.name, times=times_text(times), zone=installation.zone.key))
    write("")
    for path, text in plan.files.items():
        if text:
            _print_indented(words.into_file.format(path=path), text.splitlines(), write)
    if plan.lines:
        _print_indented(words.into_crontab, plan.lines.splitlines(), write)
    _print_indented(words.then, [shlex.join(command.words) for command in plan.commands], write)


def times_text(times: Times) -> str:
    """Return the times of a run in the reader's words."""
    words, forms = texts.schedule(), texts.schedule().times
    if times.weekdays:
        form = forms.weekdays_in_months if times.months else forms.weekdays
    elif times.days:
        form = forms.days_in_months if times.months else forms.days
    else:
        form = forms.daily_in_months if times.months else forms.daily
    return form.format(
        weekdays=", ".join(here().weekdays[day] for day in times.weekdays),
        days=", ".join(map(str, times.days)),
        months=", ".join(words.months[month - 1] for month in times.months),
        clock=", ".join(f"{one:%H:%M}" for one in times.clock),
    )


def _print_indented(heading: str, lines: Iterable[str], write: Callable[[str], None]) -> None:
    for line in (heading, "", *(f"    {line}" for line in lines), ""):
        write(line)


def _installation_data(
    workspace: Workspace, run_schedule: RunSchedule, installation: Installation, *, installed: bool
) -> object:
    plan = installation.plan
    return {
        **_names(workspace, run_schedule),
        "installed": installed,
        "next": installation.next_run.astimezone(installation.zone),
        "files": [{"path": str(path), "text": text} for path, text in plan.files.items()],
        "lines": plan.lines,
        "commands": [command.words for command in plan.commands],
    }


def _names(workspace: Workspace, run_schedule: RunSchedule) -> dict[str, object]:
    return {"organisation": workspace.login, "scheduler": run_schedule.scheduler.name}
