"""The times of a schedule: their notations, the next time, and the same times in every scheduler."""

import plistlib
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.adapters.schedulers import times as schedule_times
from primanota.adapters.schedulers.base import ScheduledCommand
from primanota.adapters.schedulers.cron import expression
from primanota.adapters.schedulers.launchd import Launchd, intervals
from primanota.adapters.schedulers.systemd import calendar
from primanota.adapters.schedulers.times import Times
from primanota.adapters.schedulers.windows import Windows
from primanota.core.errors import InvalidInput
from tests.support import environment
from tests.support.clock import BERLIN, NOON

_TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
_COMMAND = ScheduledCommand("acme", ("/bin/primanota", "run"), Path("/"), {}, Path("/log"), "UTC", NOON.date())


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        (schedule_times.weekly("mon", "07:00"), "Monday at 07:00"),
        (schedule_times.weekly("Thursday,MON", "7:05"), "Monday, Thursday at 07:05"),
        (schedule_times.daily("23:59"), "every day at 23:59"),
        (schedule_times.monthly("1", "07:00"), "day 1 of each month at 07:00"),
        (schedule_times.cron("0 7 * * 1"), "Monday at 07:00"),
        (schedule_times.cron("0 7 * * 7"), "Sunday at 07:00"),
        (schedule_times.cron("0 7 * * sun-tue"), "Monday, Tuesday, Sunday at 07:00"),
        (schedule_times.cron("30 6,18 1,15 * *"), "day 1, 15 of each month at 06:30, 18:30"),
        (schedule_times.cron("0 8-12/2 1 jan,JUL *"), "day 1 of the month in January, July at 08:00, 10:00, 12:00"),
        (schedule_times.cron("*/30 7 * * *"), "every day at 07:00, 07:30"),
    ],
)
def test_times_are_parsed(when: Times, shown: str) -> None:
    """Each notation of times is parsed, and all are shown in one form."""
    assert str(when) == shown


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: schedule_times.weekly("mo", "07:00"),
        lambda: schedule_times.weekly("mon,", "07:00"),
        lambda: schedule_times.weekly("mon", "7"),
        lambda: schedule_times.weekly("mon", "24:00"),
        lambda: schedule_times.daily("07:60"),
        lambda: schedule_times.daily("\u0660\u0667:00"),
        lambda: schedule_times.monthly("29", "07:00"),
        lambda: schedule_times.monthly("0", "07:00"),
        lambda: schedule_times.cron("@weekly"),
        lambda: schedule_times.cron("0 7 * *"),
        lambda: schedule_times.cron("0 7 * * * *"),
        lambda: schedule_times.cron("60 7 * * *"),
        lambda: schedule_times.cron("0 7 * * 8"),
        lambda: schedule_times.cron("0 7 * * fri-mon"),
        lambda: schedule_times.cron("0 7 0 * *"),
        lambda: schedule_times.cron("*/0 7 * * *"),
        lambda: schedule_times.cron("5/2 7 * * *"),
        lambda: schedule_times.cron("x 7 * * *"),
        lambda: schedule_times.cron("0 7 * ja *"),
        lambda: schedule_times.cron("0 7 30 2 *"),
        lambda: schedule_times.cron("0 7 31 4,6 *"),
        lambda: schedule_times.cron("0 7 1 * 1"),
        lambda: schedule_times.cron("* * * * *"),
    ],
)
def test_wrong_times_are_refused(wrong: Callable[[], Times]) -> None:
    """A text that is not a time, and a time that not every scheduler supports, is refused with a hint."""
    with pytest.raises(InvalidInput) as refused:
        wrong()
    assert refused.value.hint


@pytest.mark.parametrize(
    ("times", "coming"),
    [
        (schedule_times.weekly("mon", "07:00"), "2026-11-30 07:00"),
        (schedule_times.weekly("mon", "13:01"), "2026-11-23 13:01"),
        (schedule_times.daily("13:00"), "2026-11-24 13:00"),
        (schedule_times.monthly("1", "07:00"), "2026-12-01 07:00"),
        (schedule_times.cron("0 7 29 2 *"), "2028-02-29 07:00"),
    ],
)
def test_the_next_time(times: Times, coming: str) -> None:
    """The next time is later than the present, in the organisation's time zone."""
    assert f"{times.after(NOON, BERLIN):%Y-%m-%d %H:%M}" == coming


def test_summer_time() -> None:
    """A scheduled time is local time, before and after the clock change."""
    found = schedule_times.weekly("sun", "07:00")
    spring = found.after(datetime(2026, 3, 28, tzinfo=UTC), BERLIN)
    assert (f"{spring:%d %H:%M}", spring.astimezone(UTC).hour) == ("29 07:00", 5)
    assert found.after(datetime(2026, 10, 24, tzinfo=UTC), BERLIN).astimezone(UTC).hour == 6


@st.composite
def _times(draw: st.DrawFn) -> Times:
    def some(first: int, last: int, least: int = 0, most: int = 4) -> tuple[int, ...]:
        return tuple(sorted(draw(st.sets(st.integers(first, last), min_size=least, max_size=most))))

    hours, minutes, months = some(0, 23, 1), some(0, 59, 1), some(1, 12)
    if draw(st.booleans()):
        return Times(hours, minutes, weekdays=some(0, 6, most=6), months=months)
    return Times(hours, minutes, days=some(1, 28), months=months)


def _starts(times: Times) -> set[tuple[int, ...]]:
    """Return every start in a leap year, by the definition of the fields."""
    days = (datetime(2028, 1, 1, tzinfo=UTC) + timedelta(days=ahead) for ahead in range(366))
    return {
        (*day.timetuple()[:3], hour, minute)
        for day in days
        if not times.weekdays or day.weekday() in times.weekdays
        if not times.days or day.day in times.days
        if not times.months or day.month in times.months
        for hour, minute in product(times.hours, times.minutes)
    }


@given(_times())
def test_cron_gets_the_same_times(times: Times) -> None:
    """The cron expression of times is parsed to the same times."""
    assert schedule_times.cron(expression(times)) == times


@given(_times())
def test_launchd_gets_the_same_times(times: Times) -> None:
    """The intervals for launchd are the same times, and do not overlap."""
    expected = intervals(times)
    (text,) = Launchd("acme", Path("/agents"), 501).plan(_COMMAND, times).files.values()
    assert plistlib.loads(text.encode())["StartCalendarInterval"] == expected
    day = datetime(2028, 1, 1, tzinfo=UTC)
    starts = []
    for ahead in range(366):
        here = day + timedelta(days=ahead)
        starts += [
            (*here.timetuple()[:3], one["Hour"], one["Minute"])
            for one in expected
            if one.get("Weekday", here.isoweekday() % 7) == here.isoweekday() % 7
            and one.get("Day", here.day) == here.day
            and one.get("Month", here.month) == here.month
        ]
    assert len(starts) == len(set(starts))
    assert set(starts) == _starts(times)


@given(_times())
def test_windows_gets_the_same_times(times: Times) -> None:
    """The triggers of the Windows task are the same times; combinations that Windows lacks are refused."""
    plan = Windows("acme", Path("/folder")).plan
    if times.weekdays and times.months:
        with pytest.raises(InvalidInput):
            plan(_COMMAND, times)
        return
    (text,) = plan(_COMMAND, times).files.values()
    task = ET.fromstring(text.encode("utf-16"))  # noqa: S314 - our own text
    triggers = task.findall(f".//{_TASK}CalendarTrigger")
    starts = [trigger.findtext(f"{_TASK}StartBoundary") for trigger in triggers]
    assert starts == [f"2026-11-23T{one:%H:%M}:00" for one in times.clock]
    for trigger in triggers:
        days = _names(trigger, "DaysOfWeek")
        assert days == [schedule_times.WEEKDAYS[day] for day in times.weekdays]
        of_month = [int(day.text or "") for day in trigger.iter(f"{_TASK}Day")]
        assert of_month == list(times.days or (range(1, 32) if times.months else ()))
        wanted = times.months or (range(1, 13) if times.days else ())
        assert _names(trigger, "Months") == [schedule_times.MONTHS[month - 1] for month in wanted]


def _names(trigger: ET.Element, of: str) -> list[str]:
    return [one.tag.removeprefix(_TASK).lower() for one in trigger.iterfind(f".//{_TASK}{of}/*")]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize(
    "times",
    [
        schedule_times.weekly("mon", "07:00"),
        schedule_times.weekly("sat,sun,wed", "23:05"),
        schedule_times.daily("00:00"),
        schedule_times.monthly("28", "07:00"),
        schedule_times.cron("*/20 6,18 1,15 3,6 *"),
        schedule_times.cron("0 7 29 2 *"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Santiago"])
def test_systemd_gets_the_same_times(times: Times, zone: str) -> None:
    """The installed systemd computes the same next five times in the organisation's time zone."""
    words = ["systemd-analyze", "calendar", "--iterations=5", f"{calendar(times)} {zone}"]
    output = environment.run(words, environment.plain(LC_ALL="C"), check=True).stdout
    moments = re.findall(r"(?:elapse|Iteration #\d|Iter\. #\d): \w+ (\S+ \S+) UTC", output)
    expected_times = [datetime.fromisoformat(f"{moment}+00:00") for moment in moments]
    found, here = [], datetime.now(UTC)
    for _ in expected_times:
        here = times.after(here, ZoneInfo(zone)).astimezone(UTC)
        found.append(here)
    assert expected_times == found
    assert len(expected_times) == 5
