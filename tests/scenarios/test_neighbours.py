"""Files of one book, one after the other: foreign programs read neighbouring files without contradiction."""

from collections.abc import Callable
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from primanota.core.results import Batch
from tests.support.books.book_world import Office
from tests.support.files.file_series import FileSeries, facts_of, included, joined, main_journal, path_of, series
from tests.support.readers import (
    ReaderTotals,
    StatementFacts,
    beancount,
    camt053,
    cfonb120,
    coda,
    journals,
    mt940,
    norma43,
    ofx,
)

_STATEMENTS = ["camt-de", "camt-legacy", "odoo", "mt940", "datev-mt940", "coda-be", "cfonb-fr", "norma43-es", "ofx"]
_every_statement = pytest.mark.parametrize("name", _STATEMENTS)
# How the programs read the two files: in one, or one after the other.
_IN_ONE: dict[str, list[Callable[[Path], ReaderTotals]]] = {
    "cfonb120": [cfonb120.python_cfonb],
    "coda": [coda.febelfin],
    "mt940": [mt940.mt_940, mt940.aqbanking],
}
_BY_TURNS: dict[str, list[Callable[[Path], ReaderTotals]]] = {
    "camt053": [camt053.pyiso20022, camt053.xmllint, camt053.aqbanking],
    "cfonb120": [cfonb120.oca],
    "norma43": [norma43.csb43, norma43.aeb43, norma43.aqbanking],
    "ofx": [ofx.ofxtools, ofx.ofxparse, ofx.ofxdump],
}
_JOURNALS: dict[str, Callable[[Path], ReaderTotals]] = {
    "beancount": beancount.loader,
    "hledger": journals.hledger,
    "ledger": journals.ledger,
}
_every_journal = pytest.mark.parametrize("name", _JOURNALS)


def _assert_distinct(found: list[StatementFacts]) -> None:
    """Check that no two statements share an id of theirs, and no two of their rows."""
    for ids in zip(*(one.ids for one in found), strict=True):
        assert len(set(ids)) == len(found), ids
    keys = [key for one in found for key in one.keys]
    assert len(set(keys)) == len(keys)


def _assert_neighbours(files: FileSeries, batches: list[Batch]) -> list[StatementFacts]:
    """Check that balances, days and numbers go on from each statement to the next, and that programs read them."""
    found = [facts_of(files, batch) for batch in batches]
    for before, after in pairwise(found):
        assert before.closing == after.opening
        assert before.last <= after.first <= after.last
        assert before.number is None or after.number == before.number + 1
    _assert_distinct(found)
    rows, total = sum(batch.rows for batch in batches), sum(one.total for one in found)
    paths = [path_of(batch) for batch in batches]
    for read in _IN_ONE.get(files.profile.format, []):
        assert read(joined(paths))[:2] == (rows, total)
    for read in _BY_TURNS.get(files.profile.format, []):
        seen = [read(path) for path in paths]
        assert (sum(one.rows for one in seen), sum(one.total for one in seen)) == (rows, total)
        assert [one.closing for one in seen] in ([one.closing for one in found], [None] * len(found))
    return found


def _assert_one_journal(files: FileSeries, batches: list[Batch]) -> None:
    """Check that a program reads a journal that includes the files, with all assertions, and finds each row."""
    name = files.profile.format
    paths = [path_of(batch) for batch in batches]
    opening = batches[0].opening
    assert opening is not None
    main = main_journal(name, opening, paths, files.office.folder)
    seen = _JOURNALS[name](main)
    assert seen.rows == sum(batch.rows for batch in batches)
    assert seen.total == sum(batch.sum_in + batch.sum_out for batch in batches)
    assert opening + sum(batch.sum_in + batch.sum_out for batch in batches) == batches[-1].closing


def _twice_on_a_day(files: FileSeries) -> list[Batch]:
    """Export at 06:00 with rows of that day, and again at 14:00; there are rows of the day before the first."""
    files.arrive()
    files.at(24, 5)
    files.arrive()
    files.at(24, 6)
    morning = files.new()
    files.at(24, 13)
    files.arrive()
    files.at(24, 14)
    return morning + files.new()


def _a_week_apart(files: FileSeries) -> list[Batch]:
    """Export on two Mondays; there is no row between the first run and the second Monday."""
    files.arrive()
    files.at(30, 5)
    files.arrive()
    files.at(30, 6)
    first = files.new()
    files.at(7, 3, month=12)
    files.arrive()
    files.at(7, 6, month=12)
    return first + files.new()


def _every_day(files: FileSeries) -> list[Batch]:
    """Export on four days, also a row of the evening before, which comes between two runs."""
    files.arrive()
    found = []
    for day in (24, 25, 26, 27):
        files.at(day, 5)
        files.arrive()
        files.at(day, 6)
        found += files.new()
        files.at(day, 23)
        files.arrive()
    return found


_RUNS = pytest.mark.parametrize("runs", [_twice_on_a_day, _a_week_apart, _every_day])


@_RUNS
@_every_statement
def test_neighbouring_statements_go_on(name: str, runs: Callable[[FileSeries], list[Batch]], office: Office) -> None:
    """Each statement begins with the balance of the one before; numbers go on by one, and ids differ."""
    files = series(office, name)
    batches = runs(files)
    assert [len(batches), batches[0].rows] == [4 if runs is _every_day else 2, 3]
    _assert_neighbours(files, batches)


@pytest.mark.parametrize("name", ["camt-de", "camt-legacy"])
def test_odoo_imports_neighbouring_statements(name: str, office: Office) -> None:
    """Odoo's importer finds statements of different names, rows of different ids, and balances that go on."""
    read = [camt053.odoo_statement(path_of(batch)) for batch in _twice_on_a_day(series(office, name))]
    assert len({one["name"] for one in read}) == len(read)
    ids = [row["ref"] for one in read for row in one["transactions"]]
    assert len(set(ids)) == len(ids) == 6
    assert round(read[0]["balance_end_real"], 2) == round(read[1]["balance_start"], 2)


@_RUNS
@_every_journal
def test_one_journal_includes_neighbours(
    name: str, runs: Callable[[FileSeries], list[Batch]], office: Office
) -> None:
    """A journal that includes the files in order has no failed assertion."""
    files = included(office, name)
    _assert_one_journal(files, runs(files))


def _with_a_hole(files: FileSeries, *, undone: bool) -> list[Batch]:
    """Export rows that others interrupt: by a period, which was exported before, or because a batch is undone."""
    files.arrive()
    files.at(24, 9)
    files.arrive()
    first = files.new() if undone else []
    files.at(25, 9)
    files.arrive()
    middle = files.new() if undone else files.period("2026-11-25")
    files.at(26, 9)
    files.arrive()
    if undone:
        for batch in first:
            files.undo(batch)
    return [*middle, *files.new()]


@pytest.mark.parametrize("undone", [False, True])
@_every_statement
def test_a_hole_divides_statements(name: str, undone: bool, office: Office) -> None:  # noqa: FBT001 - a parameter
    """Each unbroken stretch has a statement of its own, right by itself; they go on, and each row is in one."""
    files = series(office, name)
    batches = _with_a_hole(files, undone=undone)
    assert [batch.rows for batch in batches] == [3, 3, 3]
    found = [facts_of(files, batch) for batch in batches]
    _assert_distinct(found)
    assert [one.number for one in found] in ([2, 1, 3] if undone else [1, 2, 3], [None] * 3)
    middle, before, after = found
    assert (before.closing, middle.closing) == (middle.opening, after.opening)
    assert files.new() == []


@pytest.mark.parametrize("undone", [False, True])
@_every_journal
def test_a_journal_with_a_hole(name: str, undone: bool, office: Office) -> None:  # noqa: FBT001 - a parameter
    """Journals around a hole are two files; with that of the hole no assertion fails, whatever the order by days."""
    files = included(office, name)
    middle, before, after = _with_a_hole(files, undone=undone)
    in_order = [before, middle, after]
    _assert_one_journal(files, in_order)
    if name != "ledger":  # which goes by the order of the file, not by days
        for batches in permutations(in_order):
            main = main_journal(name, before.opening or 0, map(path_of, batches), office.folder)
            assert _JOURNALS[name](main).rows == 9


@pytest.mark.parametrize("days", [0, 3])
@pytest.mark.parametrize("name", _STATEMENTS)
def test_a_statement_written_again(name: str, days: int, office: Office) -> None:
    """The same rows, undone and new again, are the same statement: number, ids and bytes; the next one goes on."""
    files = series(office, name)
    first, second = _twice_on_a_day(files)
    before = path_of(second).read_bytes()
    files.undo(second)
    files.at(24 + days, 20)
    [again] = files.new()
    assert (path_of(again).read_bytes(), again.statement, again.statement_key) == (
        before,
        second.statement,
        second.statement_key,
    )
    files.arrive()
    _assert_neighbours(files, [first, again, *files.new()])


@pytest.mark.parametrize("name", [*_STATEMENTS, "beancount", "hledger", "ledger"])
def test_a_month_that_is_not_over(name: str, office: Office) -> None:
    """A period ends on the day that is proven; later in the month, and after it, it is another statement."""
    files = included(office, name) if name in _JOURNALS else series(office, name)
    files.arrive()
    found, contents = [], []
    for day, month in ((27, 11), (29, 11), (1, 12)):
        files.at(day, 9, month=month)
        files.arrive()
        [batch] = files.period("2026-11")
        contents.append(path_of(batch).read_bytes())
        if name in _JOURNALS:
            assert _JOURNALS[name](main_journal(name, 0, [path_of(batch)], office.folder)).rows
        else:
            found.append(facts_of(files, batch))
    assert [one.last for one in found] in (["2026-11-27", "2026-11-29", "2026-11-30"], [])
    for ids in zip(*(one.ids for one in found), strict=True):
        assert len(set(ids)) == 3
    assert len(set(contents)) == 3


@_every_statement
def test_accounts_that_share_the_end_of_their_ibans(name: str, office: Office) -> None:
    """Statements of two accounts have different ids, although the last characters of their IBANs are the same."""
    files = series(office, name, (0, 1))
    for account in (0, 1):
        files.arrive(account)
    files.at(24, 5)
    for account in (0, 1):
        files.arrive(account)
    batches = files.new()
    assert files.accounts[0].tail == files.accounts[1].tail
    assert len({path_of(batch) for batch in batches}) == len(batches) == 2
    _assert_distinct([facts_of(files, batch) for batch in batches])
