"""When a client's runs are due: each week or each month, in local time. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from primanota.adapters.schedulers.times import WEEKDAYS, Times, monthly, weekly
from primanota.core.errors import InvalidInput

DEFAULT = "weekly mon 07:00"
_LONGEST = timedelta(days=33)  # between two runs, and more


class Timetable(msgspec.Struct, frozen=True):
    """The local times at which a client's runs are due: one day of each week or month, one time of day.

    A time that the clock leaves out in spring means the moment that is as long after the midnight before; of a time
    that it has twice in autumn, the first one counts. All moments are returned in UTC.
    """

    times: Times
    zone: ZoneInfo

    @classmethod
    def parse(cls, words: str, zone: str) -> "Timetable":
        """Parse a schedule like ``weekly mon 07:00``, ``mon 07:00`` or ``monthly 1 07:00``.

        Raises:
            InvalidInput: it is not one, or there is no such time zone.
        """
        try:
            found = ZoneInfo(zone)
        except (ValueError, OSError, LookupError):
            raise InvalidInput(f"There is no time zone “{zone}”.", "Write it like Europe/Berlin.") from None
        kind, *rest = words.casefold().split() or [""]
        day_and_time = 2
        if kind not in {"weekly", "monthly"}:
            kind, rest = "weekly", words.casefold().split()
        if len(rest) != day_and_time or "," in rest[0]:
            raise InvalidInput(f"“{words}” is not a schedule.", f"Write it like “{DEFAULT}” or “monthly 1 07:00”.")
        return cls(weekly(*rest) if kind == "weekly" else monthly(*rest), found)

    def __str__(self) -> str:
        times, at = self.times, f"{self.times.clock[0]:%H:%M}"
        return f"weekly {WEEKDAYS[times.weekdays[0]][:3]} {at}" if times.weekdays else f"monthly {times.days[0]} {at}"

    def after(self, moment: datetime) -> datetime:
        """Return the first time after a moment, UTC."""
        found = self.times.after(moment, self.zone).astimezone(UTC)
        if found > moment:
            return found
        return self.times.after(found, self.zone).astimezone(UTC)  # the hour that comes twice in autumn

    def latest(self, moment: datetime) -> datetime:
        """Return the last time that is not after a moment, UTC: the one run of several missed ones to make up for."""
        found = self.after(moment - _LONGEST)
        while (later := self.after(found)) <= moment:
            found = later
        return found

    def occasion(self, due: datetime) -> str:
        """Return the name of the run that is due at a time: its ISO week, or its month."""
        local = due.astimezone(self.zone)
        return week_of(local) if self.times.weekdays else f"{local:%Y-%m}"

    def week(self, due: datetime) -> str:
        """Return the ISO week in which a time is, by the local day."""
        return week_of(due.astimezone(self.zone))


def week_of(moment: datetime) -> str:
    """Return the ISO week of a moment's day, like 2026-W47."""
    year, week, _ = moment.isocalendar()
    return f"{year:04}-W{week:02}"


def checked_week(word: str) -> str:
    """Return the name of an ISO week as ``week_of`` writes it.

    Raises:
        InvalidInput: there is no such week.
    """
    try:
        year, week = word.upper().split("-W")
        return week_of(datetime.fromisocalendar(int(year), int(week), 1))
    except ValueError:
        raise InvalidInput(f"“{word}” is not an ISO week.", "Write it like 2026-W47.") from None
