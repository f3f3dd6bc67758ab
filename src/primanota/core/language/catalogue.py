"""The catalogue of texts: a folder for each language in ``texts/``, with a file for each kind of reader. Pure.

A file is read into a struct of its own, so that a missing, an additional or a misspelt text is refused.
"""

from importlib.resources import files
from typing import TypeVar

import msgspec

LANGUAGES = ("de", "en", "es", "fr", "it")
# The language of a company's texts by its country; for Switzerland its largest language. Belgium's largest language
# is not supported, and French for Flanders would be the worse guess: English there as in all other countries.
_OF_COUNTRIES = {
    "AT": "de",
    "CH": "de",
    "DE": "de",
    "LI": "de",
    "FR": "fr",
    "LU": "fr",
    "MC": "fr",
    "IT": "it",
    "ES": "es",
}


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all texts. A file that lacks one of them, or has another one, is refused."""


_Some = TypeVar("_Some", bound=Texts)


class Plural(Texts, frozen=True):
    """A text with a number, for one and for many; ``{}`` is the number, written as the language does."""

    one: str
    many: str


class Explanation(Texts, frozen=True):
    """A heading, and what it means or what to do about it."""

    heading: str
    hint: str


def supported_language(language: str) -> str:
    """Return the one of ``LANGUAGES`` for a language (``de`` for ``de-AT``); English for any other."""
    code = language.partition("-")[0].lower()
    return code if code in LANGUAGES else "en"


def language_of_country(country: str) -> str:
    """Return the default language for a company by its country (ISO 3166-1 alpha-2)."""
    return _OF_COUNTRIES.get(country.upper(), "en")


def load(part: str, language: str, kind: type[_Some]) -> _Some:
    """Return the texts of a part of the catalogue in a language; in English for one that is not supported."""
    folder = files(__package__) / "texts" / supported_language(language)
    return msgspec.toml.decode((folder / f"{part}.toml").read_bytes(), type=kind)
