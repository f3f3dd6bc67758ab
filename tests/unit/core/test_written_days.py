"""Days and months as people write them: in five languages, and in the order of the company's country."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import InvalidInput
from primanota.core.period import Calendar, parse
from primanota.core.written_days import month_named
from tests.support.factories import quick

MONDAY = date(2026, 11, 23)
_MONTHS = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "English": "January February March April May June July August September October November December",
}
_SHORT = {
    "German": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "French": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Italian": "gen feb mar apr mag giu lug ago set ott nov dic",
    "Spanish": "ene feb mar abr may jun jul ago sept oct nov dic",
    "English": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}


@pytest.mark.parametrize(
    "names", [*_MONTHS.values(), *_SHORT.values()], ids=[*_MONTHS, *(f"{one}, short" for one in _SHORT)]
)
def test_every_name_of_a_month_in_five_languages(names: str) -> None:
    """A month is known by its name and by the abbreviation that the language has for it."""
    assert [month_named(name.rstrip(".")) for name in names.split()] == [*range(1, 13)]
    assert [parse(f"{name} 2025", MONDAY).name for name in names.split()] == [
        f"2025-{month:02}" for month in range(1, 13)
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01.11.2026", "2026-11-01"),
        ("1.11.26", "2026-11-01"),
        ("1. 11. 2026", "2026-11-01"),
        ("1/11/2026", "2026-11-01"),
        ("01/11/26", "2026-11-01"),
        ("01-11-2026", "2026-11-01"),
        ("2026/11/01", "2026-11-01"),
        ("1. November 2026", "2026-11-01"),
        ("1er novembre 2026", "2026-11-01"),
        ("1 de noviembre de 2026", "2026-11-01"),
        ("1º novembre 2026", "2026-11-01"),
        ("November 1, 2026", "2026-11-01"),
        ("1-nov-2026", "2026-11-01"),
        ("1 nov", "2026-11-01"),
        ("1.11.", "2026-11-01"),
        ("1.12.", "2025-12-01"),
        ("24 December", "2025-12-24"),
        ("29 février", "2024-02-29"),
    ],
)
def test_a_day_as_people_write_it(text: str, day: str) -> None:
    """A day with dots, strokes or the month's name is that day; without a year the last one that has come."""
    assert f"{Calendar(MONDAY, 'FR').first(text)}" == day


@pytest.mark.parametrize(("text", "name"), [("november", "2026-11"), ("Dezember", "2025-12"), ("mars", "2026-03")])
def test_a_month_without_a_year_is_the_last_that_has_begun(text: str, name: str) -> None:
    """The rows of a month lie in the past: November is the present one, December that of last year."""
    assert parse(text, MONDAY).name == name


@pytest.mark.parametrize(
    ("text", "country", "told"),
    [
        ("31.11.2026", "DE", "31 is in the place of the day, and 2026-11 has 30 days"),
        ("00.11.2026", "DE", "0 is in the place of the day"),
        ("1.13.2026", "US", "13 is in the place of the month"),
        ("12/25/2026", "FR", "25 is in the place of the month"),
        ("1/11/0000", "FR", "0 is in the place of the year"),
        ("1/11/2026", "US", "can mean 2026-01-11 or 2026-11-01"),
        ("1/11/2026", "", "can mean 2026-01-11 or 2026-11-01"),
        ("01-11-2026", "", "can mean 2026-01-11 or 2026-11-01"),
        ("nov 26", "DE", "can mean day 26 or the year 2026"),
        ("jui", "FR", "can mean June or July"),
        ("30 février 2026", "FR", "30 is in the place of the day, and 2026-02 has 28 days"),
        ("01-11-26", "DE", "is not a day"),
    ],
)
def test_an_ambiguous_or_impossible_day_is_refused_with_its_place(text: str, country: str, told: str) -> None:
    """A day that does not exist, or that can mean two, is refused, with what is wrong at which place."""
    with pytest.raises(InvalidInput, match=re.escape(told)) as refused:
        Calendar(MONDAY, country).first(text)
    assert f"“{text}”" in refused.value.message


@pytest.mark.parametrize(
    ("text", "day"), [("25/12/2025", "2025-12-25"), ("12/25/2025", "2025-12-25"), ("5/5/2026", "2026-05-05")]
)
def test_a_day_with_one_meaning_needs_no_country(text: str, day: str) -> None:
    """Where the country is unknown, a day with strokes is read if it can mean only one day."""
    assert f"{Calendar(MONDAY, '').first(text)}" == day


@quick
@given(day=st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_every_form(day: date) -> None:
    """Each form of each day means that day, in a country that writes the day first."""
    forms = (
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d/%m/%Y}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
    )
    assert {Calendar(MONDAY, "IT").first(form) for form in forms} == {day}


@quick
@given(text=st.text(max_size=16) | st.from_regex(r"[0-9]{1,2}[./ -][0-9a-z]{1,9}[./ -]?[0-9]{0,4}", fullmatch=True))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    """Any text is read or refused in a sentence, whatever the country."""
    for country in ("DE", "US", None):
        try:
            found = Calendar(MONDAY, country).first(text)
        except InvalidInput:
            continue
        assert found - timedelta(1) < found
