"""``primanota list``: every row of the book is found by each of its properties, with sums of what is shown."""

import csv
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.banks.shy_bank import hide_row
from tests.support.screens.command_line import Terminal

Row = dict[str, Any]


@pytest.fixture
def company(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a command line with a book of 250 rows, of which October is exported."""
    made = terminal()
    assert made.run("sync").code == 0
    assert made.run("export", "lexware", "--period", "2026-10").code == 0
    return made


def _rows(company: Terminal, *words: str) -> list[Row]:
    result = company.run("list", "--json", *words)
    assert result.code == 0, result
    return list(result.data["rows"])


def _same(found: list[Row], wanted: list[Row]) -> bool:
    return bool(found) and [row["id"] for row in found] == [row["id"] for row in wanted]


def test_every_row_of_the_book_is_listed(company: Terminal) -> None:
    """Without conditions every row of every account and status is listed once, in order of the days."""
    rows = _rows(company)
    counts = company.run("check", "--json").data["accounts"]
    completed = [row for row in rows if row["status"] == "completed"]
    assert len(completed) == sum(account["rows"] for account in counts)
    assert {"pending", "declined"} <= {row["status"] for row in rows}
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)


def test_the_newcomers_question(company: Terminal) -> None:
    """A payment is found by a part of its name and its amount, which may be written with a comma."""
    rows = _rows(company)
    row = next(row for row in rows if row["amount_cents"] < -10000 and row["counterparty"].isascii())
    name, amount = row["counterparty"][:5].lower(), f"{-row['amount_cents'] / 100:.2f}"
    wanted = [
        one
        for one in rows
        if name in one["counterparty"].lower() and abs(one["amount_cents"]) == -row["amount_cents"]
    ]
    for written in (amount, amount.replace(".", ",")):
        assert _same(_rows(company, "--text", name, "--amount", written), wanted)
    assert _same(_rows(company, "--text", name, f"--amount=-{amount}"), wanted)
    assert _rows(company, "--text", name, "--amount", f"+{amount}") == []


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        (("--period", "october"), lambda row: row["day"].startswith("2026-10")),
        (("--since", "1.10.26", "--until", "15.10.26"), lambda row: "2026-10-01" <= row["day"] <= "2026-10-15"),
        (("--side", "in"), lambda row: row["amount_cents"] > 0),
        (("--side", "out"), lambda row: row["amount_cents"] < 0),
        (("--status", "pending"), lambda row: row["status"] == "pending"),
        (("--status", "pending", "--status", "declined"), lambda row: row["status"] in {"pending", "declined"}),
        (("--account", "0011"), lambda row: row["account"] == "Steuerrücklage"),
        (("--member", "BJÖRN-ole"), lambda row: row["member"] == "Björn-Ole von der Heyde"),
        (("--label", "sonder"), lambda row: any("Sonder" in label for label in row["labels"])),
        (("--batch", "1"), lambda row: row["exported_in"] == [1]),
        (("--text", "café neuen"), lambda row: "CAFÉ AM NEUEN SEE" in row["counterparty"]),
        (("--text", "STRASSENGLÜCK"), lambda row: "Straßenglück" in row["counterparty"]),
    ],
)
def test_each_condition(company: Terminal, words: tuple[str, ...], holds: Callable[[Row], bool]) -> None:
    """Each condition finds exactly the rows for which it holds, in the order of all rows."""
    every = _rows(company)
    wanted = [row for row in every if holds(row)]
    found = _rows(company, *words)
    assert sorted(row["id"] for row in found) == sorted(row["id"] for row in wanted) != []
    assert len(found) < len(every)


def test_conditions_hold_together(company: Terminal) -> None:
    """Several conditions find the rows for which all of them hold."""
    found = _rows(company, "--period", "2026-10", "--side", "out", "--batch", "1", "--account", "0010")
    assert found
    assert all(row["amount_cents"] < 0 and row["exported_in"] == [1] for row in found)


def test_sums_of_what_is_shown(company: Terminal) -> None:
    """Below the rows are their number and sums, for each account, status and currency."""
    data = company.run("list", "--json", "--period", "2026-10").data
    for total in data["totals"]:
        keys = ("account", "status", "currency")
        amounts = [row["amount_cents"] for row in data["rows"] if all(row[key] == total[key] for key in keys)]
        assert total["rows"] == len(amounts)
        assert total["sum_in_cents"] == sum(one for one in amounts if one > 0)
        assert total["sum_out_cents"] == sum(one for one in amounts if one < 0)
    assert sum(total["rows"] for total in data["totals"]) == len(data["rows"])
    exported = next(one for one in company.run("batches", "--json").data["batches"] if one["batch"] == 1)
    completed = next(one for one in data["totals"] if one["status"] == "completed" and one["account"] == "Hauptkonto")
    assert (completed["rows"], completed["sum_in_cents"]) == (exported["rows"], exported["sum_in_cents"])
    shown = company.run("list", "--period", "2026-10").out
    assert "Sums of these rows:" in shown
    assert f"{completed['sum_in_cents'] / 100:.2f}" in shown


def test_csv_has_every_row_and_a_guard(company: Terminal) -> None:
    """The CSV has the rows of --json, amounts with two decimals, and texts that no spreadsheet computes."""
    rows = _rows(company)
    written = list(csv.DictReader(company.run("list", "--csv").out.splitlines()))
    assert [one["id"] for one in written] == [row["id"] for row in rows]
    assert [one["amount"] for one in written] == [f"{row['amount_cents'] / 100:.2f}" for row in rows]
    assert any(row["labels"] == ["=Sonderposten"] for row in rows)
    for row, one in zip(rows, written, strict=True):
        texts = [text for name, text in one.items() if name not in {"amount", "id", "day"}]
        assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)
        assert one["labels"].lstrip("'") == ", ".join(row["labels"])


def test_what_cannot_be_is_refused(company: Terminal) -> None:
    """An amount, a batch or an account that cannot be is exit code 2 with a sentence; no match is none."""
    assert "“much” is not an amount." in company.run("list", "--amount", "much").err
    for words in (("--amount", "1.2.3"), ("--batch", "99"), ("--account", "none"), ("--csv", "--json")):
        assert company.run("list", *words).code == 2
    nothing = company.run("list", "--text", "nothing is called like this")
    assert (nothing.code, nothing.out) == (0, "No row of the book is like this.\n")


def test_a_vanished_row_is_called_so(company: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that the bank no longer shows is listed as vanished, and not among the completed."""
    key = next(row["id"] for row in _rows(company, "--status", "pending"))
    hide_row(monkeypatch, company.simulator, key)
    company.clock.advance(minutes=1)
    company.run("sync", "--full")
    (row,) = _rows(company, "--status", "vanished")
    assert (row["id"], row["status"]) == (key, "vanished")
    assert key not in [one["id"] for one in _rows(company, "--status", "pending")]
