"""Rows of one moment: every file and table has them in the order in which their balances chain."""

from itertools import accumulate, permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota import profiles
from primanota.app.exporting.batches import exported_rows
from primanota.app.exporting.export import export, preview
from primanota.book import Book
from primanota.core.period import between
from primanota.core.selection import New
from primanota.export.destinations import Destinations
from primanota.export.select import AccountGroup, Export
from tests.support.books.book_world import journal_of
from tests.support.clock import Clock
from tests.support.factories import quick
from tests.support.files.chained_rows import ACCOUNT, AMOUNTS, DAY, assert_chained, chained, keep_chained
from tests.support.files.csv_files import rows_of
from tests.support.readers import camt053, jsonl, xlsx
from tests.support.screens.command_line import Terminal

# Every profile whose files show a balance after each row.
_SHOWN = [name for name in profiles.names() if "{balance" in profiles.load(name).text]
_HEADINGS = {"Balance", "Saldo"}


def _cells(book: Book, name: str, *, new: bool = False) -> list[dict[str, str]]:
    """Return the rows of a dry run by their headings."""
    request = Export(journal_of(book), profiles.load(name), New(DAY) if new else between(DAY, DAY))
    headings, *cells = preview(request, AccountGroup((ACCOUNT,))).cells
    return [dict(zip(headings, row, strict=True)) for row in cells]


def _balances(rows: list[dict[str, str]]) -> list[int]:
    """Return the column of balances in cents."""
    (heading,) = rows[0].keys() & _HEADINGS
    return [int(row[heading].replace(",", "").replace(".", "")) for row in rows]


@settings(quick, max_examples=30)
@given(amounts=AMOUNTS, data=st.data(), new=st.booleans())
def test_any_order_of_ids(amounts: list[list[int]], data: st.DataObject, new: bool) -> None:  # noqa: FBT001 - a parameter
    """Whatever the order of the ids is, dry runs and batches have the rows in the order that chains."""
    rows = chained(amounts)
    places = data.draw(st.permutations(range(len(rows))))
    with TemporaryDirectory() as folder, Book(Path(folder) / "the.book", Clock().micros) as book:
        by_id = keep_chained(book, rows, places)
        cells = _cells(book, "generic", new=new)
        ids = [row["Id"] for row in cells]
        assert_chained(ids, by_id)
        assert _balances(cells) == [by_id[key].balance for key in ids]
        request = Export(journal_of(book), profiles.load("jsonl"), New(DAY), destinations=Destinations())
        [done], _ = export(request, [ACCOUNT])
        _, exported = exported_rows(journal_of(book), done.batches[0].number)
        assert [row.transaction.id for row in exported] == ids


@pytest.mark.parametrize("name", _SHOWN)
@pytest.mark.parametrize("amounts", [[30_00, 50_00, -20_00], [50_00, -50_00, 30_00], [-50_00, 50_00, -50_00, 50_00]])
def test_every_profile_that_shows_balances(name: str, amounts: list[int], tmp_path: Path) -> None:
    """In every profile with a column of balances, it chains, for each order of the ids of rows of one moment."""
    rows = chained([amounts])
    for number, places in enumerate(permutations(range(1, len(rows)))):
        with Book(tmp_path / f"{number}.book", Clock().micros) as book:
            keep_chained(book, rows, [0, *places])
            assert _balances(_cells(book, name)) == [row.balance for row in rows]


def _tied(desk: Terminal) -> list[str]:
    """Let twelve rows settle in one millisecond, in another order than that of their ids; return their ids."""
    bank = desk.simulator.bank
    arrived = bank.arrive(12)
    for key in arrived[1::3]:
        bank.settle(key)
    desk.sync()
    by_balance = {row["id"]: row for row in bank.truth(bank.account_ids()[0])}
    assert len({row["settled_at"] for row in by_balance.values()}) == 1
    settled = [*(key for place, key in enumerate(arrived) if place % 3 != 1), *arrived[1::3]]
    cents = [by_balance[key]["amount_cents"] * (1 if by_balance[key]["side"] == "credit" else -1) for key in settled]
    assert [by_balance[key]["settled_balance_cents"] for key in settled] == list(accumulate(cents))
    assert settled != sorted(settled)
    return settled


def test_rows_of_one_moment_by_command(desk: Terminal) -> None:
    """Dry runs, files and ``batches show`` have rows of one moment in the order in which the bank booked them."""
    ids = _tied(desk)
    words = ("--new", "--since", f"{desk.clock.now.date()}", "--json")
    _, *look = desk.run("export", "generic", "--dry-run", *words).data["rows"]["Hauptkonto"]
    assert [row[-1] for row in look] == ids
    for number, name in enumerate(("generic", "excel", "jsonl", "camt-de"), 1):
        [file] = (one for one in desk.run("export", name, *words).data["files"] if one["path"])
        assert _ids_of(Path(file["path"])) == ids
        assert [row["id"] for row in desk.run("batches", "show", f"{number}", "--json").data["lines"]] == ids


def _ids_of(file: Path) -> list[str]:
    """Return the ids of a file's rows, as an independent reader finds them."""
    match file.suffix:
        case ".csv":
            return [row["Id"] for row in rows_of(file)]
        case ".xlsx":
            return [row[-1] for row in xlsx.sheet(file)[1:]]
        case ".jsonl":
            return jsonl.run_jq(file, "-r", 'select(.kind == "transaction").id').split()
    return [str(UUID(key)) for key in camt053.facts(file).keys]
