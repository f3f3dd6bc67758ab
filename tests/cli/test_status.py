"""``primanota status``: what is new, what needs a person, what was synced, imported and scheduled."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from primanota.adapters.schedulers import Machine
from primanota.adapters.schedulers.base import CommandResult
from primanota.core.language.notation import notation
from tests.support.clock import NOON
from tests.support.screens.command_line import Terminal

_TODAY = NOON.date()


@pytest.fixture(autouse=True)
def no_scheduler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the machine have systemd, with the units of a home of its own."""
    machine = Machine("linux", tmp_path, 1000, lambda _: CommandResult(0, b"Version=252"))
    monkeypatch.setattr(Machine, "current", classmethod(lambda _: machine))


def test_what_is_new_is_told_per_profile(desk: Terminal) -> None:
    """Of the default profile and of each that was used: since when, how many rows, of which days, how much."""
    assert desk.run("status", "--json").data["new"] == [
        {"profile": "lexware", "begun": False, "since": None, "rows": None, "first": None, "last": None, "sums": []}
    ]
    desk.run("export", "lexware", "--new", "--since", f"{_TODAY}")
    rows = desk.arrive(3)
    (new,) = desk.run("status", "--json").data["new"]
    assert (new["profile"], new["begun"], new["since"], new["rows"]) == ("lexware", True, f"{_TODAY}", len(rows))
    assert (new["first"], new["last"]) == (f"{_TODAY}", f"{_TODAY}")
    (total,) = new["sums"]
    exported = desk.run("export", "lexware", "--new", "--json").data["files"]
    for name in ("sum_in_cents", "sum_out_cents"):
        assert total[name] == sum(file[name] for file in exported)
    assert desk.run("status", "--json").data["new"][0]["rows"] == 0


def test_a_profile_that_exports_periods_counts_from_its_last_row(desk: Terminal) -> None:
    """Without a first day of --new, rows since the last exported one that no file has are new."""
    desk.arrive(2)
    desk.run("export", "xero", "--period", f"{_TODAY}")
    desk.clock.advance(days=1)
    desk.arrive(1)
    new = {one["profile"]: one for one in desk.run("status", "--json").data["new"]}
    assert (new["xero"]["begun"], new["xero"]["since"], new["xero"]["rows"]) == (False, f"{_TODAY}", 1)
    assert new["lexware"]["rows"] is None
    assert "lexware  not begun" in desk.run("status").out


def test_what_needs_a_person_is_counted(terminal: Callable[..., Terminal]) -> None:
    """The counts are those of ``review``, by kind."""
    company = terminal()
    company.run("sync")
    found = [one["kind"] for one in company.run("review", "--json").data["findings"]]
    counts = {one["kind"]: one["rows"] for one in company.run("status", "--json").data["finding_counts"]}
    assert counts == {kind: found.count(kind) for kind in dict.fromkeys(found)}
    assert "To look at (primanota review):" in company.run("status").out


def test_the_last_sync_and_its_proof(desk: Terminal) -> None:
    """Each account has the moment of its last sync, local, and the state of its proof."""
    desk.sync()
    synced = f"{desk.clock.now.astimezone():%Y-%m-%d}"
    for account in desk.run("status", "--json").data["accounts"]:
        assert account["synced"].startswith(synced)
        assert account["proof"] in {"proven", "counts only"}
        assert account["up_to_date"] is None


def test_files_that_are_not_marked_as_imported(desk: Terminal) -> None:
    """A file is listed until it is marked as imported, or its batch is undone."""
    for _ in range(3):
        desk.arrive()
        desk.run("export", "lexware", "--new", "--since", f"{_TODAY}")
    desk.run("batches", "imported", "1")
    desk.run("batches", "undo", "2", "--yes")
    (left,) = desk.run("status", "--json").data["not_imported"]
    assert (left["batch"], left["rows"], left["name"] in desk.run("status").out) == (3, 1, True)
    desk.run("batches", "imported", "3")
    assert desk.run("status", "--json").data["not_imported"] == []
    assert "Not marked" not in desk.run("status").out


@pytest.mark.parametrize(
    ("when", "next_run"),
    [
        (("--weekly", "mon,thu", "08:30"), "2026-11-26T08:30:00+01:00"),
        (("--daily", "07:00"), "2026-11-24T07:00:00+01:00"),
        (("--monthly", "1", "06:15"), "2026-12-01T06:15:00+01:00"),
        (("--cron", "0 7 * 1,6 *"), "2027-01-01T07:00:00+01:00"),
    ],
)
def test_the_next_scheduled_run(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch, when: tuple[str, ...], next_run: str
) -> None:
    """The time of the next run is that of the installed schedule, in the organisation's time zone."""
    assert desk.run("status", "--json").data["scheduled"] is False
    assert "No run is scheduled on this machine" in desk.run("status").out
    monkeypatch.setattr("primanota.app.installation.schedule.secret_references", lambda _: ["file:"])
    assert desk.run("schedule", "install", *when, "--yes").code == 0
    found = desk.run("status", "--json").data
    assert (found["scheduled"], found["next_run"]) == (True, next_run)
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", "fr")
    moment = datetime.fromisoformat(next_run)
    written = f"{notation('fr').weekday(moment)} {moment:%Y-%m-%d} à {moment:%H:%M}"
    assert f"Prochaine exécution\xa0: {written}\n" in desk.run("status").out


def test_the_bank_is_asked_only_online(desk: Terminal) -> None:
    """Without --online nothing is asked; with it, an account with a row that the book lacks is told."""
    before = desk.book.read_bytes()
    desk.clock.advance(minutes=1)
    desk.simulator.bank.arrive(1)
    assert all(one["up_to_date"] is None for one in desk.run("status", "--json").data["accounts"])
    states = [one["up_to_date"] for one in desk.run("status", "--online", "--json").data["accounts"]]
    assert states.count(False) == 1
    assert "The bank has what the book lacks: primanota sync" in desk.run("status", "--online").out
    assert desk.book.read_bytes() == before
    desk.sync()
    assert False not in [one["up_to_date"] for one in desk.run("status", "--online", "--json").data["accounts"]]


def test_status_needs_no_network(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a bank in reach ``status`` tells the same."""
    told = desk.run("status").out
    monkeypatch.setenv("PRIMANOTA_API_URL", "http://127.0.0.1:9")
    assert desk.run("status") == (0, told, "")
