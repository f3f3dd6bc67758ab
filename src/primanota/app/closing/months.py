"""Calendar months: the one that a person names, and the period of one that the book names."""

from datetime import date, timedelta

from primanota.core.errors import InvalidInput
from primanota.core.period import Calendar, Period

_DECEMBER = 12


def month_period(month: str) -> Period:
    """Return the period of a month that is written as ``2026-10``."""
    year, number = map(int, month.split("-"))
    first = date(year, number, 1)
    return Period(first, _next(first), month)


def named_month(calendar: Calendar, word: str) -> Period:
    """Return the month that a word means: ``2026-10``, ``october``, ``last-month``.

    Raises:
        InvalidInput: the word is not a period, or not of one month.
    """
    found = calendar.period(word)
    if found.first.day != 1 or found.end != _next(found.first):
        raise InvalidInput(f"“{word}” is not a month: {found}.", "Write it as 2026-10, october or last-month.")
    return month_period(f"{found.first:%Y-%m}")


def ended_month(today: date, day: int) -> str:
    """Return the last month that has ended, of which the next month has at least reached a day."""
    ended = _before(today.replace(day=1))
    return f"{ended if today.day >= day else _before(ended):%Y-%m}"


def months_between(first: str, last: str) -> list[str]:
    """Return the months from the first to the last one, both included; none if the last is before the first."""
    found = []
    month = month_period(first)
    while month.name <= last:
        found.append(month.name)
        month = month_period(f"{month.end:%Y-%m}")
    return found


def _before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _next(first: date) -> date:
    return date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
