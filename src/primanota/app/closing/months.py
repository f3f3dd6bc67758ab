"""Calendar months: the one that a person names, and the period of one that the book names."""

from datetime import date

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


def _next(first: date) -> date:
    return date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
