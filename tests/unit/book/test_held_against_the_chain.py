"""What leaves the book is held against the hash chain, and its tables against those that the program makes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from primanota.book import Book
from primanota.core.errors import BookDamaged
from primanota.core.selection import New
from tests.support.books.book_world import Office
from tests.support.clock import NOON, Clock


def _outside(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_changed_body_does_not_leave(office: Office) -> None:
    """A row whose body was changed in the book is in no file: the export says that the book is damaged."""
    (key,) = office.arrive()
    _outside(
        office.book.path,
        "DROP TRIGGER version_is_never_changed",
        f"UPDATE version SET body = CAST(replace(CAST(body AS TEXT), '{key}', 'x') AS BLOB) WHERE id = '{key}'",  # noqa: S608
    )
    with pytest.raises(BookDamaged, match="was changed"):
        office.export(New(NOON.date()))
    assert office.batches.all() == []
    assert not list(office.folder.glob("*"))


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE TRIGGER again AFTER INSERT ON sent BEGIN DELETE FROM latest; END", "its trigger again"),
        ("DROP TRIGGER sent_is_never_deleted", "its trigger sent_is_never_deleted"),
        ("DROP INDEX latest_by_settlement", "its index latest_by_settlement"),
        ("CREATE UNIQUE INDEX mine ON sent (id)", "its index mine"),
        ("ALTER TABLE watermark ADD COLUMN more TEXT", "its table watermark"),
        ("CREATE VIEW rows AS SELECT * FROM version", "its view rows"),
        ("PRAGMA user_version = -5", "is damaged: its "),
        ("PRAGMA user_version = 1", "its "),
    ],
)
def test_another_schema_is_refused(tmp_path: Path, clock: Clock, statement: str, what: str) -> None:
    """A book with other tables, indexes or triggers than the program makes is damaged; nothing is written."""
    path = tmp_path / "acme.book"
    Book(path, clock.micros).close()
    _outside(path, "PRAGMA journal_mode = DELETE", statement)
    before = path.read_bytes()
    with pytest.raises(BookDamaged, match=what) as refused:
        Book(path, clock.micros)
    assert (refused.value.exit_code, path.read_bytes()) == (3, before)


def test_statistics_are_no_damage(tmp_path: Path, clock: Clock) -> None:
    """A book on which a person ran ANALYZE opens."""
    path = tmp_path / "acme.book"
    Book(path, clock.micros).close()
    _outside(path, "ANALYZE")
    Book(path, clock.micros).close()
