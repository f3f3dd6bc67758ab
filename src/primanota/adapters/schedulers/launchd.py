"""launchd: an agent of the user's (launchd.plist(5))."""

import plistlib
from itertools import product
from pathlib import Path

from primanota.adapters.schedulers.base import Plan, ScheduledCommand, Scheduler, SystemCommand
from primanota.adapters.schedulers.times import Times


class Launchd(Scheduler, frozen=True):
    """The manager of the user's agents.

    Args:
        login: the organisation whose run it is.
        agents: the folder of the user's agents.
        uid: the user's numeric id.
    """

    agents: Path
    uid: int
    name = "launchd"

    @property
    def files(self) -> tuple[Path, ...]:
        """The agent."""
        return (self.agents / f"{self._label}.plist",)

    @property
    def stop(self) -> tuple[SystemCommand, ...]:
        """Unload the agent."""
        return (_launchctl("bootout", self._target),)

    @property
    def status(self) -> SystemCommand:
        """Print the state of the agent."""
        return _launchctl("print", self._target)

    def plan(self, command: ScheduledCommand, times: Times) -> Plan:
        """Return the agent, and the commands that load it in place of an installed one."""
        (agent,) = self.files
        unload = _launchctl("bootout", self._target)._replace(may_fail=True)
        return Plan(
            {agent: self._plist(command, times)},
            (unload, _launchctl("bootstrap", f"gui/{self.uid}", str(agent))),
            notes=("A run missed during sleep starts on waking; a run missed while the machine is off does not.",),
        )

    def _times(self, text: str) -> Times | None:
        found = plistlib.loads(text.encode()).get("StartCalendarInterval", []) if text else []
        month, day, weekday, hour, minute = (
            tuple(sorted({int(one[name]) for one in found if name in one}))
            for name in ("Month", "Day", "Weekday", "Hour", "Minute")
        )
        weekdays = tuple(sorted((one - 1) % 7 for one in weekday))
        return Times(hour, minute, weekdays, day, month) if hour and minute else None

    @property
    def _label(self) -> str:
        return f"primanota.{self.login}"

    @property
    def _target(self) -> str:
        return f"gui/{self.uid}/{self._label}"

    def _plist(self, command: ScheduledCommand, times: Times) -> str:
        agent = {
            "Label": self._label,
            "ProgramArguments": list(command.command),
            "WorkingDirectory": str(command.folder),
            "EnvironmentVariables": command.environment,
            "StartCalendarInterval": intervals(times),
            "StandardOutPath": str(command.log),
            "StandardErrorPath": str(command.log),
            "ProcessType": "Background",
            "Umask": 0o077,
        }
        return plistlib.dumps(agent, sort_keys=False).decode()


def intervals(times: Times) -> list[dict[str, int]]:
    """Return the times as launchd's calendar intervals: a missing key means every value, Sunday is 0."""
    weekdays = ({"Weekday": (day + 1) % 7} for day in times.weekdays)
    days = ({"Day": day} for day in times.days)
    months = ({"Month": month} for month in times.months)
    clock = ({"Hour": one.hour, "Minute": one.minute} for one in times.clock)
    choices = (list(choice) or [{}] for choice in (months, days, weekdays, clock))
    return [{name: number for part in parts for name, number in part.items()} for parts in product(*choices)]


def _launchctl(*words: str) -> SystemCommand:
    return SystemCommand(("launchctl", *words))
