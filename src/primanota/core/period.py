"""Parse periods: words become a half-open span of local days. Pure.

``2026``, ``2026-10``, ``2026-Q4``, ``2026-W43``, ``2026-10-05``, ``yesterday``, ``last-week``, ``last-month``; or
two days, both included. Weeks are ISO 8601 weeks, Monday to Sunday.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from primanota.core.errors import InvalidInput

# The end of a span that has no end: a moment after all others, in microseconds since 1970, UTC.
END_OF_TIME = 1 << 62
EXAMPLES = "2026, 2026-10, 2026-Q4, 2026-W43, 2026-10-05, yesterday, last-week or last-month"
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


def parse_day(text: str) -> date:
    """Parse a day written as 2026-10-05 or 20261005.

    Raises:
        InvalidInput: the text is not a day.
    """
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2})", text.strip(), re.ASCII)
    with suppress(ValueError):
        if match:
            return date(*(int(part) for part in match.groups() if part))
    raise InvalidInput(f"“{text}” is not a day.", "Write it as 2026-10-05 or 20261005.")


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


def parse(text: str, today: date) -> Period:
    """Parse a period in one word; relative words start from ``today``, a local day.

    Raises:
        InvalidInput: the text is not a period, or its month, quarter, week or day does not exist.
    """
    word = text.strip().lower()
    if word in _RELATIVE:
        return _RELATIVE[word](today)
    for pattern, build in _ABSOLUTE:
        if match := re.fullmatch(pattern, word, re.IGNORECASE | re.ASCII):
            try:
                found = build(*map(int, match.groups()))
            except (ValueError, OverflowError):
                break
            _check_year(found.first.year)
            return found
    raise InvalidInput(f"“{text}” is not a period.", f"Write one of {EXAMPLES}.")


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


def _last_week(today: date) -> Period:
    year, week, _ = (today - 7 * _DAY).isocalendar()
    return _week(year, week)


def _last_month(today: date) -> Period:
    before = today.replace(day=1) - _DAY
    return _month(before.year, before.month)


def _yesterday(today: date) -> Period:
    return between(today - _DAY, today - _DAY)


_RELATIVE = {"yesterday": _yesterday, "last-week": _last_week, "last-month": _last_month}
_ABSOLUTE = (
    (r"(\d{4})", _year),
    (r"(\d{4})-Q([1-4])", _quarter),
    (r"(\d{4})-W(\d{2})", _week),
    (r"(\d{4})-(\d{2})", _month),
    (r"(\d{4})-(\d{2})-(\d{2})", _single_day),
    (r"(\d{4})(\d{2})(\d{2})", _single_day),
)
