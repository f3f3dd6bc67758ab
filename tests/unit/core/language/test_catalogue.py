"""The catalogue of texts: the same in each language."""

import re
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from primanota.adapters.mail.translations import MailTexts
from primanota.cli.texts.batch_texts import BatchTexts
from primanota.cli.texts.close_texts import ClosingTexts
from primanota.cli.texts.fleet_texts import FleetTexts
from primanota.cli.texts.import_texts import ImportTexts
from primanota.cli.texts.progress_texts import ProgressTexts
from primanota.cli.texts.prompt_texts import PromptTexts
from primanota.cli.texts.receipt_texts import ReceiptTexts
from primanota.cli.texts.review_texts import ReviewTexts
from primanota.cli.texts.schedule_texts import ScheduleTexts
from primanota.cli.texts.table_texts import TableTexts
from primanota.cli.texts.upkeep_texts import UpkeepTexts
from primanota.cli.texts.weekly_texts import WeeklyTexts
from primanota.close.texts import CloseTexts
from primanota.core.language.bookkeeping import Bookkeeping
from primanota.core.language.catalogue import LANGUAGES, Texts, language_of_country, load
from primanota.core.language.field_names import FieldNames
from primanota.core.language.firm import FirmTexts
from primanota.core.language.fleet_states import FleetStates
from primanota.core.language.notation import Notation
from primanota.core.language.notices import NoticeTexts
from primanota.core.language.proof_reasons import ProofReasons
from primanota.core.language.proof_texts import ProofTexts
from primanota.core.language.purposes import Purposes
from primanota.core.language.reasons import ReasonTexts
from primanota.core.language.receipt_letter import ReceiptLetter
from primanota.core.language.sample_sentences import SampleSentences
from primanota.core.language.tool_rules import ToolRules
from primanota.web.pages.batches import ExportedTexts
from primanota.web.pages.client_texts import ClientTexts
from primanota.web.pages.doctor import DoctorTexts
from primanota.web.pages.flow_texts import FlowTexts
from primanota.web.pages.learn import LearnTexts
from primanota.web.pages.preview import PreviewTexts
from primanota.web.pages.review import ReviewPageTexts
from primanota.web.pages.rows import RowTexts
from primanota.web.pages.sync import SyncPageTexts
from primanota.web.pages.week import WeekTexts
from primanota.web.texts import PageTexts

PARTS: dict[str, type[Texts]] = {
    "batches": BatchTexts,
    "bookkeeping": Bookkeeping,
    "field_names": FieldNames,
    "firm": FirmTexts,
    "fleet": FleetTexts,
    "fleet_states": FleetStates,
    "close": CloseTexts,
    "closing": ClosingTexts,
    "imports": ImportTexts,
    "mail": MailTexts,
    "notation": Notation,
    "notices": NoticeTexts,
    "page": PageTexts,
    "page_clients": ClientTexts,
    "page_batches": ExportedTexts,
    "page_doctor": DoctorTexts,
    "page_flows": FlowTexts,
    "page_learn": LearnTexts,
    "page_preview": PreviewTexts,
    "page_proof": ProofTexts,
    "page_review": ReviewPageTexts,
    "page_rows": RowTexts,
    "page_sync": SyncPageTexts,
    "page_week": WeekTexts,
    "progress": ProgressTexts,
    "prompts": PromptTexts,
    "proof_reasons": ProofReasons,
    "purposes": Purposes,
    "reasons": ReasonTexts,
    "receipt_letter": ReceiptLetter,
    "receipts": ReceiptTexts,
    "review": ReviewTexts,
    "sample_sentences": SampleSentences,
    "schedule": ScheduleTexts,
    "tables": TableTexts,
    "tool_rules": ToolRules,
    "upkeep": UpkeepTexts,
    "weekly": WeeklyTexts,
}
_ROOT = files("primanota.core.language") / "texts"


def _leaves(value: Any, path: str = "") -> dict[str, str]:  # noqa: ANN401 - what TOML can hold
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for name, inner in value.items():
            found |= _leaves(inner, f"{path}.{name}")
        return found
    return {path: f"{value}"}


def _texts(part: str, language: str) -> dict[str, str]:
    return _leaves(msgspec.toml.decode((_ROOT / language / f"{part}.toml").read_bytes()))


def _placeholders(texts: dict[str, str]) -> dict[str, list[str]]:
    return {path: sorted(re.findall(r"\{[^}]*\}", text)) for path, text in texts.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_in_every_language(language: str) -> None:
    """Each language has the parts of the catalogue that the program reads, and no other file."""
    assert {one.name for one in (_ROOT / language).iterdir()} == {f"{part}.toml" for part in PARTS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_every_language_has_every_text(part: str, language: str) -> None:
    """Each text exists in each language, with the same placeholders as in English."""
    texts, english = _texts(part, language), _texts(part, "en")
    assert texts.keys() == english.keys()
    assert all(texts.values())
    if part != "notation":
        assert _placeholders(texts) == _placeholders(english)


# What a language does not write: the marks of another language, a straight apostrophe, or, in French, a blank where a
# line could end before a mark.
_FOREIGN = {
    "de": r"[«»]|\w'\w",
    "en": r"[«»„]",
    "es": r"[“”„]|\w'\w",
    "fr": r"[“”„]|\w'\w| [:;!?»]|« ",
    "it": r"[«»„]|\w'\w",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", [part for part in PARTS if part != "notation"])
def test_quotes_and_blanks_are_those_of_the_language(part: str, language: str) -> None:
    """Each text has the quotation marks and apostrophes of its language, and French no-break spaces before marks."""
    found = {path: text for path, text in _texts(part, language).items() if re.search(_FOREIGN[language], text)}
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_a_missing_or_unknown_text_is_refused(part: str, language: str) -> None:
    """A part with a missing or an unknown text is refused when it is read."""
    texts = msgspec.to_builtins(load(part, language, PARTS[part]))
    first = next(iter(texts))
    for wrong in ({**texts, "strange": ""}, {key: value for key, value in texts.items() if key != first}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, PARTS[part])


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
    assert {country: language_of_country(country) for country in languages} == languages


@pytest.mark.parametrize(
    ("language", "supported"), [("de-AT", "de"), ("FR", "fr"), ("nl", "en"), ("../../x", "en"), ("", "en")]
)
def test_unknown_languages(language: str, supported: str) -> None:
    """An unknown language is replaced by English, a regional one by its language."""
    assert load("bookkeeping", language, Bookkeeping) == load("bookkeeping", supported, Bookkeeping)
