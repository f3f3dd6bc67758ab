"""The screens of the page over the invented company's book, without a browser: what they show and change."""

import re
from hashlib import sha256
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest

from primanota.app.queries import row_pages
from primanota.core.language.catalogue import LANGUAGES
from primanota.web.pages.week import week_texts
from primanota.web.written import proof_sentence
from tests.support.banks.shy_bank import authorise
from tests.support.books.stale_index import changing
from tests.support.clock import BERLIN
from tests.support.screens.command_line import Terminal
from tests.support.screens.visible_words import visible_text
from tests.web.conftest import OpenPage

_SCREENS = (
    *("/", "/review", "/review/put-away", "/proof", "/proof/certificate", "/rows", "/batches", "/batches/1"),
    *("/preview", "/preview/learn", "/flows", "/doctor"),
)
_HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
_EVIL = "<script>alert(1)</script>"


def _rows(shelf: Terminal) -> list[dict[str, object]]:
    found: list[dict[str, object]] = shelf.run("list", "--json").data["rows"]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_screen_in_each_language(open_page: OpenPage, language: str) -> None:
    """Each screen is a whole document in the language that was chosen."""
    page = open_page(language=language).entered
    for path in _SCREENS:
        answer = page.get(path)
        assert answer.status == 200, path
        assert f'<html lang="{language}">' in answer.text
        assert answer.text.rstrip().endswith("</html>")


@pytest.mark.parametrize(
    ("accepted", "language"), [("fr-FR,fr;q=0.9", "fr"), ("nl, it;q=0.5", "it"), ("nl", "en"), ("", "en")]
)
def test_the_language_of_the_browser(open_page: OpenPage, accepted: str, language: str) -> None:
    """Without a setting a screen is in the first of the browser's languages that is supported."""
    assert f'<html lang="{language}">' in open_page(language="").entered.get("/", Accept_Language=accepted).text


def test_the_texts_of_the_bank_are_escaped(shelf: Terminal, open_page: OpenPage) -> None:
    """A counterparty, a reference and a note with markup are shown as text on every screen that has them."""
    key = str(_rows(shelf)[0]["id"])
    shelf.edit(key, label=_EVIL, reference=f'"><img src=x onerror="{_EVIL}">', note=_EVIL)
    page = open_page(can_write=True).entered
    for path in ("/rows", f"/rows/{key}", "/preview?since=2026-01-01&profile=xero", "/rows?text=%3Cscript%3E"):
        text = page.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
    assert _EVIL in unescape(page.get(f"/rows/{key}").text)


def test_the_week_in_a_sentence(shelf: Terminal, open_page: OpenPage) -> None:
    """The week says first what is new, what needs a person, and whether all is proven."""
    page = open_page().entered
    assert "Nothing is new. Nothing needs you. All accounts are proven to the cent." in page.get("/").text
    shelf.arrive(3)
    assert "3 new rows." in page.get("/").text


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [([True, True], "proven"), ([True, None], "proven_as_stated"), ([None, False], "not_proven")],
)
def test_only_balances_prove_to_the_cent(verdicts: list[bool | None], said: str) -> None:
    """All accounts are called proven to the cent only if the bank states balances of each of them."""
    texts = week_texts("en")
    assert proof_sentence(texts, verdicts) == getattr(texts, said)


def test_the_line_of_a_year_has_a_table(open_page: OpenPage) -> None:
    """Each line of a year has a table of its balances behind it, which ends with the account's balance."""
    text = unescape(open_page().entered.get("/").text)
    cards = text.split('<li class="card">')[1:]
    assert len(cards) == 4
    for card in cards:
        (balance,) = re.findall(r'<p class="figure">([^<]*)</p>', card)
        rows = re.findall(r'<th scope="row" class="nowrap">([^<]*)</th><td class="amount">([^<]*)</td>', card)
        assert ("<svg" in card, len(rows)) == (True, 53)
        assert rows[-1] == ("23 Nov 2026", balance)
        assert rows[0][0] == "24 Nov 2025"


def test_which_account_needs_a_person(shelf: Terminal, open_page: OpenPage) -> None:
    """Each account says how many of its rows need a person; the link leads to exactly these."""
    for _ in range(2):
        authorise(shelf.simulator)
    shelf.edit(str(_rows(shelf)[0]["id"]), note="changed")
    page = open_page().entered
    text = page.get("/").text
    assert "3 need you." in text
    ((link, count),) = re.findall(r'<a href="(/review\?account=[^"]+)">(\d+) needs? you', text)
    assert (int(count), page.get(link).text.count("<tr data-row>")) == (3, 3)
    other = shelf.simulator.bank.account_ids()[1]
    assert "<tr data-row>" not in page.get(f"/review?account={other}").text


def test_the_last_and_the_next_run_and_the_last_mail(
    shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The week says when the last sync was and that it failed, if it did; the next run; and the last mail."""
    page = open_page().entered
    facts = visible_text(page.get("/").text).partition("Runs and mail")[2]
    assert f"Last read {shelf.clock().astimezone(BERLIN):%-d %b %Y %H:%M}" in facts
    assert "Next run by itself not scheduled on this machine Last mail no mail yet" in facts
    assert "did not end well" not in facts
    with monkeypatch.context() as patch:
        patch.setenv("PRIMANOTA_SECRET_KEY", "wrong")
        assert shelf.run("sync").code == 4
    assert "did not end well: InvalidApiKey" in visible_text(page.get("/").text)


def test_the_queue_is_that_of_the_review(shelf: Terminal, open_page: OpenPage) -> None:
    """The screen has the findings of “primanota review”, by kind and member; several are put away at once."""
    keys = [authorise(shelf.simulator), authorise(shelf.simulator)]
    changed = str(_rows(shelf)[0]["id"])
    shelf.edit(changed, note="new <b>note</b>")
    page = open_page(can_write=True).entered
    text = page.get("/review").text
    assert sorted(re.findall(r'name="id" value="([^"]+)"', text)) == sorted(
        [*(f"pending:{key}" for key in keys), f"changed:{changed}"]
    )
    assert "<ins" in text
    assert "new &lt;b&gt;note&lt;/b&gt;" in text
    assert re.findall(r'name="id" value="([^"]+)"', page.get("/review?kind=changed").text) == [f"changed:{changed}"]
    assert 'name="id"' not in page.get("/review?member=Nobody").text
    assert page.post_fields("/review/accept", [("id", f"pending:{key}") for key in keys]).status == 303
    found = shelf.run("review", "--json").data["findings"]
    assert [one["id"] for one in found if one["kind"] in {"pending", "changed"}] == [changed]
    assert "review accept" in page.get("/doctor").text


def test_rows_are_those_of_the_list(shelf: Terminal, open_page: OpenPage) -> None:
    """The screen of rows shows what “primanota list” shows with the same conditions, the newest first."""
    page = open_page().entered
    for query, words in (
        ("", ()),
        ("?side=out", ("--side", "out")),
        ("?text=a", ("--text", "a")),
        ("?since=23.11.2026", ("--since", "2026-11-23")),
        ("?batch=1", ("--batch", "1")),
        ("?status=pending", ("--status", "pending")),
    ):
        listed = shelf.run("list", *words, "--json").data
        shown = re.findall(r'<a href="/rows/([^"]+)">', page.get(f"/rows{query}").text)
        assert shown == [row["id"] for row in listed["rows"]][::-1], query


def test_rows_go_on_by_key(shelf: Terminal, open_page: OpenPage) -> None:
    """Over all pages each row is shown once, also when rows arrive between two pages."""
    shelf.arrive(230)
    page, seen, path = open_page().entered, list[str](), "/rows"
    expected = [row["id"] for row in _rows(shelf)][::-1]
    while path:
        text = page.get(path).text
        seen += re.findall(r'<a href="/rows/([^"?]+)">', text)
        older = re.search(r'href="(/rows\?before=\d+)"', text)
        path = older[1] if older else ""
        if len(seen) < 150:
            shelf.arrive(1)
    assert seen == expected


def test_the_totals_are_those_of_all_rows(shelf: Terminal, open_page: OpenPage) -> None:
    """The totals below a page are those of all rows that are asked for, as “primanota list” has them."""
    shelf.arrive(120)
    text = open_page().entered.get("/rows").text
    for total in shelf.run("list", "--json").data["totals"]:
        assert f"{total['rows']}</td>" in text
        assert f"{(total['sum_in_cents']) / 100:,.2f}" in text


def test_the_totals_of_words_are_those_of_the_page(
    shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where words are searched in a part of the rows, the totals are plainly those of the page, and are its own."""
    shelf.arrive(12)
    monkeypatch.setattr(row_pages, "_READ_AT_ONCE", 15)
    page = open_page().entered
    newest = page.get("/rows?text=e").text
    (older,) = re.findall(r'href="(/rows\?text=e&amp;before=\d+)">', newest)
    oldest = page.get(unescape(older)).text
    shown = 0
    for text in (newest, oldest):
        assert "<h2>Totals of the rows on this page alone</h2>" in text
        assert "hx-get" not in text  # rows that are added to those of another page would have other totals
        (rows,) = re.findall(r'<td>completed</td><td class="amount">(\d+)</td>', text)
        assert int(rows) == len(re.findall("<tr data-row>", text))
        shown += int(rows)
    assert shown == len(shelf.run("list", "--text", "e", "--json").data["rows"])
    monkeypatch.setattr(row_pages, "_READ_AT_ONCE", 5_000)
    assert "<h2>Totals of all rows that are asked for</h2>" in page.get("/rows?text=e").text


def test_a_row_tells_its_history(shelf: Terminal, open_page: OpenPage) -> None:
    """A row shows its versions with what changed, the bank's words, its line in a file, and that it changed since."""
    key = str(_rows(shelf)[0]["id"])
    shelf.edit(key, note="Werkzeug für die Messe")
    text = unescape(open_page().entered.get(f"/rows/{key}").text)
    assert "<ins>Werkzeug für die Messe</ins>" in text
    assert "an older version" in text
    assert f'"id": "{key}"' in text
    assert re.search(r'href="/batches/1">lexware_[^<]+</a>: line \d', text)


def test_a_row_says_why_it_is_in_no_file(shelf: Terminal, open_page: OpenPage) -> None:
    """A row that is in no file says why: not completed yet, before the first day, or new."""
    [new] = shelf.arrive(1)
    page = open_page().entered
    assert "the next one will have it" in page.get(f"/rows/{new}").text
    shelf.run("batches", "undo", "1", "--yes")
    shelf.run("export", "lexware", "--new", "--since", "2026-11-25", "--yes")
    assert "before the first day" in page.get(f"/rows/{_rows(shelf)[0]['id']}").text


def test_an_address_that_asks_for_nonsense(open_page: OpenPage) -> None:
    """An address that asks for what cannot be is an error with advice, and no mistake of the program."""
    page = open_page().entered
    for query in ("since=never", "amount=much", "status=odd", "batch=x", "account=nobody"):
        answer = page.get(f"/rows?{query}")
        assert answer.status == 400, query
        assert "mistake in Primanota" not in answer.text


def test_what_is_not_there(open_page: OpenPage) -> None:
    """A batch, a row or a page that does not exist is an error of its own."""
    page = open_page().entered
    assert (page.get("/batches/99").status, page.get("/rows/nothing").status) == (400, 400)
    assert page.get("/nothing").status == 404


def test_a_file_is_the_same_again(shelf: Terminal, open_page: OpenPage) -> None:
    """A file that is downloaded has the bytes that were exported, and is never shown as a page."""
    page, batch = open_page().entered, shelf.run("batches", "--json").data["batches"][0]
    answer = page.get("/batches/1/file")
    assert answer.text.encode() == Path(batch["path"]).read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment; ")


def test_a_selection_is_said_in_the_language(open_page: OpenPage) -> None:
    """Which rows a file was to have is said in the reader's language, with days as it writes them."""
    assert "<dd>neu seit 01.01.2026</dd>" in open_page(language="de").entered.get("/batches/1").text


def test_a_batch_is_undone_and_taken_back(shelf: Terminal, open_page: OpenPage) -> None:
    """The page undoes a batch and takes that back by the use cases of the commands, and the run log has both."""
    page = open_page(can_write=True).entered
    assert "8 rows will be new again." in page.get("/batches/1/undo").text
    assert page.post("/batches/1/undo").status == 303
    assert shelf.run("batches", "--json").data["batches"][0]["state"] == "undone"
    assert page.post("/batches/1/redo").status == 303
    assert shelf.run("batches", "--json").data["batches"][0]["state"] == "delivered"
    log = page.get("/doctor").text
    assert "batches undo 1" in log
    assert "batches redo 1" in log


def test_the_preview_is_what_is_written(shelf: Terminal, open_page: OpenPage) -> None:
    """The preview shows each cell of the file that the button writes, beside the bank's row."""
    shelf.arrive(4)
    page = open_page(can_write=True).entered
    shown = unescape(page.get("/preview?profile=lexware").text)
    assert "4 new rows." in shown
    assert page.post("/preview", {"profile": "lexware"}).headers["location"] == "/batches"
    batch = shelf.run("batches", "--json").data["batches"][1]
    assert batch["rows"] == 4
    lines = Path(batch["path"]).read_text(encoding="utf-8").splitlines()
    for cell in (cell for line in lines[1:] for cell in line.split(",") if '"' not in line):
        assert f"<td>{cell}</td>" in shown


def test_a_guarded_text_is_marked(shelf: Terminal, open_page: OpenPage) -> None:
    """A text that a spreadsheet would take for a formula is marked where the file guards it."""
    shelf.edit(str(_rows(shelf)[0]["id"]), reference="=1+1")
    text = unescape(open_page().entered.get("/preview?profile=lexware-template&since=2026-01-01").text)
    assert re.search(r"<td>'=1\+1 <span class=\"tag wait\">guarded</span></td>", text)


def test_a_file_that_breaks_a_rule_is_not_offered(open_page: OpenPage) -> None:
    """A preview of rows that break a rule of the tool says which, and has no button."""
    page = open_page(can_write=True).entered
    for profile, is_kept in (("generic", True), ("cfonb-fr", False)):  # a format for French accounts
        text = page.get(f"/preview?profile={profile}&since=2026-01-01").text
        assert ("All rules hold" in text, "A row breaks a rule" in text) == (is_kept, not is_kept)
        assert ('<form class="actions" method="post" action="/preview">' in text) is is_kept


def test_everything_is_examined(shelf: Terminal, open_page: OpenPage) -> None:
    """The doctor examines book, accounts, key and places, and says what to do where something is not well."""
    page = open_page().entered
    text = unescape(page.post("/doctor").text)
    assert text.count("✓ well") >= 6
    assert text.count('<span class="tag act">✗</span>') == 1  # no run is scheduled
    shelf.simulator.bank.reverse(str(_rows(shelf)[0]["id"]))
    assert page.post("/doctor").text.count('<span class="tag act">✗</span>') > 1


def test_the_vendored_script_is_the_published_one() -> None:
    """Htmx is the file of its package, byte for byte: sha256 of htmx.org 4.0.1, dist/htmx.min.js."""
    script = files("primanota.web") / "static" / "htmx-4.0.1.min.js"
    assert sha256(script.read_bytes()).hexdigest() == _HTMX


def test_a_book_of_an_older_version_opens(shelf: Terminal, open_page: OpenPage) -> None:
    """The first screen brings up to date what an older version derived by another rule of what rows lack."""
    with changing(shelf.book) as connection:
        assert connection.execute("DELETE FROM derived WHERE name = 'lacks'").rowcount == 1
    assert open_page().entered.get("/").status == 200
