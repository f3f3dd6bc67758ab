"""The commands for batches, and exports of new rows: a batch is listed, shown, written again and undone."""

import hashlib
from pathlib import Path

import pytest

from primanota import profiles
from primanota.app.exporting.export import stage
from primanota.book import Book
from primanota.core.model import Account
from primanota.core.selection import New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.books.book_world import journal_of
from tests.support.clock import BERLIN, NOON
from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import Terminal

TODAY = f"{NOON.date()}"
_NEW = ("export", "lexware", "--new")


@pytest.fixture
def ids(desk: Terminal) -> list[str]:
    """Export three rows in batch 1; return their IDs."""
    rows = desk.arrive(3)
    _export_new(desk, "--since", TODAY)
    return rows


def _export_new(desk: Terminal, *words: str) -> Path:
    """Export the new rows into one file; return its path."""
    result = desk.run(*_NEW, *words, "--json")
    assert result.code == 0, result
    (path,) = (file["path"] for file in result.data["files"] if file["path"])
    return Path(path)


def _numbers(desk: Terminal) -> list[tuple[int, str]]:
    """Return the number and the state of each batch."""
    return [(one["batch"], one["state"]) for one in desk.run("batches", "--json").data["batches"]]


def test_the_weekly_job_without_dates(desk: Terminal) -> None:
    """``run --new`` exports the new rows; the next run finds none, writes nothing, and succeeds."""
    desk.simulator.bank.arrive(3)
    first = desk.run("run", "--new", "--since", TODAY)
    file = desk.exports / "lexware_hauptkonto-0010_batch-1.csv"
    assert first.code == 0
    for word in (f"new since {TODAY}", "Batch", f"Written: {file} (2 rows)", "To look at", "pending"):
        assert word in first.out
    again = desk.run("run", "--new")
    assert (again.code, len(rows_of(file)), list(desk.exports.iterdir())) == (0, 2, [file])
    assert f"Nothing is new since {TODAY}: there is nothing to import." in again.out
    assert "receipt missing" not in first.out
    assert "Can wait: 2 without receipt. To see them: primanota review --verbose" in first.out


def test_the_first_day_is_required(desk: Terminal) -> None:
    """The first ``--new`` of a profile requires a first day and stores it; ``--dry-run`` does not store it."""
    desk.arrive()
    refused = desk.run(*_NEW)
    assert (refused.code, "From which day on are rows new for lexware?" in refused.err) == (2, True)
    assert "--since DAY" in refused.err
    look = desk.run(*_NEW, "--since", TODAY, "--dry-run")
    assert (look.code, "1 row, nothing written" in look.out) == (0, True)
    assert (desk.run(*_NEW).code, _numbers(desk), desk.exports.exists()) == (2, [], False)
    assert len(rows_of(_export_new(desk, "--since", TODAY))) == 1
    assert desk.run(*_NEW).code == 0


def test_a_changed_first_day_is_reported(desk: Terminal) -> None:
    """A changed first day is reported with the previous one; the same day again is not reported."""
    for since, noted in ((TODAY, False), ("20261123", False), ("20261101", True), ("2026-11-01", False)):
        assert "begins on" not in desk.run(*_NEW, "--since", since, "--dry-run").err
        result = desk.run(*_NEW, "--since", since)
        assert ("begins on 2026-11-01 from now on; it began on 2026-11-23 before" in result.err) == noted
    bounded = desk.run(*_NEW, "--until", TODAY, "--json").data
    assert (bounded["since"], bounded["until"]) == ("2026-11-01", TODAY)


@pytest.mark.parametrize("words", [("--new", "--since", TODAY), ("--changed",), ("--period", "2026-11")])
def test_an_old_book_is_reported(desk: Terminal, words: tuple[str, ...]) -> None:
    """If more than a day has passed since the last sync, a note says what is not in the file."""
    assert desk.run("export", "lexware", *words).err == ""
    desk.clock.advance(hours=23)
    assert desk.run("export", "lexware", *words).err == ""
    desk.clock.advance(hours=2)
    assert "Note: Hauptkonto was read on 2026-11-23 13:01; what" in desk.run("export", "lexware", *words).err


def test_exported_rows_are_reported(desk: Terminal, ids: list[str]) -> None:
    """Exported rows of a period are counted on stderr, with their batch, and the file is written."""
    result = desk.run("export", "lexware", "--period", TODAY, "--json")
    assert result.code == 0
    assert f"Note: Hauptkonto: {len(ids)} rows of this file were exported before, in batch 1." in result.err
    (file,) = (file for file in result.data["files"] if file["rows"])
    assert (file["batch"], file["already_exported"]) == (2, [{"batch": 1, "rows": 3}])
    look = desk.run("export", "lexware", "--period", TODAY, "--dry-run")
    assert [f"3 rows of this file were exported before, in batch {number}." in look.err for number in (1, 2)] == [
        True
    ] * 2


def test_repeats_are_refused(desk: Terminal, ids: list[str]) -> None:
    """``--refuse-repeats`` fails with exit code 7 and one JSON document; nothing is written or recorded."""
    before = list(desk.exports.iterdir())
    result = desk.run("export", "lexware", "--period", TODAY, "--refuse-repeats", "--json")
    assert (result.code, result.data["exit_code"], f"{len(ids)} in batch 1" in result.data["error"]) == (
        7,
        7,
        True,
    )
    assert (list(desk.exports.iterdir()), _numbers(desk)) == (before, [(1, "delivered")])


def test_batches_are_listed(desk: Terminal) -> None:
    """``batches`` lists each batch with all its facts; without batches it says that nothing was exported."""
    assert desk.run("batches").out == "Nothing was exported yet.\n"
    assert desk.run("batches", "--json").data["batches"] == []
    desk.simulator.bank.arrive(3)
    desk.sync()
    file = _export_new(desk, "--since", TODAY)
    cents = [int(row["Betrag"].replace(".", "")) for row in rows_of(file)]
    (found,) = desk.run("batches", "--json").data["batches"]
    assert found.pop("made") == f"{desk.clock.now.astimezone(BERLIN).isoformat()}"
    assert found == {
        "batch": 1,
        "state": "delivered",
        "proof": "proven",
        "profile": "lexware",
        "profile_sha256": profiles.load("lexware").digest,
        "account": "Hauptkonto",
        "statement": None,
        "selection": f"new since {TODAY}",
        "path": str(file),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "size": file.stat().st_size,
        "rows": 2,
        "currency": "EUR",
        "sum_in_cents": max(cents),
        "sum_out_cents": min(cents),
        "opening_cents": 0,
        "closing_cents": sum(cents),
        "proven": True,
        "reason": None,
        "imported": None,
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
    line = desk.run("batches").out.splitlines()[1].split()
    assert [line[0], *line[3:5], line[-2], line[-1]] == ["1", "lexware", "Hauptkonto", "delivered", file.name]


def test_a_batch_shows_its_rows(desk: Terminal, ids: list[str]) -> None:
    """``batches show`` has each row as exported: day, counterparty, amount; a newer version is marked."""
    (row, *_) = rows_of(*desk.exports.iterdir())
    desk.edit(ids[0], reference="changed", label="Somebody else")
    result, data = desk.run("batches", "show", "1"), desk.run("batches", "show", "1", "--json").data
    assert [(one["line"], one["id"], one["current"]) for one in data["lines"]] == [
        (1, ids[0], False),
        (2, ids[1], True),
        (3, ids[2], True),
    ]
    shown = next(line for line in result.out.splitlines() if ids[0] in line)
    for word in (TODAY, row["Auftraggeber/Empfänger"], row["Betrag"], "newer version"):
        assert word in shown
    assert data["lines"][0]["counterparty"] == row["Auftraggeber/Empfänger"]
    assert data["sha256"] in result.out
    assert "Somebody else" not in result.out


def test_batches_again(desk: Terminal, ids: list[str]) -> None:
    """``batches again`` writes the exported bytes, to the same path or to a folder, and over no other file."""
    (file,) = desk.exports.iterdir()
    content = file.read_bytes()
    desk.edit(ids[0], reference="changed")
    file.unlink()
    assert f"Written: {file} (3 rows, batch 1)" in desk.run("batches", "again", "1").out
    copies = desk.exports.with_name("copies")
    result = desk.run("batches", "again", "1", "--to", str(copies), "--json").data
    assert (result["batch"], result["path"], result["rows"]) == (1, str(copies / file.name), 3)
    assert file.read_bytes() == Path(result["path"]).read_bytes() == content
    file.write_bytes(b"another")
    assert (desk.run("batches", "again", "1").code, file.read_bytes()) == (8, b"another")


def test_batches_undo(desk: Terminal, ids: list[str]) -> None:
    """``batches undo`` makes the rows new again, says not to import the file, and keeps the batch in the list."""
    (file,) = desk.exports.iterdir()
    result = desk.run("batches", "undo", "1", "--yes")
    assert (result.code, f"Do not import {file.name}" in result.out) == (0, True)
    assert f"Batch 1 is undone.\nNew again for lexware: 3 rows, of {TODAY}.\n" in result.out
    assert _numbers(desk) == [(1, "undone")]
    assert "State of batch 1 (undone): by hand" in desk.run("batches", "show", "1").out
    assert "Batch 1 is undone" in desk.run("batches", "again", "1").err
    assert len(rows_of(_export_new(desk))) == len(ids)
    assert desk.run("export", "lexware", "--period", TODAY, "--account", "0010").code == 0
    said = desk.run("batches", "undo", "2", "--yes").out
    assert "Batch 2 is undone.\nNew again for lexware: no row.\n" in said
    data = desk.run("batches", "undo", "3", "--yes", "--json").data
    assert (data["batch"], data["state"], data["rows"], data["new"]) == (3, "undone", 3, 3)
    assert (data["first"], data["last"], data["staying_out"]) == (TODAY, TODAY, 0)
    again = desk.run("batches", "undo", "2", "--yes")
    assert (again.code, _numbers(desk)) == (2, [(one, "undone") for one in (1, 2, 3)])


@pytest.mark.parametrize("name", ["bank.csv", "bank"])
def test_an_existing_file_is_not_overwritten(desk: Terminal, name: str) -> None:
    """``--new --to FILE`` refuses an existing file with exit code 8, and records nothing."""
    desk.arrive()
    file = desk.book.with_name(name)
    file.write_bytes(b"not imported yet")
    words = (*_NEW, "--since", TODAY, "--account", "0010", "--to", str(file))
    result = desk.run(*words)
    assert (result.code, f"{file} is already there" in result.err) == (8, True)
    assert (file.read_bytes(), _numbers(desk), desk.run(*_NEW).code) == (b"not imported yet", [], 2)
    file.unlink()
    assert (desk.run(*words).code, _numbers(desk)) == (0, [(1, "delivered")])


def test_an_own_profile_by_its_path(desk: Terminal) -> None:
    """A user's own profile has batches under the name of its file, separate from those of other profiles."""
    own = desk.book.with_name("mine.toml")
    own.write_text(profiles.load("lexware").text, encoding="utf-8")
    desk.arrive()
    assert desk.run("export", str(own), "--new", "--since", TODAY).code == 0
    assert desk.run(*_NEW).code == 2
    assert len(rows_of(_export_new(desk, "--since", TODAY))) == 1
    found = desk.run("batches", "--json").data["batches"]
    assert [(one["profile"], Path(one["path"]).name) for one in found] == [
        ("mine", "mine_hauptkonto-0010_batch-1.csv"),
        ("lexware", "lexware_hauptkonto-0010_batch-2.csv"),
    ]
    own.unlink()
    (desk.exports / "mine_hauptkonto-0010_batch-1.csv").unlink()
    assert desk.run("batches", "again", "1").code == 0


@pytest.fixture
def interrupted(desk: Terminal) -> Path:
    """Export a row, killed just before the file gets its final name; return the path of the file."""
    desk.arrive()
    account = Account(desk.simulator.bank.account_ids()[0], "Hauptkonto")
    with Book(desk.book, desk.clock.micros) as book:
        destinations = Destinations(desk.exports)
        request = Export(journal_of(book), profiles.load("lexware"), New(NOON.date()), destinations=destinations)
        (done,) = stage(request, [account])
    (batch,) = done.batches
    assert batch.path
    return batch.path


@pytest.mark.parametrize(
    "words", [_NEW, ("run", "--new"), ("batches", "again", "1"), ("batches", "undo", "1", "--yes")]
)
def test_an_interrupted_export_is_reported(desk: Terminal, interrupted: Path, words: tuple[str, ...]) -> None:
    """Every command that recovers an interrupted export says so on stderr; no row is exported a second time."""
    result = desk.run(*words)
    assert (result.code, result.err) == (0, f"Note: Batch 1 was interrupted; its file is at {interrupted} now.\n")
    assert _numbers(desk) == [(1, "undone" if "undo" in words else "delivered")]
    assert list(desk.exports.iterdir()) == [interrupted]


def test_a_recovered_file_is_in_the_json(desk: Terminal, interrupted: Path) -> None:
    """The next export reports the recovered file in its JSON, and a later one does not."""
    data = desk.run(*_NEW, "--json").data
    assert (data["recovered"], [file["path"] for file in data["files"]]) == ([str(interrupted)], [None] * 4)
    assert desk.run(*_NEW, "--json").data["recovered"] == []


def test_a_recovered_file_is_named_in_the_output(desk: Terminal, interrupted: Path) -> None:
    """The output names the recovered file as a file to import, although no row is new."""
    result = desk.run(*_NEW)
    assert f"Written by an interrupted export: {interrupted}" in result.out
    assert "there is nothing to import" not in result.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("export", "lexware", "--period", TODAY, "--refuse-repeats"), 7),
        (("batches", "redo", "1"), 2),
        (("batches", "again", "9"), 2),
    ],
)
def test_an_interrupted_export_is_reported_by_a_command_that_fails(
    desk: Terminal, interrupted: Path, words: tuple[str, ...], code: int
) -> None:
    """A command that fails has recovered the interrupted export before, and reports this."""
    result = desk.run(*words)
    assert (result.code, interrupted.exists()) == (code, True)
    assert f"Batch 1 was interrupted; its file is at {interrupted} now." in result.err


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
        (("batches", "undo", "1", "--yes"), {"organisation", "batch", "state", "rows", "new", "first", "last"}),
        (("review",), {"organisation", "findings"}),
    ],
)
def test_one_document_of_each_command(desk: Terminal, ids: list[str], words: tuple[str, ...], keys: set[str]) -> None:
    """With ``--json`` each command prints one document, and nothing else on stdout."""
    desk.edit(ids[0], reference="changed")
    result = desk.run(*words, "--json")
    assert result.code == 0
    assert keys <= result.data.keys()


@pytest.mark.parametrize(
    ("locale", "note"),
    [
        ("de_DE.UTF-8", "Hauptkonto: 3 Umsätze dieser Datei sind schon in Export Nr. 1."),
        (
            "fr_FR.UTF-8",
            "Hauptkonto\xa0: 3 opérations de ce fichier sont déjà dans l\u2019export n°\xa01.",
        ),
        ("it_IT.UTF-8", "Hauptkonto: 3 movimenti di questo file sono già nell\u2019esportazione n. 1."),
        ("es_ES.UTF-8", "Hauptkonto: 3 movimientos de este archivo ya están en la exportación n.º 1."),
        ("C", "Note: Hauptkonto: 3 rows of this file were exported before, in batch 1."),
    ],
)
def test_notes_are_in_the_language_of_the_terminal(
    desk: Terminal, ids: list[str], monkeypatch: pytest.MonkeyPatch, locale: str, note: str
) -> None:
    """Notes on stderr are in the language of the terminal; an error that says the same is in English."""
    monkeypatch.setenv("LC_ALL", locale)
    assert len(ids) == 3
    assert note in desk.run("export", "lexware", "--period", TODAY, "--dry-run").err
    refused = desk.run("export", "lexware", "--period", TODAY, "--refuse-repeats")
    assert (refused.code, "Error: Hauptkonto: rows of this file were exported before, 3" in refused.err) == (7, True)
