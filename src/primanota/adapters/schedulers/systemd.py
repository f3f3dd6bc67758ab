"""systemd: a service and a timer of the user's own (systemd.service(5), systemd.timer(5), systemd.time(7))."""

from pathlib import Path

import msgspec

from primanota.adapters.schedulers.job import Command, Plan, ScheduledCommand
from primanota.adapters.schedulers.times import WEEKDAYS, Times
from primanota.core.errors import InvalidInput

# A colon before the program, so that nothing is taken for a variable: since 244. A zone in OnCalendar: since 235.
OLDEST = 244
# What a user's own manager can deny without privileges and without namespaces, which some systems forbid.
_GUARD = """\
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
"""


class Systemd(msgspec.Struct, frozen=True):
    """The manager of the user's services.

    Args:
        login: whose job it is.
        units: where the user's units lie.
        zone: the name of the zone in which times are meant.
    """

    login: str
    units: Path
    zone: str
    name = "systemd"
    zoned = True
    encoding = "utf-8"
    lines = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The service and the timer."""
        return self.units / f"{self._unit}.service", self.units / f"{self._unit}.timer"

    @property
    def stop(self) -> tuple[Command, ...]:
        """Take the timer out."""
        return (_systemctl("disable", "--now", f"{self._unit}.timer"),)

    @property
    def settle(self) -> tuple[Command, ...]:
        """Let it read its folders again."""
        return (_systemctl("daemon-reload"),)

    @property
    def ask(self) -> Command:
        """When the timer was and will be."""
        return _systemctl("list-timers", "--all", "--no-pager", f"{self._unit}.timer")

    def plan(self, job: ScheduledCommand, times: Times) -> Plan:
        """The two units, and what switches the timer on.

        Raises:
            InvalidInput: systemd starts no program of such a name.
        """
        if set("\"'\\") & set(job.command[0]):
            raise InvalidInput(f"systemd starts no program with a quote in its path: {job.command[0]}", "Move it.")
        service, timer = self.files
        return Plan(
            {service: _service(job), timer: self._timer(times)},
            (_systemctl("daemon-reload"), _systemctl("enable", "--now", timer.name)),
            notes=(
                "It runs while you are logged in; what it misses meanwhile runs when you are again.",
                "So that it runs without that, allow it once: loginctl enable-linger",
            ),
        )

    @property
    def _unit(self) -> str:
        return f"primanota-{self.login}"

    def _timer(self, times: Times) -> str:
        return f"""\
[Unit]
Description=Primanota for {self.login}: {times}

[Timer]
OnCalendar={calendar(times)} {self.zone}
Persistent=true
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
"""


def _service(job: ScheduledCommand) -> str:
    variables = "".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in job.environment.items())
    # A folder is taken as it stands, without quotes; the slash at the end keeps a blank or a backslash before it.
    folder = str(job.folder).rstrip("/").replace("%", "%%")
    return f"""\
[Unit]
Description=Primanota for {job.login}

[Service]
Type=oneshot
WorkingDirectory={folder}/
{variables}ExecStart=:{" ".join(map(quoted, job.command))}
TimeoutStartSec=1h
UMask=0077
{_GUARD if job.guarded else ""}"""


def quoted(text: str) -> str:
    """A text as one word of a unit file."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"'


def calendar(times: Times) -> str:
    """The times as ``OnCalendar`` writes them, without a zone."""
    weekdays = ",".join(WEEKDAYS[day][:3].capitalize() for day in times.weekdays)
    months, days = (",".join(map(str, numbers)) or "*" for numbers in (times.months, times.days))
    hours, minutes = (",".join(f"{number:02}" for number in numbers) for numbers in (times.hours, times.minutes))
    return f"{weekdays} *-{months}-{days} {hours}:{minutes}:00".lstrip()


def _systemctl(*words: str) -> Command:
    return Command(("systemctl", "--user", *words))
