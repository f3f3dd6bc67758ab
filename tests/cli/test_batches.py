"""The doors to what left: what is new leaves, batches are listed, written again and undone."""

import hashlib
from pathlib import Path

import pytest

from primanota import profiles
from primanota.app.export import stage
from primanota.book import Book
from primanota.core.model import Account
from primanota.core.selection import New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.book_world import journal_of
from tests.support.clock import BERLIN, NOON
from tests.support.command_line import Terminal
from tests.support.csv_files import rows_of

TODAY = f"{NOON.date()}"
_NEW = ("export", "lexware", "--new")


@pytest.fixture
def left(desk: Terminal) -> list[str]:
    """Three rows, all of which left in batch 1."""
    rows = desk.arrive(3)
    _leave(desk, "--since", TODAY)
    return rows


def _leave(desk: Terminal, *words: str) -> Path:
    """What is new leaves in one file; its path."""
    said = desk.type(*_NEW, *words, "--json")
    assert said.code == 0, said
    (path,) = (file["path"] for file in said.data["files"] if file["path"])
    return Path(path)


def _numbers(desk: Terminal) -> list[tuple[int, str]]:
    """Which batches there are, in which state."""
    return [(one["batch"], one["state"]) for one in desk.type("batches", "--json").data["batches"]]


def test_the_weekly_job_without_dates(desk: Terminal) -> None:
    """``run --new`` writes what no file has had yet; the next one finds nothing, writes nothing, and succeeds."""
    desk.simulator.bank.arrive(3)
    first = desk.type("run", "--new", "--since", TODAY)
    file = desk.exports / "lexware_hauptkonto-0010_batch-1.csv"
    assert first.code == 0
    for word in (f"new since {TODAY}", "Batch", f"Written: {file} (2 rows)", "To look at", "pending"):
        assert word in first.out
    again = desk.type("run", "--new")
    assert (again.code, len(rows_of(file)), list(desk.exports.iterdir())) == (0, 2, [file])
    assert f"Nothing is new since {TODAY}: there is nothing to import." in again.out
    assert "receipt missing" not in first.out
    assert "Also 2 rows without receipt: primanota review" in first.out


def test_the_first_day_must_be_said(desk: Terminal) -> None:
    """The first ``--new`` of a profile asks from which day on, and remembers it; a look does not count."""
    desk.arrive()
    refused = desk.type(*_NEW)
    assert (refused.code, "From which day on are rows new for lexware?" in refused.err) == (2, True)
    assert "--since DAY" in refused.err
    look = desk.type(*_NEW, "--since", TODAY, "--dry-run")
    assert (look.code, "1 row, nothing written" in look.out) == (0, True)
    assert (desk.type(*_NEW).code, _numbers(desk), desk.exports.exists()) == (2, [], False)
    assert len(rows_of(_leave(desk, "--since", TODAY))) == 1
    assert desk.type(*_NEW).code == 0


def test_a_first_day_that_moves_is_said(desk: Terminal) -> None:
    """Who moves the first day is told where it was; who says the same again is told nothing."""
    for since, told in ((TODAY, False), ("20261123", False), ("20261101", True), ("2026-11-01", False)):
        assert "begins on" not in desk.type(*_NEW, "--since", since, "--dry-run").err
        said = desk.type(*_NEW, "--since", since)
        assert ("begins on 2026-11-01 from now on; it began on 2026-11-23 before" in said.err) == told
    bounded = desk.type(*_NEW, "--until", TODAY, "--json").data
    assert (bounded["since"], bounded["until"]) == ("2026-11-01", TODAY)


@pytest.mark.parametrize("words", [("--new", "--since", TODAY), ("--changed",), ("--period", TODAY)])
def test_an_old_book_is_said(desk: Terminal, words: tuple[str, ...]) -> None:
    """Where time has passed since the last sync, one is told that what settled later is in no file."""
    assert desk.type("export", "lexware", *words).err == ""
    desk.clock.advance(minutes=1)
    assert "Note: Hauptkonto was read on 2026-11-23 13:01; what" in desk.type("export", "lexware", *words).err


def test_what_left_already_is_said(desk: Terminal, left: list[str]) -> None:
    """Rows of a period that have left are told on stderr, with number and batch, and the file is written."""
    said = desk.type("export", "lexware", "--period", TODAY, "--json")
    assert said.code == 0
    assert f"Note: Hauptkonto: rows of this file were exported before, {len(left)} in batch 1." in said.err
    (file,) = (file for file in said.data["files"] if file["rows"])
    assert (file["batch"], file["already_exported"]) == (2, [{"batch": 1, "rows": 3}])
    look = desk.type("export", "lexware", "--period", TODAY, "--dry-run")
    assert "3 in batch 1, 3 in batch 2" in look.err


def test_strict_refuses(desk: Terminal, left: list[str]) -> None:
    """``--refuse-repeats`` is exit code 7; nothing is written or recorded, and for machines there is one document."""
    before = list(desk.exports.iterdir())
    said = desk.type("export", "lexware", "--period", TODAY, "--refuse-repeats", "--json")
    assert (said.code, said.data["exit_code"], f"{len(left)} in batch 1" in said.data["error"]) == (7, 7, True)
    assert (list(desk.exports.iterdir()), _numbers(desk)) == (before, [(1, "delivered")])


def test_batches_lists_what_left(desk: Terminal) -> None:
    """``batches`` lists each batch with all that is known of it; where nothing left, it says that."""
    assert desk.type("batches").out == "Nothing was exported yet.\n"
    assert desk.type("batches", "--json").data["batches"] == []
    desk.simulator.bank.arrive(3)
    desk.sync()
    file = _leave(desk, "--since", TODAY)
    cents = [int(row["Betrag"].replace(".", "")) for row in rows_of(file)]
    (found,) = desk.type("batches", "--json").data["batches"]
    assert found.pop("made") == f"{desk.clock.now.astimezone(BERLIN).isoformat()}"
    assert found == {
        "batch": 1,
        "state": "delivered",
        "profile": "lexware",
        "profile_sha256": profiles.load("lexware").digest,
        "account": "Hauptkonto",
        "selection": f"new since {TODAY}",
        "path": str(file),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "size": file.stat().st_size,
        "rows": 2,
        "sum_in_cents": max(cents),
        "sum_out_cents": min(cents),
        "opening_cents": 0,
        "closing_cents": sum(cents),
        "proven": True,
        "reason": None,
        "name": file.name,
        "run_key": None,
        "deliveries": [
            {
                "kind": "folder",
                "destination": str(file),
                "delivered": f"{desk.clock.now:%Y-%m-%dT%H:%M:%SZ}",
                "reason": "",
            },
        ],
    }
    line = desk.type("batches").out.splitlines()[1].split()
    assert [line[0], *line[3:5], line[-2], line[-1]] == ["1", "lexware", "Hauptkonto", "delivered", file.name]


def test_a_batch_shows_its_rows(desk: Terminal, left: list[str]) -> None:
    """``batches show`` has each row as it left: day, counterparty, signed amount; newer versions are named."""
    (row, *_) = rows_of(*desk.exports.iterdir())
    desk.edit(left[0], reference="changed", label="Somebody else")
    said, data = desk.type("batches", "show", "1"), desk.type("batches", "show", "1", "--json").data
    assert [(one["line"], one["id"], one["current"]) for one in data["lines"]] == [
        (1, left[0], False),
        (2, left[1], True),
        (3, left[2], True),
    ]
    shown = next(line for line in said.out.splitlines() if left[0] in line)
    for word in (TODAY, row["Auftraggeber/Empfänger"], row["Betrag"], "newer version"):
        assert word in shown
    assert data["lines"][0]["counterparty"] == row["Auftraggeber/Empfänger"]
    assert data["sha256"] in said.out
    assert "Somebody else" not in said.out


def test_again_by_the_door(desk: Terminal, left: list[str]) -> None:
    """``batches again`` writes the bytes that left, where they were or in a folder, and over no other file."""
    (file,) = desk.exports.iterdir()
    content = file.read_bytes()
    desk.edit(left[0], reference="changed")
    file.unlink()
    assert f"Written: {file} (3 rows, batch 1)" in desk.type("batches", "again", "1").out
    copies = desk.exports.with_name("copies")
    said = desk.type("batches", "again", "1", "--to", str(copies), "--json").data
    assert (said["batch"], said["path"], said["rows"]) == (1, str(copies / file.name), 3)
    assert file.read_bytes() == Path(said["path"]).read_bytes() == content
    file.write_bytes(b"another")
    assert (desk.type("batches", "again", "1").code, file.read_bytes()) == (8, b"another")


def test_undo_by_the_door(desk: Terminal, left: list[str]) -> None:
    """``batches undo`` makes the rows new again, says what to do with the file, and keeps the batch in the list."""
    (file,) = desk.exports.iterdir()
    said = desk.type("batches", "undo", "1")
    assert (said.code, f"Do not import {file.name}" in said.out) == (0, True)
    assert _numbers(desk) == [(1, "undone")]
    assert "Undone: by hand" in desk.type("batches", "show", "1").out
    assert "Batch 1 is undone" in desk.type("batches", "again", "1").err
    assert len(rows_of(_leave(desk))) == len(left)
    assert desk.type("export", "lexware", "--period", TODAY, "--account", "0010").code == 0
    assert "Batch 2 is undone: 0 of its 3 rows are new again for lexware." in desk.type("batches", "undo", "2").out
    data = desk.type("batches", "undo", "3", "--json").data
    assert (data["batch"], data["state"], data["rows"], data["new"]) == (3, "undone", 3, 3)
    assert (desk.type("batches", "undo", "2").code, _numbers(desk)) == (2, [(one, "undone") for one in (1, 2, 3)])


@pytest.mark.parametrize("name", ["bank.csv", "bank"])
def test_a_file_that_is_there_is_not_written_over(desk: Terminal, name: str) -> None:
    """``--new --to FILE`` with a file that may not be imported yet is exit code 8, and nothing is recorded."""
    desk.arrive()
    file = desk.book.with_name(name)
    file.write_bytes(b"not imported yet")
    words = (*_NEW, "--since", TODAY, "--account", "0010", "--to", str(file))
    said = desk.type(*words)
    assert (said.code, f"{file} is already there" in said.err) == (8, True)
    assert (file.read_bytes(), _numbers(desk), desk.type(*_NEW).code) == (b"not imported yet", [], 2)
    file.unlink()
    assert (desk.type(*words).code, _numbers(desk)) == (0, [(1, "delivered")])


def test_an_own_profile_by_its_path(desk: Terminal) -> None:
    """A profile of one's own has batches under its file's name, apart from those of every other profile."""
    own = desk.book.with_name("mine.toml")
    own.write_text(profiles.load("lexware").text, encoding="utf-8")
    desk.arrive()
    assert desk.type("export", str(own), "--new", "--since", TODAY).code == 0
    assert desk.type(*_NEW).code == 2
    assert len(rows_of(_leave(desk, "--since", TODAY))) == 1
    found = desk.type("batches", "--json").data["batches"]
    assert [(one["profile"], Path(one["path"]).name) for one in found] == [
        ("mine", "mine_hauptkonto-0010_batch-1.csv"),
        ("lexware", "lexware_hauptkonto-0010_batch-2.csv"),
    ]
    own.unlink()
    (desk.exports / "mine_hauptkonto-0010_batch-1.csv").unlink()
    assert desk.type("batches", "again", "1").code == 0


@pytest.fixture
def interrupted(desk: Terminal) -> Path:
    """The file of an export of a row that was killed just before the file got its name."""
    desk.arrive()
    account = Account(desk.simulator.bank.account_ids()[0], "Hauptkonto")
    with Book(desk.book, desk.clock.micros) as book:
        destinations = Destinations(desk.exports)
        request = Export(journal_of(book), profiles.load("lexware"), New(NOON.date()), destinations=destinations)
        (done,) = stage(request, [account])
    (batch,) = done.batches
    assert batch.path
    return batch.path


@pytest.mark.parametrize("words", [_NEW, ("run", "--new"), ("batches", "again", "1"), ("batches", "undo", "1")])
def test_an_interrupted_export_is_told(desk: Terminal, interrupted: Path, words: tuple[str, ...]) -> None:
    """Whatever settles an interrupted export says so on stderr; none of its rows leaves a second time."""
    said = desk.type(*words)
    assert (said.code, said.err) == (0, f"Note: Batch 1 was interrupted; its file is at {interrupted} now.\n")
    assert _numbers(desk) == [(1, "undone" if "undo" in words else "delivered")]
    assert list(desk.exports.iterdir()) == [interrupted]


def test_what_is_found_finished_is_there_to_import(desk: Terminal, interrupted: Path) -> None:
    """The next export names the file of the interrupted one among those that it wrote, for machines too."""
    data = desk.type(*_NEW, "--json").data
    assert (data["recovered"], [file["path"] for file in data["files"]]) == ([str(interrupted)], [None] * 4)
    assert desk.type(*_NEW, "--json").data["recovered"] == []


def test_an_interrupted_export_is_written(desk: Terminal, interrupted: Path) -> None:
    """A person sees that there is a file to import, although nothing is new."""
    said = desk.type(*_NEW)
    assert f"Written by an interrupted export: {interrupted}" in said.out
    assert "there is nothing to import" not in said.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("export", "lexware", "--period", TODAY, "--refuse-repeats"), 7),
        (("batches", "undo", "9"), 2),
        (("batches", "again", "9"), 2),
    ],
)
def test_an_interrupted_export_is_told_by_what_is_refused(
    desk: Terminal, interrupted: Path, words: tuple[str, ...], code: int
) -> None:
    """What is refused has settled the interrupted export all the same, and says so: nobody else will."""
    said = desk.type(*words)
    assert (said.code, interrupted.exists()) == (code, True)
    assert f"Batch 1 was interrupted; its file is at {interrupted} now." in said.err


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("run", "--new"), {"accounts", "findings", "selection", "files"}),
        (("export", "lexware", "--new"), {"profile", "selection", "since", "until", "files"}),
        (("export", "lexware", "--changed"), {"profile", "selection", "since", "until", "files"}),
        (("export", "lexware", "--changed", "--dry-run"), {"rows"}),
        (("batches",), {"organisation", "batches"}),
        (("batches", "show", "1"), {"organisation", "batch", "state", "lines"}),
        (("batches", "again", "1"), {"organisation", "batch", "path", "sha256", "size", "rows"}),
        (("batches", "undo", "1"), {"organisation", "batch", "state", "rows"}),
        (("review",), {"organisation", "findings"}),
    ],
)
def test_one_document_of_each_command(
    desk: Terminal, left: list[str], words: tuple[str, ...], keys: set[str]
) -> None:
    """With ``--json`` each command prints one document, and nothing else on stdout."""
    desk.edit(left[0], reference="changed")
    said = desk.type(*words, "--json")
    assert said.code == 0
    assert keys <= said.data.keys()
