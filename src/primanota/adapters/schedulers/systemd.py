"""systemd: a service and a timer of the user's (systemd.service(5), systemd.timer(5), systemd.time(7))."""

import re
from pathlib import Path

from primanota.adapters.schedulers.base import Plan, ScheduledCommand, Scheduler, SystemCommand
from primanota.adapters.schedulers.times import WEEKDAYS, Times, cron
from primanota.core.errors import InvalidInput

# The colon before the program, which switches variables off, needs 244. A time zone in OnCalendar needs 235.
OLDEST = 244
# What a user's manager can take away without privileges and without namespaces, which some systems forbid.
_GUARD = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
"""


# As ``calendar`` writes it.
_CALENDAR = re.compile(r"^OnCalendar=(?:([A-Za-z,]+) )?\*-([\d,*]+)-([\d,*]+) ([\d,]+):([\d,]+):00\b", re.MULTILINE)


class Systemd(Scheduler, frozen=True):
    """The manager of the user's services.

    Args:
        login: the organisation whose run it is.
        units: the folder of the user's units.
    """

    units: Path
    name = "systemd"
    knows_zones = True

    @property
    def files(self) -> tuple[Path, ...]:
        """The service and the timer."""
        return self.units / f"{self._unit}.service", self.units / f"{self._unit}.timer"

    @property
    def stop(self) -> tuple[SystemCommand, ...]:
        """Disable the timer."""
        return (_systemctl("disable", "--now", f"{self._unit}.timer"),)

    @property
    def reload(self) -> tuple[SystemCommand, ...]:
        """Read the folder of units again."""
        return (_systemctl("daemon-reload"),)

    @property
    def status(self) -> SystemCommand:
        """Print when the timer fired and will fire."""
        return _systemctl("list-timers", "--all", "--no-pager", f"{self._unit}.timer")

    def plan(self, command: ScheduledCommand, times: Times) -> Plan:
        """Return the two units, and the commands that enable the timer.

        Raises:
            InvalidInput: the path of the program contains a quote or a backslash, which systemd refuses.
        """
        if set("\"'\\") & set(command.command[0]):
            raise InvalidInput(
                f"The path of the program contains a quote: {command.command[0]}", "systemd cannot start it; move it."
            )
        service, timer = self.files
        return Plan(
            {service: _service(command), timer: _timer(command, times)},
            (*self.reload, _systemctl("enable", "--now", timer.name)),
            notes=(
                "It runs while you are logged in; a run missed meanwhile starts at the next login.",
                "To let it run without a login, allow that once: loginctl enable-linger",
            ),
        )

    def _times(self, text: str) -> Times | None:
        found = _CALENDAR.search(text)
        if not found:
            return None
        weekdays, months, days, hours, minutes = found.groups()
        return cron(f"{minutes} {hours} {days} {months} {weekdays or '*'}")

    @property
    def _unit(self) -> str:
        return f"primanota-{self.login}"


def _timer(command: ScheduledCommand, times: Times) -> str:
    return f"""\
[Unit]
Description=Primanota for {command.login}: {times}

[Timer]
OnCalendar={calendar(times)} {command.zone}
Persistent=true
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
"""


def _service(command: ScheduledCommand) -> str:
    variables = "".join(f"Environment={quote(f'{name}={value}')}\n" for name, value in command.environment.items())
    # A folder is read without quotes; the slash at the end protects a blank or a backslash before it.
    folder = str(command.folder).rstrip("/").replace("%", "%%")
    return f"""\
[Unit]
Description=Primanota for {command.login}

[Service]
Type=oneshot
WorkingDirectory={folder}/
{variables}ExecStart=:{" ".join(map(quote, command.command))}
TimeoutStartSec=1h
UMask=0077
{_GUARD if command.guarded else ""}"""


def quote(text: str) -> str:
    """Return a text as one word of a unit file."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"'


def calendar(times: Times) -> str:
    """Return the times as a calendar event of ``OnCalendar``, without a time zone."""
    weekdays = ",".join(WEEKDAYS[day][:3].capitalize() for day in times.weekdays)
    months, days = (",".join(map(str, numbers)) or "*" for numbers in (times.months, times.days))
    hours, minutes = (",".join(f"{number:02}" for number in numbers) for numbers in (times.hours, times.minutes))
    return f"{weekdays} *-{months}-{days} {hours}:{minutes}:00".lstrip()


def _systemctl(*words: str) -> SystemCommand:
    return SystemCommand(("systemctl", "--user", *words))
