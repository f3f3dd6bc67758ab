"""``review accept``, ``--accepted`` and ``reopen``: what is put away, and where it no longer counts."""

import re
import sys
from collections.abc import Callable

import pytest

from primanota.book import Book
from tests.support.banks.shy_bank import authorise
from tests.support.clock import NOON
from tests.support.factories import keep, raw_record
from tests.support.screens.command_line import Terminal

TODAY = f"{NOON.date()}"
_EXPORT = ("export", "generic", "--new", "--since", TODAY)


@pytest.fixture
def pending(desk: Terminal) -> str:
    """Return the id of a pending row of the book."""
    key = authorise(desk.simulator)
    desk.sync()
    return key


def _counts(desk: Terminal, *words: str) -> dict[str, int]:
    return {one["kind"]: one["rows"] for one in desk.run(*words, "--json").data["finding_counts"]}


def _line(desk: Terminal, begin: str) -> str:
    (line,) = (line for line in desk.run("review").out.splitlines() if begin in line.split()[:2])
    return line


def test_a_pending_row_is_put_away_everywhere(desk: Terminal, pending: str) -> None:
    """A pending row that was put away is in no list and no count, with day and note in another list."""
    assert _counts(desk, "status") == {"pending": 1}
    done = desk.run("review", "accept", pending[:7], "--note", "a hotel's deposit")
    named = rf"Put away: {TODAY}, .+, -12\.34 EUR \({pending[:7]}\): pending\n"
    assert (done.code, bool(re.fullmatch(named, done.out))) == (0, True)
    assert (_counts(desk, "status"), _counts(desk, "run", "generic", "--new", "--since", TODAY)) == ({}, {})
    shown = desk.run("review").out
    assert "Nothing is pending, declined, reversed, vanished or changed." in shown
    assert "1 is put away: primanota review --accepted" in shown
    listed = desk.run("review", "--accepted").out.splitlines()[-2]
    assert (listed.split()[0], TODAY in listed, listed.endswith("a hotel's deposit")) == (pending[:7], True, True)
    (found,) = desk.run("review", "--accepted", "--json").data["findings"]
    assert (found["id"], found["accepted"]["note"], found["accepted"]["made"][:10]) == (
        pending,
        "a hotel's deposit",
        TODAY,
    )


def test_it_comes_back_as_another_case(desk: Terminal, pending: str) -> None:
    """A pending row that was put away is shown, as a new finding, when the bank declines it."""
    desk.run("review", "accept", pending)
    desk.clock.advance(minutes=1)
    desk.simulator.bank.decline(pending)
    desk.sync()
    (found,) = desk.run("review", "--json").data["findings"]
    assert (found["id"], found["kind"], found["new"], found["accepted"]) == (pending, "declined", True, None)
    assert desk.run("review", "--accepted").out == "Nothing is put away.\n"


def test_putting_away_is_taken_back(desk: Terminal, pending: str) -> None:
    """``review reopen`` shows a row again; one of which nothing is put away is exit code 2, and is named."""
    refused = desk.run("review", "reopen", pending)
    assert (refused.code, f"Nothing of {pending[:7]} ({TODAY}, " in refused.err) == (2, True)
    desk.run("review", "accept", pending)
    assert desk.run("review", "accept", pending).code == 2
    assert desk.run("review", "reopen", pending[:5], "--json").data["reopened"] == [pending]
    assert [one["id"] for one in desk.run("review", "--json").data["findings"]] == [pending]


def test_what_is_new_comes_first(desk: Terminal, pending: str) -> None:
    """What arose after the last run is marked, and above what was there before, whatever its kind."""
    assert desk.run(*_EXPORT).code == 0
    desk.sync()
    assert desk.run("review", "--json").data["findings"][0]["new"] is False
    other = authorise(desk.simulator)
    desk.simulator.bank.decline(other)
    desk.sync()
    lines = desk.run("review").out.splitlines()
    first, second = (line.split() for line in lines[2:4])
    assert (first[0], first[1], first[2]) == ("new", other[:7], "declined")
    assert (second[0], second[1]) == (pending[:7], "pending")
    assert desk.run(*_EXPORT).code == 0
    assert _line(desk, other[:7]).split()[0] == "new"  # the run itself has found it
    desk.sync()
    assert _line(desk, other[:7]).split()[0] == other[:7]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("de_DE.UTF-8", ["Anzusehen (Tage in Europe/Berlin):", "neu ", "vorgemerkt", "primanota review accept"]),
        (
            "fr_FR.UTF-8",
            ["À vérifier (jours de Europe/Berlin)\u00a0:", "nouvelle ", "en attente", "Pour en classer une"],
        ),
        ("it_IT.UTF-8", ["Da verificare (giorni di Europe/Berlin):", "nuovo ", "in sospeso", "Per archiviarne uno"]),
        ("es_ES.UTF-8", ["Por revisar (días de Europe/Berlin):", "nuevo ", "pendiente", "Para archivar uno"]),
    ],
)
def test_it_speaks_the_language_of_the_terminal(
    desk: Terminal, pending: str, monkeypatch: pytest.MonkeyPatch, language: str, texts: list[str]
) -> None:
    """Headings, reasons and sentences are in the terminal's language; the values of ``--json`` are English."""
    english = desk.run("review", "--json").out
    monkeypatch.setenv("LC_ALL", language)
    shown = desk.run("review").out
    assert [text for text in (*texts, pending[:7], TODAY, "-12.34") if text not in shown] == []
    assert desk.run("review", "--json").out == english
    done = desk.run("review", "accept", pending).out
    assert ("Put away" in done, pending[:7] in done) == (False, True)


@pytest.mark.parametrize(
    ("is_pending", "sentence"),
    [
        (True, r" is no longer pending, and was never charged\."),
        (False, r"\. See “primanota review”\."),
    ],
)
def test_a_row_that_is_gone_is_named(terminal: Callable[..., Terminal], is_pending: bool, sentence: str) -> None:  # noqa: FBT001 - a parameter
    """A sync names a row that the bank no longer shows by day, counterparty and amount."""
    here = terminal(size=0, switches=["reversed-refused"])
    here.sync()
    if is_pending:
        key = authorise(here.simulator)
        here.sync()
        here.simulator.bank.disappear(key)
    else:
        (key,) = here.arrive()
        here.simulator.bank.reverse(key)
    here.clock.advance(minutes=1)
    shown = here.run("sync", "--full").out
    assert re.search(rf"{TODAY}, \S.*, -?[0-9.]+ EUR \({key[:7]}\){sentence}", shown), shown


def test_an_ambiguous_beginning_names_the_rows(desk: Terminal) -> None:
    """Letters that begin the ids of several rows are exit code 2, and the rows are named; shown ids are longer."""
    account = desk.simulator.bank.account_ids()[0]
    with Book(desk.book, desk.clock.micros) as book, book.run("sync"):
        keys = [f"3f1c9a52-0000-7000-8000-00000000000{place}" for place in (1, 2)]
        unsettled = {"status": "declined", "settled_at": None, "settled_balance_cents": None, "settled_balance": None}
        keep(book, [raw_record(key, bank_account_id=account, **unsettled) for key in keys], account)
    refused = desk.run("review", "accept", "3f1c9a5")
    assert (refused.code, "“3f1c9a5” begins the ids of 2 rows" in refused.err) == (2, True)
    assert [f"{key} (2026-10-05, Müller GmbH, -12.34 EUR)" in refused.err for key in keys] == [True, True]
    assert all(key in desk.run("review").out for key in keys)
    assert desk.run("review", "accept", keys[0], "--json").data["accepted"] == [keys[0]]


@pytest.mark.parametrize(("width", "columns"), [(200, 9), (76, 7), (64, 6)])
def test_a_narrow_terminal_has_a_table_too(
    desk: Terminal, pending: str, monkeypatch: pytest.MonkeyPatch, width: int, columns: int
) -> None:
    """A terminal that is too narrow for all columns shows the first ones as a table, one line for a row."""
    desk.clock.advance(days=9)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("primanota.cli.terminal.tables.terminal_width", lambda: width)
    _, heading, _, line, *_ = desk.run("review").out.splitlines()
    assert (
        heading.split()
        == [*("New", "ID", "Why", "Day", "Counterparty", "Amount", "Account", "Reference", "Member")][:columns]
    )
    assert (line.split()[:2], len(line) <= width) == (["new", pending[:7]], True)
