"""A change to the book from outside the program is found, and its place is named."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from primanota.banks.qonto.decoding.checked_rows import facts, record
from primanota.book import Book
from primanota.book.records.index_proof import proves_index
from primanota.book.records.verification import first_inconsistency
from tests.support.clock import Clock
from tests.support.factories import fill, keep, raw_record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the book."""
    return tmp_path / "acme.book"


@pytest.fixture
def full(path: Path, clock: Clock) -> Iterator[Book]:
    """Return a book with five transactions and two members."""
    with Book(path, clock.micros) as made:
        yield fill(made)


def _forgery(book: Book) -> str:
    found = first_inconsistency(book, record, book.lacks_rule)
    assert proves_index(book, facts) is (found is None)
    return found.sentence if found else ""


def _tamper(path: Path, *statements: str) -> None:
    """Drop the triggers that protect the versions, and change the file with SQL."""
    triggers = ("DROP TRIGGER version_is_never_changed", "DROP TRIGGER version_is_never_deleted")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (*triggers, *statements):
            assert connection.execute(statement).rowcount != 0, statement


@pytest.mark.parametrize("statement", ["UPDATE version SET body = x'00'", "DELETE FROM version WHERE seq = 1"])
def test_the_book_is_append_only(full: Book, path: Path, statement: str) -> None:
    """Stored versions cannot be changed or deleted, not even with SQL."""
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    assert _forgery(full) == ""


def test_an_untouched_book_is_sound(full: Book) -> None:
    """A book that only this program wrote is verified without a finding."""
    assert (_forgery(full), full.is_sound()) == ("", True)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE version SET body = x'7b7d' WHERE seq = 2", "version 2 (transaction t1) was changed"),
        ("UPDATE version SET id = 't9' WHERE seq = 3", "version 3 (transaction t9) was changed"),
        ("UPDATE version SET account = 'other' WHERE seq = 1", "version 1 (transaction t0) was changed"),
        ("UPDATE version SET kind = 'label' WHERE seq = 5", "version 5 (label m1) was changed"),
        ("UPDATE version SET absent = 1 WHERE seq = 7", "version 7 (transaction t4) was changed"),
        ("UPDATE version SET run = 2 WHERE seq = 1", "version 1 (transaction t0) was changed"),
        ("UPDATE version SET hash = zeroblob(32) WHERE seq = 4", "version 4 (transaction t3) was changed"),
        ("DELETE FROM version WHERE seq = 1", "version 1 is missing"),
        ("DELETE FROM version WHERE seq = 4", "version 4 is missing"),
        ("DELETE FROM version WHERE seq = 7", "versions at the end of the book were removed"),
        ("DELETE FROM version WHERE seq > 3", "versions at the end of the book were removed"),
        ("DELETE FROM version", "versions at the end of the book were removed"),
    ],
)
def test_a_forged_version_is_found(full: Book, path: Path, statement: str, found: str) -> None:
    """A changed version, a deleted one, or versions removed from the end are found; the first place is named."""
    _tamper(path, statement)
    assert _forgery(full) == found


def test_any_changed_byte_is_found(full: Book, path: Path) -> None:
    """A change of any byte of a stored body is found."""
    ((body,),) = full._connection.execute("SELECT body FROM version WHERE seq = 2").fetchall()
    _tamper(path)
    for place in range(0, len(body), 7):
        forged = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        full._connection.execute("UPDATE version SET body = ? WHERE seq = 2", (forged,))
        assert _forgery(full) == "version 2 (transaction t1) was changed"
    full._connection.execute("UPDATE version SET body = ? WHERE seq = 2", (body,))
    assert _forgery(full) == ""


@pytest.mark.parametrize("fact", ["amount", "balance", "settled", "created", "emitted", "updated", "status", "lacks"])
def test_any_forged_index_column_is_found(full: Book, path: Path, fact: str) -> None:
    """A change of any column of the index that is derived from a record is found."""
    _tamper(path, f"UPDATE latest SET {fact} = 5 WHERE id = 't1'")  # noqa: S608 - the text is ours
    assert _forgery(full) == "the index entry of transaction t1 differs from the bank's record"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SET balance = NULL WHERE id = 't2'", "the index entry of transaction t2 differs from the bank's record"),
        ("SET seq = 3 WHERE id = 't1'", "t1 is missing from the index"),
        ("SET id = 't9' WHERE id = 't3'", "the index entry of t9 has no version"),
        ("SET kind = 'label' WHERE id = 'm1'", "the index entry of m1 has no version"),
    ],
)
def test_a_forged_index_is_found(full: Book, path: Path, statement: str, found: str) -> None:
    """An index that differs from the stored records is found."""
    _tamper(path, f"UPDATE latest {statement}")
    assert _forgery(full) == found


@pytest.mark.parametrize("key", ["t0", "t4", "m2"])
def test_a_row_lost_from_the_index_is_found(full: Book, path: Path, key: str) -> None:
    """A record that was deleted from the index is found."""
    _tamper(path, f"DELETE FROM latest WHERE id = '{key}'")  # noqa: S608 - the text is ours
    assert _forgery(full) == f"{key} is missing from the index"


def test_an_index_of_an_older_version_is_found(full: Book, path: Path) -> None:
    """An index that points to an older version is found."""
    with full.run("sync"):
        keep(full, [raw_record("t0", note="changed", updated_at="2026-10-06T00:00:00Z")])
    assert _forgery(full) == ""
    _tamper(path, "UPDATE latest SET seq = 1 WHERE id = 't0'")
    assert _forgery(full) == "the index entry of transaction t0 differs from the bank's record"
