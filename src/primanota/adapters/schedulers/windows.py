"""Task Scheduler of Windows: a task of the user's (Task Scheduler schema 1.2)."""

import re
from datetime import datetime
from pathlib import Path
from subprocess import list2cmdline
from xml.sax.saxutils import escape

from primanota.adapters.schedulers.base import Plan, ScheduledCommand, Scheduler, SystemCommand
from primanota.adapters.schedulers.times import MONTHS, WEEKDAYS, Times
from primanota.core.errors import InvalidInput

_LONGEST_MONTH = 31
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


class Windows(Scheduler, frozen=True):
    """Task Scheduler.

    Args:
        login: the organisation whose run it is.
        folder: the folder for the task's file.
    """

    folder: Path
    name = "Task Scheduler"
    encoding = "utf-16"  # the only one that schtasks reads

    @property
    def files(self) -> tuple[Path, ...]:
        """The file that the task is created from."""
        return (self.folder / f"{self.login}.task.xml",)

    @property
    def stop(self) -> tuple[SystemCommand, ...]:
        """Delete the task."""
        return (self._schtasks("/Delete", "/F"),)

    @property
    def status(self) -> SystemCommand:
        """Print when the task ran and will run."""
        return self._schtasks("/Query", "/V", "/FO", "LIST")

    def plan(self, command: ScheduledCommand, times: Times) -> Plan:
        """Return the task, and the command that creates it in place of an installed one.

        Raises:
            InvalidInput: a text contains what Task Scheduler reads as a variable, or the times cannot be a trigger.
        """
        for text in (*command.command, str(command.folder)):
            if "%" in text or "$(" in text:
                raise InvalidInput(f"Task Scheduler reads a part of “{text}” as a variable.", "Rename it.")
        if times.weekdays and times.months:
            raise InvalidInput(
                "Task Scheduler has no trigger for days of the week in some months only.", "Leave the months out."
            )
        (file,) = self.files
        create = self._schtasks("/Create", "/XML", str(file), "/F")
        notes = ["It runs while you are logged on; a missed run starts as soon as possible."]
        if names := ", ".join(command.environment):
            notes.append(f"A task gets no variables: set {names} for your account, with setx.")
        return Plan({file: _task(command, times)}, (create,), notes=tuple(notes))

    def _times(self, text: str) -> Times | None:
        starts = re.findall(r"<StartBoundary>[\d-]+T(\d\d):(\d\d)", text)
        hours, minutes = (tuple(sorted({int(one) for one in column})) for column in zip(*starts, strict=True))
        names = re.findall(r"<(\w+) />", text)
        weekdays = tuple(place for place, name in enumerate(WEEKDAYS) if name.capitalize() in names)
        months = tuple(place for place, name in enumerate(MONTHS, 1) if name.capitalize() in names)
        days = tuple(sorted({int(day) for day in re.findall(r"<Day>(\d+)</Day>", text)}))
        every_day, every_month = len(days) == _LONGEST_MONTH, len(months) == len(MONTHS)
        return Times(hours, minutes, weekdays, () if every_day else days, () if every_month else months)

    def _schtasks(self, verb: str, *words: str) -> SystemCommand:
        return SystemCommand(("schtasks", verb, "/TN", f"primanota-{self.login}", *words))


def _task(command: ScheduledCommand, times: Times) -> str:
    program, *words = command.command
    starts = (datetime.combine(command.first_day, one).isoformat() for one in times.clock)
    triggers = "\n".join(
        f"    <CalendarTrigger><StartBoundary>{start}</StartBoundary><Enabled>true</Enabled>{_days(times)}"
        "</CalendarTrigger>"
        for start in starts
    )
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="{_NAMESPACE}">
  <RegistrationInfo>
    <Description>Primanota for {command.login}: {times}</Description>
  </RegistrationInfo>
  <Triggers>
{triggers}
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT1H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(list2cmdline(words))}</Arguments>
      <WorkingDirectory>{escape(str(command.folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def _days(times: Times) -> str:
    """Return the part of a trigger that names its days."""
    if times.weekdays:
        days = "".join(f"<{WEEKDAYS[day].capitalize()} />" for day in times.weekdays)
        kind, inner = "Week", f"<WeeksInterval>1</WeeksInterval><DaysOfWeek>{days}</DaysOfWeek>"
    elif times.days or times.months:
        days = "".join(f"<Day>{day}</Day>" for day in times.days or range(1, 32))
        months = "".join(f"<{MONTHS[month - 1].capitalize()} />" for month in times.months or range(1, 13))
        kind, inner = "Month", f"<DaysOfMonth>{days}</DaysOfMonth><Months>{months}</Months>"
    else:
        kind, inner = "Day", "<DaysInterval>1</DaysInterval>"
    return f"<ScheduleBy{kind}>{inner}</ScheduleBy{kind}>"
