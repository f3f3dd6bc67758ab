"""A wait for another process that writes the book is said, with its name and its end."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from primanota.book import Book
from primanota.book.file import lock_wait
from primanota.core.errors import BookLocked
from primanota.core.language.notices import english
from tests.support.clock import Clock

if TYPE_CHECKING:
    from primanota.core.notice import Notice


def test_a_wait_is_said_once(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes the book, since when, and how long it is waited for is said once; then it is locked by the same."""
    monkeypatch.setattr(lock_wait, "_SILENT_MILLISECONDS", 1)
    told: list[Notice] = []
    path = tmp_path / "a.book"
    with (
        Book(path, clock.micros) as writer,
        writer.run("sync --full"),
        Book(path, clock.micros, wait_seconds=0.02, notify=told.append) as other,
    ):
        with writer.writing(), pytest.raises(BookLocked, match="“sync --full” \\(process"), other.writing():
            pass
        sentence = english(*told)
        assert sentence.startswith("Waiting for “sync --full” (process ")
        assert sentence.endswith(f"since 12:00 UTC) to write the book {path}: 0 seconds at most.")
        with other.writing():
            pass
    assert len(told) == 1


def test_a_short_wait_is_not_said(tmp_path: Path, clock: Clock) -> None:
    """A process that waits for a moment only, or not at all, says nothing."""
    told: list[Notice] = []
    path = tmp_path / "a.book"
    with (
        Book(path, clock.micros) as writer,
        Book(path, clock.micros, wait_seconds=0.01, notify=told.append) as other,
        writer.writing(),
        pytest.raises(BookLocked),
        other.writing(),
    ):
        pass
    assert told == []


def test_a_wait_to_open_is_said(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait for another process that brings the book up to date is said as well."""
    monkeypatch.setattr(lock_wait, "_SILENT_MILLISECONDS", 1)
    told: list[Notice] = []
    path = tmp_path / "a.book"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BookLocked):
            Book(path, clock.micros, wait_seconds=0.02, notify=told.append)
        other.execute("ROLLBACK")
    assert english(*told).startswith("Waiting for another process to write the book ")
