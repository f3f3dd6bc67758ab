"""Which rows are to leave: of some days, what is new, or what changed. Pure."""

from datetime import date, tzinfo

import msgspec

from primanota.core.period import Period, microseconds, midnight

_FOREVER = 1 << 62


class New(msgspec.Struct, frozen=True):
    """What settled since a day, and until before ``end`` where that is said, and is in no batch of the profile."""

    since: date
    end: date | None = None

    def span(self, zone: tzinfo) -> tuple[int, int]:
        """Its two ends as microseconds since 1970, UTC: half-open."""
        return microseconds(midnight(self.since, zone)), microseconds(
            midnight(self.end, zone)
        ) if self.end else _FOREVER

    def __str__(self) -> str:
        return f"new since {self.since}" + (f", before {self.end}" if self.end else "")


class Changed(msgspec.Struct, frozen=True):
    """Rows that changed after they left by the profile, as they are now."""

    def __str__(self) -> str:
        return "changed since exported"


Selection = Period | New | Changed
