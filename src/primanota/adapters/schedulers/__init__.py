"""A run that starts by itself: which scheduler this machine has, what it is to be told, and telling it.

Each module tells what one scheduler would be told, and does nothing. What is done is done here, whole or not at all.
"""

import re
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from primanota.adapters.schedulers.cron import Cron
from primanota.adapters.schedulers.job import Command, Done, Plan, Run, ScheduledCommand, Scheduler
from primanota.adapters.schedulers.launchd import Launchd
from primanota.adapters.schedulers.systemd import OLDEST, Systemd
from primanota.adapters.schedulers.times import Times
from primanota.adapters.schedulers.windows import Windows
from primanota.adapters.storage import disk
from primanota.core.errors import ConfigurationError, DeliveryFailed

__all__ = [
    "Command",
    "Done",
    "Machine",
    "Plan",
    "ScheduledCommand",
    "Scheduler",
    "Times",
    "choose",
    "install",
    "remove",
    "run",
]

_SECONDS = 60
_NOT_THERE = 127  # what shells say


def run(command: Command) -> Done:
    """Run a command of the system's."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command.words, input=command.given, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Done(_NOT_THERE, err=str(error).encode())
    return Done(done.returncode, done.stdout, done.stderr)


class Machine(NamedTuple):
    """What schedulers there are depends on.

    Args:
        platform: as ``sys.platform`` says it.
        home: the user's own folder.
        uid: the user's number; of no meaning on Windows.
        run: runs a command.
    """

    platform: str
    home: Path
    uid: int
    run: Run = run


def choose(machine: Machine, login: str, *, zone: str, folder: Path, first: date) -> Scheduler:
    """The scheduler of a machine, for one organisation.

    Args:
        machine: where it is to run.
        login: whose run it is.
        zone: the name of the organisation's time zone.
        folder: where settings lie.
        first: the day from which on it is to run.

    Raises:
        ConfigurationError: there is none.
        InvalidConfiguration: the crontab is not as we left it.
    """
    if machine.platform == "darwin":
        return Launchd(login, machine.home / "Library" / "LaunchAgents", machine.uid)
    if machine.platform == "win32":
        return Windows(login, folder, first)
    systemd = Systemd(login, machine.home / ".config" / "systemd" / "user", zone)
    # What it was told once is its own, also where it cannot be reached at the moment.
    if installed(systemd) or _has_systemd(machine.run):
        return systemd
    return Cron(login, _crontab(machine.run))


def _has_systemd(run: Run) -> bool:
    """Whether the user has a manager of services that is new enough."""
    said = run(Command(("systemctl", "--user", "show", "--property=Version")))
    version = re.match(rb"Version=v?(\d+)", said.out)
    return said.code == 0 and version is not None and int(version[1]) >= OLDEST


def _crontab(run: Run) -> bytes:
    said = run(Command(("crontab", "-l")))
    if said.code == 0:
        return said.out
    if said.code == _NOT_THERE:
        raise ConfigurationError("This machine has neither systemd for users nor cron.", "Install cron.")
    # Only when there is none may one be written: whatever else went wrong, what is in it must not be lost.
    if re.search(rb"no crontab|no such file", said.err, re.IGNORECASE):
        return b""
    raise ConfigurationError(f"The crontab cannot be read: {said.said}.", "Run “crontab -l” and see what it says.")


def installed(scheduler: Scheduler) -> bool:
    """Whether the job is there."""
    return bool(scheduler.lines) or any(path.exists() for path in scheduler.files)


def install(scheduler: Scheduler, plan: Plan, job: ScheduledCommand, run: Run) -> None:
    """Write the files and run the commands: all of it, or what was there before is there again.

    Raises:
        ConfigurationError: the system refused; the sentence says what it said.
        DeliveryFailed: a file cannot be written.
    """
    earlier = {path: path.read_bytes() for path in plan.files if path.exists()}
    try:
        _make_room(job.log.parent)
        for path, text in plan.files.items():
            disk.write(path, [text.encode(scheduler.encoding)])
        for command in plan.commands:
            _insist(command, run)
    except BaseException:
        _put_back(scheduler, plan, earlier, run)
        raise


def remove(scheduler: Scheduler, run: Run) -> list[str]:
    """Take the job out, as far as the system still knows of it.

    Returns:
        What the system did not do, in its words.

    Raises:
        ConfigurationError: there is none, or the crontab cannot be written.
    """
    if not installed(scheduler):
        raise ConfigurationError("Nothing runs by itself here.", "Run “primanota schedule install”.")
    if scheduler.lines:
        for command in scheduler.stop:
            _insist(command, run)
        return []
    notes = list(_try(scheduler.stop, run))
    for path in scheduler.files:
        path.unlink(missing_ok=True)
    return [*notes, *_try(scheduler.settle, run)]


def _put_back(scheduler: Scheduler, plan: Plan, earlier: dict[Path, bytes], run: Run) -> None:
    """As it was before; a crontab is taken whole or not at all, and needs nothing."""
    if plan.files and not earlier:
        list(_try(scheduler.stop, run))
    for path in plan.files:
        with suppress(OSError, DeliveryFailed):
            if path in earlier:
                disk.write(path, [earlier[path]])
            else:
                path.unlink(missing_ok=True)
    list(_try(plan.commands if earlier else scheduler.settle, run))


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DeliveryFailed(f"{folder} cannot be made: {error.strerror}.", "Mend that first.") from None


def _insist(command: Command, run: Run) -> None:
    done = run(command)
    if done.code and not command.may_fail:
        raise ConfigurationError(f"“{' '.join(command.words)}” failed: {done.said}", "Nothing was changed.")


def _try(commands: Iterable[Command], run: Run) -> Iterable[str]:
    for command in commands:
        done = run(command)
        if done.code and not command.may_fail:
            yield f"“{' '.join(command.words)}” failed: {done.said}"
