"""``run --dry-run``: shows what a run would do now, and changes nothing."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.clock import NOON
from tests.support.screens.command_line import Terminal

_TODAY = f"{NOON.date()}"
_NEW = ("run", "lexware", "--new", "--since", _TODAY)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def _state(desk: Terminal) -> dict[str, str]:
    files = [path for path in desk.home.rglob("*") if path.is_file()] if desk.home.exists() else []
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_it_reads_the_bank_and_changes_nothing(desk: Terminal, temporary: Path) -> None:
    """Rows that the book does not have yet are shown as the file would have them; nothing is written or recorded."""
    desk.clock.advance(minutes=1)
    desk.simulator.bank.arrive(1)
    before = _state(desk)
    shown = desk.run(*_NEW, "--dry-run")
    assert shown.code == 0, shown
    assert f"Hauptkonto, new since {_TODAY}: 1 row, nothing written" in shown.out
    assert "This was a dry run: no file was written, no mail was sent, and the book is as it was." in shown.err
    assert (_state(desk), list(temporary.iterdir())) == (before, [])
    assert desk.run("batches", "--json").data["batches"] == []
    assert desk.run("list", "--json").data["rows"] == []


def test_it_shows_what_the_run_writes(desk: Terminal) -> None:
    """The rows that a dry run shows are those that the run after it writes."""
    desk.clock.advance(minutes=1)
    desk.simulator.bank.arrive(3)
    dry = desk.run(*_NEW, "--dry-run", "--json").data
    assert (dry["dry_run"], sum(account["new"] for account in dry["accounts"])) == (True, 3)
    done = desk.run(*_NEW, "--json").data
    assert len(dry["rows"]["Hauptkonto"]) - 1 == next(
        one["rows"] for one in done["files"] if one["iban"].endswith("0010")
    )
    (path,) = [Path(file["path"]) for file in done["files"] if file["path"]]
    text = path.read_text(encoding="utf-8")
    assert all(cell in text for row in dry["rows"]["Hauptkonto"] for cell in row)


def test_the_first_hour_needs_no_book(terminal: Callable[..., Terminal], temporary: Path) -> None:
    """Before the first sync a dry run reads the bank as well, and leaves no book."""
    company = terminal()
    shown = company.run("run", "--period", "october", "--dry-run")
    assert (shown.code, "Hauptkonto, 2026-10-01 to 2026-10-31: 18 rows, nothing written" in shown.out) == (0, True), (
        shown
    )
    assert (company.book.exists(), list(temporary.iterdir())) == (False, [])


def test_mails_are_not_sent(desk: Terminal) -> None:
    """A destination that cannot work does not matter to a dry run, and no mail is written or sent."""
    shown = desk.run(*_NEW, "--dry-run", "--to", "mailto:books@example.com")
    assert (shown.code, "nothing written" in shown.out) == (0, True), shown


def test_what_would_stop_the_run_stops_a_dry_run(desk: Terminal) -> None:
    """Wrong words and a bank out of reach have the exit codes of the run."""
    assert desk.run("run", "lexware", "--new", "--dry-run").code == 2
    assert desk.run("run", "lexware", "--period", "31.11.2026", "--dry-run").code == 2
    assert desk.run("run", "nothing", "--period", "2026", "--dry-run").code == 2
