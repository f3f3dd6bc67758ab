"""The numbers of journal entries are covered by the hash chain, however many a fiscal year has."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from primanota.book import Book
from primanota.book.file.sealed_tables import NUMBERS, first_changed_row
from tests.support.clock import Clock

_ENTRIES = 30_000
_FILL = """INSERT INTO entry WITH RECURSIVE n(number) AS (VALUES (1) UNION ALL SELECT number + 1 FROM n LIMIT ?)
           SELECT ?, number, 'row-' || number FROM n"""
_FEW_BYTES = 1_000_000


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Return a new book."""
    with Book(tmp_path / "entries.book", clock.micros) as opened, opened.run("export"):
        yield opened


def test_many_entries_take_little_memory(book: Book) -> None:
    """The digest of a series is that of all its lines, and is computed without holding them."""
    with book.writing():
        book.execute(_FILL, _ENTRIES, "BQ 2026")
        tracemalloc.start()
        book.seal_entries("BQ 2026")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    lines = "".join(f"{number} row-{number}\n" for number in range(1, _ENTRIES + 1))
    stated = {"rows": _ENTRIES, "sha256": hashlib.sha256(lines.encode()).hexdigest()}
    assert msgspec.json.decode(book.bodies(NUMBERS)["BQ 2026"]) == stated
    assert peak < _FEW_BYTES


def test_only_the_series_that_grew_gets_a_version(book: Book) -> None:
    """An export into one fiscal year appends no version of another, and all of them stay covered."""
    for series, entries in (("BQ 2025", 3), ("BQ 2026", 2)):
        with book.writing():
            book.execute(_FILL, entries, series)
            book.seal_entries(series)
    assert [len(list(book.versions(NUMBERS, series))) for series in ("BQ 2025", "BQ 2026")] == [1, 1]
    assert not first_changed_row(book, book.bodies)
    with book.writing():
        book.seal_entries("BQ 2027")  # of an export without rows
    assert list(book.bodies(NUMBERS)) == ["BQ 2025", "BQ 2026"]
