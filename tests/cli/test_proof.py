"""The proof of an account in every command: what is not proven is exit code 6, and has its name everywhere."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from primanota.book import Book
from primanota.core.period import microseconds
from primanota.core.proof_state import ProofState
from primanota.simulator.http.transaction_query import TransactionQueryParser
from tests.support.banks.shy_bank import authorise, hide_row, refuse_account, release, unlist_account
from tests.support.screens.command_line import CommandResult, Terminal

_DAY = "2026-11-23"
_JSONL = ("export", "jsonl", "--account", "Hauptkonto")


def _forget(desk: Terminal, name: str) -> None:
    """Make an account one that was never read whole, as an interrupted first sync leaves it."""
    key = desk.simulator.bank.account_ids()[{"Hauptkonto": 0, "Steuerrücklage": 1}[name]]
    with Book(desk.book, lambda: microseconds(desk.clock())) as book, book.writing():
        book.set_proof_state(key, ProofState())


def _head(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    return found


@pytest.fixture
def doubtful(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a command line whose bank does not list the newest row: the last sync could not prove the account."""
    desk.clock.advance(days=-40)
    desk.arrive(2)
    desk.clock.advance(days=40)
    desk.arrive()
    desk.clock.advance(minutes=1)
    (key,) = desk.simulator.bank.arrive(1)
    hide_row(monkeypatch, desk.simulator, key)
    desk.clock.advance(minutes=1)
    assert desk.run("sync").code == 6
    return desk


@pytest.mark.parametrize("days", [("--new", "--since", "2026-01-01"), ("--period", "2026-11"), ("--period", _DAY)])
def test_a_hole_after_the_last_row_stops_the_file(doubtful: Terminal, days: tuple[str, ...]) -> None:
    """An export that reaches beyond what is proven is exit code 6 with account, state and reason; no file appears."""
    result = doubtful.run(*_JSONL, *days)
    assert (result.code, doubtful.exports.exists()) == (6, False)
    for word in ("Hauptkonto is not proven (doubtful)", "the bank's balance is", "--allow-unproven"):
        assert word in result.err
    assert doubtful.run("batches", "--json").data["batches"] == []


def test_the_reason_is_in_the_language_of_the_terminal(doubtful: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why an account is not proven is said in the terminal's language, and in English in JSON and in the book."""
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    said, known = "die Umsätze ergeben ", "the rows add up to "
    assert said in doubtful.run("sync").out
    assert said in doubtful.run("status").out
    assert said in doubtful.run("check").out
    (account, *_) = doubtful.run("status", "--json").data["accounts"]
    assert any(reason.startswith(known) for reason in account["reasons"])


def test_an_earlier_period_is_proven_although_the_account_is_doubtful(doubtful: Terminal) -> None:
    """A period that ended before the moment that was proven last is exported, and is proven."""
    result = doubtful.run(*_JSONL, "--period", "2026-10", "--json")
    (file,) = result.data["files"]
    assert (result.code, file["rows"], file["proven"], file["proof"]) == (0, 2, True, "proven")
    assert _head(Path(file["path"]))["proof"] == "proven"


def test_an_unproven_file_says_so_everywhere(doubtful: Terminal) -> None:
    """With ``--allow-unproven`` file, table, JSON and list of batches have the name of the state."""
    result = doubtful.run(*_JSONL, "--period", "2026-11", "--allow-unproven", "--json")
    (file,) = result.data["files"]
    assert (result.code, file["proven"], file["proof"]) == (0, False, "doubtful")
    head = _head(Path(file["path"]))
    assert (head["proven"], head["proof"]) == (False, "doubtful")
    assert "doubtful" in doubtful.run("batches").out
    (batch,) = doubtful.run("batches", "--json").data["batches"]
    assert (batch["proven"], batch["proof"]) == (False, "doubtful")


def test_check_without_the_bank_keeps_the_last_verdict(doubtful: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the bank a check repeats what the last sync found."""
    monkeypatch.setenv("PRIMANOTA_API_URL", "http://127.0.0.1:1")
    result = doubtful.run("check", "--json")
    assert result.code == 6
    assert result.data["accounts"][0]["proof"] == "doubtful"


@pytest.mark.parametrize(
    "words",
    [
        ("export", "lexware", "--period", _DAY),
        ("export", "lexware", "--new", "--since", _DAY),
        ("export", "lexware", "--period", _DAY, "--dry-run"),
        ("export", "lexware", "--period", _DAY, "--account", "Steuerrücklage"),
        ("review",),
        ("check",),
    ],
)
def test_an_account_that_was_never_read_is_named(desk: Terminal, words: tuple[str, ...]) -> None:
    """Every command says of an account that was never read whole that it is unread, with exit code 6."""
    desk.arrive()
    _forget(desk, "Steuerrücklage")
    result = desk.run(*words)
    assert result.code == 6
    assert "unread" in result.out + result.err
    assert "Steuerrücklage" in result.out + result.err
    assert "Nothing is pending" not in result.out
    assert not desk.exports.exists()


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_account_that_was_never_read_is_not_gone(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """``check`` does not take an account for proven that the bank refuses and that was never read whole."""
    desk.arrive()
    _forget(desk, "Steuerrücklage")
    refuse_account(monkeypatch, desk.simulator, 1, status)
    result = desk.run("check", "--json")
    states = {one["account"]: (one["proof"], one["proven"]) for one in result.data["accounts"]}
    assert (result.code, states["Steuerrücklage"], states["Hauptkonto"]) == (6, ("unread", False), ("proven", True))


def test_each_account_is_read_by_itself(desk: Terminal) -> None:
    """With ``--account`` an account that was read is exported although another was not; the next sync heals it."""
    desk.arrive()
    _forget(desk, "Steuerrücklage")
    assert desk.run("export", "lexware", "--period", _DAY, "--account", "Hauptkonto").code == 0
    assert desk.run("review", "--json").data["exit_code"] == 6
    desk.sync()
    assert desk.run("review").code == 0


def test_an_interrupted_first_sync_is_no_proof(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a first sync that was interrupted before any row was read, review and export are exit code 6."""
    here = terminal()
    with monkeypatch.context() as patch:
        patch.setattr("primanota.banks.qonto.bank.QontoBank.sources", _interrupt)
        assert here.run("sync").code == 130
    for words in (("review",), ("export", "lexware", "--period", _DAY), ("check",)):
        assert here.run(*words).code == 6
    assert here.run("run", "lexware", "--period", _DAY).code == 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("status", [404, 403, 0])
def test_an_account_that_has_gone_keeps_the_others_from_nothing(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Sync, run, check and export go on, with a note; the rows that were proven are still written."""
    desk.simulator.bank.arrive(1, desk.simulator.bank.account_ids()[1])
    desk.arrive()
    desk.clock.advance(days=1)
    if status:
        refuse_account(monkeypatch, desk.simulator, 1, status)
    else:
        unlist_account(monkeypatch, 1)
    sync = desk.run("sync")
    assert (sync.code, "Steuerrücklage is no longer shown by the bank since 2026-11-24" in sync.err) == (0, True)
    assert "gone" in sync.out
    for words in (("run", "lexware"), ("export", "jsonl")):
        result = desk.run(*words, "--new", "--since", _DAY, "--json")
        rows = {file["account"]: (file["rows"], file["proof"]) for file in result.data["files"]}
        assert (result.code, len(rows)) == (0, 4)
        assert (rows["Hauptkonto"], rows["Steuerrücklage"]) == ((1, "proven"), (1, "gone"))
    named: CommandResult = desk.run("run", "generic", "--period", _DAY, "--account", "Steuerrücklage", "--json")
    assert (named.code, [file["rows"] for file in named.data["files"]]) == (0, [1])
    check = desk.run("check")
    assert (check.code, "report" in check.err) == (0, False)


def test_rows_that_were_not_proven_before_the_account_went_are_left_out(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an account that went while it was doubtful only proven rows are written; named, it is refused."""
    savings = desk.simulator.bank.account_ids()[1]
    desk.simulator.bank.arrive(1, savings)
    desk.sync()
    desk.clock.advance(minutes=9)
    _, key = desk.simulator.bank.arrive(1, savings) + desk.simulator.bank.arrive(1, savings)
    with monkeypatch.context() as patch:
        hide_row(patch, desk.simulator, key)
        desk.clock.advance(minutes=1)
        assert desk.run("sync").code == 6
    unlist_account(monkeypatch, 1)
    assert [desk.run("sync").code for _ in range(2)] == [6, 0]
    result = desk.run("export", "jsonl", "--new", "--since", _DAY, "--json")
    assert (result.code, result.data["files"][-1]["rows"]) == (0, 1)
    named = ("export", "generic", "--new", "--since", _DAY, "--account", "Steuerrücklage")
    assert desk.run(*named).code == 6
    allowed = desk.run(*named, "--allow-unproven", "--json")
    assert (allowed.code, allowed.data["files"][0]["rows"], allowed.data["files"][0]["proven"]) == (0, 2, False)


def test_a_named_account_is_not_kept_back_by_another(doubtful: Terminal) -> None:
    """``run --account`` insists on the named account only; a run of all accounts names the doubtful one."""
    assert doubtful.run("run", "lexware", "--period", _DAY, "--account", "Steuerrücklage").code == 0
    result = doubtful.run("run", "lexware", "--period", _DAY)
    assert (result.code, "Not proven complete: Hauptkonto." in result.err) == (6, True)


@pytest.mark.parametrize("switches", [["reversed-refused"], []])
def test_a_released_authorisation_was_never_charged(terminal: Callable[..., Terminal], switches: list[str]) -> None:
    """``review`` says of a released card authorisation that it was never charged."""
    here = terminal(size=0, switches=switches)
    key = authorise(here.simulator)
    here.sync()
    here.clock.advance(days=5)
    release(here.simulator, key)
    result = here.run("sync")
    assert result.code == 0
    assert ("is no longer pending, and was never charged" in result.out) == bool(switches)
    assert "never charged" in here.run("review").out


def test_a_fresh_book_has_no_note(desk: Terminal) -> None:
    """Minutes after a sync an export has no note on what settled later."""
    desk.arrive()
    desk.clock.advance(minutes=30)
    for words in (("--period", _DAY), ("--changed",), ("--new", "--since", _DAY)):
        assert desk.run("export", "lexware", *words).err == ""


def test_a_bank_that_ignores_reversed_is_proven(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bank that takes an unknown status for none, and answers with completed rows, is read and proven."""
    statuses = TransactionQueryParser._statuses

    def ignore(parser: TransactionQueryParser, parameters: list[tuple[str, str]]) -> object:
        return statuses(parser, [pair for pair in parameters if pair != ("status[]", "reversed")])

    monkeypatch.setattr(TransactionQueryParser, "_statuses", ignore)
    here = terminal()
    assert (here.run("sync").code, here.run("check").code) == (0, 0)


def test_a_gap_names_its_rows(terminal: Callable[..., Terminal]) -> None:
    """Where rows are missing, sync, status and check name those around them by day, counterparty and amount."""
    desk = terminal(faults=["balance-gap"])
    named = re.compile(
        r"between transactions [0-9a-f]{7} \(\d{4}-\d\d-\d\d, [^,]+, -?[\d.]+ EUR\) and [0-9a-f]{7} \("
    )
    assert [bool(named.search(desk.run(*words).out)) for words in (["sync"], ["status"], ["check"])] == [True] * 3
    [reason] = [one for one in desk.run("status", "--json").data["accounts"][0]["reasons"] if "between" in one]
    assert re.search(r"between transactions \S{36} and \S{36}$", reason)
