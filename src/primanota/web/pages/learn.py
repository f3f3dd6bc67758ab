"""Learn a profile from a sample that one drops on the page: its questions, its columns, and own rows in it."""

import base64
import binascii
from collections.abc import Mapping
from functools import cache, partial
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.responses import Response

from primanota import profiles
from primanota.app.queries import sample_rows
from primanota.book.journal import Journal
from primanota.core.errors import InvalidInput
from primanota.core.language.catalogue import Texts, load
from primanota.core.language.sample_sentences import sample_sentence
from primanota.profiles import learning
from primanota.profiles.learning import Guess
from primanota.web.screens import Form, Screen
from primanota.web.visit import Visit

_MOST_BYTES = 1 << 20  # of a sample its beginning tells everything
_ROWS = 3
_ANSWER = "answer:"
_NOTHING: Mapping[str, str] = {}


class LearnTexts(Texts, frozen=True):
    """The texts of this screen."""

    heading: str
    intro: str
    sample: str
    learn: str
    questions: str
    again: str
    notes: str
    rows: str
    text: str
    save: str
    download: str


@cache
def learn_texts(language: str) -> LearnTexts:
    """Return the texts in a language."""
    return load("page_learn", language, LearnTexts)


class _Learnt(NamedTuple):
    """A learnt profile, and rows in it, headings first."""

    guess: Guess
    text: str
    cells: list[list[str]]


def show(visit: Visit) -> Response:
    """Show the form for a sample."""
    return _page(visit)


def learn(visit: Visit) -> Response:
    """Show what is learnt from a sample and the answers to its questions; nothing is written."""
    name, data = _sample(visit)
    words = {
        key.removeprefix(_ANSWER): value
        for key, value in visit.form.items()
        if key.startswith(_ANSWER) and isinstance(value, str) and value
    }
    given, guess = _answered(data, words)
    found = visit.read(partial(_learnt, guess, name))
    kept = base64.b64encode(data).decode()
    return _page(visit, found, kept, name, given)


def download(visit: Visit) -> Response:
    """Return the learnt profile as a file."""
    return visit.file(f"{_stem(visit)}.toml", str(visit.form.get("text", "")).encode())


def _page(
    visit: Visit, found: _Learnt | None = None, sample: str = "", name: str = "", given: Mapping[str, str] = _NOTHING
) -> Response:
    return visit.page(
        "learn.html",
        n=learn_texts(visit.language),
        found=found,
        sample=sample,
        name=name,
        given=given,
        said=partial(sample_sentence, language=visit.language),
    )


def _sample(visit: Visit) -> tuple[str, bytes]:
    """Return the name and the beginning of the sample: of an uploaded file, or of the one that was shown before.

    Raises:
        InvalidInput: there is no sample.
    """
    upload = visit.form.get("sample")
    if isinstance(upload, UploadFile) and upload.size:
        return upload.filename or "sample.csv", upload.file.read(_MOST_BYTES)
    try:
        kept = base64.b64decode(str(visit.form.get("kept", "")), validate=True)
    except (binascii.Error, ValueError):
        kept = b""
    if not kept:
        raise InvalidInput("There is no sample.", "Choose a CSV file that the tool accepts.")
    return str(visit.form.get("name", "")), kept


def _stem(visit: Visit) -> str:
    stem = str(visit.form.get("name", "")).rpartition("/")[2].partition(".")[0]
    return "".join(sign if sign.isalnum() else "-" for sign in stem).strip("-") or "profile"


def _answered(data: bytes, words: Mapping[str, str]) -> tuple[dict[str, str], Guess]:
    """Learn with the answers of the form, and return them as the learning takes them.

    An answer may open another question; one to a question that is not open is left out.

    Raises:
        InvalidInput: an answer is not valid, or the sample is not a table.
    """
    given: dict[str, str] = {}
    guess = learning.learn(data)
    while question := next((one for one in guess.questions if one.topic in words.keys() - given.keys()), None):
        word = words[question.topic]
        try:
            given[question.topic] = question.read(word)
        except ValueError as error:
            raise InvalidInput(f"{question.topic}: “{word}” is not an answer.", str(error)) from None
        guess = learning.learn(data, given)
    return given, guess


def _learnt(guess: Guess, name: str, journal: Journal) -> _Learnt:
    text = learning.profile_text(guess, f"Learnt from {name}", f"a sample, {name}")
    profile = profiles.parse("learnt", text, "learnt.toml")
    rows = sample_rows.newest(journal, _ROWS) or sample_rows.invented()
    return _Learnt(guess, text, sample_rows.cells(profile, rows))


SCREENS = (
    Screen("/preview/learn", show),
    Form("/preview/learn", learn, only_reads=True),
    Form("/preview/learn/file", download, only_reads=True),
)
