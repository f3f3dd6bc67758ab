"""Parse periods: words become a half-open span of local days. Pure.

``2026``, ``2026-10``, ``2026-Q4``, ``2026-W43``, ``2026-10-05``, ``yesterday``, ``last-week``, ``last-month``, and
days and months as ``written_days`` reads them; or two days, both included. Weeks are those of ISO 8601, Monday to
Sunday.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

import msgspec

from primanota.core.errors import InvalidInput
from primanota.core.written_days import AmbiguousDay, Written, read

# The end of a span that has no end: a moment after all others, in microseconds since 1970, UTC.
END_OF_TIME = 1 << 62
EXAMPLES = "2026, 2026-10, october, 2026-Q4, 2026-W43, 2026-10-05, 05.10.2026, yesterday, last-week or last-month"
DAY_EXAMPLES = "2026-10-05, 05.10.2026, october or last-month"
_DAY_HINT = "Write it as 2026-10-05 or 05.10.2026."
# Years in which something can be booked. At both ends of the calendar there is room to count days and time zones.
CREDIBLE_YEARS = range(1970, 2200)
_PERIOD_YEARS = range(1000, 9000)
_DAY = timedelta(days=1)
_SECONDS_OF_DAY = 24 * 60 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(msgspec.Struct, frozen=True):
    """Local days from ``first`` up to, but not including, ``end``. ``name`` is used in file names."""

    first: date
    end: date
    name: str

    @property
    def last(self) -> date:
        """Return the last day of the period."""
        return self.end - _DAY

    def span(self, zone: tzinfo) -> tuple[int, int]:
        """Return the half-open span as microseconds since 1970, UTC; local days have 23, 24 or 25 hours."""
        return microseconds(midnight(self.first, zone)), microseconds(midnight(self.end, zone))

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


# How a program names local days: a word, a day, two days (both included), or a period.
Days = str | date | tuple[date, date] | Period


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment at which a local day begins."""
    return datetime.combine(day, time(), zone)


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970, UTC, exactly."""
    since = moment - _EPOCH
    return (since.days * _SECONDS_OF_DAY + since.seconds) * 1_000_000 + since.microseconds  # a division takes longer


def moment(value: int) -> datetime:
    """Return microseconds since 1970 as an aware UTC moment, exactly."""
    return _EPOCH + timedelta(microseconds=value)


def parse_day(text: str, country: str = "") -> date:
    """Parse one day, written with its year, as 2026-10-05, 20261005, 05.10.2026 or 5 October 2026.

    Args:
        text: the day.
        country: where the company is; see ``written_days.read``.

    Raises:
        InvalidInput: the text is not a day, or can mean two.
    """
    found = _read(text, None, country, "day", _DAY_HINT)
    if found and found.day:
        return date(found.year, found.month, found.day)
    raise InvalidInput(f"“{text}” is not a day.", _DAY_HINT)


def between(since: date, until: date) -> Period:
    """Return the period from one day to another, both included.

    Raises:
        InvalidInput: the second day is before the first, or they are at an end of the calendar.
    """
    if until < since:
        raise InvalidInput(f"The period ends ({until}) before it starts ({since}).", "Swap the two days.")
    for day in (since, until):
        _check_year(day.year)
    name = f"{since}" if since == until else f"{since}_{until}"
    return Period(since, until + _DAY, name)


def fiscal_year(day: date, start: tuple[int, int]) -> tuple[date, date]:
    """Return the first and the last day of a day's fiscal year; ``start`` is the year's first (month, day)."""
    first = date(day.year, *start)
    if day < first:
        first = date(day.year - 1, *start)
    return first, date(first.year + 1, *start) - _DAY


class Calendar(NamedTuple):
    """The local day from which relative words start, and the country whose order of day and month holds.

    ``country`` is empty if the bank does not state it, and None as long as the book has not been read.
    """

    today: date
    country: str | None = ""

    def period(self, text: str) -> Period:
        """Return the period that a word means; raise ``InvalidInput`` if it is not one."""
        return parse(text, self.today, self.country)

    def first(self, text: str) -> date:
        """Return a day, or the first day of a period; raise ``InvalidInput`` if the text is neither."""
        return self._day(text).first

    def last(self, text: str) -> date:
        """Return a day, or the last day of a period; raise ``InvalidInput`` if the text is neither."""
        return self._day(text).last

    def _day(self, text: str) -> Period:
        return _parse(text, self, "day", f"Write one of {DAY_EXAMPLES}.")


def parse(text: str, today: date, country: str | None = "") -> Period:
    """Parse a period in one word; relative words start from ``today``, a local day.

    Raises:
        InvalidInput: the text is not a period, its month, quarter, week or day does not exist, or it can mean two.
    """
    return _parse(text, Calendar(today, country), "period", f"Write one of {EXAMPLES}.")


def parse_days(days: Days, today: date, country: str | None = "") -> Period:
    """Return the period that a program means: a word as :func:`parse` reads it, a local day, two days, or a period.

    Raises:
        InvalidInput: the word is not a period, or the second day is before the first.
    """
    match days:
        case Period():
            return days
        case str():
            return parse(days, today, country)
        case (first, last):
            return between(_plain_day(first), _plain_day(last))
        case _:
            return between(_plain_day(days), _plain_day(days))


def _plain_day(day: date) -> date:
    """Return a day; refuse a datetime, which is a date to Python, but not a day of the organisation's time zone."""
    if isinstance(day, datetime):
        raise InvalidInput(f"{day} is a moment, not a day.", "Give a datetime.date.")
    if not isinstance(day, date):
        raise InvalidInput(f"{day!r} is not a day.", "Give a datetime.date, or a period as a text.")
    return day


def _parse(text: str, calendar: Calendar, what: str, hint: str) -> Period:
    word = text.strip().lower()
    if relative := _RELATIVE.get(re.sub("[ _]", "-", word.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))):
        return relative(calendar.today)
    for pattern, build in _ABSOLUTE:
        if match := re.fullmatch(pattern, word, re.IGNORECASE | re.ASCII):
            try:
                return _checked(build(*map(int, match.groups())))
            except (ValueError, OverflowError):
                raise InvalidInput(f"“{text}” is not a {what}.", hint) from None
    if written := _read(text, *calendar, what, hint):
        year, month, day = written
        _check_year(year)
        return _checked(_month(year, month) if day is None else _single_day(year, month, day))
    raise InvalidInput(f"“{text}” is not a {what}.", hint)


def _read(text: str, today: date | None, country: str | None, what: str, hint: str) -> Written | None:
    """Return a day or a month as it was written, with the errors of ``written_days`` in sentences."""
    try:
        return read(text, today, country)
    except AmbiguousDay as error:
        raise InvalidInput(f"“{text}” can mean {error}.", hint) from None
    except ValueError as error:
        raise InvalidInput(f"“{text}” is not a {what}: {error}.", hint) from None


def _checked(found: Period) -> Period:
    _check_year(found.first.year)
    return found


def _check_year(year: int) -> None:
    if year not in _PERIOD_YEARS:
        raise InvalidInput(f"The year {year:04} is at an end of the calendar.", "Name a day nearer to the present.")


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year + 1, 1, 1), f"{year:04}")


def _months(year: int, month: int, count: int, name: str) -> Period:
    after = month - 1 + count
    return Period(date(year, month, 1), date(year + after // 12, after % 12 + 1, 1), name)


def _month(year: int, month: int) -> Period:
    return _months(year, month, 1, f"{year:04}-{month:02}")


def _quarter(year: int, quarter: int) -> Period:
    return _months(year, quarter * 3 - 2, 3, f"{year:04}-Q{quarter}")


def _week(year: int, week: int) -> Period:
    monday = date.fromisocalendar(year, week, 1)
    return Period(monday, monday + 7 * _DAY, f"{year:04}-W{week:02}")


def _single_day(year: int, month: int, day: int) -> Period:
    return between(date(year, month, day), date(year, month, day))


def _week_of(day: date) -> Period:
    year, week, _ = day.isocalendar()
    return _week(year, week)


def _yesterday(today: date) -> Period:
    return _day_of(today - _DAY)


def _quarter_of(day: date) -> Period:
    return _quarter(day.year, (day.month + 2) // 3)


def _day_of(day: date) -> Period:
    return between(day, day)


def _before(found: Period) -> date:
    return found.first - _DAY


def _month_of(day: date) -> Period:
    return _month(day.year, day.month)


_RELATIVE: dict[str, Callable[[date], Period]] = {
    **dict.fromkeys(("today", "heute", "aujourd'hui", "oggi", "hoy"), _day_of),
    **dict.fromkeys(("yesterday", "gestern", "hier", "ieri", "ayer"), _yesterday),
    "this-week": _week_of,
    "last-week": lambda today: _week_of(today - 7 * _DAY),
    "this-month": _month_of,
    "last-month": lambda today: _month_of(_before(_month_of(today))),
    "this-quarter": _quarter_of,
    "last-quarter": lambda today: _quarter_of(_before(_quarter_of(today))),
    "this-year": lambda today: _year(today.year),
    "last-year": lambda today: _year(today.year - 1),
}
_ABSOLUTE = (
    (r"(\d{4})", _year),
    (r"(\d{4})-Q([1-4])", _quarter),
    (r"(\d{4})-W(\d{2})", _week),
    (r"(\d{4})-(\d{2})", _month),
)
