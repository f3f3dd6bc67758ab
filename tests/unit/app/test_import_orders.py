"""Imports in any order and with any overlaps end in the same book: each row once, with the balance that it had."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.adapters.settings import config
from primanota.app.books_of_files import settings_for
from primanota.app.importing.import_files import Imported, import_into
from primanota.app.workspace import Workspace
from primanota.banks import connector
from primanota.book import Book
from primanota.book.journal import Journal
from tests.support.banks.camt_files import Booked, document, slices
from tests.support.clock import Clock

_DAY = date(2026, 1, 1)
_OPENING = 1_000_00


@st.composite
def _accounts(draw: st.DrawFn) -> list[Booked]:
    """Draw the rows of an account in order of their days; some are equal, some have a reference of the bank."""
    steps = draw(st.lists(st.integers(0, 3), min_size=1, max_size=12))
    rows, day = [], _DAY
    for number, step in enumerate(steps):
        day += timedelta(days=step)
        cents, text = draw(st.integers(-3, 3)) * 5_00, draw(st.sampled_from(["Miete", "Gebühr", "<&> ä"]))
        ref = draw(st.sampled_from(["", f"REF-{number}"]))
        rows.append(Booked(day, cents, text, ref=ref))
    return rows


def _days(rows: list[Booked]) -> list[int]:
    """Return the places at which a statement may begin or end: between two days."""
    inner = [place for place in range(1, len(rows)) if rows[place - 1].day != rows[place].day]
    return [0, *inner, len(rows)]


@contextmanager
def _new_book() -> Iterator[tuple[Workspace, Book, Path]]:
    clock = Clock()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "first.xml").write_bytes(document(slices([Booked(_DAY, 0)], [(0, 1)], 0)[0]))
        loaded = config.load({"PRIMANOTA_HOME": folder})
        settings_of = settings_for(loaded, None, [home / "first.xml"])
        with Book(home / "a.book", clock.micros) as book:
            yield Workspace(settings=settings_of, clock=clock), book, home


def _import(workspace: Workspace, book: Book, home: Path, statements: list[str]) -> Imported:
    path = home / "some.xml"
    path.write_bytes(document(*statements))
    return import_into(workspace, book, [path])


def _facts(book: Book) -> list[tuple[str, int | None, int | None]]:
    decode = connector()
    (account,) = Journal(book, decode).accounts()
    found = [decode.record(body) for body in book.completed(account.id, 0, 1 << 62)]
    return sorted((one.id, one.amount, one.balance) for one in found)


@settings(max_examples=25)
@given(rows=_accounts(), data=st.data())
def test_any_order_and_overlap_gives_the_same_book(rows: list[Booked], data: st.DataObject) -> None:
    """Statements of runs of days that together have every row, in any order and in one or several imports."""
    ends = _days(rows)
    cuts = data.draw(st.lists(st.sampled_from([(a, b) for a in ends for b in ends if a < b]), max_size=4))
    whole = slices(rows, [(0, len(rows))], _OPENING)
    statements = data.draw(st.permutations([*slices(rows, list(dict.fromkeys(cuts)), _OPENING), *whole]))
    some = data.draw(st.integers(0, len(statements)))
    with _new_book() as (workspace, book, home):
        for part in (statements[:some], statements[some:]):
            if part:
                done = _import(workspace, book, home, part)
        assert [one.found.state for one in done.accounts] == ["proven"]
        found = _facts(book)
        assert Journal(book, connector()).verify() == ""
    with _new_book() as (workspace, book, home):
        _import(workspace, book, home, whole)
        assert _facts(book) == found
        assert len(found) == len(rows)


@settings(max_examples=25)
@given(rows=_accounts(), data=st.data())
def test_a_missing_statement_is_never_overlooked(rows: list[Booked], data: st.DataObject) -> None:
    """An account is proven exactly if what is missing between its statements has not moved its balance."""
    ends = _days(rows)
    start, end = data.draw(st.sampled_from([(a, b) for a in ends for b in ends if a < b]))
    cuts = [cut for cut in ((0, start), (end, len(rows))) if cut[0] < cut[1]]
    if not cuts:
        return
    statements = data.draw(st.permutations(slices(rows, cuts, _OPENING)))
    is_between = start > 0 and end < len(rows)
    lost = sum(row.cents for row in rows[start:end]) if is_between else 0
    with _new_book() as (workspace, book, home):
        (done,) = _import(workspace, book, home, statements).accounts
        assert (done.found.state == "proven") == (lost == 0), done.reasons
