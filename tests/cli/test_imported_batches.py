"""``batches imported``: the book knows which file was imported into the tool, and on which day."""

import sqlite3
from datetime import timedelta

import msgspec
import pytest

from primanota.book.stored_batch import decode
from tests.support.clock import NOON
from tests.support.screens.command_line import Terminal

_TODAY = NOON.date()


@pytest.fixture
def exported(desk: Terminal) -> Terminal:
    """Return a command line with two batches, the second a day after the first."""
    desk.arrive()
    assert desk.run("export", "lexware", "--new", "--since", f"{_TODAY}").code == 0
    desk.clock.advance(days=1)
    desk.arrive()
    assert desk.run("export", "lexware", "--new").code == 0
    return desk


def _days(desk: Terminal) -> list[str | None]:
    return [batch["imported"] for batch in desk.run("batches", "--json").data["batches"]]


def test_an_import_is_noted_with_its_day(exported: Terminal) -> None:
    """Without --on the day is today; tables, --json and the batch itself show it."""
    assert _days(exported) == [None, None]
    tomorrow = f"{_TODAY + timedelta(1)}"
    noted = exported.run("batches", "imported", "1")
    name = exported.run("batches", "--json").data["batches"][0]["name"]
    assert (noted.code, noted.out) == (0, f"Batch 1 was imported on {tomorrow}: {name}\n")
    assert _days(exported) == [tomorrow, None]
    assert f"delivered, imported {tomorrow}" in exported.run("batches").out
    assert f"Imported on {tomorrow}\n" in exported.run("batches", "show", "1").out


def test_several_batches_and_a_day(exported: Terminal) -> None:
    """One command notes several batches; the day is written as people write it."""
    exported.clock.advance(days=2)
    on = _TODAY + timedelta(2)
    noted = exported.run("batches", "imported", "1", "2", "--on", f"{on:%d.%m.%Y}", "--json")
    assert (noted.code, [one["day"] for one in noted.data["imported"]]) == (0, [f"{on}"] * 2), noted
    assert _days(exported) == [f"{on}"] * 2
    assert exported.run("check").code == 0


def test_the_note_can_be_taken_back(exported: Terminal) -> None:
    """--undo takes the note back, and says so."""
    exported.run("batches", "imported", "1", "2")
    taken = exported.run("batches", "imported", "2", "--undo")
    assert (taken.code, taken.out.startswith("Batch 2 counts as not imported: ")) == (0, True)
    assert _days(exported) == [f"{_TODAY + timedelta(1)}", None]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("9",), "There is no batch 9."),
        (("1", "9"), "There is no batch 9."),
        (("2", "--on", f"{_TODAY}"), f"Batch 2 was written on {_TODAY + timedelta(1)}, after {_TODAY}."),
        (("1", "--on", "2027-01-01"), "2027-01-01 has not come yet."),
        (("1", "--on", "soon"), "“soon” is not a day."),
        (("1", "--on", "today", "--undo"), "--on and --undo exclude each other."),
        (("one",), "one is not a batch number."),
    ],
)
def test_what_cannot_be_is_refused(exported: Terminal, words: tuple[str, ...], told: str) -> None:
    """A day or a batch that cannot be is exit code 2, and no batch is noted."""
    result = exported.run("batches", "imported", *words)
    assert (result.code, told in result.err) == (2, True), result
    assert _days(exported) == [None, None]


def test_an_undone_batch_was_not_imported_and_undo_tells_of_an_import(exported: Terminal) -> None:
    """Undoing an imported batch says when it was imported; an undone batch takes no note."""
    exported.run("batches", "imported", "1")
    undone = exported.run("batches", "undo", "1", "--yes")
    assert f"was imported on {_TODAY + timedelta(1)}: take its rows out of the tool first." in undone.out
    refused = exported.run("batches", "imported", "1")
    assert (refused.code, "Batch 1 is undone, so its file cannot have been imported." in refused.err) == (2, True)


def test_a_batch_of_an_older_version_has_no_note(exported: Terminal) -> None:
    """A stored batch without the key is read, and counts as not imported."""
    with sqlite3.connect(exported.book) as book:
        (body,) = book.execute("SELECT body FROM version WHERE kind = 'batch' ORDER BY seq LIMIT 1").fetchone()
    fields = msgspec.json.decode(body)
    assert fields.pop("imported", "missing") is None
    assert decode(msgspec.json.encode(fields)).imported is None
