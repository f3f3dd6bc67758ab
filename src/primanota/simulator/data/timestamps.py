"""Moments are whole milliseconds of UTC since 1970 inside, ISO 8601 text outside."""

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - isoformat() of a naive one is faster and has no offset
_DAY_FORM = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def millis(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_of(ms: int) -> datetime:
    """The aware UTC moment of `ms`."""
    return _EPOCH + timedelta(milliseconds=ms)


def written(ms: int) -> str:
    """`2026-09-03T00:03:46.233Z`, the form the bank writes (Qonto docs: transactions)."""
    return (_NAIVE_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds") + "Z"


def read_micros(text: str) -> int:
    """Microseconds since 1970 of a filter's value: a bare day, or a moment with its offset.

    Raises:
        ValueError: the text is neither.
    """
    if _DAY_FORM.fullmatch(text):
        text += "T00:00:00Z"
    elif not _MOMENT_FORM.fullmatch(text):
        raise ValueError(f"not ISO 8601: {text!r}")
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def is_bare_day(text: str) -> bool:
    """Whether a filter's value names a day without a time."""
    return _DAY_FORM.fullmatch(text) is not None
