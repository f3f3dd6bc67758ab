"""A clock of this machine that jumps: back or ahead, by hours to decades, at any of its readings."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

_MOMENTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        *("1970-01-01T00:00:00", "1980-01-01T00:00:01", "2000-02-29T12:00:00", "2015-12-31T23:59:59"),
        *("2026-11-22T12:00:00", "2026-12-31T23:30:00", "2027-01-01T00:00:00", "2038-01-19T03:14:08"),
        *("2106-02-07T06:28:16", "2199-12-31T23:59:59"),
    )
)
_STEPS = (1, 59, 60, 299, 301, 3600, 7200, 86_400, 604_800, 31_536_000, 315_360_000)


class Jump(NamedTuple):
    """From which reading of the clock on it is wrong, for how many readings, and by what (see ``moved``)."""

    at: int
    readings: int
    by: int

    def moved(self, true: datetime) -> datetime:
        """Return what the clock shows while it is wrong."""
        place = self.by % (len(_MOMENTS) + 2 * len(_STEPS))
        if place < len(_MOMENTS):
            return _MOMENTS[place]
        sign, step = divmod(place - len(_MOMENTS), len(_STEPS))
        return true + timedelta(seconds=_STEPS[step] * (1 if sign else -1))


# One more than the largest number of each field of a jump.
MOST = Jump(60, 100, 1000)


def jumps() -> st.SearchStrategy[tuple[Jump, ...]]:
    """Return a strategy of the jumps of a case, which hypothesis shrinks."""
    one = st.builds(Jump, *(st.integers(0, most - 1) for most in MOST))
    return st.lists(one, min_size=1, max_size=2).map(tuple)


class JumpingClock:
    """A clock that shows the true time, except at some of its readings.

    Args:
        true: the true time.
        jumps: what is wrong, while ``jumping``.
    """

    def __init__(self, true: Callable[[], datetime], jumps: tuple[Jump, ...]) -> None:
        self.jumping = False
        self._true = true
        self._jumps = jumps
        self._readings = 0

    def __call__(self) -> datetime:
        """Return the time that this machine shows."""
        shown = self._true()
        if self.jumping:
            self._readings += 1
            for jump in self._jumps:
                if jump.at <= self._readings < jump.at + jump.readings:
                    shown = jump.moved(self._true())
        return shown
