"""Schedule a command with the operating system: choose a scheduler, install, show and remove the command.

The modules of this package plan what one scheduler needs and do nothing. The files are written and the commands are
run here: all of an installation, or nothing of it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from primanota.adapters.schedulers.base import (
    CommandResult,
    Plan,
    Runner,
    ScheduledCommand,
    Scheduler,
    SystemCommand,
)
from primanota.adapters.schedulers.cron import Cron
from primanota.adapters.schedulers.launchd import Launchd
from primanota.adapters.schedulers.systemd import OLDEST, Systemd
from primanota.adapters.schedulers.times import Times
from primanota.adapters.schedulers.windows import Windows
from primanota.adapters.storage import disk
from primanota.core.disk_errors import disk_error
from primanota.core.errors import ConfigurationError, DeliveryFailed

__all__ = [
    "CommandResult",
    "Machine",
    "Plan",
    "ScheduledCommand",
    "Scheduler",
    "SystemCommand",
    "Times",
    "choose",
    "install",
    "remove",
    "run",
]

_TIMEOUT = 60  # seconds
_NOT_FOUND = 127  # the exit code of shells


def run(command: SystemCommand) -> CommandResult:
    """Run a command of the operating system; one that cannot be started is a failed one."""
    try:
        done = subprocess.run(command.words, input=command.stdin, capture_output=True, timeout=_TIMEOUT, check=False)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired) as error:
        return CommandResult(_NOT_FOUND, stderr=str(error).encode())
    return CommandResult(done.returncode, done.stdout, done.stderr)


class Machine(NamedTuple):
    """The properties of a machine that the choice of a scheduler depends on.

    Args:
        platform: the value of ``sys.platform``.
        home: the user's home folder.
        uid: the user's numeric id; without meaning on Windows.
        run: runs a command.
    """

    platform: str
    home: Path
    uid: int
    run: Runner = run

    @classmethod
    def current(cls) -> "Machine":
        """Return this machine."""
        return cls(sys.platform, Path.home(), os.getuid() if sys.platform != "win32" else 0)


def choose(machine: Machine, login: str, folder: Path) -> Scheduler:
    """Return the scheduler of a machine for the run of one organisation.

    Args:
        machine: where the run is scheduled.
        login: the organisation.
        folder: the folder of the settings.

    Raises:
        ConfigurationError: the machine has no scheduler, or the crontab cannot be read.
    """
    if machine.platform == "darwin":
        return Launchd(login, machine.home / "Library" / "LaunchAgents", machine.uid)
    if machine.platform == "win32":
        return Windows(login, folder)
    systemd = Systemd(login, machine.home / ".config" / "systemd" / "user")
    # A run that is installed with systemd stays there, even if systemd cannot be reached at the moment.
    if installed(systemd) or _has_systemd(machine.run):
        return systemd
    return Cron(login, _crontab(machine.run))


def _has_systemd(run: Runner) -> bool:
    """Return whether the user has a systemd manager that is new enough."""
    answer = run(SystemCommand(("systemctl", "--user", "show", "--property=Version")))
    version = re.match(rb"Version=v?(\d+)", answer.stdout)
    return answer.code == 0 and version is not None and int(version[1]) >= OLDEST


def _crontab(run: Runner) -> bytes:
    answer = run(SystemCommand(("crontab", "-l")))
    if answer.code == 0:
        return answer.stdout
    if answer.code == _NOT_FOUND:
        raise ConfigurationError("This machine has neither systemd for users nor cron.", "Install cron.")
    # A new crontab may be written only if there is none; after any other error the present one must not be lost.
    if re.search(rb"no crontab|no such file", answer.stderr, re.IGNORECASE):
        return b""
    raise ConfigurationError(
        f"The crontab cannot be read: {answer.reason}.", "Run “crontab -l” to see what is wrong."
    )


def installed(scheduler: Scheduler) -> bool:
    """Return whether the run is installed."""
    return bool(scheduler.lines) or any(path.exists() for path in scheduler.files)


def install(scheduler: Scheduler, plan: Plan, command: ScheduledCommand, run: Runner) -> None:
    """Write the files and run the commands of a plan: all of it, or the earlier state is restored.

    Raises:
        ConfigurationError: a command failed; the sentence has the system's reason.
        DeliveryFailed: a file cannot be written.
    """
    earlier = {path: path.read_bytes() for path in plan.files if path.exists()}
    try:
        _create_folder(command.log.parent)
        for path, text in plan.files.items():
            disk.write(path, [text.encode(scheduler.encoding)])
        _run_all(plan.commands, run)
    except BaseException:
        _restore(scheduler, plan, earlier, run)
        raise


def remove(scheduler: Scheduler, run: Runner) -> list[str]:
    """Remove the run, even if the system no longer knows it.

    Returns:
        The commands that failed, in sentences with the system's reason.

    Raises:
        ConfigurationError: nothing is installed, or the crontab cannot be written.
    """
    if not installed(scheduler):
        raise ConfigurationError("No run is scheduled here.", "Run “primanota schedule install”.")
    if scheduler.lines:
        _run_all(scheduler.stop, run)
        return []
    failures = list(_failures(scheduler.stop, run))
    for path in scheduler.files:
        path.unlink(missing_ok=True)
    return [*failures, *_failures(scheduler.reload, run)]


def _restore(scheduler: Scheduler, plan: Plan, earlier: dict[Path, bytes], run: Runner) -> None:
    """Restore the state before an installation; a crontab needs nothing, as it is replaced whole or not at all."""
    if plan.files and not earlier:
        list(_failures(scheduler.stop, run))
    for path in plan.files:
        with suppress(OSError, DeliveryFailed):
            if path in earlier:
                disk.write(path, [earlier[path]])
            else:
                path.unlink(missing_ok=True)
    list(_failures(plan.commands if earlier else scheduler.reload, run))


def _create_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        failed = DeliveryFailed(f"{folder} cannot be created: {error.strerror}.", "Create it yourself.")
        raise disk_error(error, folder, otherwise=failed) from None


def _run_all(commands: Iterable[SystemCommand], run: Runner) -> None:
    if failure := next(_failures(commands, run), ""):
        raise ConfigurationError(failure, "Nothing was changed.")


def _failures(commands: Iterable[SystemCommand], run: Runner) -> Iterator[str]:
    """Run commands one by one, and yield a sentence for each that failed."""
    for command in commands:
        result = run(command)
        if result.code and not command.may_fail:
            yield f"“{' '.join(command.words)}” failed: {result.reason}"
