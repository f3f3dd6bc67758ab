"""A clock for tests, which stands still until it is advanced."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from primanota.core.period import microseconds

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is advanced."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the present time in UTC."""
        return self.now

    def micros(self) -> int:
        """Return the present time in microseconds UTC."""
        return microseconds(self.now)

    def advance(self, **units: float) -> None:
        """Move the clock forward."""
        self.now += timedelta(**units)
