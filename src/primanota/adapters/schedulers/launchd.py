"""launchd: an agent of the user's own (launchd.plist(5))."""

import plistlib
from itertools import product
from pathlib import Path

import msgspec

from primanota.adapters.schedulers.job import Command, Plan, ScheduledCommand
from primanota.adapters.schedulers.times import Times


class Launchd(msgspec.Struct, frozen=True):
    """The manager of the user's agents.

    Args:
        login: whose job it is.
        agents: where the user's agents lie.
        uid: the user's number.
    """

    login: str
    agents: Path
    uid: int
    name = "launchd"
    zoned = False
    encoding = "utf-8"
    lines = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The agent."""
        return (self.agents / f"{self._label}.plist",)

    @property
    def stop(self) -> tuple[Command, ...]:
        """Take the agent out."""
        return (_launchctl("bootout", self._target),)

    @property
    def settle(self) -> tuple[Command, ...]:
        """Nothing: it has forgotten the file already."""
        return ()

    @property
    def ask(self) -> Command:
        """What it knows of the agent."""
        return _launchctl("print", self._target)

    def plan(self, job: ScheduledCommand, times: Times) -> Plan:
        """The agent, in place of one that is there."""
        (agent,) = self.files
        out = Command((*_launchctl("bootout", self._target).words,), may_fail=True)
        return Plan(
            {agent: self._plist(job, times)},
            (out, _launchctl("bootstrap", f"gui/{self.uid}", str(agent))),
            notes=("A run that is missed in sleep comes at waking; one that is missed while it is off, does not.",),
        )

    @property
    def _label(self) -> str:
        return f"primanota.{self.login}"

    @property
    def _target(self) -> str:
        return f"gui/{self.uid}/{self._label}"

    def _plist(self, job: ScheduledCommand, times: Times) -> str:
        agent = {
            "Label": self._label,
            "ProgramArguments": list(job.command),
            "WorkingDirectory": str(job.folder),
            "EnvironmentVariables": job.environment,
            "StartCalendarInterval": intervals(times),
            "StandardOutPath": str(job.log),
            "StandardErrorPath": str(job.log),
            "ProcessType": "Background",
            "Umask": 0o077,
        }
        return plistlib.dumps(agent, sort_keys=False).decode()


def intervals(times: Times) -> list[dict[str, int]]:
    """The times as launchd counts them: what is left out is whichever, Sunday is 0."""
    weekdays = ({"Weekday": (day + 1) % 7} for day in times.weekdays)
    days = ({"Day": day} for day in times.days)
    months = ({"Month": month} for month in times.months)
    clock = ({"Hour": one.hour, "Minute": one.minute} for one in times.clock)
    choices = (list(choice) or [{}] for choice in (months, days, weekdays, clock))
    return [{name: number for part in parts for name, number in part.items()} for parts in product(*choices)]


def _launchctl(*words: str) -> Command:
    return Command(("launchctl", *words))
