"""Days, amounts, states and selections as they are written for people and for programs."""

from datetime import date, datetime
from typing import Any

import pytest

from primanota.adapters.schedulers import times
from primanota.adapters.settings import terminal
from primanota.app.queries.book_views import BatchView
from primanota.app.running.views import DeliveryView
from primanota.cli import texts
from primanota.cli.commands.schedule import times_text
from primanota.cli.terminal.cell_words import batch_cell, proof_cell, selection_text, sums_text
from primanota.cli.terminal.tables import ShownCell, StateCell, shown_cell
from primanota.cli.texts.language import Writing, spoken
from primanota.core.language.catalogue import LANGUAGES, Plural
from primanota.core.model import Money
from primanota.core.period import between
from primanota.core.results import Sum
from primanota.core.selection import Changed, New, Selection

_PEOPLE, _PROGRAMS = Writing(people=True), Writing(people=False)
_DAY, _MOMENT = date(2026, 11, 2), datetime(2026, 11, 2, 6, 5)  # noqa: DTZ001 - local, as it is shown


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set the terminal's language to each of them."""
    chosen: str = request.param
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", chosen)
    return chosen


def test_days_and_moments(language: str) -> None:
    """A day and a moment are alike: the moment is the day with its time, for people and for programs."""
    days = {"de": "02.11.2026", "en": "2 Nov 2026", "es": "02/11/2026", "fr": "02/11/2026", "it": "02/11/2026"}
    assert shown_cell(_DAY, _PEOPLE).text == days[language]
    assert shown_cell(_MOMENT, _PEOPLE).text == f"{days[language]} 06:05"
    assert [shown_cell(one, _PROGRAMS).text for one in (_DAY, _MOMENT)] == ["2026-11-02", "2026-11-02 06:05"]


def test_amounts_and_their_colours(language: str) -> None:
    """A loss is red and a gain green however the language writes it; programs get the number alone."""
    for cents, colour in ((-123_450, "red"), (123_450, "green")):
        cell = Money(cents, "EUR")
        assert shown_cell(cell, _PEOPLE).colour == colour
        assert shown_cell(cell, _PROGRAMS) == ShownCell(f"{cell:.}", colour)
    assert "€" in shown_cell((Money(1, "EUR"), Money(2, "CHF")), _PEOPLE).text
    assert shown_cell((Money(1, "EUR"), Money(2, "CHF")), _PROGRAMS).text == "0.01 EUR; 0.02 CHF"
    assert shown_cell(None, _PEOPLE).text != ""
    assert sums_text([Sum("EUR", 1, -2)], _PROGRAMS).count("EUR") == 2
    assert language == spoken()


def test_a_state_says_itself_whether_it_is_good(language: str) -> None:
    """The colour of a state does not depend on its word, which differs between languages."""
    cells = {state: proof_cell(state) for state in ("proven", "counts only", "doubtful", "partial", "unread", "gone")}
    assert {state: cell.is_good for state, cell in cells.items()} == {
        "proven": True,
        "counts only": None,
        "doubtful": False,
        "partial": False,
        "unread": False,
        "gone": None,
    }
    assert len({cell.text for cell in cells.values()}) == len(cells)
    colours = [shown_cell(StateCell("x", good), _PEOPLE).colour for good in (True, False, None)]
    assert (colours, language) == (["green", "red", "yellow"], spoken())


@pytest.mark.parametrize("state", ["prepared", "delivered", "failed", "undone", "waiting"])
def test_every_state_of_a_batch_has_a_word(language: str, state: str) -> None:
    """Each state of a batch has a word in each language, also of a file that was imported or waits somewhere."""
    plain, waits = _batch(state), _batch(state, waits=True)
    words = [batch_cell(one, _PROGRAMS).text for one in (plain, _batch(state, imported=_DAY))]
    assert words[0] in words[1]
    assert "2026-11-02" in words[1]
    assert (batch_cell(waits, _PROGRAMS).text != words[0]) is (state == "delivered")
    assert (state if language == "en" else words[0]) == words[0]


def _batch(state: str, *, waits: bool = False, imported: date | None = None) -> BatchView:
    deliveries = [DeliveryView("bucket", "s3://x/", None, "")] if waits else []
    values: dict[str, Any] = dict.fromkeys(BatchView.__struct_fields__)
    return BatchView(**values | {"state": state, "deliveries": deliveries, "imported": imported})


def test_selections(language: str) -> None:
    """A selection reads the same as an object and as the book's text, and programs get the days as ever."""
    chosen: list[Selection] = [
        between(_DAY, date(2026, 11, 8)),
        between(_DAY, _DAY),
        New(_DAY),
        New(_DAY, date(2027, 1, 1)),
        Changed(),
    ]
    for one in chosen:
        for writing in (_PEOPLE, _PROGRAMS):
            assert selection_text(one, writing) == selection_text(f"{one}", writing)
        if language == "en":
            assert selection_text(one, _PROGRAMS) == f"{one}"
    assert selection_text("of a later version", _PEOPLE) == "of a later version"


def test_numbers_and_their_nouns(language: str) -> None:
    """One is singular, every other number plural; only people get thousands marks."""
    rows = Plural("{} row of {name}", "{} rows of {name}")
    assert _PROGRAMS.counted(rows, 1, name="x") == "1 row of x"
    assert _PROGRAMS.counted(rows, 12_345, name="x") == "12345 rows of x"
    assert _PEOPLE.counted(rows, 12_345, name="x") != _PROGRAMS.counted(rows, 12_345, name="x")
    assert language == spoken()


@pytest.mark.parametrize(
    "cron", ["0 7 * * 1", "0 7,19 * * 1,5", "30 8 1 * *", "0 7 * * *", "0 7 * 6 *", "0 7 1 6,12 *", "0 7 * 6 1"]
)
def test_times_of_a_run(language: str, cron: str) -> None:
    """The times of a run have a form in each language, with every day, month and time of them."""
    found = times.cron(cron)
    written = times_text(found)
    assert all(f"{one:%H:%M}" in written for one in found.clock)
    assert all(texts.schedule().months[month - 1] in written for month in found.months)
    assert len({*LANGUAGES} - {language}) == 4


@pytest.mark.parametrize(
    ("number", "language"), [(0x0407, "de-DE"), (0x100C, "fr-CH"), (0x0411, "ja-JP"), (0xFFFF, "en")]
)
def test_windows_knows_the_language_of_the_desktop(
    monkeypatch: pytest.MonkeyPatch, number: int, language: str
) -> None:
    """Where no variable names a language, it is that of the Windows desktop; a variable takes precedence."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "PRIMANOTA_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    assert terminal.language() == "en"
    monkeypatch.setattr(terminal, "desktop_language", lambda: number)
    assert terminal.language() == language
    monkeypatch.setenv("LANG", "it_IT.UTF-8")
    assert terminal.language() == "it-IT"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de_AT.UTF-8", "de"), ("fr@euro", "fr"), ("C", "en"), ("C.UTF-8", "en"), ("POSIX", "en"), ("nl_BE", "en")],
)
def test_the_language_of_a_locale(monkeypatch: pytest.MonkeyPatch, locale: str, expected: str) -> None:
    """A locale is its language, whatever its country, its encoding and its variant are; English for any other."""
    monkeypatch.setenv("LC_ALL", locale)
    assert spoken() == expected
