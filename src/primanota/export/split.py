"""Split an account's rows into files: by fiscal year, and by the tool's maximal number of rows. Pure.

A part is a range of lines in the order of settlement.
"""

from collections.abc import Callable, Iterator
from datetime import date

from primanota.core.period import fiscal_year


def by_year(lines: range, day_of: Callable[[int], date], start: tuple[int, int]) -> Iterator[range]:
    """Yield a range for each fiscal year. ``day_of`` returns the local day of a line; days never decrease."""
    while lines:
        _, last = fiscal_year(day_of(lines.start), start)
        cut = _first_after(lines, last, day_of)
        yield range(lines.start, cut)
        lines = range(cut, lines.stop)


def by_rows(lines: range, most: int) -> Iterator[range]:
    """Yield ranges of at most ``most`` rows."""
    for start in range(lines.start, lines.stop, most):
        yield range(start, min(start + most, lines.stop))


def _first_after(lines: range, last: date, day_of: Callable[[int], date]) -> int:
    """Return the first line whose day is after ``last``, by bisection."""
    low, high = lines.start, lines.stop
    while low < high:
        middle = (low + high) // 2
        if day_of(middle) > last:
            high = middle
        else:
            low = middle + 1
    return low
