"""Moments are shown as Python shows them, in any form."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from primanota.formats.moment_forms import formatter
from tests.support.factories import quick

_FORMS = st.lists(
    st.sampled_from(["%Y", "%m", "%d", "%H", "%M", "%S", "%H:%M:%S", "%j", "%%", "/", " ", ".", "é", "{", "days"])
).map("".join)
_MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@quick
@given(_FORMS, st.lists(_MOMENTS, min_size=1, max_size=4))
def test_a_form_shows_what_format_shows(form: str, moments: list[datetime]) -> None:
    """For any form of directives and texts, and moments of the same and of other days."""
    show = formatter(form)
    assert [show(moment) for moment in moments] == [format(moment, form) for moment in moments]
