"""Undoing a batch and taking that back: it asks first, and the first day that was said last wins."""

from datetime import timedelta
from pathlib import Path

import pytest

from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served, variables_of
from tests.support.clock import NOON, Clock
from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import Terminal
from tests.support.screens.pseudo_terminal import converse

_TODAY = NOON.date()
_EARLIER = f"{_TODAY - timedelta(365)}"
_NEW = ("export", "lexware", "--new")


@pytest.fixture
def ids(desk: Terminal) -> list[str]:
    """Settle two rows today, and a third one tomorrow; return their IDs."""
    first = desk.arrive(2)
    desk.clock.advance(days=1)
    return [*first, *desk.arrive()]


def _files(desk: Terminal, *words: str) -> list[Path]:
    result = desk.run(*words, "--json")
    assert result.code == 0, result
    return [Path(file["path"]) for file in result.data["files"] if file["path"]]


def test_a_mistyped_first_day_is_corrected(desk: Terminal, ids: list[str]) -> None:
    """After a first day that was too early, an undo and the right first day, rows before that day stay out."""
    tomorrow = f"{_TODAY + timedelta(1)}"
    assert [len(rows_of(file)) for file in _files(desk, *_NEW, "--since", _EARLIER)] == [3]
    desk.run("batches", "undo", "1", "--yes")
    (file,) = _files(desk, *_NEW, "--since", tomorrow)
    assert (len(ids), len(rows_of(file))) == (3, 1)
    assert desk.run("batches", "--json").data["batches"][1]["selection"] == f"new since {tomorrow}"
    assert _files(desk, *_NEW) == []


def test_an_undone_period_does_not_become_new(desk: Terminal, ids: list[str]) -> None:
    """Rows of an undone period before the first day of ``--new`` stay out of it, and undo says how many."""
    tomorrow = f"{_TODAY + timedelta(1)}"
    assert len(ids) == len(_files(desk, *_NEW, "--since", tomorrow)) + 2
    _files(desk, "export", "lexware", "--period", f"{_TODAY}", "--account", "0010")
    said = desk.run("batches", "undo", "2", "--yes").out
    assert "Batch 2 is undone.\nNew again for lexware: no row.\n" in said
    assert f"2 rows before {tomorrow}, the first day of --new, stay out of it" in said
    assert _files(desk, *_NEW) == []


def test_undo_without_a_terminal_needs_yes(desk: Terminal, ids: list[str]) -> None:
    """Without a terminal and without ``--yes`` nothing is undone: exit code 2, with what would become new."""
    _files(desk, *_NEW, "--since", _EARLIER)
    refused = desk.run("batches", "undo", "1")
    assert (refused.code, desk.run("batches", "--json").data["batches"][0]["state"]) == (2, "delivered")
    assert f"New again for lexware: {len(ids)} rows, of {_TODAY} to " in refused.err
    assert "Add --yes" in refused.err


def test_redo_takes_an_undo_back(desk: Terminal, ids: list[str]) -> None:
    """``batches redo`` makes the rows of an undone batch count again; its file is as it was."""
    (file,) = _files(desk, *_NEW, "--since", _EARLIER)
    content = file.read_bytes()
    desk.run("batches", "undo", "1", "--yes")
    result = desk.run("batches", "redo", "1", "--json")
    assert (result.code, result.data["state"], result.data["rows"]) == (0, "delivered", len(ids))
    assert (_files(desk, *_NEW), file.read_bytes()) == ([], content)
    assert desk.run("check").code == 0


def test_redo_is_refused_where_rows_would_be_twice(desk: Terminal, ids: list[str]) -> None:
    """A batch whose rows were exported again cannot be redone before that other batch is undone."""
    _files(desk, *_NEW, "--since", _EARLIER)
    desk.run("batches", "undo", "1", "--yes")
    assert len(rows_of(*_files(desk, *_NEW))) == len(ids)
    refused = desk.run("batches", "redo", "1")
    assert (refused.code, "Rows of batch 1 were exported again, in batch 2." in refused.err) == (2, True)
    desk.run("batches", "undo", "2", "--yes")
    assert desk.run("batches", "redo", "1").code == 0
    assert desk.run("batches", "redo", "1").code == 2
    assert _files(desk, *_NEW) == []


def test_redo_of_a_file_that_was_taken_away(desk: Terminal, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of which it is not known whether its file arrived is prepared again, and its rows count as exported."""
    with monkeypatch.context() as patched:
        patched.setattr("primanota.app.exporting.export.deliver", lambda *_: None)
        desk.run(*_NEW, "--since", _EARLIER)
    for file in desk.exports.iterdir():
        file.unlink()
    desk.run("batches", "undo", "1", "--yes")
    assert desk.run("batches", "redo", "1", "--json").data["state"] == "prepared"
    result = desk.run(*_NEW, "--json")
    assert (result.code, [file["rows"] for file in result.data["files"] if file["path"]], len(ids)) == (8, [], 3)


def test_undo_asks_in_a_terminal(tmp_path: Path, clock: Clock) -> None:
    """In a terminal undo says what becomes new and asks; “no” leaves the batch as it is."""
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path)
        assert converse(["run", "--new", "--since", "2026-11-01", "--yes"], [], variables)[0] == 0
        no = converse(["batches", "undo", "1"], [("Undo it?", "n")], variables)
        yes = converse(["batches", "undo", "1"], [("Undo it?", "y")], variables)
    assert (no[0], "Batch 1 was not undone." in no[2]) == (2, True)
    assert (yes[0], "Batch 1 will be undone.\r\nNew again for lexware: " in yes[2]) == (0, True)
    assert "“primanota batches redo 1” takes this back." in yes[1]


@pytest.mark.parametrize("tool", ["camt-de", "datev-mt940", "gnucash"])
def test_a_hole_is_a_file_for_each_stretch(desk: Terminal, tool: str) -> None:
    """A period that was exported in between leaves two stretches of new rows: two statements, each unbroken."""
    desk.arrive()
    desk.clock.advance(days=1)
    desk.arrive()
    assert desk.run("export", tool, "--period", f"{_TODAY + timedelta(1)}", "--account", "0010").code == 0
    desk.clock.advance(days=1)
    desk.arrive()
    result = desk.run("export", tool, "--new", "--since", _EARLIER, "--account", "0010", "--json")
    files = result.data["files"]
    assert (result.code, [file["rows"] for file in files]) == (0, [1, 1])
    for file in files:
        moved = file["sum_in_cents"] + file["sum_out_cents"]
        assert file["opening_cents"] + moved == file["closing_cents"]
    batches = desk.run("batches", "--json").data["batches"]
    assert [one["statement"] for one in batches] == [1, 2, 3]
