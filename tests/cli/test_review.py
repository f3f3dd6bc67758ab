"""The commands for changed rows and open points: ``review``, ``review accept`` and ``export --changed``."""

import json
from pathlib import Path

import pytest

from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import TRANSACTION, Book
from primanota.core.model import Money
from tests.support.clock import NOON
from tests.support.factories import keep
from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import Terminal

TODAY = f"{NOON.date()}"


@pytest.fixture
def ids(desk: Terminal) -> list[str]:
    """Export three rows in batch 1; return their IDs."""
    rows = desk.arrive(3)
    assert desk.run("export", "lexware", "--new", "--since", TODAY).code == 0
    return rows


def test_changed_rows_are_shown_and_exported(desk: Terminal, ids: list[str]) -> None:
    """``review`` shows the old and the new value; ``export --changed`` exports the corrected rows as a batch."""
    desk.edit(ids[0], reference="old")
    assert desk.run("export", "lexware", "--changed").code == 0
    desk.edit(ids[0], reference="new")
    result = desk.run("review")
    assert result.code == 0
    (line,) = (line for line in result.out.splitlines() if "(lexware)" in line)
    assert line.partition(":")[0].endswith(f" ({ids[0][:7]})")
    assert line.partition(":")[2] == " in batch 2 (lexware), Verwendungszweck was “old” and is “new” now."
    assert "changed since batch 2" in result.out
    (found,) = (one for one in desk.run("review", "--json").data["findings"] if one["kind"] == "changed")
    assert (found["id"], found["batch"], found["profile"]) == (ids[0], 2, "lexware")
    assert found["changes"] == [{"name": "Verwendungszweck", "was": "old", "now": "new"}]
    data = desk.run("export", "lexware", "--changed", "--json").data
    assert (data["selection"], data["since"], data["until"]) == ("changed since exported", None, None)
    (file,) = (file for file in data["files"] if file["path"])
    assert [row["Verwendungszweck"] for row in rows_of(Path(file["path"]))] == ["new"]
    assert (file["batch"], file["already_exported"]) == (3, [])
    assert "Nothing changed since it was exported: there is nothing" in desk.run("export", "lexware", "--changed").out


def test_reversed_rows_are_named(desk: Terminal, ids: list[str]) -> None:
    """A reversed row is not in a corrected file, listed by the bank or stored as such; a note on stderr names it."""
    desk.simulator.bank.reverse(ids[0])
    desk.sync()
    _store_as_reversed(desk, ids[2])
    result = desk.run("export", "lexware", "--changed", "--json")
    assert (result.code, [file["path"] for file in result.data["files"] if file["path"]]) == (0, [])
    rows = {row["id"]: row for row in desk.run("list", "--json").data["rows"]}
    for key in (ids[0], ids[2]):
        row = rows[key]
        day, amount = row["day"], f"{Money(row['amount_cents'])!s}"
        named = f"Note: {row['counterparty']}, {day}, {amount} (batch 1, {key}) is reversed: it cannot be in a file."
        assert named in result.err


def test_an_accepted_reversed_row_is_still_reversed(desk: Terminal, ids: list[str]) -> None:
    """A row whose reversal was accepted, and that changed again since, is still called reversed."""
    _store_as_reversed(desk, ids[2])
    assert desk.run("review", "accept", ids[2]).code == 0
    _store_as_reversed(desk, ids[2], reference="another word")
    assert f"(batch 1, {ids[2]}) is reversed: it cannot" in desk.run("export", "lexware", "--changed").err


def _store_as_reversed(desk: Terminal, key: str, **changes: object) -> None:
    """Store the row as reversed; the simulated bank would no longer list it."""
    desk.clock.advance(minutes=1)
    with Book(desk.book, desk.clock.micros) as book, book.run("sync"):
        body = json.loads(book.bodies(TRANSACTION)[key]) | changes
        body |= {"status": "reversed", "updated_at": f"{desk.clock.now:%Y-%m-%dT%H:%M:%SZ}"}
        assert keep(book, [record(json.dumps(body).encode())], body["bank_account_id"]).changed == 1


def test_review_accept(desk: Terminal, ids: list[str]) -> None:
    """``review accept`` accepts changed rows; if one has no finding, it accepts none, with exit code 2."""
    for key in ids[:2]:
        desk.edit(key, reference="changed")
    refused = desk.run("review", "accept", ids[0], ids[2], "--kind", "changed")
    assert (refused.code, "Nothing of this kind is to be looked at of" in refused.err) == (2, True)
    assert _changed(desk) == {ids[0], ids[1]}
    result = desk.run("review", "accept", ids[0])
    (name,) = (line for line in result.out.splitlines())
    assert (result.code, name.startswith(f"Put away: {TODAY}, "), name.endswith(": changed since batch 1")) == (
        0,
        True,
        True,
    )
    assert _changed(desk) == {ids[1]}
    assert desk.run("review", "accept", ids[1], "--json").data["accepted"] == [ids[1]]
    assert (_changed(desk), desk.run("review", "accept", ids[1], "--kind", "changed").code) == (set(), 2)
    desk.edit(ids[1], reference="again")
    assert _changed(desk) == {ids[1]}


def test_review_accept_by_the_first_letters(desk: Terminal, ids: list[str]) -> None:
    """The first letters of an id are enough where they are clear; where they are not, no row is accepted."""
    first, second, *_ = ids
    for key in (first, second):
        desk.edit(key, reference="changed")
    clear = next(first[:length] for length in range(4, 37) if not second.startswith(first[:length]))
    if len(clear) > 4:
        refused = desk.run("review", "accept", clear[:-1])
        assert (refused.code, "begins the ids of 2 rows" in refused.err) == (2, True)
    assert desk.run("review", "accept", clear.upper(), "--json").data["accepted"] == [first]
    assert _changed(desk) == {second}


_LEDGER = """
[organisation.LOGIN.ledger]
bank = "1800"
clearing = "1370"
consultant = 29098
client = 55003

[[organisation.LOGIN.rule]]
label = "*messe*"
account = "6650"

[[organisation.LOGIN.rule]]
account = "6815"
tax = { "19" = "9", "7" = "8" }
"""


def _set_ledger(desk: Terminal, text: str) -> None:
    (desk.home / "config.toml").write_text(text.replace("LOGIN", desk.simulator.login), encoding="utf-8")


def _differences(desk: Terminal) -> list[tuple[str, str, str]]:
    findings = desk.run("review", "--json").data["findings"]
    changes = [change for one in findings if one["kind"] == "changed" for change in one["changes"]]
    return [(change["name"], change["was"], change["now"]) for change in changes]


def test_a_row_that_is_posted_elsewhere_is_changed(desk: Terminal) -> None:
    """A VAT rate or a label corrected after the export is shown, and in a corrected file; new rules are not."""
    _set_ledger(desk, _LEDGER)
    (key,) = desk.arrive()
    (label,) = (one for one in desk.simulator.bank.labels() if "messe" in one["name"].lower())
    desk.edit(key, vat_rate=19, vat_amount_cents=19, label_ids=[])
    assert desk.run("export", "datev", "--new", "--since", TODAY).code == 0
    desk.edit(key, vat_rate=7, vat_amount_cents=7)
    assert _differences(desk) == [("tax key", "9", "8")]
    desk.edit(key, label_ids=[label["id"]])
    assert _differences(desk) == [("ledger account", "6815", "6650"), ("tax key", "9", "")]
    (line, _) = (line for line in desk.run("review").out.splitlines() if "(datev)" in line)
    assert line.partition(":")[2] == " in batch 1 (datev), ledger account was “6815” and is “6650” now."
    (file,) = (one for one in desk.run("export", "datev", "--changed", "--json").data["files"] if one["path"])
    assert ';1800;6650;"";' in Path(file["path"]).read_text(encoding="cp1252")
    assert _differences(desk) == []
    _set_ledger(desk, _LEDGER.replace("6650", "6660"))
    assert _differences(desk) == []
    desk.edit(key, label_ids=[])
    assert _differences(desk) == [("ledger account", "6650", "6815"), ("tax key", "", "8")]
    assert desk.run("review", "accept", key).code == 0
    assert (_differences(desk), desk.run("export", "datev", "--changed", "--json").data["files"][0]["path"]) == (
        [],
        None,
    )


def test_a_row_in_a_file_of_all_accounts_is_compared(desk: Terminal) -> None:
    """A row of a FEC, which has all accounts in one file, is shown with its other account, and keeps its number."""
    _set_ledger(desk, _LEDGER.replace('"1800"', '"512000"').replace('account = "', 'account = "606'))
    rows = desk.arrive(2)
    (label,) = (one for one in desk.simulator.bank.labels() if "messe" in one["name"].lower())
    assert desk.run("export", "fec-fr", "--new", "--since", TODAY).code == 0
    desk.edit(rows[1], label_ids=[label["id"]])
    assert _differences(desk) == [("ledger account", "6066815", "6066650")]
    (file,) = (one for one in desk.run("export", "fec-fr", "--changed", "--json").data["files"] if one["path"])
    _, *lines = Path(file["path"]).read_text(encoding="iso-8859-15").splitlines()
    assert {line.split("\t")[2] for line in lines} == {"2"}
    assert _differences(desk) == []


def test_a_run_reports_a_row_that_is_posted_elsewhere(desk: Terminal) -> None:
    """``run`` shows the account that a row was posted to and is posted to now."""
    _set_ledger(desk, _LEDGER)
    (key,) = desk.arrive()
    desk.edit(key, vat_rate=19, vat_amount_cents=19, label_ids=[])
    assert desk.run("run", "datev", "--new", "--since", TODAY).code == 0
    desk.clock.advance(minutes=1)
    desk.simulator.bank.edit(key, vat_rate=7, vat_amount_cents=7)
    shown = desk.run("run", "datev", "--new").out
    assert "in batch 1 (datev), tax key was “9” and is “8” now." in shown


def _changed(desk: Terminal) -> set[str]:
    return {one["id"] for one in desk.run("review", "--json").data["findings"] if one["kind"] == "changed"}


def test_missing_receipts_are_counted(desk: Terminal) -> None:
    """``review`` counts the rows without receipt in one line; ``--verbose`` shows all."""
    rows = []
    for _ in range(12):
        desk.clock.advance(days=1)
        rows += desk.simulator.bank.arrive(1)
    desk.sync()
    findings = desk.run("review", "--json").data["findings"]
    assert [(one["id"], one["kind"], one["reason"]) for one in findings] == [
        (key, "receipt", "receipt missing") for key in rows
    ]
    short, whole = desk.run("review").out, desk.run("review", "--verbose").out
    days = [one["day"] for one in findings]
    assert [[day in text for day in days] for text in (short, whole)] == [[False] * 12, [True] * 12]
    assert "Can wait: 12 without receipt. To see them: primanota review --verbose" in short
    assert "Nothing is pending, declined, reversed, vanished or changed." in short
    desk.simulator.bank.attach(rows[0])
    desk.sync()
    assert "11 without receipt" in desk.run("review").out
