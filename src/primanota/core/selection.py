"""Selection of the rows to export: those of a period, new ones, or changed ones. Pure."""

from datetime import date, tzinfo

import msgspec

from primanota.core.period import END_OF_TIME, Period, microseconds, midnight


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
