"""Schedule the run of one organisation on this machine: check, plan, install, show and remove it."""

import shutil
import sys
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from primanota import profiles
from primanota.adapters import schedulers
from primanota.adapters.schedulers import Machine, Plan, ScheduledCommand, Scheduler, Times
from primanota.adapters.secrets.stores import COMMAND, KEYRING
from primanota.app.bank_of_book import asks_bank_for
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.core.commands import weekly_run
from primanota.core.errors import ConfigurationError
from primanota.profiles import Profile

# The variables that a scheduled run needs, if they are set. PRIMANOTA_SECRET is the reference to the secret.
_VARIABLES = (
    *("HOME", "CONFIG", "LOGIN", "SECRET", "API_URL", "BOOK", "TIMEZONE", "PROFILE", "SINCE", "TO", "LANGUAGE"),
    *("MAIL_FROM", "MAIL_SERVER", "MAIL_USER", "OAUTH_CLIENT_ID", "OAUTH_URL"),
)
_NO_SOURCE = "The settings name no folder of statements (“statements”): it only exports what was imported before."


class RunCommand(NamedTuple):
    """The words of a “primanota run” command, and those of its values that can be checked before the run.

    Args:
        words: the words after “primanota run”.
        profile: the profile among them.
        to: the destinations among them.
        first_day_needed: whether the words select new rows without a first day.
    """

    words: tuple[str, ...]
    profile: str
    to: tuple[str, ...]
    first_day_needed: bool


class Installation(NamedTuple):
    """A planned installation, to be shown to the user before it is carried out.

    Args:
        command: the command to schedule.
        plan: the files and commands.
        zone: the organisation's time zone.
        next_run: the time of the next run, in the scheduler's time zone.
        notes: notes for the user.
    """

    command: ScheduledCommand
    plan: Plan
    zone: ZoneInfo
    next_run: datetime
    notes: tuple[str, ...]


class RunSchedule:
    """The scheduled run of one organisation on this machine; each organisation has at most one.

    Args:
        workspace: the organisation.
        machine: the machine whose scheduler is used; None for this one.
    """

    def __init__(self, workspace: Workspace, machine: Machine | None = None) -> None:
        self._workspace = workspace
        self._machine = machine or Machine.current()

    @cached_property
    def scheduler(self) -> Scheduler:
        """Return the scheduler of this machine.

        Raises:
            ConfigurationError: the machine has no scheduler, or the crontab cannot be read.
        """
        return schedulers.choose(self._machine, self._workspace.login, self._workspace.config.folder)

    def plan(self, run: RunCommand, times: Times) -> Installation:
        """Check a run and plan its installation. Nothing is written.

        Raises:
            InvalidInput: the profile or a destination is wrong, or the scheduler cannot run such a command.
            ConfigurationError: mails cannot be sent, the secret is only in the environment, or there is no scheduler.
        """
        workspace, tool = self._workspace, profiles.load(run.profile)
        zone, has_first_day, asks_bank = self._read_book(tool)
        if recipients := workspace.destinations(run.to).recipients:
            workspace.mailer(recipients)
        references = secret_references(workspace)
        if not asks_bank:
            references = references[1:]  # without the key
        elif not references:
            raise ConfigurationError(
                f"The secret of {workspace.login} is only in the environment, which a scheduled run does not see.",
                "Run “primanota login” to store it.",
            )
        now = workspace.clock()
        command = ScheduledCommand(
            workspace.login,
            (*_program(sys.argv[0]), "run", *run.words, "--organisation", workspace.login),
            Path.cwd(),
            _environment(workspace),
            _log_file(workspace.login),
            zone.key,
            times.after(now, None).date(),
            guarded=not any(reference.startswith(COMMAND) for reference in references),
        )
        command.check()
        plan = self.scheduler.plan(command, times)
        notes = [*plan.notes, *self._warnings(zone, references)]
        if run.first_day_needed and not (has_first_day or workspace.config.since()):
            notes.append(f"It has no first day yet. Run once by hand: {weekly_run(run.profile)}")
        if not asks_bank and not workspace.config.statements(workspace.login):
            notes.append(_NO_SOURCE)
        next_run = times.after(now, zone if self.scheduler.knows_zones else None)
        return Installation(command, plan, zone, next_run, tuple(notes))

    def install(self, installation: Installation) -> None:
        """Write the files and run the commands of an installation: all of it, else restore the earlier state.

        Raises:
            ConfigurationError: the scheduler refused it.
            DeliveryFailed: a file cannot be written.
        """
        schedulers.install(self.scheduler, installation.plan, installation.command, self._machine.run)

    @property
    def installed(self) -> bool:
        """Return whether a run is installed."""
        return schedulers.installed(self.scheduler)

    def next_run(self, zone: ZoneInfo) -> datetime | None:
        """Return when the installed run starts next, in the organisation's time zone; None if that is not known.

        Raises:
            ConfigurationError: the machine has no scheduler, or the crontab cannot be read.
        """
        times = self.scheduler.times
        if times is None:
            return None
        found = times.after(self._workspace.clock(), zone if self.scheduler.knows_zones else None)
        return found.astimezone(zone)

    def status(self) -> str:
        """Return the scheduler's state of the installed run, in its own words."""
        return self.scheduler.lines or self._machine.run(self.scheduler.status).text

    def remove(self) -> list[str]:
        """Remove the run.

        Returns:
            A sentence for each command of the system that failed.

        Raises:
            ConfigurationError: no run is installed, or the crontab cannot be written.
        """
        return schedulers.remove(self.scheduler, self._machine.run)

    def _read_book(self, tool: Profile) -> tuple[ZoneInfo, bool, bool]:
        """Return the time zone, whether the book has the first day of a profile, and whether a bank is asked."""
        workspace = self._workspace

        def read(book: Book) -> tuple[ZoneInfo, bool, bool]:
            found = Journal(book, workspace.connector).organisation()
            has_first_day = bool(Batches(book).first_new_day(tool.name))
            return workspace.time_zone(found.country), has_first_day, asks_bank_for(workspace, found)

        try:
            return workspace.transaction(read)
        except ConfigurationError:  # there is no book yet, so the country is unknown
            return workspace.time_zone(""), False, asks_bank_for(workspace, None)

    def _warnings(self, zone: ZoneInfo, references: list[str]) -> list[str]:
        """Return warnings about such a run on this machine."""
        found, now = [], self._workspace.clock()
        if not self.scheduler.knows_zones and now.astimezone().utcoffset() != now.astimezone(zone).utcoffset():
            found.append(f"{self.scheduler.name} uses the clock of this machine, which is not that of {zone.key}.")
        if self.scheduler.name == "cron" and any(one.endswith(KEYRING) for one in references):
            found.append("The secret is in the system's key store, which cron can seldom open: test it first.")
        if unseen := self._workspace.config.secrets:
            found.append(f"The run will not see {' and '.join(unseen)}: secrets are not written into its files.")
        return found


def _program(started: str) -> tuple[str, ...]:
    """Return the words that start this program from any folder.

    Symbolic links are not resolved, since an update changes their targets.
    """
    found = shutil.which(started) if Path(started).stem == "primanota" else None
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "primanota")


def secret_references(workspace: Workspace) -> list[str]:
    """Return the references to the API key and the mail password; an empty list if the run would not find a key."""
    settings, known = workspace.config, workspace.config.organisations.get(workspace.login)
    ours = settings.environment.get("PRIMANOTA_LOGIN", workspace.login) == workspace.login
    named = settings.environment.get("PRIMANOTA_SECRET", "") if ours else ""
    key = named or (known.secret if known else "")
    password = known.mail.password if known and known.mail else ""
    return [key, password] if key else []


def _environment(workspace: Workspace) -> dict[str, str]:
    """Return the variables for the run, without those that belong to another organisation."""
    names = (f"PRIMANOTA_{name}" for name in _VARIABLES)
    found = {name: value for name in names if (value := workspace.config.environment.get(name, ""))}
    if found.get("PRIMANOTA_LOGIN") not in {None, workspace.login}:
        del found["PRIMANOTA_LOGIN"]
        found.pop("PRIMANOTA_SECRET", None)
    if home := found.get("PRIMANOTA_HOME"):
        found["PRIMANOTA_HOME"] = str(Path(home).expanduser().absolute())
    return found


def _log_file(login: str) -> Path:
    import platformdirs

    return platformdirs.user_log_path("primanota", appauthor=False) / f"{login}.log"
