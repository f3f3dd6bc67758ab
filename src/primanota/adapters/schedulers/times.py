"""Times of a schedule: parse what a person or cron writes into one value for every scheduler."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import product

import msgspec

from primanota.core.errors import InvalidInput, among

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORT = 3
# Task Scheduler allows so many triggers in one task. A bank need not be read more often than each half hour.
_MOST_STARTS = 48
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LONGEST_WAIT = 8 * 366  # days to the next 29 February, even around a year like 2100
_TIME = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)
_CRON_STEP = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d{1,2}))?", re.ASCII)


class Times(msgspec.Struct, frozen=True):
    """The local times at which a command runs: each of the hours with each of the minutes, on the days.

    Args:
        hours: from 0 to 23, at least one.
        minutes: from 0 to 59, at least one.
        weekdays: from 0, Monday, to 6; empty for every one.
        days: days of the month, from 1 to 31; empty for every one. Never together with weekdays: some schedulers
            require both conditions and others either of them.
        months: from 1 to 12; empty for every one.
    """

    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    weekdays: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    @property
    def clock(self) -> list[time]:
        """The times of a day, in order."""
        return [time(hour, minute) for hour, minute in product(self.hours, self.minutes)]

    def after(self, moment: datetime, zone: tzinfo | None) -> datetime:
        """Return the next time after a moment, in the given zone.

        Args:
            moment: a point in time, with a time zone.
            zone: the zone of the local times; None for that of this machine.
        """
        here = moment.astimezone(zone).replace(tzinfo=None)
        for ahead in range(_LONGEST_WAIT):
            day = here.date() + timedelta(days=ahead)
            for one in self.clock if self._includes(day) else ():
                found = datetime.combine(day, one)
                if found > here:
                    return found.replace(tzinfo=zone) if zone else found.astimezone()
        raise AssertionError(self)  # the parsers below refuse days that never come

    def _includes(self, day: date) -> bool:
        return (
            day.weekday() in (self.weekdays or range(7))
            and day.day in (self.days or range(32))
            and day.month in (self.months or range(13))
        )

    def __str__(self) -> str:
        if self.weekdays:
            days = ", ".join(WEEKDAYS[day].capitalize() for day in self.weekdays)
        elif self.days:
            days = f"day {', '.join(map(str, self.days))} of {'the' if self.months else 'each'} month"
        else:
            days = "every day"
        months = f" in {', '.join(MONTHS[month - 1].capitalize() for month in self.months)}" if self.months else ""
        return f"{days}{months} at {', '.join(f'{one:%H:%M}' for one in self.clock)}"


def weekly(days: str, at: str) -> Times:
    """Return weekly times, like ``mon 07:00`` or ``mon,thu 07:00``.

    Raises:
        InvalidInput: not days of the week, or not a time.
    """
    return Times(*_parse_time(at), weekdays=_sorted(_index(word, WEEKDAYS) for word in days.split(",")))


def daily(at: str) -> Times:
    """Return daily times, like ``07:00``.

    Raises:
        InvalidInput: not a time.
    """
    return Times(*_parse_time(at))


def monthly(day: str, at: str) -> Times:
    """Return monthly times, like ``1 07:00``.

    Raises:
        InvalidInput: not a day that every month has, or not a time.
    """
    if not re.fullmatch(r"[1-9]|1\d|2[0-8]", day, re.ASCII):
        raise InvalidInput(f"“{day}” is not a day of every month.", "Name one from 1 to 28.")
    return Times(*_parse_time(at), days=(int(day),))


def cron(expression: str) -> Times:
    """Parse an expression of cron: minute, hour, day of the month, month, day of the week.

    Raises:
        InvalidInput: not an expression of cron, or one that schedulers understand differently.
    """
    fields = expression.split()
    if len(fields) != len(("minute", "hour", "day", "month", "weekday")):
        raise InvalidInput(f"“{expression}” is not an expression of cron.", "Write five fields, like “0 7 * * 1”.")
    minutes, hours = (_field(fields[place], 0, top) for place, top in ((0, 59), (1, 23)))
    days = _field(fields[2], 1, 31)
    months = _field(fields[3], 1, 12, MONTHS)
    # Sunday is 0 and 7 to cron, and 6 here.
    weekdays = tuple((day - 1) % 7 for day in _field(fields[4], 0, 7, (WEEKDAYS[-1], *WEEKDAYS[:-1]), names_from=0))
    found = Times(hours or _all(24), minutes or _all(60), _sorted(weekdays), days, months)
    _check(found, expression)
    return found


def _check(times: Times, expression: str) -> None:
    if times.days and times.weekdays:
        raise InvalidInput(
            f"“{expression}” names days of the month and of the week, which schedulers understand differently.",
            "Use one of them.",
        )
    if len(times.clock) > _MOST_STARTS:
        raise InvalidInput(
            f"“{expression}” means {len(times.clock)} runs a day.", f"At most {_MOST_STARTS} are possible."
        )
    if times.days and min(times.days) > max(_DAYS_OF_MONTH[month - 1] for month in times.months or range(1, 13)):
        raise InvalidInput(f"“{expression}” names a day that never comes.", "Name a day that the month has.")


def _parse_time(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = _TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:  # noqa: PLR2004 - the clock's own numbers
        raise InvalidInput(f"“{text}” is not a time of day.", "Write it like 07:00.")
    return (int(found[1]),), (int(found[2]),)


def _index(word: str, names: tuple[str, ...]) -> int:
    """Return the index of a name, given in full or by its first three letters."""
    plain = word.strip().casefold()
    for place, name in enumerate(names):
        if plain in {name, name[:_SHORT]}:
            return place
    what = f"“{word}” is not a day of the week." if WEEKDAYS[0] in names else f"“{word}” is not a month."
    raise InvalidInput(what, among(plain, names))


def _field(text: str, first: int, last: int, names: tuple[str, ...] = (), *, names_from: int = 1) -> tuple[int, ...]:
    """Return the numbers of one field; empty if it means every value."""
    found = [number for part in text.split(",") for number in _part(part, first, last, names, names_from)]
    return () if set(found) >= set(range(first, last + 1)) or text == "*" else _sorted(found)


def _part(part: str, first: int, last: int, names: tuple[str, ...], names_from: int) -> Iterable[int]:
    step = _CRON_STEP.fullmatch(part)
    if not step or (step[4] and not int(step[4])) or (step[4] and step[2] and not step[3]):
        raise InvalidInput(f"“{part}” is not a field of cron.", "Write it like *, 1, 1-5, 1,15 or */2.")
    if step[1]:
        begin, end = first, last
    else:
        begin = _number(step[2], names, names_from)
        end = _number(step[3], names, names_from) if step[3] else begin
    if not first <= begin <= end <= last:
        raise InvalidInput(f"“{part}” is not between {first} and {last}.", "Check the order of the five fields.")
    return range(begin, end + 1, int(step[4] or 1))


def _number(word: str, names: tuple[str, ...], names_from: int) -> int:
    if word.isdecimal():
        return int(word)
    if not names:
        raise InvalidInput(f"“{word}” is not a number.", "Only months and days of the week have names.")
    return _index(word, names) + names_from


def _all(number: int) -> tuple[int, ...]:
    return tuple(range(number))


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))
