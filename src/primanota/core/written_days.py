"""Read days and months as people write them: 01.11.2026, 1/11/2026, 1 novembre 2026, november. Pure.

With dots the day comes first in every country. With strokes it does where the company's country writes it so;
elsewhere a day that has two meanings is refused.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from primanota.core.text import comparable

# Countries that write the day before the month and the year last, also with strokes.
_DAY_FIRST = frozenset(
    [
        "AT",
        "AD",
        "BE",
        "BG",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HR",
        "IE",
        "IT",
        "LI",
        "LU",
        "LV",
        "MC",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SI",
        "SK",
        "SM",
    ]
)
_NAMES = (
    ("january", "januar", "janner", "jaenner", "janvier", "gennaio", "enero"),
    ("february", "februar", "feber", "fevrier", "febbraio", "febrero"),
    ("march", "marz", "maerz", "mars", "marzo"),
    ("april", "avril", "aprile", "abril"),
    ("may", "mai", "maggio", "mayo"),
    ("june", "juni", "juin", "giugno", "junio"),
    ("july", "juli", "juillet", "luglio", "julio"),
    ("august", "aout", "agosto"),
    ("september", "septembre", "settembre", "septiembre", "setiembre"),
    ("october", "oktober", "octobre", "ottobre", "octubre"),
    ("november", "novembre", "noviembre"),
    ("december", "dezember", "decembre", "dicembre", "diciembre"),
)
_SHORTEST = 3  # letters of a name that is cut short
_BETWEEN = frozenset(("de", "del", "of", "le", "il", "el", "the", "den", "di"))
_CENTURY = 2000  # that of a year of two digits
_MONTHS, _YEARS_OF_LEAP_DAYS = 12, 8
_ORDINAL = re.compile(r"(\d{1,2})(?:er|o|a|st|nd|rd|th)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([./]) ?(\d{1,2})\2 ?(\d{4}|\d{2})|(\d{1,2})(-)(\d{1,2})-(\d{4})", re.ASCII)
_NO_YEAR = re.compile(r"(\d{1,2})\. ?(\d{1,2})\.", re.ASCII)
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})[-./ ](\d{4})", re.ASCII)


class AmbiguousDay(ValueError):
    """A text that can mean two things: the error says which."""


class Written(NamedTuple):
    """A day as it was written, or a whole month, whose ``day`` is None. It exists."""

    year: int
    month: int
    day: int | None = None


def read(text: str, today: date | None = None, country: str | None = "") -> Written | None:
    """Return the day or the month that a text means; None if it is written in no known form.

    Args:
        text: what was written.
        today: the local day from which the last such month or day is meant where the year is missing; None if the
            year must be written.
        country: where the company is (ISO 3166-1 alpha-2), empty if the bank does not say it; None as long as it is
            not known, when a day with two meanings is read with the day first.

    Raises:
        AmbiguousDay: the text can mean two days.
        ValueError: the day does not exist; with what is wrong at which place.
    """
    plain = _plain(text)
    if match := _YEAR_FIRST.fullmatch(plain):
        year, _, month, day = match.groups()[:4] if match[1] else (match[5], "", *match.groups()[5:])
        return _existing(int(year), int(month), int(day))
    if match := _YEAR_LAST.fullmatch(plain):
        first, mark, second, year = match.groups()[:4] if match[1] else match.groups()[4:]
        if mark == ".":
            return _existing(_with_century(year), int(second), int(first))
        return _by_country(_with_century(year), int(first), int(second), country)
    if match := _MONTH_OF_YEAR.fullmatch(plain):
        return _existing(int(match[2]), int(match[1]), None)
    if today and (match := _NO_YEAR.fullmatch(plain)):
        return _last(today, int(match[2]), int(match[1]))
    return _with_name(plain, today)


def month_named(word: str) -> int | None:
    """Return the number of a month by its name in five languages, or by its first letters; None if it is no name.

    Raises:
        AmbiguousDay: the letters begin the names of several months.
    """
    plain = _plain(word)
    found = {number for number, names in enumerate(_NAMES, 1) if plain in names}
    if not found and len(plain) >= _SHORTEST and plain.isalpha():
        found = {number for number, names in enumerate(_NAMES, 1) for name in names if name.startswith(plain)}
    if len(found) > 1:
        raise AmbiguousDay(" or ".join(_NAMES[number - 1][0].capitalize() for number in sorted(found)))
    return next(iter(found), None)


def _plain(text: str) -> str:
    """Return a text without accents, in small letters, with single blanks."""
    apart = unicodedata.normalize("NFKD", comparable(text))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _by_country(year: int, first: int, second: int, country: str | None) -> Written:
    """Return a day with the year last: day, month; in other countries the only day that it can mean."""
    meanings = [*_meanings(year, first, second)]
    if country in _DAY_FIRST or not meanings:
        return _existing(year, second, first)
    if country is not None and len({*meanings}) > 1:
        raise AmbiguousDay(" or ".join(sorted(map(_iso, meanings))))
    return meanings[0]


def _meanings(year: int, first: int, second: int) -> Iterator[Written]:
    for month, day in ((second, first), (first, second)):
        if 1 <= month <= _MONTHS and 1 <= day <= monthrange(year, month)[1]:
            yield Written(year, month, day)


def _iso(day: Written) -> str:
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def _with_name(plain: str, today: date | None) -> Written | None:
    """Return the day or the month of a text with a month's name; None if there is no name in it."""
    words = [word for word in re.split(r"[ .,_-]+", plain) if word and word not in _BETWEEN]
    names = [place for place, word in enumerate(words) if month_named(word)]
    if len(names) != 1:
        return None
    month = month_named(words[names[0]])
    assert month  # noqa: S101 - it was found above
    found = _around([*map(_number, words[: names[0]])], [*map(_number, words[names[0] + 1 :])])
    if found is None:
        return None
    day, year = found
    if year is not None:
        return _existing(year, month, day)
    return _last(today, month, day) if today else None


def _around(before: list[tuple[str, int]], after: list[tuple[str, int]]) -> tuple[int | None, int | None] | None:
    """Return the day and the year that the numbers around a month's name mean, each None where it is missing.

    None if they mean neither.
    """
    match before, after:
        case ([], []):
            return None, None
        case ([("day", day)], []):
            return day, None
        case ([], [("year", year)]) | ([("year", year)], []):
            return None, year
        case (
            ([("day", day)], [("year", year)])
            | ([], [("day", day), ("year", year)])
            | ([("year", year)], [("day", day)])
        ):
            return day, year
        case ([("day", day)], [("day", year)]):
            return day, year + _CENTURY
        case ([], [("day", number)]):
            raise AmbiguousDay(f"day {number} or the year {number + _CENTURY}")
    return None


def _number(word: str) -> tuple[str, int]:
    if _YEAR.fullmatch(word):
        return "year", int(word)
    match = _ORDINAL.fullmatch(word)
    return ("day", int(match[1])) if match else ("other", -1)


def _with_century(year: str) -> int:
    return int(year) if len(year) > len("26") else int(year) + _CENTURY


def _existing(year: int, month: int, day: int | None) -> Written:
    """Return a day or a month that exists.

    Raises:
        ValueError: it does not, with the place that is wrong.
    """
    if not 1 <= month <= _MONTHS:
        raise ValueError(f"{month} is in the place of the month")
    if not year:
        raise ValueError("0 is in the place of the year")
    days = monthrange(year, month)[1]
    if day is not None and not 1 <= day <= days:
        raise ValueError(f"{day} is in the place of the day, and {year:04}-{month:02} has {days} days")
    return Written(year, month, day)


def _last(today: date, month: int, day: int | None) -> Written:
    """Return the last such month that has begun, or the last such day that has come."""
    if not 1 <= month <= _MONTHS:
        raise ValueError(f"{month} is in the place of the month")
    for year in range(today.year, today.year - _YEARS_OF_LEAP_DAYS - 1, -1):
        begun = (year, month, day or 1) <= (today.year, today.month, today.day)
        if begun and (day is None or 1 <= day <= monthrange(year, month)[1]):
            return Written(year, month, day)
    return _existing(today.year, month, day)
