"""The rows of an account are split into files, and each row is in exactly one of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.period import fiscal_year
from primanota.export.split import by_rows, by_year
from tests.support.factories import quick

_DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
_STARTS = st.tuples(st.integers(1, 12), st.integers(1, 28))


@pytest.mark.parametrize(
    ("day", "start", "year"),
    [
        (date(2026, 1, 1), (1, 1), (date(2026, 1, 1), date(2026, 12, 31))),
        (date(2025, 12, 31), (1, 1), (date(2025, 1, 1), date(2025, 12, 31))),
        (date(2026, 3, 31), (4, 1), (date(2025, 4, 1), date(2026, 3, 31))),
        (date(2026, 4, 1), (4, 1), (date(2026, 4, 1), date(2027, 3, 31))),
        (date(2024, 2, 29), (3, 1), (date(2023, 3, 1), date(2024, 2, 29))),
    ],
)
def test_a_fiscal_year(day: date, start: tuple[int, int], year: tuple[date, date]) -> None:
    """A day belongs to the fiscal year that begins on or before it, also on leap days."""
    assert fiscal_year(day, start) == year


@quick
@given(days=st.lists(_DAYS, max_size=60).map(sorted), start=_STARTS)
def test_each_year_has_a_file(days: list[date], start: tuple[int, int]) -> None:
    """Split by fiscal years, every row is in one file, in order, and a file has rows of one year only."""
    lines = range(1, len(days) + 1)
    cuts = list(by_year(lines, lambda line: days[line - 1], start))
    assert [line for cut in cuts for line in cut] == list(lines)
    years = [{fiscal_year(days[line - 1], start) for line in cut} for cut in cuts]
    assert all(len(year) == 1 for year in years)
    assert len({min(year) for year in years}) == len(cuts)


@quick
@given(count=st.integers(0, 500), most=st.integers(1, 200))
def test_no_file_has_too_many_rows(count: int, most: int) -> None:
    """Split by a row limit, every row is in one file, in order, and no file exceeds the limit."""
    cuts = list(by_rows(range(1, count + 1), most))
    assert [line for cut in cuts for line in cut] == list(range(1, count + 1))
    assert all(0 < len(cut) <= most for cut in cuts)


def test_a_year_ends_where_the_next_begins() -> None:
    """A fiscal year starts on the day after the end of the previous one."""
    _, last = fiscal_year(date(2026, 6, 1), (7, 1))
    assert fiscal_year(last + timedelta(1), (7, 1))[0] == last + timedelta(1)
