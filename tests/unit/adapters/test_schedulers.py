"""Schedulers: the choice for each system, and the installation of a plan, completely or not at all."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from primanota.adapters import schedulers
from primanota.adapters.schedulers import CommandResult, Machine, Plan, ScheduledCommand, SystemCommand, times
from primanota.adapters.schedulers.cron import Cron
from primanota.core.errors import ConfigurationError, DeliveryFailed
from tests.support.clock import NOON


def _command(folder: Path, log: Path) -> ScheduledCommand:
    return ScheduledCommand(
        "acme", ("/bin/primanota", "run"), folder, {"PRIMANOTA_HOME": "/x"}, log, "UTC", NOON.date()
    )


def _choose(platform: str, run: Callable[[SystemCommand], CommandResult]) -> schedulers.Scheduler:
    machine = Machine(platform, Path("/me"), 501, run)
    return schedulers.choose(machine, "acme", Path("/folder"))


def test_a_machine_without_a_scheduler() -> None:
    """An unreadable crontab is an error, and so is a machine without a scheduler."""
    with pytest.raises(ConfigurationError, match="disk"):
        _choose(
            "linux",
            lambda command: CommandResult(1, stderr=b"disk on fire" if command.words[0] == "crontab" else b""),
        )
    with pytest.raises(ConfigurationError, match="neither"):
        _choose("linux", lambda _: CommandResult(127))


@pytest.mark.parametrize(
    ("platform", "version", "name"),
    [
        ("linux", b"Version=252.38-1~deb12u1", "systemd"),
        ("linux", b"Version=v259", "systemd"),
        ("linux", b"Version=239", "cron"),
        ("freebsd14", b"", "cron"),
        ("darwin", b"", "launchd"),
        ("win32", b"", "Task Scheduler"),
    ],
)
def test_each_system_has_its_scheduler(platform: str, version: bytes, name: str) -> None:
    """Each system has its scheduler, and Linux has cron if its systemd is too old."""
    assert _choose(platform, lambda _: CommandResult(0, version)).name == name


@pytest.mark.parametrize("platform", ["darwin", "win32"])
@pytest.mark.parametrize("refuses", [False, True])
def test_installation_on_macos_and_windows(platform: str, tmp_path: Path, *, refuses: bool) -> None:
    """On macOS and Windows the file is written before the command that reads it, and removed if that fails."""
    seen: list[Mapping[Path, bool]] = []

    def run(command: SystemCommand) -> CommandResult:
        seen.append({path: path.exists() for path in scheduler.files if str(path) in command.words})
        return CommandResult(int(refuses), stderr=b"no")

    machine = Machine(platform, tmp_path, 501, run)
    scheduler = schedulers.choose(machine, "acme", tmp_path)
    command = _command(tmp_path, tmp_path / "logs" / "log")
    plan = scheduler.plan(command, times.weekly("mon", "07:00"))
    if refuses:
        with pytest.raises(ConfigurationError):
            schedulers.install(scheduler, plan, command, run)
    else:
        schedulers.install(scheduler, plan, command, run)
    assert any(all(files.values()) for files in seen if files)
    assert schedulers.installed(scheduler) is not refuses
    if not refuses:
        assert schedulers.remove(scheduler, run) == []
        assert not schedulers.installed(scheduler)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder for the log that cannot be created is an error."""
    (tmp_path / "file").touch()
    command = _command(tmp_path, tmp_path / "file" / "log")
    with pytest.raises(DeliveryFailed):
        schedulers.install(
            Cron("acme", b""), Plan({}, (SystemCommand(("false",)),)), command, lambda _: CommandResult(0)
        )


def test_a_missing_program() -> None:
    """A command that cannot be started has exit code 127; others get their input and return their output."""
    assert schedulers.run(SystemCommand(("/no/such/tool",))).code == 127
    assert json.loads(schedulers.run(SystemCommand((sys.executable, "-c", "print(input())"), stdin=b"1\n")).text) == 1
