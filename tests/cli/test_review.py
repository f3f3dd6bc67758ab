"""The doors to what changed after it left, and to what a person should look at."""

import json
from pathlib import Path

import pytest

from primanota.banks.qonto.normalise import record
from primanota.book import TRANSACTION, Book
from tests.support.clock import NOON
from tests.support.command_line import Terminal
from tests.support.csv_files import rows_of
from tests.support.factories import keep

TODAY = f"{NOON.date()}"


@pytest.fixture
def left(desk: Terminal) -> list[str]:
    """Three rows, all of which left in batch 1."""
    rows = desk.arrive(3)
    assert desk.type("export", "lexware", "--new", "--since", TODAY).code == 0
    return rows


def test_changed_rows_by_the_door(desk: Terminal, left: list[str]) -> None:
    """``review`` shows old and new side by side; ``export --changed`` writes the corrected rows, as a batch."""
    desk.edit(left[0], reference="old")
    assert desk.type("export", "lexware", "--changed").code == 0
    desk.edit(left[0], reference="new")
    said = desk.type("review")
    assert said.code == 0
    (line,) = (line for line in said.out.splitlines() if left[0] in line)
    assert line.split() == [left[0], "2", "(lexware)", "Verwendungszweck", "old", "new"]
    assert "changed since batch 2" in said.out
    (found,) = (one for one in desk.type("review", "--json").data["findings"] if one["kind"] == "changed")
    assert (found["id"], found["batch"], found["profile"]) == (left[0], 2, "lexware")
    assert found["changes"] == [{"name": "Verwendungszweck", "was": "old", "now": "new"}]
    data = desk.type("export", "lexware", "--changed", "--json").data
    assert (data["selection"], data["since"], data["until"]) == ("changed since exported", None, None)
    (file,) = (file for file in data["files"] if file["path"])
    assert [row["Verwendungszweck"] for row in rows_of(Path(file["path"]))] == ["new"]
    assert (file["batch"], file["already_exported"]) == (3, [])
    assert (
        "Nothing changed since it was exported: there is nothing" in desk.type("export", "lexware", "--changed").out
    )


def test_what_is_taken_back_is_named(desk: Terminal, left: list[str]) -> None:
    """A row that vanished, or that the bank calls reversed, is in no corrected file: it is named on stderr."""
    desk.simulator.bank.reverse(left[0])
    desk.sync()
    _say_reversed(desk, left[2])
    said = desk.type("export", "lexware", "--changed", "--json")
    assert (said.code, [file["path"] for file in said.data["files"] if file["path"]]) == (0, [])
    assert f"Note: {left[0]} (batch 1) is vanished: it cannot be in a file." in said.err
    assert f"Note: {left[2]} (batch 1) is reversed: it cannot be in a file." in said.err


def test_what_stays_taken_back_is_named_so(desk: Terminal, left: list[str]) -> None:
    """A row whose reversal was accepted, and of which another word changed since, is still called reversed."""
    _say_reversed(desk, left[2])
    assert desk.type("review", "accept", left[2]).code == 0
    _say_reversed(desk, left[2], reference="another word")
    assert f"{left[2]} (batch 1) is reversed: it cannot" in desk.type("export", "lexware", "--changed").err


def _say_reversed(desk: Terminal, key: str, **changes: object) -> None:
    """The bank calls a row reversed, where the invented one shows it no more."""
    desk.clock.advance(minutes=1)
    with Book(desk.book, desk.clock.micros) as book, book.run("sync"):
        body = json.loads(book.bodies(TRANSACTION)[key]) | changes
        body |= {"status": "reversed", "updated_at": f"{desk.clock.now:%Y-%m-%dT%H:%M:%SZ}"}
        assert keep(book, [record(json.dumps(body).encode())], body["bank_account_id"]).changed == 1


def test_accept_by_the_door(desk: Terminal, left: list[str]) -> None:
    """``review accept`` puts changed rows away; one id that is none puts none away, with exit code 2."""
    for key in left[:2]:
        desk.edit(key, reference="changed")
    refused = desk.type("review", "accept", left[0], left[2])
    assert (refused.code, f"{left[2]} did not change since it was exported" in refused.err) == (2, True)
    assert _changed(desk) == {left[0], left[1]}
    said = desk.type("review", "accept", left[0])
    assert (said.code, said.out) == (0, f"Accepted: {left[0]}, as it is now (it is in batch 1).\n")
    assert _changed(desk) == {left[1]}
    assert desk.type("review", "accept", left[1], "--json").data["accepted"] == [left[1]]
    assert (_changed(desk), desk.type("review", "accept", left[1]).code) == (set(), 2)
    desk.edit(left[1], reference="again")
    assert _changed(desk) == {left[1]}


def _changed(desk: Terminal) -> set[str]:
    return {one["id"] for one in desk.type("review", "--json").data["findings"] if one["kind"] == "changed"}


def test_papers_do_not_hide_what_presses(desk: Terminal) -> None:
    """Of rows without receipt ``review`` shows the newest ten, and how many there are; ``--verbose`` shows all."""
    rows = []
    for _ in range(12):
        desk.clock.advance(days=1)
        rows += desk.simulator.bank.arrive(1)
    desk.sync()
    findings = desk.type("review", "--json").data["findings"]
    assert [(one["id"], one["kind"], one["reason"]) for one in findings] == [
        (key, "receipt", "receipt missing") for key in rows
    ]
    short, whole = desk.type("review").out, desk.type("review", "--verbose").out
    days = [one["day"] for one in findings]
    assert [[day in text for day in days] for text in (short, whole)] == [[False] * 2 + [True] * 10, [True] * 12]
    assert "12 rows without receipt, the newest 10 of them (all: --verbose):" in short
    assert "Nothing is pending, declined, reversed, vanished or changed." in short
    desk.simulator.bank.attach(rows[0])
    desk.sync()
    assert "11 rows without receipt" in desk.type("review").out
