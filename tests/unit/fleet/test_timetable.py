"""When the runs of a client are due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import InvalidInput
from primanota.fleet.timetable import Timetable

_MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_week_begins_on_monday_at_seven() -> None:
    """A weekly run is due at its local time, and named after the ISO week."""
    table = Timetable.parse("weekly mon 07:00", "Europe/Berlin")
    assert table.latest(_MONDAY) == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert table.after(_MONDAY) == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert table.occasion(table.latest(_MONDAY)) == "2026-W48"


def test_a_month() -> None:
    """A monthly run is due on its day, and named after the month."""
    table = Timetable.parse("monthly 1 07:00", "Europe/Paris")
    assert table.latest(_MONDAY) == datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert table.occasion(table.latest(_MONDAY)) == "2026-11"
    assert table.week(table.latest(_MONDAY)) == "2026-W44"


def test_the_clock_changes() -> None:
    """A run stays at its local time when the clock changes, and is due once in the night of the change."""
    table = Timetable.parse("sun 02:30", "Europe/Berlin")
    before_spring = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert table.after(before_spring) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 by the clock on the wall
    assert table.after(datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)
    before_autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)
    first = table.after(before_autumn)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert table.after(first) == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)
    in_the_second_hour = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert table.after(in_the_second_hour) == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - UTC is added
    schedule=st.sampled_from(["sun 02:30", "mon 00:00", "weekly fri 23:59", "monthly 28 02:30", "monthly 1 00:00"]),
    zone=st.sampled_from(["Europe/Berlin", "Atlantic/Canary", "America/Guadeloupe", "Australia/Lord_Howe"]),
)
def test_runs_follow_each_other(moment: datetime, schedule: str, zone: str) -> None:
    """At every moment the latest run is not after it, the next one is, and none lies between them."""
    now, table = moment.replace(tzinfo=UTC), Timetable.parse(schedule, zone)
    latest, following = table.latest(now), table.after(now)
    assert latest <= now < following
    assert table.after(latest) == following
    assert table.occasion(latest) != table.occasion(following)
    assert following - latest < timedelta(days=32)


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        *((words, "Europe/Berlin") for words in ("", "mon", "mon,thu 07:00", "monthly 30 07:00", "daily 07:00")),
        ("mon 07:00", "Berlin"),
        ("weekly mon 7", "Europe/Berlin"),
    ],
)
def test_wrong_schedules_are_refused(words: str, zone: str) -> None:
    """A schedule that is not one day of a week or a month at one time is refused."""
    with pytest.raises(InvalidInput):
        Timetable.parse(words, zone)


@pytest.mark.parametrize("words", ["weekly mon 07:00", "monthly 28 23:05"])
def test_a_schedule_reads_back(words: str) -> None:
    """A schedule is stored in the words in which it is read."""
    assert f"{Timetable.parse(words, 'Europe/Rome')}" == words
