"""Rows of an account that is read for the first time are stored as those of any other reading."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import TRANSACTION, Book
from primanota.book.records.verification import first_inconsistency
from primanota.core.results import AppendCounts
from tests.support.clock import Clock
from tests.support.factories import quick, raw_record

# A row of a page: which one, and how often the bank has changed it.
_Row = tuple[int, int]
_PAGES = st.lists(st.tuples(st.booleans(), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=5)))
_TABLES = ("version", "latest", "earlier_version", "checkpoint", "superseded")


def _tables(book: Book) -> list[list[object]]:
    return [list(book.rows(f"SELECT * FROM {table}")) for table in _TABLES]  # noqa: S608 - constants of this file


def _stored(
    pages: Sequence[tuple[bool, list[_Row]]], *, at_once: bool
) -> tuple[list[list[object]], AppendCounts, str]:
    """Store pages of two accounts in a book; return its tables, the counts, and what is inconsistent."""
    clock, counts = Clock(), AppendCounts()
    with tempfile.TemporaryDirectory() as folder, Book(Path(folder, "b.book"), clock.micros) as book:
        with book.run("sync"):
            for is_second, rows in pages:
                account = "account-2" if is_second else "account-1"
                records = [raw_record(f"t{key}", note="x" * changes) for key, changes in rows]
                with book.writing():
                    book.keep_checkpoints(account, book.chain(account))
                    if at_once and book.append_new(records, account):
                        counts.new += len(records)
                    else:
                        counts.add(book.append(TRANSACTION, records, account))
        found = first_inconsistency(book, record, book.lacks_rule)
        return _tables(book), counts, found.sentence if found else ""


@quick
@given(_PAGES)
def test_new_rows_are_stored_as_by_the_slow_way(pages: list[tuple[bool, list[_Row]]]) -> None:
    """Pages with new, known, changed and doubled rows, of two accounts, leave the same book, byte for byte."""
    quickly, slowly = _stored(pages, at_once=True), _stored(pages, at_once=False)
    assert quickly == slowly
    assert not quickly[2]


def test_a_known_row_lets_none_be_appended(tmp_path: Path, clock: Clock) -> None:
    """If the book has one of some rows, or one is there twice, none is appended, and the book is as before."""
    with Book(tmp_path / "b.book", clock.micros) as book, book.run("sync"):
        with book.writing():
            assert book.append_new([raw_record("b"), raw_record("a")], "account-1")
        before = _tables(book)
        for keys in ("cbd", "cdc"):
            with book.writing():
                assert not book.append_new([raw_record(key) for key in keys], "account-1")
            assert _tables(book) == before
        assert [key for (key,) in book.rows("SELECT id FROM version ORDER BY seq")] == ["b", "a"]
        assert msgspec.json.decode(book.bodies(TRANSACTION)["a"])["id"] == "a"
