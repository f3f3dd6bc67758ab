"""The translations: the same texts in five languages, and the form of amounts and dates."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from primanota.adapters import mail
from primanota.adapters.mail import translations
from primanota.adapters.mail.translations import LANGUAGES, translation

TEMPLATE_CODE = re.compile(r"\{[#%{].*?[#%}]\}|<[^>]*>|&\w+;", re.DOTALL)


def _leaves(value: Any, path: str = "") -> dict[str, str]:  # noqa: ANN401 - a struct of structs
    if isinstance(value, msgspec.Struct):
        found: dict[str, str] = {}
        for name in value.__struct_fields__:
            found |= _leaves(getattr(value, name), f"{path}.{name}")
        return found
    return {path: f"{value}"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    """Each text exists in each language, with the same placeholders as in English."""
    texts, english = _leaves(translation(language)), _leaves(translation("en"))
    assert texts.keys() == english.keys()
    assert all(texts.values())
    placeholders = {
        path: sorted(re.findall(r"\{[^}]*\}", text)) for path, text in texts.items() if ".notation." not in path
    }
    assert placeholders == {
        path: sorted(re.findall(r"\{[^}]*\}", text)) for path, text in english.items() if ".notation." not in path
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_or_unknown_text_is_refused(language: str) -> None:
    """A translation with a missing or an unknown text is refused when it is read."""
    texts = msgspec.to_builtins(translation(language))
    for wrong in ({**texts, "strange": ""}, {key: value for key, value in texts.items() if key != "no_rows"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, translations.Translation)


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_templates_have_no_words(kind: str) -> None:
    """A template contains no words; they are all in the translations."""
    template = Path(mail.__path__[0]) / "templates" / f"mail.{kind}"
    assert not re.findall(r"[^\W\d_]{2,}", TEMPLATE_CODE.sub(" ", template.read_text(encoding="utf-8")))


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
    assert translation(language).money(cents, "EUR") == expected


def test_great_and_unknown_amounts() -> None:
    """An amount beyond the precision of floats is exact, and an unknown amount is called unknown."""
    assert translation("en").money(12_345_678_901_234_567_89, "CHF") == "CHF\xa012,345,678,901,234,567.89"
    assert translation("de").money(None, "EUR") == "unbekannt"


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
    known = translation(language)
    assert known.day(date(2026, 10, 5)) == expected
    assert known.days(date(2026, 10, 5), date(2026, 10, 5)) == expected
    assert known.days(date(2026, 10, 5), date(2026, 10, 11)).startswith(f"{expected} \N{EN DASH} ")
    assert known.days(None, None) == ""


def test_the_language_of_a_country() -> None:
    """The default language is that of the company's country, or English if that is not one of the five."""
    languages = {
        "DE": "de",
        "at": "de",
        "CH": "de",
        "FR": "fr",
        "IT": "it",
        "ES": "es",
        "BE": "en",
        "NL": "en",
        "": "en",
    }
    assert {country: mail.language(country) for country in languages} == languages


@pytest.mark.parametrize(
    ("language", "supported"), [("de-AT", "de"), ("FR", "fr"), ("nl", "en"), ("../../x", "en"), ("", "en")]
)
def test_unknown_languages(language: str, supported: str) -> None:
    """An unknown language is replaced by English, a regional one by its language."""
    assert translation(language) == translation(supported)
