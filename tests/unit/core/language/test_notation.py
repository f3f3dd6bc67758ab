"""Numbers, amounts and dates as each language writes them."""

from datetime import date, datetime

import pytest

from primanota.core.language.notation import notation


@pytest.mark.parametrize(
    ("language", "cents", "expected"),
    [
        ("de", 1_234_56, "1.234,56\xa0€"),
        ("de", -5, "-0,05\xa0€"),
        ("en", -1_234_567_89, "-€1,234,567.89"),
        ("es", 1_234_56, "1234,56\xa0€"),
        ("es", 12_345_60, "12.345,60\xa0€"),
        ("fr", 1_234_56, "1\u202f234,56\xa0€"),
        ("it", -1_000_00, "-1.000,00\xa0€"),
    ],
)
def test_amounts(language: str, cents: int, expected: str) -> None:
    """An amount is written in the form of the language (CLDR)."""
    assert notation(language).money(cents, "EUR") == expected


def test_great_and_unknown_amounts() -> None:
    """An amount beyond the precision of floats is exact, and an unknown amount is called unknown."""
    assert notation("en").money(12_345_678_901_234_567_89, "CHF") == "CHF\xa012,345,678,901,234,567.89"
    assert notation("de").money(None, "EUR") == "unbekannt"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "05.10.2026"),
        ("en", "5 Oct 2026"),
        ("es", "05/10/2026"),
        ("fr", "05/10/2026"),
        ("it", "05/10/2026"),
    ],
)
def test_days(language: str, expected: str) -> None:
    """A date is written in the form of the language; English uses the name of the month."""
    known = notation(language)
    assert known.day(date(2026, 10, 5)) == expected
    assert known.days(date(2026, 10, 5), date(2026, 10, 5)) == expected
    assert known.days(date(2026, 10, 5), date(2026, 10, 11)).startswith(f"{expected} \N{EN DASH} ")
    assert known.days(None, None) == ""


@pytest.mark.parametrize(
    ("language", "moment", "weekday"),
    [
        ("de", "02.11.2026 06:05", "Montag"),
        ("en", "2 Nov 2026 06:05", "Monday"),
        ("es", "02/11/2026 06:05", "lunes"),
        ("fr", "02/11/2026 06:05", "lundi"),
        ("it", "02/11/2026 06:05", "lunedì"),
    ],
)
def test_moments_and_days_of_the_week(language: str, moment: str, weekday: str) -> None:
    """A moment is its day, written as ever, with its time; days of the week have the names of the language."""
    known, when = notation(language), datetime(2026, 11, 2, 6, 5)  # noqa: DTZ001 - local, as it is shown
    assert (known.moment(when), known.weekday(when)) == (moment, weekday)
