"""Selection of the rows to export: those of a period, new ones, or changed ones. Pure."""

import re
from datetime import date, tzinfo

import msgspec

from primanota.core.errors import InvalidInput
from primanota.core.period import END_OF_TIME, Period, between, microseconds, midnight

_DAY = r"(\d{4}-\d\d-\d\d)"
_NEW = re.compile(rf"new since {_DAY}(?:, before {_DAY})?", re.ASCII)
_PERIOD = re.compile(rf"{_DAY}(?: to {_DAY})?", re.ASCII)


class New(msgspec.Struct, frozen=True):
    """Rows that settled on or after a day, before ``end`` if that is set, and are not in a batch of the profile."""

    since: date
    end: date | None = None

    def span(self, zone: tzinfo) -> tuple[int, int]:
        """Return the half-open span as microseconds since 1970, UTC."""
        end = microseconds(midnight(self.end, zone)) if self.end else END_OF_TIME
        return microseconds(midnight(self.since, zone)), end

    def __str__(self) -> str:
        return f"new since {self.since}" + (f", before {self.end}" if self.end else "")


class Changed(msgspec.Struct, frozen=True):
    """Rows that changed after they were exported with the profile, in their present form."""

    def __str__(self) -> str:
        return "changed since exported"


Selection = Period | New | Changed


def parse_selection(text: str) -> Selection | None:
    """Return the selection that a batch of the book was made of; None for a text of another version.

    It is the inverse of ``str``, except for the name of a period.
    """
    if text == str(Changed()):
        return Changed()
    try:
        if found := _NEW.fullmatch(text):
            return New(date.fromisoformat(found[1]), date.fromisoformat(found[2]) if found[2] else None)
        if found := _PERIOD.fullmatch(text):
            return between(date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1]))
    except (ValueError, InvalidInput):  # no days of the calendar
        return None
    return None
