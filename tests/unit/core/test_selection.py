"""The text of a selection, which a batch of the book keeps."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.period import Period, between
from primanota.core.selection import Changed, New, Selection, parse_selection
from tests.support.factories import quick

_DAYS = st.dates(date(1000, 1, 1), date(8999, 12, 30))
_PERIODS = st.tuples(_DAYS, _DAYS).map(lambda days: between(min(days), max(days)))
_SELECTIONS = st.one_of(_PERIODS, st.builds(New, _DAYS, st.none() | _DAYS), st.just(Changed()))


@quick
@given(_SELECTIONS)
def test_a_selection_is_read_from_its_text(selection: Selection) -> None:
    """The text of every selection is read as the same selection; a period has its days, whatever its name was."""
    found = parse_selection(f"{selection}")
    assert found == selection
    assert isinstance(found, Period) or f"{found}" == f"{selection}"


@pytest.mark.parametrize(
    "text",
    ["", "all", "new since", "new since 2026-02-30", "2026-13-01", "2026-11-02 to 2026-11-01", "2026-11-02 to "],
)
def test_another_text_is_no_selection(text: str) -> None:
    """A text of another version, and days that do not exist, are not taken for a selection."""
    assert parse_selection(text) is None
