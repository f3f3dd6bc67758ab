"""The screens of the proof: the numbers of the rows, what is proven and what is not, and a certificate to file."""

import hashlib
import re
from html import unescape

import pytest

from primanota import __version__
from primanota.book import Batches, Book
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.language.notation import notation
from primanota.core.language.proof_texts import proof_texts
from primanota.core.model import Transaction
from primanota.core.proof_state import ProofState, State
from tests.support.banks.shy_bank import hide_row
from tests.support.books.book_world import journal_of
from tests.support.screens.command_line import Terminal
from tests.web.conftest import OpenPage

_TEXTS, _MONTH = proof_texts("en"), "month=2026-11"


def _text(html: str) -> str:
    """Return the words of a page, each run of spaces as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def _items(html: str, heading: str) -> list[str]:
    """Return the points of the list below a heading."""
    found = re.search(rf"<h2>{re.escape(heading)}</h2>\s*<ul>(.*?)</ul>", html, re.DOTALL)
    return [unescape(one) for one in re.findall(r"<li>(.*?)</li>", found[1])] if found else []


def _rows(shelf: Terminal) -> list[Transaction]:
    with Book(shelf.book, shelf.clock.micros) as book:
        journal = journal_of(book)
        return [*journal.transactions(journal.accounts()[0])]


def _set_state(shelf: Terminal, found: ProofState, place: int = 0) -> str:
    """Give an account another state, and return its id."""
    with Book(shelf.book, shelf.clock.micros) as book, book.writing():
        key = journal_of(book).accounts()[place].id
        book.set_proof_state(key, found)
    return key


@pytest.mark.parametrize("path", ["/proof", "/proof/certificate"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_are_those_of_the_rows(shelf: Terminal, open_page: OpenPage, language: str, path: str) -> None:
    """Opening, in, out and closing are those of the decoded rows, written as the language does."""
    page = open_page(language=language).entered.get(f"{path}?{_MONTH}")
    cents = [row.amount.cents for row in _rows(shelf)]
    came, went = sum(one for one in cents if one > 0), -sum(one for one in cents if one < 0)
    assert page.status == 200
    shown = [unescape(one) for one in re.findall(r'<td class="amount">([^<]*)</td>', page.text)][:4]
    assert shown == [notation(language).money(one, "EUR") for one in (0, came, went, came - went)]
    assert proof_texts(language).bank.same.partition("(")[0] in _text(page.text)


def test_the_last_whole_month_is_shown_first(shelf: Terminal, open_page: OpenPage) -> None:
    """Without a period the last whole month is shown, and each account is a link with its state."""
    shown = open_page().entered.get("/proof").text
    assert "1 Oct 2026 \u2013 31 Oct 2026" in shown
    for key in shelf.simulator.bank.account_ids():
        assert f'href="/proof?account={key}&amp;since=2026-10-01&amp;until=2026-10-31"' in shown
    assert shown.count(">proven complete</span>") == 5


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("month=november+2025", "1 Nov 2025 \u2013 30 Nov 2025"),
        ("month=2026-Q3&since=2026-01-01", "1 Jul 2026 \u2013 30 Sep 2026"),
        ("since=01.11.2026", "1 Nov 2026 \u2013 23 Nov 2026"),
        ("since=october&until=5.+November+2026", "1 Oct 2026 \u2013 5 Nov 2026"),
        ("until=2026-11-22", "22 Nov 2026"),
        ("until=2026-11-24", "23 Nov 2026 \u2013 24 Nov 2026"),
    ],
)
def test_a_period_is_read_as_people_write_it(open_page: OpenPage, asked: str, days: str) -> None:
    """A month or two days are understood however they are written; without a first day from the first row on."""
    assert f"Hauptkonto, {days}</h2>" in open_page().entered.get(f"/proof?{asked}").text


@pytest.mark.parametrize(
    "asked", ["month=sometime", "since=2026-13-01", "since=2026-11-02&until=2026-11-01", "account=none"]
)
@pytest.mark.parametrize("path", ["/proof", "/proof/certificate", "/flows"])
def test_what_cannot_be_asked_is_refused(open_page: OpenPage, path: str, asked: str) -> None:
    """A period or an account that does not exist is an error with advice, never another period or account."""
    page = open_page().entered.get(f"{path}?{asked}")
    assert (page.status, "notice act" in page.text) == (400, True)


def test_the_plot_has_a_title_a_description_and_a_table(open_page: OpenPage) -> None:
    """The plot is a picture with title and description; its numbers are in a table, and the last is the closing."""
    shown = open_page().entered.get(f"/proof?{_MONTH}").text
    (title,) = re.findall(r'<svg [^>]*role="img"><title>([^<]*)</title><desc>[^<]+</desc>', shown)
    assert title == "Balance of Hauptkonto, 1 Nov 2026 \u2013 30 Nov 2026"
    assert "<details>" in shown
    closing = re.findall(r'<td class="amount">([^<]*)</td>', shown)[3]
    assert f'<th scope="row" class="nowrap">23 Nov 2026</th><td class="amount">{closing}</td>' in shown
    assert 'class="gap"' not in shown


def test_the_rows_of_the_period_are_a_link(shelf: Terminal, open_page: OpenPage) -> None:
    """The screen leads to the rows of the period and to its certificate."""
    page, key = open_page().entered, shelf.simulator.bank.account_ids()[0]
    shown = page.get(f"/proof?{_MONTH}").text
    link = f"account={key}&amp;since=2026-11-01&amp;until=2026-11-30"
    assert f'href="/rows?{link}"' in shown
    assert f'href="/proof/certificate?{link}"' in shown
    assert page.get(f"/rows?{unescape(link)}").text.count("<tr data-row>") == len(_rows(shelf))


# --- the certificate ------------------------------------------------------------------------------------------------


def test_the_certificate_names_all_that_one_files(shelf: Terminal, open_page: OpenPage) -> None:
    """It has company, login, IBAN, days, version, the head of the chain, and each file with the hash of its bytes."""
    shown = open_page().entered.get(f"/proof/certificate?{_MONTH}").text
    with Book(shelf.book, shelf.clock.micros) as book:
        journal = journal_of(book)
        company, account, head = journal.organisation(), journal.accounts()[0], book.head.hex()
        (batch,) = Batches(book).all()
        versions = book.newest_version
    assert batch.path
    assert hashlib.sha256(batch.path.read_bytes()).hexdigest() == batch.sha256
    words = _text(shown)
    for wanted in (
        *(company.name, shelf.simulator.login, account.name, account.iban, head, batch.name, batch.sha256),
        *(f"Primanota {__version__}", "1 Nov 2026 \u2013 30 Nov 2026", "23 Nov 2026", f"version {versions}"),
        *("primanota check", "sha256sum", _TEXTS.certificate.limits),
    ):
        assert wanted in words
    assert "data-print" in shown


def test_a_file_without_rows_of_the_period_is_not_named(open_page: OpenPage) -> None:
    """A month whose rows are in no file says so."""
    shown = open_page().entered.get("/proof/certificate?month=2026-10").text
    assert _TEXTS.certificate.no_files in _text(shown)
    assert "sha256sum" not in shown


def test_a_proven_month_has_all_claims(open_page: OpenPage) -> None:
    """Of an account that is proven chain, sums, bank and counts are proven; what settles later is not."""
    shown = open_page().entered.get(f"/proof/certificate?{_MONTH}").text
    claims, proven = _items(shown, _TEXTS.proven_heading), _TEXTS.proven
    assert claims[:2] == [proven.chain, proven.sums]
    assert claims[2].startswith(proven.bank.partition("{")[0])
    assert claims[3].startswith(proven.counts.partition("{")[0])
    assert f"<h1>{_TEXTS.certificate.heading}</h1>" in shown
    (later,) = _items(shown, _TEXTS.unproven_heading)
    assert later.startswith("What settles after 23 Nov 2026, 13:09 is not proven yet")


@pytest.mark.parametrize("state", ["partial", "doubtful", "unread", "gone"])
def test_a_state_that_is_not_proven_is_told(shelf: Terminal, open_page: OpenPage, state: State) -> None:
    """Of an account that is not proven the certificate claims nothing, says which state it is in, and why."""
    until = None if state == "unread" else shelf.clock.micros() - 86_400_000_000 * 5
    _set_state(shelf, ProofState(state, until, ("a <b>reason</b>",)))
    for path in ("/proof", "/proof/certificate"):
        shown = open_page().entered.get(f"{path}?{_MONTH}").text
        assert _items(shown, _TEXTS.proven_heading) == []
        missing = _items(shown, _TEXTS.unproven_heading)
        assert getattr(_TEXTS.unproven, state).partition("{")[0] in missing[0]
        assert (len(missing) > 1) == (until is not None)
        assert "<li>a &lt;b&gt;reason&lt;/b&gt;</li>" in shown
        assert (f"<h1>{_TEXTS.certificate.open}</h1>" in shown) == path.endswith("certificate")


def test_counts_alone_are_told(shelf: Terminal, open_page: OpenPage) -> None:
    """Of an account without balances the counts are proven, its balances are unknown, and no plot is drawn."""
    key = shelf.simulator.bank.account_ids()[3]
    for _ in range(2):
        shelf.clock.advance(minutes=1)
        shelf.simulator.bank.arrive(1, key)
    shelf.sync()
    page = open_page().entered
    shown = page.get(f"/proof/certificate?{_MONTH}&account={key}").text
    (counts,) = _items(shown, _TEXTS.proven_heading)
    assert counts.startswith(_TEXTS.proven.counts.partition("{")[0])
    assert _TEXTS.unproven.no_balances in _items(shown, _TEXTS.unproven_heading)
    assert f"<h1>{_TEXTS.certificate.open}</h1>" in shown
    assert shown.count("unknown") >= 2
    assert _TEXTS.plot.none in _text(page.get(f"/proof?{_MONTH}&account={key}").text)


def test_a_gap_is_marked_and_told(shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that the bank hides is a gap: an amount between two days, a mark in the plot, nothing proven."""
    shelf.clock.advance(minutes=1)
    (key,) = shelf.simulator.bank.arrive(1)
    hide_row(monkeypatch, shelf.simulator, key)
    shelf.clock.advance(minutes=1)
    shelf.simulator.bank.arrive(1)
    shelf.clock.advance(minutes=1)
    assert shelf.run("sync").code == 6
    shown = open_page().entered.get(f"/proof?{_MONTH}").text
    hidden = shelf.simulator.bank.find(key)
    assert hidden
    missing = notation("en").money(hidden.signed_cents, "EUR")
    wanted = _TEXTS.unproven.gap.format(amount=missing, before="23 Nov 2026", after="23 Nov 2026")
    assert wanted in _items(shown, _TEXTS.unproven_heading)
    assert _items(shown, _TEXTS.proven_heading) == []
    assert (shown.count('class="gap"'), "1 gap is marked." in shown) == (1, True)
    assert f'<td class="amount act">{missing}</td>' in shown


def test_the_bank_was_compared_later_than_an_earlier_month(shelf: Terminal, open_page: OpenPage) -> None:
    """A month before the newest rows says on which day the bank's balance was compared, and what it was."""
    shown = _text(open_page().entered.get("/proof/certificate?month=2026-10").text)
    bank = notation("en").money(sum(row.amount.cents for row in _rows(shelf)), "EUR")
    assert f"At the last sync (23 Nov 2026, 13:10) the bank\u2019s own balance was {bank}." in shown
