"""``primanota schedule``: the run that starts by itself."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import click

from primanota import profiles
from primanota.adapters import schedulers
from primanota.adapters.schedulers import Machine, Plan, ScheduledCommand, Scheduler, Times, times
from primanota.adapters.secrets.stores import COMMAND, KEYRING
from primanota.app.workspace import Workspace
from primanota.book import Batches
from primanota.cli import output
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.export import ProfileName
from primanota.cli.option_groups import option_group
from primanota.cli.run import run as run_command
from primanota.cli.selection_options import SelectionOptions
from primanota.core.errors import ConfigurationError, InvalidInput

# What a run must see of the environment, if it is set. PRIMANOTA_SECRET says where the secret is kept.
_VARIABLES = (
    *("HOME", "CONFIG", "LOGIN", "SECRET", "API_URL", "BOOK", "TIMEZONE", "PROFILE", "SINCE", "TO", "LANGUAGE"),
    *("MAIL_FROM", "MAIL_SERVER", "MAIL_USER"),
)
_WEEKLY = ("mon", "07:00")


class Asked(NamedTuple):
    """When it is to run, in words: at most one of them."""

    weekly: tuple[str, str] | None
    daily: str | None
    monthly: tuple[str, str] | None
    cron: str | None

    def times(self) -> Times:
        """What they mean; Monday at seven where nothing is said.

        Raises:
            InvalidInput: they cannot be read, or are too many.
        """
        if sum(word is not None for word in self) > 1:
            raise InvalidInput(
                "--weekly, --daily, --monthly and --cron say the same thing twice.", "Use one of them."
            )
        if self.daily is not None:
            return times.daily(self.daily)
        if self.monthly is not None:
            return times.monthly(*self.monthly)
        if self.cron is not None:
            return times.cron(self.cron)
        return times.weekly(*self.weekly or _WEEKLY)


_at_times = option_group(
    "asked",
    Asked,
    {
        "weekly": click.option(
            "--weekly", nargs=2, metavar="DAY TIME", help="Each week: mon 07:00, or mon,thu 07:00."
        ),
        "daily": click.option("--daily", metavar="TIME", help="Each day: 07:00."),
        "monthly": click.option("--monthly", nargs=2, metavar="DAY TIME", help="Each month: 1 07:00."),
        "cron": click.option("--cron", metavar="TEXT", help="As cron writes it: “0 7 * * 1”."),
    },
)


class Office(NamedTuple):
    """One organisation on this machine."""

    session: Workspace
    machine: Machine
    zone: ZoneInfo

    def scheduler(self, times: Times | None = None) -> Scheduler:
        """What lets things run by themselves here."""
        here = self.session.clock()
        return schedulers.choose(
            self.machine,
            self.session.login,
            zone=self.zone.key,
            folder=self.session.config.folder,
            first=times.after(here, None).date() if times else here.date(),
        )


@click.group()
def schedule() -> None:
    """Let the week's run start by itself.

    With the scheduler that the system has: systemd, launchd, Task Scheduler, or cron.

    Example: primanota schedule install --weekly mon 07:00
    """


@schedule.command()
@click.argument("profile", type=ProfileName(), required=False)
@click.argument("words", nargs=-1, metavar="[-- WORDS]...")
@_at_times
@click.option("--to", multiple=True, metavar="PLACE", help="Handed to the run. May be given more than once.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be written and run, and do nothing.")
@common_options
def install(
    *,
    profile: str | None,
    words: tuple[str, ...],
    asked: Asked,
    to: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    door: CommonOptions,
) -> None:
    """Install the run, in place of one that is there.

    Shows every file it will write and every command it will run, and asks. It runs “primanota run PROFILE --new” in
    the current folder; WORDS behind -- take the place of --new.

    Example: primanota schedule install lexware --weekly mon 07:00
    """
    times = asked.times()
    office = _office(door)
    tool = profile or office.session.config.profile(office.session.login)
    words = ("run", tool, *(words or ("--new",)), *_options("--to", *to), *_options("--book", door.book))
    _check(office, words)
    job = _job(office.session, words)
    scheduler = office.scheduler(times)
    plan = scheduler.plan(job, times)
    _print(office, scheduler, plan, times, output.info if door.as_json else output.result)
    for sentence in (*plan.notes, *_doubts(office, scheduler, words)):
        output.note(sentence)
    wanted = not dry_run and (yes or click.confirm("Install it?", err=True))
    if wanted:
        schedulers.install(scheduler, plan, job, office.machine.run)
    coming = times.after(office.session.clock(), office.zone if scheduler.zoned else None)
    if door.as_json:
        output.as_json(_installation(office, scheduler, plan, coming, done=wanted))
    else:
        output.result(
            f"Installed. It runs next on {coming:%A, %Y-%m-%d at %H:%M}." if wanted else "Nothing was written."
        )


@schedule.command("show")
@common_options
def show_(*, door: CommonOptions) -> None:
    """Show what is installed, and what the system says of it.

    Example: primanota schedule show
    """
    office = _office(door)
    scheduler = office.scheduler()
    there = schedulers.installed(scheduler)
    said = (scheduler.lines or office.machine.run(scheduler.ask).text) if there else ""
    if door.as_json:
        files = list(map(str, scheduler.files if there else ()))
        output.as_json({**_named(office, scheduler), "installed": there, "files": files, "said": said})
    elif there:
        for path in scheduler.files:
            output.result(f"{path}")
        output.result(said.rstrip())
    else:
        output.result(f"Nothing runs by itself for {office.session.login}.")


@schedule.command()
@common_options
def remove(*, door: CommonOptions) -> None:
    """Take the run out again. Book and files stay.

    Example: primanota schedule remove
    """
    office = _office(door)
    scheduler = office.scheduler()
    for sentence in schedulers.remove(scheduler, office.machine.run):
        output.note(sentence)
    if door.as_json:
        output.as_json({**_named(office, scheduler), "installed": False})
    else:
        output.result(f"Removed. Nothing runs by itself for {office.session.login}.")


def _office(door: CommonOptions) -> Office:
    session = door.session()
    uid = os.getuid() if sys.platform != "win32" else 0
    return Office(session, Machine(sys.platform, Path.home(), uid), _zone(session))


def _zone(session: Workspace) -> ZoneInfo:
    """The organisation's, as far as it is known before there is a book."""
    try:
        with session.book() as book:
            return session.zone(book)
    except ConfigurationError:
        return session.config.zone(session.login, "")


def _options(name: str, *values: str | None) -> tuple[str, ...]:
    return tuple(word for value in values if value for word in (name, value))


def _check(office: Office, words: tuple[str, ...]) -> None:
    """Refuse now what the run would refuse each week."""
    session, said = office.session, run_command.make_context("run", list(words[1:])).params
    profiles.load(said["profile"])
    which = SelectionOptions(**{name: said[name] for name in SelectionOptions._fields})
    which.check(session.today(office.zone))
    if people := session.bound(said["to"]).people:
        session.post(people)
    if not (which.new or which.changed or which.period or which.since):
        raise InvalidInput("A run that starts by itself must be told which rows.", "Write --new among its words.")


def _job(session: Workspace, words: tuple[str, ...]) -> ScheduledCommand:
    references = _references(session)
    if not references:
        raise ConfigurationError(
            f"The secret of {session.login} stands in the environment only, which a run that starts by itself "
            "does not see.",
            "Run “primanota login”, which keeps it.",
        )
    job = ScheduledCommand(
        session.login,
        (*_program(sys.argv[0]), *words, "--organisation", session.login),
        Path.cwd(),
        _environment(session),
        _log(session.login),
        guarded=not any(reference.startswith(COMMAND) for reference in references),
    )
    job.check()
    return job


def _program(started: str) -> tuple[str, ...]:
    """How to start this program from anywhere; links are not followed, for an update moves what is behind them."""
    found = shutil.which(started) if Path(started).stem == "primanota" else None
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "primanota")


def _references(session: Workspace) -> list[str]:
    """Where the run will find the organisation's secrets; empty where it will find no key."""
    settings, known = session.config, session.config.organisations.get(session.login)
    ours = settings.environment.get("PRIMANOTA_LOGIN", session.login) == session.login
    named = settings.environment.get("PRIMANOTA_SECRET", "") if ours else ""
    key = named or (known.secret if known else "")
    password = known.mail.password if known and known.mail else ""
    return [key, password] if key else []


def _environment(session: Workspace) -> dict[str, str]:
    names = (f"PRIMANOTA_{name}" for name in _VARIABLES)
    found = {name: value for name in names if (value := session.config.environment.get(name, ""))}
    if found.get("PRIMANOTA_LOGIN") not in {None, session.login}:
        del found["PRIMANOTA_LOGIN"]
        found.pop("PRIMANOTA_SECRET", None)  # it is the other one's
    if home := found.get("PRIMANOTA_HOME"):
        found["PRIMANOTA_HOME"] = str(Path(home).expanduser().absolute())
    return found


def _log(login: str) -> Path:
    import platformdirs

    return platformdirs.user_log_path("primanota", appauthor=False) / f"{login}.log"


def _doubts(office: Office, scheduler: Scheduler, words: tuple[str, ...]) -> list[str]:
    """What a person should know who lets it run so on this machine."""
    session, found = office.session, []
    here = session.clock()
    if not scheduler.zoned and here.astimezone().utcoffset() != here.astimezone(office.zone).utcoffset():
        found.append(f"{scheduler.name} goes by this machine's clock, which is not that of {office.zone.key}.")
    if scheduler.name == "cron" and KEYRING in _references(session):
        found.append("The secret is in the system's key store, which cron can seldom open: try it before you rely.")
    # Whatever it sees stands in a file.
    if unseen := session.config.secrets:
        found.append(f"The run will not see {' and '.join(unseen)}, for no secret is written into its files.")
    if "--new" in words and not ("--since" in words or session.config.since() or _begun(session, words[1])):
        found.append(f"It has no first day yet. Once, by hand: primanota run {words[1]} --new --since DAY")
    return found


def _begun(session: Workspace, profile: str) -> bool:
    """Whether the book knows from which day on rows of a profile are new."""
    tool = profiles.load(profile)
    try:
        with session.book() as book:
            return bool(Batches(book).start(tool.name))
    except ConfigurationError:
        return False


def _print(office: Office, scheduler: Scheduler, plan: Plan, times: Times, tell: Callable[[str], None]) -> None:
    zone = office.zone.key if scheduler.zoned else "by this machine's clock"
    tell(f"By {scheduler.name}, {times} ({zone}).\n")
    texts = {**{str(path): text for path, text in plan.files.items()}, "the crontab": plan.lines}
    for name, text in texts.items():
        if text:
            tell(f"Into {name}:\n")
            tell("".join(f"    {line}\n" for line in text.splitlines()))
    tell("Then:\n")
    tell("".join(f"    {shlex.join(command.words)}\n" for command in plan.commands))


def _installation(office: Office, scheduler: Scheduler, plan: Plan, coming: datetime, *, done: bool) -> object:
    return {
        **_named(office, scheduler),
        "installed": done,
        "next": coming.astimezone(office.zone),
        "files": [{"path": str(path), "text": text} for path, text in plan.files.items()],
        "lines": plan.lines,
        "commands": [command.words for command in plan.commands],
    }


def _named(office: Office, scheduler: Scheduler) -> dict[str, object]:
    return {"organisation": office.session.login, "scheduler": scheduler.name}
