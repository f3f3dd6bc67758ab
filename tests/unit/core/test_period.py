"""Periods: each notation is parsed to local days, and every moment belongs to exactly one period."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import InvalidInput
from primanota.core.period import Calendar, between, microseconds, midnight, moment, parse, parse_day
from tests.support.factories import quick

MONDAY = date(2026, 11, 23)
BERLIN = ZoneInfo("Europe/Berlin")
# Offsets of half and quarter hours, midnights that are skipped or repeated, and a day that was skipped.
ZONES = [
    "Europe/Berlin",
    "Europe/Lisbon",
    "Atlantic/Azores",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
]
_HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("word", "first", "last", "name"),
    [
        ("2026", "2026-01-01", "2026-12-31", "2026"),
        ("2026-10", "2026-10-01", "2026-10-31", "2026-10"),
        ("2026-12", "2026-12-01", "2026-12-31", "2026-12"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-02"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2026-Q1"),
        ("2026-Q2", "2026-04-01", "2026-06-30", "2026-Q2"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("2026-q4", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("2026-W43", "2026-10-19", "2026-10-25", "2026-W43"),
        ("2026-w43", "2026-10-19", "2026-10-25", "2026-W43"),
        ("2026-W01", "2025-12-29", "2026-01-04", "2026-W01"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026-W53"),
        ("2026-10-05", "2026-10-05", "2026-10-05", "2026-10-05"),
        ("20261005", "2026-10-05", "2026-10-05", "2026-10-05"),
        (" 2026-10 ", "2026-10-01", "2026-10-31", "2026-10"),
        ("yesterday", "2026-11-22", "2026-11-22", "2026-11-22"),
        ("Gestern", "2026-11-22", "2026-11-22", "2026-11-22"),
        ("hier", "2026-11-22", "2026-11-22", "2026-11-22"),
        ("aujourd\N{RIGHT SINGLE QUOTATION MARK}hui", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("hoy", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("last-week", "2026-11-16", "2026-11-22", "2026-W47"),
        ("last-month", "2026-10-01", "2026-10-31", "2026-10"),
        ("last month", "2026-10-01", "2026-10-31", "2026-10"),
        ("today", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("this-week", "2026-11-23", "2026-11-29", "2026-W48"),
        ("this-month", "2026-11-01", "2026-11-30", "2026-11"),
        ("this-quarter", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("last-quarter", "2026-07-01", "2026-09-30", "2026-Q3"),
        ("this-year", "2026-01-01", "2026-12-31", "2026"),
        ("last-year", "2025-01-01", "2025-12-31", "2025"),
        ("11/2026", "2026-11-01", "2026-11-30", "2026-11"),
        ("11.2026", "2026-11-01", "2026-11-30", "2026-11"),
        ("01.11.2026", "2026-11-01", "2026-11-01", "2026-11-01"),
    ],
)
def test_every_form_is_understood(word: str, first: str, last: str, name: str) -> None:
    """Each notation of a period means its days, and gives the name of files."""
    period = parse(word, MONDAY)
    assert (str(period.first), str(period.last), period.name) == (first, last, name)
    assert period.end == period.last + timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "word", "name"),
    [
        ("2027-01-01", "yesterday", "2026-12-31"),
        ("2024-03-01", "yesterday", "2024-02-29"),
        ("2027-01-15", "last-month", "2026-12"),
        ("2027-03-31", "last-month", "2027-02"),
        ("2027-01-04", "last-week", "2026-W53"),
        ("2027-01-03", "last-week", "2026-W52"),
        ("2026-01-08", "last-week", "2026-W01"),
    ],
)
def test_relative_words_cross_the_year(today: str, word: str, name: str) -> None:
    """Yesterday, last week and last month are right at the ends of months and years."""
    assert parse(word, date.fromisoformat(today)).name == name


@pytest.mark.parametrize(
    "word",
    [
        "",
        "soon",
        "26",
        "2026-13",
        "2026-00",
        "2026-Q0",
        "2026-Q5",
        "2026-W00",
        "2025-W53",
        "2026-W54",
        "2026-02-29",
        "20260229",
        "2026-10-32",
        "2026/10",
        "2026-1",
        "0000",
        "9999",
        "2026-10-05T10:00",
        "2026-10 2026-11",
        "-2026",
        "2026-10\n2026-11",
    ],
)
def test_nonsense_is_refused_with_a_sentence(word: str) -> None:
    """A text that is not a period is refused with the known notations, never guessed."""
    with pytest.raises(InvalidInput) as refused:
        parse(word, MONDAY)
    assert f"“{word}”" in refused.value.message
    assert "2026-Q4" in refused.value.hint
    assert refused.value.exit_code == 2


@quick
@given(word=st.text(max_size=12))
def test_any_text_is_parsed_or_refused(word: str) -> None:
    """Any text is a period or is refused in a sentence."""
    try:
        period = parse(word, MONDAY)
    except InvalidInput:
        return
    assert period.first < period.end


@pytest.mark.parametrize(
    "text", ["2026-10-05", "20261005", " 2026-10-05 ", "05.10.2026", "5.10.26", "2026/10/5", "5 October 2026"]
)
def test_a_day_has_many_forms(text: str) -> None:
    """A day may be written with or without hyphens, or as people write it."""
    assert parse_day(text) == date(2026, 10, 5)


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "2026-1005", "202610-05", "31.11.2026", "yesterday", "2026-10", "november"]
)
def test_an_invalid_day_is_refused(text: str) -> None:
    """A text that is not one day is refused with the right notation."""
    with pytest.raises(InvalidInput, match=r"is not a day.*\. Write it as 2026-10-05") as refused:
        parse_day(text)
    assert f"“{text}”" in refused.value.message


def test_a_period_in_place_of_a_day_is_its_first_or_its_last() -> None:
    """Where a first or a last day is asked for, a month or another period means its first or its last day."""
    calendar = Calendar(MONDAY, "DE")
    for word in ("november", "2026-11", "11/2026", "this-month"):
        assert (calendar.first(word), calendar.last(word)) == (date(2026, 11, 1), date(2026, 11, 30))
    assert calendar.first("1/11/2026") == calendar.last("1.11.26") == date(2026, 11, 1)


def test_two_days_are_both_included() -> None:
    """A period from one day to another includes the last day."""
    period = between(date(2026, 10, 5), date(2026, 10, 7))
    assert (period.first, period.last, period.name) == (date(2026, 10, 5), date(2026, 10, 7), "2026-10-05_2026-10-07")
    assert str(period) == "2026-10-05 to 2026-10-07"


def test_one_day_twice_is_one_day() -> None:
    """A period of one day is named after that day alone."""
    period = between(MONDAY, MONDAY)
    assert (period.name, str(period)) == ("2026-11-23", "2026-11-23")
    assert period == parse("2026-11-23", MONDAY)


def test_the_wrong_way_round_is_refused() -> None:
    """A period that ends before it starts is refused, with both days."""
    with pytest.raises(InvalidInput, match=r"ends \(2026-10-05\) before it starts \(2026-10-06\)"):
        between(date(2026, 10, 6), date(2026, 10, 5))


def test_a_span_is_half_open() -> None:
    """The first moment of a period belongs to it, and its end belongs to the next one."""
    october, november = (parse(word, MONDAY).span(UTC) for word in ("2026-10", "2026-11"))
    assert moment(october[0]) == datetime(2026, 10, 1, tzinfo=UTC)
    assert october[1] == november[0]


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_days_are_as_long_as_the_zone_has_them(day: str, hours: int) -> None:
    """When Berlin changes its clocks, a day has 23 or 25 hours."""
    since, until = parse(day, MONDAY).span(BERLIN)
    assert until - since == hours * _HOUR


def test_a_year_ends_at_local_midnight() -> None:
    """Half past eleven on New Year's Eve in UTC is already next year in Berlin."""
    late = microseconds(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    old, new = (parse(word, MONDAY).span(BERLIN) for word in ("2026", "2027"))
    assert not old[0] <= late < old[1]
    assert new[0] <= late < new[1]


@quick
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    year=st.integers(min_value=2005, max_value=2045),
    month=st.integers(min_value=1, max_value=12),
)
def test_days_tile_months_and_months_tile_the_year(zone: ZoneInfo, year: int, month: int) -> None:
    """In every zone a month's days follow one another without gap or overlap, and end where the next month starts."""
    this = parse(f"{year}-{month:02}", MONDAY)
    after = parse(f"{year + month // 12}-{month % 12 + 1:02}", MONDAY)
    days = [this.first + timedelta(days=step) for step in range((this.end - this.first).days)]
    spans = [between(day, day).span(zone) for day in days]
    assert spans[0][0] == this.span(zone)[0]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))
    assert all(since <= until for since, until in spans)
    assert spans[-1][1] == this.span(zone)[1] == after.span(zone)[0]


@quick
@given(zone=st.sampled_from(ZONES).map(ZoneInfo), year=st.integers(min_value=2005, max_value=2045))
def test_quarters_and_months_make_the_year(zone: ZoneInfo, year: int) -> None:
    """Four quarters, and twelve months, are exactly one year."""
    whole = parse(f"{year}", MONDAY).span(zone)
    for parts in (
        [f"{year}-Q{quarter}" for quarter in range(1, 5)],
        [f"{year}-{month:02}" for month in range(1, 13)],
    ):
        spans = [parse(part, MONDAY).span(zone) for part in parts]
        assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))
        assert (spans[0][0], spans[-1][1]) == whole


@quick
@given(day=st.dates(min_value=date(1900, 1, 10), max_value=date(2199, 12, 31)))
def test_weeks_are_monday_to_sunday(day: date) -> None:
    """Every day lies in the ISO week that its name states; the week begins on a Monday and has seven days."""
    year, week, _ = day.isocalendar()
    period = parse(f"{year}-W{week:02}", day)
    assert period.first <= day <= period.last
    assert (period.first.isoweekday(), period.last.isoweekday()) == (1, 7)
    assert parse("last-week", day).end == period.first


@quick
@given(when=st.datetimes(min_value=datetime(2018, 1, 2), max_value=datetime(2045, 1, 1)))  # noqa: DTZ001 - aware below
def test_a_moment_lies_in_its_local_day(when: datetime) -> None:
    """A moment belongs to the day that a clock in Berlin shows, and to no other."""
    aware = when.replace(tzinfo=UTC)
    day = aware.astimezone(BERLIN).date()
    since, until = between(day, day).span(BERLIN)
    assert since <= microseconds(aware) < until
    assert midnight(day, BERLIN).astimezone(UTC) <= aware


@quick
@given(when=st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001 - aware below
def test_moments_are_exact(when: datetime) -> None:
    """A moment converted to microseconds and back is the same moment."""
    aware = when.replace(tzinfo=UTC)
    assert moment(microseconds(aware)) == aware
