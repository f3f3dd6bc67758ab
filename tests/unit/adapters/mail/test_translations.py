"""Five languages say the same things, and write amounts and days as their readers do."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from primanota.adapters import mail
from primanota.adapters.mail import translations
from primanota.adapters.mail.translations import LANGUAGES, translation

TEMPLATE_WORDS = re.compile(r"\{[#%{].*?[#%}]\}|<[^>]*>|&\w+;", re.DOTALL)


def _leaves(value: Any, path: str = "") -> dict[str, str]:  # noqa: ANN401 - a struct of structs
    if isinstance(value, msgspec.Struct):
        found: dict[str, str] = {}
        for name in value.__struct_fields__:
            found |= _leaves(getattr(value, name), f"{path}.{name}")
        return found
    return {path: f"{value}"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    """No word is empty, and each has the same places for values as English has."""
    ours, english = _leaves(translation(language)), _leaves(translation("en"))
    assert ours.keys() == english.keys()
    assert all(ours.values())
    holes = {path: sorted(re.findall(r"\{[^}]*\}", text)) for path, text in ours.items() if ".notation." not in path}
    assert holes == {
        path: sorted(re.findall(r"\{[^}]*\}", text)) for path, text in english.items() if ".notation." not in path
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_that_lacks_a_word_is_no_language(language: str) -> None:
    """A key that is missing or unknown is found when the words are read, not when a mail is due."""
    said = msgspec.to_builtins(translation(language))
    for wrong in ({**said, "strange": ""}, {key: value for key, value in said.items() if key != "no_rows"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, translations.Translation)


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_templates_have_no_words(kind: str) -> None:
    """Every word of a mail comes from its language's file."""
    template = Path(mail.__path__[0]) / "templates" / f"mail.{kind}"
    assert not re.findall(r"[^\W\d_]{2,}", TEMPLATE_WORDS.sub(" ", template.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("language", "cents", "said"),
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
def test_amounts(language: str, cents: int, said: str) -> None:
    """Amounts are exact, and as the language writes them (CLDR)."""
    assert translation(language).money(cents, "EUR") == said


def test_amounts_far_beyond_floats() -> None:
    """No cent is lost at any size, and other currencies are named."""
    assert translation("en").money(12_345_678_901_234_567_89, "CHF") == "CHF\xa012,345,678,901,234,567.89"
    assert translation("de").money(None, "EUR") == "unbekannt"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "05.10.2026"),
        ("en", "5 Oct 2026"),
        ("es", "05/10/2026"),
        ("fr", "05/10/2026"),
        ("it", "05/10/2026"),
    ],
)
def test_days(language: str, said: str) -> None:
    """Days are as the language writes them; English names the month, for half the world puts it first."""
    known = translation(language)
    assert known.day(date(2026, 10, 5)) == said
    assert known.days(date(2026, 10, 5), date(2026, 10, 5)) == said
    assert known.days(date(2026, 10, 5), date(2026, 10, 11)).startswith(f"{said} \N{EN DASH} ")
    assert known.days(None, None) == ""


def test_the_language_of_a_country() -> None:
    """A company is written to in its country's language, and in English where that is none of the five."""
    spoken = {
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
    assert {country: mail.language(country) for country in spoken} == spoken


@pytest.mark.parametrize(
    ("asked", "spoken"), [("de-AT", "de"), ("FR", "fr"), ("nl", "en"), ("../../x", "en"), ("", "en")]
)
def test_a_mail_is_always_written(asked: str, spoken: str) -> None:
    """A language that nobody has is answered in English, a dialect in its language: there is always a mail."""
    assert translation(asked) == translation(spoken)
