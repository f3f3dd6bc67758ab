"""Ids of rows by their first letters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.book import Book
from primanota.book.rows.row_ids import RowIds
from tests.support.clock import Clock
from tests.support.factories import keep, quick, raw_record

_KEYS = st.lists(st.text("ab0-", min_size=1, max_size=12), min_size=1, max_size=12, unique=True)


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Yield an empty book."""
    with Book(tmp_path / "acme.book", clock.micros) as made:
        yield made


@quick
@given(_KEYS)
def test_a_short_id_is_clear(tmp_path_factory: pytest.TempPathFactory, keys: list[str]) -> None:
    """A short id begins its own id alone, has at least seven letters, and not one more than that takes."""
    with Book(tmp_path_factory.mktemp("ids") / "a.book", Clock().micros) as book:
        keep(book, [raw_record(key) for key in keys])
        ids = RowIds(book)
        for key in keys:
            short = ids.short(key)
            others = [other for other in keys if other != key and other.startswith(short)]
            assert key.startswith(short)
            assert len(short) >= min(7, len(key))
            assert short == key or not others
            assert len(short) <= 7 or any(other.startswith(short[:-1]) for other in keys if other != key)


def test_beginnings_find_ids(book: Book) -> None:
    """Four letters or more find the ids that begin so, in small letters, too; fewer are a whole id or none."""
    keep(book, [raw_record(key) for key in ("3f1c9a52-1", "3f1c9a52-2", "3f1d", "ab", "ABCD-1")])
    ids = RowIds(book)
    assert ids.beginning_with("3F1C9") == ["3f1c9a52-1", "3f1c9a52-2"]
    assert [ids.beginning_with(word) for word in ("3f1", "ab", "ABCD", "abcd", "")] == [
        [],
        ["ab"],
        ["ABCD-1"],
        [],
        [],
    ]
