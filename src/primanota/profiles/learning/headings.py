"""Interpret the headings of columns, by the words of ``headings.toml``. Pure."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SIGNS = re.compile(r"[^\w%]+|_")
# The shortest word that counts at the end of a compound: Buchungsbetrag ends with Betrag.
_COMPOUND = 5
# Notations of a date format within a heading; JJ is a year in German, and a day in French.
_DAY, _MONTH, _YEAR = "DD|TT|GG|JJ", "MM", "YYYY|JJJJ|AAAA|YY|JJ|AA"
_FORM = re.compile(
    rf"\b(?P<first>{_DAY}|{_MONTH}|{_YEAR})(?P<sign>[-./]?)(?P<second>{_DAY}|{_MONTH})(?P=sign)(?P<third>{_YEAR}|{_DAY})\b",
    re.IGNORECASE,
)


class Meaning(NamedTuple):
    """A field that a heading may mean, in a language, by some words; ``whole`` if there are no other words."""

    whole: bool
    language: str
    words: str
    field: str


class Headings(NamedTuple):
    """For each heading the fields that it may mean, best first, and whether wholly; the language of all."""

    fields: list[list[str]]
    whole: list[bool]
    language: str


def interpret_headings(headings: Sequence[str]) -> Headings:
    """Interpret headings together: a word of several languages is read in the language of most other headings."""
    meanings = [list(_meanings(heading)) for heading in headings]
    spoken = Counter(language for found in meanings for language in {one.language for one in found if one.whole})
    # A language is recognised by all of its words, so a word of several languages does not decide.
    language = max(spoken, key=lambda one: spoken[one]) if spoken else ""

    def rank(one: Meaning) -> tuple[bool, bool, int, bool]:
        ours = one.language == language
        return not one.whole, one.whole and not ours, -len(one.words), not ours

    whole = [any(one.whole for one in found) for found in meanings]
    ranked = [sorted(found, key=rank) for found in meanings]
    fields = [
        # The meaning of a part of a heading does not matter if the whole heading has a meaning.
        list(dict.fromkeys(one.field for one in found if one.whole or not known))
        for found, known in zip(ranked, whole, strict=True)
    ]
    return Headings(fields, whole, language)


def default_heading(field: str) -> str:
    """Return the English heading of a field; the field's own name if there is none."""
    return next(iter(_words()["en"].get(field, ())), field)


def day_form(heading: str) -> str:
    """Return the date format that a heading names, such as “Date (DD/MM/YYYY)”; empty if it names none."""
    found = _FORM.search(heading)
    if not found:
        return ""
    parts = [found["first"].upper(), found["second"].upper(), found["third"].upper()]
    kinds = [_kind(part, parts) for part in parts]
    return found["sign"].join(kinds) if len(set(kinds)) == len(kinds) else ""


def _kind(part: str, parts: Sequence[str]) -> str:
    if part == "MM":
        return "%m"
    if part == "JJ" and any(other in parts for other in ("AAAA", "AA")):
        return "%d"
    if part in {"DD", "TT", "GG"}:
        return "%d"
    return "%Y" if len(part) > len("YY") else "%y"


def _meanings(heading: str) -> Iterator[Meaning]:
    plain = _plain(_ASIDE.sub(" ", heading))
    words = plain.split()
    for language, fields in _words().items():
        for field, known in fields.items():
            for phrase in map(_plain, known):
                if phrase == plain:
                    yield Meaning(True, language, phrase, field)
                elif f" {phrase} " in f" {plain} " or _ends_with(words, phrase):
                    yield Meaning(False, language, phrase, field)


def _ends_with(words: Sequence[str], phrase: str) -> bool:
    return len(phrase) >= _COMPOUND and any(word.endswith(phrase) for word in words)


@cache
def _plain(text: str) -> str:
    """Return a text without accents, signs and capitals, which people write differently."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_SIGNS.sub(" ", "".join(char for char in letters if not unicodedata.combining(char))).split())


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("headings.toml").read_text(encoding="utf-8"))
