"""Conversion of timestamps: whole milliseconds of UTC since 1970 inside, ISO 8601 text outside."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def to_milliseconds(moment: datetime) -> int:
    """Return an aware datetime as whole milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_datetime(milliseconds: int) -> datetime:
    """Return milliseconds since 1970 as an aware datetime in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def format_timestamp(milliseconds: int) -> str:
    """Return `2026-09-03T00:03:46.233Z`, the bank's form (Qonto docs: transactions)."""
    day, rest = divmod(milliseconds, DAY)
    minutes, rest = divmod(rest, MINUTE)
    return f"{_format_day(day)}T{minutes // 60:02}:{minutes % 60:02}:{rest // SECOND:02}.{rest % SECOND:03}Z"


@lru_cache(maxsize=1_000)
def _format_day(day: int) -> str:
    """Return a day, counted from 1970, as `2026-09-03`: the days of a page are few."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def parse_microseconds(text: str) -> int:
    """Return a filter's value as microseconds since 1970. The value is a date, or a timestamp with its UTC offset.

    Raises:
        ValueError: the text is neither.
    """
    if is_date_only(text):
        text += "T00:00:00Z"
    elif not _TIMESTAMP.fullmatch(text):
        raise ValueError(f"not ISO 8601: {text!r}")
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def is_date_only(text: str) -> bool:
    """Return whether a filter's value is a date without a time."""
    return _DATE.fullmatch(text) is not None
