"""Task Scheduler of Windows: a task of the user's own (its XML: Task Scheduler schema 1.2)."""

from datetime import date, datetime
from pathlib import Path
from subprocess import list2cmdline
from xml.sax.saxutils import escape

import msgspec

from primanota.adapters.schedulers.job import Command, Plan, ScheduledCommand
from primanota.adapters.schedulers.times import MONTHS, WEEKDAYS, Times
from primanota.core.errors import InvalidInput

_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


class Windows(msgspec.Struct, frozen=True):
    """Task Scheduler.

    Args:
        login: whose job it is.
        folder: where the task's file is kept.
        first: the day from which on it runs.
    """

    login: str
    folder: Path
    first: date
    name = "Task Scheduler"
    zoned = False
    encoding = "utf-16"  # the only one that schtasks reads
    lines = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """What the task was made from."""
        return (self.folder / f"{self.login}.task.xml",)

    @property
    def stop(self) -> tuple[Command, ...]:
        """Take the task out."""
        return (self._schtasks("/Delete", "/F"),)

    @property
    def settle(self) -> tuple[Command, ...]:
        """Nothing: it does not know the file."""
        return ()

    @property
    def ask(self) -> Command:
        """When the task was and will be."""
        return self._schtasks("/Query", "/V", "/FO", "LIST")

    def plan(self, job: ScheduledCommand, times: Times) -> Plan:
        """The task, in place of one that is there.

        Raises:
            InvalidInput: it would take a part of a text for a variable, or cannot tell such days.
        """
        for text in (*job.command, str(job.folder)):
            if "%" in text or "$(" in text:
                raise InvalidInput(f"Task Scheduler would take a part of “{text}” for a variable.", "Rename it.")
        if times.weekdays and times.months:
            raise InvalidInput(
                "Task Scheduler knows no days of the week in some months only.", "Leave the months out."
            )
        (file,) = self.files
        create = self._schtasks("/Create", "/XML", str(file), "/F")
        notes = "It runs while you are logged on, and what was missed runs as soon as it can."
        named = ", ".join(job.environment)
        wanted = (f"A task is handed no variables: set {named} for your whole account, with setx.",) if named else ()
        return Plan({file: _task(job, times, self.first)}, (create,), notes=(notes, *wanted))

    def _schtasks(self, verb: str, *words: str) -> Command:
        return Command(("schtasks", verb, "/TN", f"primanota-{self.login}", *words))


def _task(job: ScheduledCommand, times: Times, first: date) -> str:
    program, *words = job.command
    starts = (datetime.combine(first, one).isoformat() for one in times.clock)
    triggers = "\n".join(
        f"    <CalendarTrigger><StartBoundary>{start}</StartBoundary><Enabled>true</Enabled>{_days(times)}"
        "</CalendarTrigger>"
        for start in starts
    )
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="{_NAMESPACE}">
  <RegistrationInfo>
    <Description>Primanota for {job.login}: {times}</Description>
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
      <WorkingDirectory>{escape(str(job.folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def _days(times: Times) -> str:
    """On which days a trigger fires."""
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
