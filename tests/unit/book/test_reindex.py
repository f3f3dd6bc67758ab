"""The index can always be rebuilt from the stored bank records."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from primanota.app.installation import backup
from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import TRANSACTION, Book
from primanota.book.records.verification import first_inconsistency
from primanota.core.errors import BookUnusable
from primanota.core.model import RawRecord
from primanota.core.selection import New
from tests.support.books.book_world import Office, World, journal_of
from tests.support.clock import NOON, Clock
from tests.support.factories import fill, keep, raw, raw_record


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """A book of seven records, one of which has changed."""
    with Book(tmp_path / "acme.book", clock.micros) as made:
        fill(made)
        with made.run("sync"):
            keep(made, [raw_record("t0", note="changed", updated_at="2026-10-06T00:00:00Z")])
        yield made


def _index(book: Book) -> list[tuple[object, ...]]:
    return list(book.rows("SELECT * FROM latest"))


def test_a_whole_index_stays_as_it_is(book: Book) -> None:
    """Rebuilding a correct index changes nothing, and the run log has an entry for it."""
    before = _index(book)
    assert backup.reindex_book(journal_of(book)) == (7, 0)
    assert _index(book) == before
    assert list(book.rows("SELECT command, outcome FROM run ORDER BY number DESC LIMIT 1")) == [
        ("book reindex", "done")
    ]


@pytest.mark.parametrize(
    ("statement", "differed"),
    [
        ("UPDATE latest SET absent = 1 WHERE id = 't1'", 1),
        ("UPDATE latest SET account = 'other' WHERE id = 't1'", 1),
        ("UPDATE latest SET amount = 5, settled = NULL WHERE kind = 'transaction'", 5),
        ("UPDATE latest SET seq = 1 WHERE id = 't0'", 1),
        ("UPDATE latest SET seq = 6 WHERE id = 'm1'", 1),
        ("UPDATE latest SET id = 't9' WHERE id = 't3'", 2),
        ("DELETE FROM latest WHERE id = 'm2'", 1),
        ("DELETE FROM latest", 7),
        ("INSERT INTO latest SELECT kind, 'zz', 999, account, 0, status, 1, 1, 1, 1, 5, 5, 0 FROM latest LIMIT 1", 1),
    ],
)
def test_a_tampered_index_is_rebuilt(book: Book, statement: str, differed: int) -> None:
    """Any change of the index is undone, and the number of records that differed is returned."""
    before = _index(book)
    with closing(sqlite3.connect(book.path, isolation_level=None)) as other:
        assert other.execute(statement).rowcount
    assert first_inconsistency(book, record, 0)
    assert backup.reindex_book(journal_of(book)) == (7, differed)
    assert (first_inconsistency(book, record, 0), _index(book)) == (None, before)
    assert backup.reindex_book(journal_of(book)) == (7, 0)


def test_exported_and_vanished_rows_are_restored(office: Office) -> None:
    """Batches, first days and vanished rows are restored, so that no row is exported twice."""
    first, *_ = office.arrive(3)
    office.export(New(NOON.date()))
    office.reverse(first)
    before = _index(office.book)
    with office.book.writing():
        office.book.execute("DELETE FROM latest")
    things, differed = backup.reindex_book(journal_of(office.book))
    assert things == differed == len(before)
    assert _index(office.book) == before
    assert office.export(New(NOON.date())) == []


def test_a_book_of_many_rows(world: Callable[..., World]) -> None:
    """Rebuilding the index of a book with several syncs changes nothing."""
    kept = world(size=450)
    kept.sync()
    kept.simulator.bank.arrive(30)
    kept.clock.advance(days=9)
    kept.sync()
    assert backup.reindex_book(journal_of(kept.book)).differed == 0


def test_an_unreadable_record_changes_nothing(book: Book) -> None:
    """A record that cannot be read is named in the error, and the index stays as it was."""
    bad = RawRecord("t8", raw(id="t8", side="neither"))
    with book.run("sync"), book.writing():
        book.append(TRANSACTION, [bad], "account-1")
    before = _index(book)
    with pytest.raises(BookUnusable, match="Version 9 of the book cannot be read: transaction t8: side is “neither”"):
        backup.reindex_book(journal_of(book))
    assert _index(book) == before
