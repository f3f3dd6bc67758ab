"""Exports of more rows than one file may have: numbered files, each a batch, with all rows and all cents together."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota import profiles
from primanota.app.exporting.batches import undo
from primanota.app.exporting.export import export
from primanota.book import ACCOUNT, ORGANISATION, Batches, Book
from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Ledger, Posting, RawRecord, Statement, Transaction
from primanota.core.period import between
from primanota.core.results import AccountExport, Batch
from primanota.core.selection import New, Selection
from primanota.export.destinations import Destinations
from primanota.export.ledgers import Ledgers
from primanota.export.select import Export
from primanota.formats.writers import datev
from primanota.profiles import Profile
from tests.support.books.book_world import journal_of, mark_proven
from tests.support.clock import Clock
from tests.support.factories import keep, quick, raw_record

_TOOL = """
title = "A tool with limits"
format = "csv"
source = "invented"
[options]
columns = [["id", "{id}"], ["day", "{booked:%Y-%m-%d}"], ["amount", "{amount}"], ["text", "{reference}"]]
[rules]
"""
_ACCOUNT = b'{"id":"account-1","name":"Main","iban":"DE89370400440532013000"}'
_ROWS = 1_300
_ALL = New(date(2025, 1, 1))


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Book:
    """Return a book with rows around a change of year, each with its balance, and some with an amount of zero."""
    book = Book(tmp_path / "a.book", clock.micros)
    with book.run("sync"):
        with book.writing():
            book.append(ORGANISATION, [RawRecord("organisation", b'{"id":"o","slug":"o","name":"Own GmbH"}')])
            book.append(ACCOUNT, [RawRecord("account-1", _ACCOUNT)])
        rows, balance = [], 0
        for place in range(_ROWS):
            cents = 0 if place % 100 == 50 else 100 + place
            balance += cents
            facts = _at(place, cents) | {"settled_balance_cents": balance}
            rows.append(raw_record(f"t{place:04}", reference=f"Row {place} {'x' * (place % 40)}", **facts))
        keep(book, rows)
    return book


def _at(place: int, cents: int) -> dict[str, Any]:
    """Return the facts of a row: its minute, its amount, and the balance after as many rows of the same amount."""
    stamp = datetime.fromtimestamp(1767200000 + place * 60, UTC).isoformat().replace("+00:00", "Z")
    money = {"amount": cents / 100, "amount_cents": cents, "settled_balance_cents": cents * (place + 1)}
    return dict.fromkeys(("settled_at", "emitted_at", "created_at", "updated_at"), stamp) | money | {"side": "credit"}


def _tool(rules: str) -> Profile:
    return profiles.parse("limited", _TOOL + rules, "limited")


def _ledger(_: Account) -> Ledger:
    def assign(row: Transaction) -> tuple[Posting, ...]:
        return (Posting("1590", row.amount.cents),)

    return Ledger("1800", assign, year_start=(1, 1))


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        headings, *rows = csv.reader(lines)
    assert headings == ["id", "day", "amount", "text"]
    return rows


def _results(
    book: Book, tool: Profile, to: Path, selection: Selection = _ALL, ledger: Ledgers = _ledger
) -> list[AccountExport]:
    journal = journal_of(book)
    mark_proven(book)
    done, _ = export(Export(journal, tool, selection, ledger, Destinations(to)), journal.accounts())
    return done


def _export(book: Book, rules: str, to: Path, selection: Selection = _ALL) -> list[Batch]:
    return [batch for one in _results(book, _tool(rules), to, selection) for batch in one.batches]


@pytest.mark.parametrize(
    ("rules", "files"),
    [("", 1), ("max_rows = 500", 3), ("max_bytes = 40000", 3), ("fiscal_year = true", 2), ("max_rows = 1300", 1)],
)
def test_the_files_have_every_row_once(book: Book, tmp_path: Path, rules: str, files: int) -> None:
    """For each limit, the files have every row once, in order, and each batch opens where the last one closed."""
    with book:
        done = _export(book, rules, tmp_path / "out")
        rows = [row for file in done if file.path for row in _rows(file.path)]
        assert [row[0] for row in rows] == [f"t{place:04}" for place in range(_ROWS)]
        assert len(done) == files
        assert [file.number for file in done] == list(range(1, files + 1))
        ends = [(file.opening, file.closing) for file in done]
        assert [opening for opening, _ in ends[1:]] == [closing for _, closing in ends[:-1]]
        assert (ends[0][0], ends[-1][1]) == (0, sum(round(float(row[2]) * 100) for row in rows))
        assert Batches(book).first_inconsistency() == ""


def test_no_file_is_larger_than_the_tool_takes(book: Book, tmp_path: Path) -> None:
    """A limit of bytes applies to the whole file, its headings included."""
    with book:
        done = _export(book, "max_bytes = 40000", tmp_path / "out")
        sizes = [file.path.stat().st_size for file in done if file.path]
        assert max(sizes) <= 40_000
        assert min(sizes[:-1]) > 20_000


def test_the_files_are_numbered(book: Book, tmp_path: Path) -> None:
    """Files of new rows are named after their batches; a file named by the user is followed by numbered ones."""
    with book:
        done = _export(book, "max_rows = 500", tmp_path / "out")
        assert [file.path.name for file in done if file.path] == [
            "limited_main-3000_batch-1.csv",
            "limited_main-3000_batch-2.csv",
            "limited_main-3000_batch-3.csv",
        ]
        years = between(date(2025, 1, 1), date(2026, 12, 31))
        named = _export(book, "max_rows = 900", tmp_path / "all.csv", years)
        assert [file.path.name for file in named if file.path] == ["all.csv", "all_2.csv"]


@settings(quick, max_examples=25)
@given(lengths=st.lists(st.integers(0, 900), min_size=1, max_size=40), most=st.integers(150, 3_000))
def test_rows_of_any_length_are_split(
    lengths: list[int], most: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rows of any length are split into files, each row once, in order; a row that fits into none is refused."""
    folder = tmp_path_factory.mktemp("split")
    rows = [
        raw_record(f"t{place:04}", reference="x" * length, **_at(place, 100)) for place, length in enumerate(lengths)
    ]
    alone = len("id,day,amount,text\r\n" + "t0000,2025-12-31,1.00,\r\n") + max(lengths)
    with Book(folder / "a.book", Clock().micros) as book:
        with book.run("sync"):
            with book.writing():
                book.append(ACCOUNT, [RawRecord("account-1", _ACCOUNT)])
            keep(book, rows)
        if alone > most:
            with pytest.raises(FormatRuleViolated, match=f"at most {most} bytes, too few for .* \\(t0"):
                _export(book, f"max_bytes = {most}", folder)
            return
        done = _export(book, f"max_bytes = {most}", folder)
        assert all(file.path and file.path.stat().st_size <= most for file in done)
        found = [row for file in done if file.path for row in _rows(file.path)]
        assert [len(row[3]) for row in found] == lengths
        assert [file.closing for file in done] == list(accumulate(100 * file.rows for file in done))


def test_rows_with_several_entries_are_split(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DATEV's limit counts entries, of which a row may have several; every row is in exactly one file."""
    monkeypatch.setattr(datev, "_MOST_ENTRIES", 1_000)

    def halves(row: Transaction) -> tuple[Posting, ...]:
        first = row.amount.cents // 2
        return Posting("1590", first), Posting("1591", row.amount.cents - first)

    ledger = Ledger("1800", halves, consultant=29098, client=55003)
    tool = profiles.load("datev")
    with book:
        (result,) = _results(book, tool, tmp_path / "out", ledger=lambda _: ledger)
        done = result.batches
        moving = _ROWS - sum(place % 100 == 50 for place in range(_ROWS))
        assert (len(done), max(file.rows for file in done), sum(file.rows for file in done)) == (3, 500, moving)
        assert sum(file.sum_in for file in done) == sum(100 + place for place in range(_ROWS) if place % 100 != 50)
        assert Batches(book).first_inconsistency() == ""


@pytest.mark.parametrize("most", [29, 700, 999, 1_000, 1_286, 1_287, 1_288, 2_600])
def test_rows_are_counted_before_a_file_is_rendered(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Files that end at a limit of entries are the same as if each was rendered until it was full; but once."""
    monkeypatch.setattr(datev, "_MOST_ENTRIES", most)
    tool, rendered = profiles.load("datev"), []

    def of_some(row: Transaction) -> tuple[Posting, ...]:
        parts = 1 + row.amount.cents % 3
        first = row.amount.cents - parts + 1
        return (Posting("1590", first), *[Posting("1591", 1)] * (parts - 1))

    def render(statement: Statement, options: datev.Options) -> Iterator[bytes]:
        rendered.append(statement)
        return datev.render(statement, options)

    ledger = Ledger("1800", of_some, consultant=29098, client=55003)
    counting = msgspec.structs.replace(ledger, count=lambda row: 1 + row.amount.cents % 3)
    with book:
        (until_full,) = _results(book, tool, tmp_path / "out", ledger=lambda _: ledger)
        kind = datev.FORMAT._replace(max_entries=most, render=render)
        monkeypatch.setattr(Profile, "kind", property(lambda _: kind))
        for batch in until_full.batches:
            undo(book, batch.number)
        (counted,) = _results(book, tool, tmp_path / "other", ledger=lambda _: counting)
        assert [(one.rows, one.sha256) for one in counted.batches] == [
            (one.rows, one.sha256) for one in until_full.batches
        ]
        assert len(rendered) == len(counted.batches)


@pytest.mark.parametrize("most", [1, 30, 60])
def test_a_row_longer_than_a_file_is_refused(book: Book, tmp_path: Path, most: int) -> None:
    """If the first row does not fit into a file, nothing is written, and the error names the limit."""
    with book, pytest.raises(FormatRuleViolated, match=f"at most {most} bytes"):
        _export(book, f"max_bytes = {most}", tmp_path / "out")
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize("rules", ["", "fiscal_year = true"])
def test_files_that_are_no_longer_needed_become_empty(book: Book, tmp_path: Path, rules: str) -> None:
    """A period that needs fewer files than before leaves no row twice, and touches no file of a person."""
    period, out = between(date(2025, 12, 1), date(2026, 1, 31)), tmp_path / "out"
    with book:
        assert len(_export(book, f"max_rows = 200\n{rules}", out, period)) >= 7
        mine = max(out.iterdir())
        mine.write_text("id,day,amount,text\r\nmine,,,\r\n", encoding="utf-8")
        _export(book, rules, out, period)
        rows = [row[0] for file in out.iterdir() if file != mine for row in _rows(file)]
        assert sorted(rows) == [f"t{place:04}" for place in range(_ROWS)]
        assert [row[0] for row in _rows(mine)] == ["mine"]
        assert all(batch.rows for batch in _export(book, rules, out, period))
        assert Batches(book).first_inconsistency() == ""


def test_an_empty_period_of_two_fiscal_years(book: Book, tmp_path: Path) -> None:
    """An empty period that crosses the end of a fiscal year replaces an old file of a format that holds one year."""
    french = Ledger("512000", lambda row: (Posting("471000", row.amount.cents),))
    file, tool = tmp_path / "fec.txt", profiles.load("fec-fr")
    with book:
        for period in (between(date(2026, 1, 1), date(2026, 1, 1)), between(date(2019, 1, 1), date(2020, 12, 31))):
            _results(book, tool, file, period, lambda _: french)
    assert file.read_bytes().startswith(b"JournalCode\t")
    assert file.read_bytes().count(b"\n") == 1


def test_zero_amounts_are_skipped(book: Book, tmp_path: Path) -> None:
    """A profile that skips zero amounts omits and counts these rows, and the balances still continue."""
    with book:
        (result,) = _results(book, _tool('zero = "skip"'), tmp_path / "out")
        (file,) = result.batches
        assert (file.rows, result.span.skipped_zero_rows, file.proven) == (_ROWS - 13, 13, True)
        assert file.opening is not None
        assert file.closing == file.opening + file.sum_in
        assert all(float(row[2]) for row in _rows(file.path or tmp_path))


def test_a_part_can_be_undone_alone(book: Book, tmp_path: Path) -> None:
    """Each numbered file is a batch of its own: if it is undone, its rows alone are new again."""
    with book:
        _export(book, "max_rows = 500", tmp_path / "out")
        undo(book, 2)
        (again,) = _export(book, "max_rows = 500", tmp_path / "out")
        assert [row[0] for row in _rows(again.path or tmp_path)] == [f"t{place:04}" for place in range(500, 1000)]
