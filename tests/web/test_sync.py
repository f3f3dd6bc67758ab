"""Reading the bank from the page: the same as ``primanota sync``, and told in a sentence."""

from threading import Event, Thread
from typing import Any

import pytest

from primanota.app.running import sync_now
from primanota.app.syncing.sync import sync
from primanota.core.language.catalogue import LANGUAGES
from primanota.web.pages.sync import sync_page_texts
from tests.support.banks.shy_bank import hide_row
from tests.support.screens.browser import complaints
from tests.support.screens.command_line import Terminal
from tests.support.screens.page_server import Answered
from tests.support.screens.visible_words import visible_text
from tests.web.conftest import OpenPage, Visit


def test_new_rows_come(shelf: Terminal, open_page: OpenPage) -> None:
    """The button reads what is new as the command does, says how much came and that it is proven, and is logged."""
    shelf.clock.advance(minutes=1)
    shelf.simulator.bank.arrive(3)
    page = open_page(can_write=True).entered
    assert '<form method="post" action="/sync">' in page.get("/").text
    before = page.get("/doctor").text.count("<code>sync</code>")
    answer = page.post("/sync")
    assert answer.status == 200
    assert "3 new rows came. All accounts are proven to the cent." in visible_text(answer.text)
    assert len(shelf.run("list", "--json").data["rows"]) == 11
    assert page.get("/doctor").text.count("<code>sync</code>") == before + 1


def test_nothing_is_read_without_write(shelf: Terminal, open_page: OpenPage) -> None:
    """A page that only reads has no button, refuses the form, and asks the bank nothing."""
    shelf.clock.advance(minutes=1)
    shelf.simulator.bank.arrive(1)
    page = open_page().entered
    assert "/sync" not in page.get("/").text
    assert page.post("/sync").status == 403
    assert len(shelf.run("list", "--json").data["rows"]) == 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_proven_is_told(
    shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """If rows are missing, the page says so in the reader's language, with why and advice, and so does the week."""
    for hides in (True, False):
        shelf.clock.advance(minutes=1)
        (key,) = shelf.simulator.bank.arrive(1)
        if hides:
            hide_row(monkeypatch, shelf.simulator, key)
    page, texts = open_page(can_write=True, language=language).entered, sync_page_texts(language)
    text = visible_text(page.post("/sync").text)
    for sentence in (texts.not_proven, texts.advice):
        assert " ".join(sentence.split()) in text
    for shown in (text, visible_text(page.get("/").text), visible_text(page.get("/proof").text)):
        assert ("are missing between transactions" in shown) == (language == "en")
        assert key not in shown


def test_a_refused_key_is_a_sentence(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the bank refuses the key, the page says what to do, without the key, and the log has that it failed."""
    monkeypatch.setenv("PRIMANOTA_SECRET_KEY", "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6")
    page = open_page(can_write=True).entered
    answer = page.post("/sync")
    assert answer.status == 502
    assert 'class="notice act" lang="en"' in answer.text
    assert "mistake in Primanota" not in answer.text
    assert "a1b2c3d4e5" not in answer.text
    assert "InvalidApiKey" in page.get("/").text


def test_a_bank_that_cannot_be_reached_is_a_sentence(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the bank cannot be reached, the page says so in a sentence, and works on."""
    monkeypatch.setenv("PRIMANOTA_API_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("primanota.banks.qonto.http.client.time.sleep", lambda _: None, raising=False)
    page = open_page(can_write=True).entered
    answer = page.post("/sync")
    assert answer.status == 502
    assert "mistake in Primanota" not in answer.text
    assert page.get("/").status == 200


def test_a_second_press_starts_no_second_reading(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the page reads the bank, another press is refused with a sentence, and everything else works."""
    began, may_end, read, answers = Event(), Event(), sync, list[Answered]()

    def slow(*words: Any, **options: Any) -> Any:  # noqa: ANN401 - the arguments of sync
        began.set()
        assert may_end.wait(30)
        return read(*words, **options)

    monkeypatch.setattr(sync_now, "sync", slow)
    page = open_page(can_write=True).entered
    first = Thread(target=lambda: answers.append(page.post("/sync")))
    first.start()
    try:
        assert began.wait(30)
        second = page.post("/sync")
        assert (second.status, "reading the bank already" in second.text) == (503, True)
        assert page.get("/").status == 200
    finally:
        may_end.set()
        first.join()
    assert [one.status for one in answers] == [200]
    assert page.post("/sync").status == 200


@pytest.mark.parametrize("scripts", [True, False])
def test_the_button(shelf: Terminal, open_page: OpenPage, visit: Visit, scripts: bool) -> None:  # noqa: FBT001 - a case
    """A press of the button leads to what came, with scripts and without."""
    shelf.clock.advance(minutes=1)
    shelf.simulator.bank.arrive(1)
    with visit(open_page(can_write=True), java_script_enabled=scripts) as page:
        page.get_by_role("button", name="Sync now").click()
        page.wait_for_url("**/sync")
        assert page.locator(".lead").inner_text() == "1 new row came. All accounts are proven to the cent."
        assert not scripts or complaints(page) == []
        page.get_by_role("link", name="This week").last.click()
        assert "1 new row." in page.locator(".lead").inner_text()
