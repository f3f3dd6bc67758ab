"""The screen of flows: sums of decoded rows, names of counterparties as texts, and pictures with their tables."""

import re
from html import unescape

import pytest

from primanota.app.queries import flows
from primanota.book import Book
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.language.notation import notation
from tests.support.books.book_world import journal_of
from tests.support.screens.command_line import Terminal
from tests.web.conftest import OpenPage


def _cents(shelf: Terminal, place: int = 0) -> list[int]:
    with Book(shelf.book, shelf.clock.micros) as book:
        journal = journal_of(book)
        return [row.amount.cents for row in journal.transactions(journal.accounts()[place])]


def _totals(html: str) -> list[list[str]]:
    """Return the numbers in the last line of each table."""
    feet = re.findall(r"<tfoot>(.*?)</tfoot>", html, re.DOTALL)
    return [[unescape(one) for one in re.findall(r'<td class="amount">([^<]*)</td>', foot)] for foot in feet]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_adds_up_to_the_rows(shelf: Terminal, open_page: OpenPage, language: str) -> None:
    """Months, categories, labels and counterparties each have the sums of all rows, as the language writes them."""
    page = open_page(language=language).entered.get("/flows?month=2026-11")
    cents, write = _cents(shelf), notation(language)
    came, went = sum(one for one in cents if one > 0), sum(one for one in cents if one < 0)
    total = [write.number(len(cents)), *(write.money(one, "EUR") for one in (came, went, came + went))]
    assert (page.status, _totals(page.text)) == (200, [total] * 4)


def test_the_last_twelve_months_are_shown_first(open_page: OpenPage) -> None:
    """Without a period twelve months are asked for, from the first row on, and the last whole month is grouped."""
    shown = open_page().entered.get("/flows").text
    assert 'value="1 Dec 2025"' in shown
    assert 'value="23 Nov 2026"' in shown
    assert "Groups: 1 Oct 2026 \u2013 31 Oct 2026" in shown
    (link,) = re.findall(r'href="(/flows\?account=[^"]*month=2026-11)#groups"', shown)
    followed = open_page().entered.get(unescape(link)).text
    assert "Groups: 1 Nov 2026 \u2013 30 Nov 2026" in followed
    assert 'value="1 Dec 2025"' in followed


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b"])
def test_a_counterparty_is_a_text(shelf: Terminal, open_page: OpenPage, name: str) -> None:
    """A counterparty whose name is a tag is shown as its name, in the table and in the picture."""
    (key,) = shelf.arrive()
    shelf.edit(key, clean_counterparty_name=name)
    shown = open_page().entered.get("/flows?month=2026-11").text
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert f'<th scope="row">{name}</th>' in re.sub(r"&#3[49];", '"', unescape(shown))
    assert shown.count("</title><desc>") == 4


def test_each_picture_has_a_table(open_page: OpenPage) -> None:
    """Each chart has a role, a title and a description, and a table of its numbers."""
    shown = open_page().entered.get("/flows?month=2026-11").text
    charts = re.findall(r'<svg class="chart[^>]*role="img"><title>[^<]+</title><desc>[^<]+</desc>', shown)
    assert (len(charts), shown.count("<details>")) == (4, 4)
    assert "style=" not in shown


def test_too_many_rows_are_told(shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a period has too many rows, the page says so, and shows the sums of the rows that it has grouped."""
    old = len(_cents(shelf))
    shelf.clock.advance(days=1)
    new = shelf.arrive(3)
    monkeypatch.setattr(flows.grouped_rows, "__defaults__", (3,))
    shown = open_page().entered.get("/flows?month=2026-11").text
    assert f"These days have {old + 3} rows, too many to group at once. Grouped are the 3 newest ones" in shown
    assert [foot[0] for foot in _totals(shown)] == [f"{old + 3}", "3", "3", "3"]
    assert len(new) == 3
    monkeypatch.setattr(flows.grouped_rows, "__defaults__", (2,))
    none = open_page().entered.get("/flows?month=2026-W48").text
    assert "too many to group at once, and so has the last one of them with rows." in none
    assert [foot[0] for foot in _totals(none)] == [f"{old + 3}"]


def test_an_account_without_rows_has_none(shelf: Terminal, open_page: OpenPage) -> None:
    """An account without rows says that there are none, and draws no groups."""
    key = shelf.simulator.bank.account_ids()[1]
    shown = open_page().entered.get(f"/flows?account={key}").text
    assert "No row settled in these days." in shown
