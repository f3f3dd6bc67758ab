"""Errors of SQLite and of the disk: each cause has its own class, sentence and advice."""

import os
import re
import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from primanota.book import TRANSACTION, Book
from primanota.book.file import database_errors
from primanota.core.errors import (
    BookDamaged,
    BookLocked,
    BookUnusable,
    DiskFailed,
    DiskFull,
    NoRights,
    PrimanotaError,
)
from tests.support.books.small_disk import limit_disk
from tests.support.clock import Clock
from tests.support.factories import raw_record

_DATABASE_FILE = "b.book"


def _error(code: int | None, text: str = "no matter") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_FULL, DiskFull, "the disk is full. Make room"),
        (sqlite3.SQLITE_IOERR, DiskFailed, "the disk fails. Check that disk"),
        (sqlite3.SQLITE_IOERR_FSYNC, DiskFailed, "the disk fails"),
        (sqlite3.SQLITE_IOERR_SHMMAP, DiskFailed, "the disk fails"),
        (sqlite3.SQLITE_READONLY, NoRights, "this user has no right to. Give this user"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, NoRights, "no right"),
        (sqlite3.SQLITE_CANTOPEN, NoRights, "no right"),
        (sqlite3.SQLITE_PERM, NoRights, "no right"),
        (sqlite3.SQLITE_CORRUPT, BookDamaged, "is damaged: no matter. Restore it from a backup"),
        (sqlite3.SQLITE_CORRUPT_INDEX, BookDamaged, "is damaged"),
        (sqlite3.SQLITE_NOTADB, BookDamaged, "is damaged"),
        (sqlite3.SQLITE_ERROR, BookDamaged, "is damaged"),
        (sqlite3.SQLITE_BUSY, BookLocked, "is locked by the holder. Wait"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, BookLocked, "is locked"),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, BookLocked, "is locked"),
        (sqlite3.SQLITE_READONLY_DBMOVED, BookUnusable, "moved or deleted while it was open"),
        (None, BookDamaged, "is damaged: a text in it is not UTF-8"),
    ],
)
def test_each_cause_has_its_own_error(tmp_path: Path, code: int | None, kind: type, words: str) -> None:
    """A full disk, missing rights, a failing disk, a lock and a damaged book differ in class, sentence and advice."""
    found = database_errors.user_error(_error(code), tmp_path / _DATABASE_FILE, "the holder")
    assert type(found) is kind
    assert words in str(found)
    assert ("backup" in str(found)) == (kind is BookDamaged)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_CANTOPEN])
def test_a_full_disk_that_sqlite_reports_otherwise(
    tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no room is left for SQLite's files beside the book, the disk is full, whatever SQLite calls it."""
    for total, is_full in ((1 << 40, True), (0, False)):  # a size of 0 is one that the file system does not know
        usage = type("Usage", (), {"free": 0, "total": total})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        found = database_errors.user_error(_error(code), tmp_path / _DATABASE_FILE, "")
        assert isinstance(found, DiskFull) == is_full


def test_a_disk_that_becomes_full(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book on a disk that becomes full says so, keeps what it had, and can be written again when there is room."""
    limit_disk(monkeypatch, 6)
    with Book(tmp_path / _DATABASE_FILE, clock.micros) as book:
        many = [raw_record(f"t{number}") for number in range(10_000)]
        with pytest.raises(DiskFull), book.run("sync"), book.writing():
            book.append(TRANSACTION, many, "account-1")
        assert list(book.bodies(TRANSACTION)) == []
        book.execute("PRAGMA max_page_count = 100000")
        with book.run("sync"), book.writing():
            book.append(TRANSACTION, [raw_record("t1")], "account-1")
        assert list(book.bodies(TRANSACTION)) == ["t1"]


def test_a_new_book_on_a_full_disk(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book cannot be begun on a full disk, and the error says why."""
    limit_disk(monkeypatch, -12)
    with pytest.raises(DiskFull, match=r"b\.book cannot be written: the disk is full"):
        Book(tmp_path / _DATABASE_FILE, clock.micros)


def test_a_book_that_another_program_locks_whole(tmp_path: Path, clock: Clock) -> None:
    """A book that another program locks against reading is locked; it is neither damaged nor something else."""
    path = tmp_path / _DATABASE_FILE
    with Book(path, clock.micros), closing(sqlite3.connect(path)):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BookLocked, match="is locked by another process"):
            Book(path, clock.micros, wait_seconds=0)


def test_a_damaged_book_is_told_from_another_file(tmp_path: Path, clock: Clock) -> None:
    """A book whose first page is damaged is damaged; only a file that is no database is not a book."""
    path = tmp_path / _DATABASE_FILE
    Book(path, clock.micros).close()
    content = bytearray(path.read_bytes())
    content[16:100] = b"\xff" * 84
    path.write_bytes(content)
    with pytest.raises(BookDamaged, match="Restore it from a backup"):
        Book(path, clock.micros)


def test_a_killed_run_is_not_the_holder() -> None:
    """The holder is the newest run whose process still lives; a killed one is not named."""
    here, dead = socket.gethostname(), 2**22 + 1  # larger than any process number of Linux
    runs = [("sync", f"process {dead} on {here}", 0), ("export", f"process {os.getpid()} on {here}", 0)]
    assert re.match(rf"“export” \(process {os.getpid()} on", database_errors.holder_of(runs))
    assert database_errors.holder_of(runs[:1]) == "another process"
    assert "elsewhere" in database_errors.holder_of([("run", "process 1 on elsewhere", 0)])


def test_a_failure_of_the_log_does_not_hide_the_error(tmp_path: Path, clock: Clock) -> None:
    """If a failed run cannot be logged either, its own error is raised."""

    def fail(book: Book) -> None:
        book.execute("PRAGMA query_only = 1")
        raise PrimanotaError("mine")

    with (
        Book(tmp_path / _DATABASE_FILE, clock.micros) as book,
        pytest.raises(PrimanotaError, match="mine"),
        book.run("sync"),
    ):
        fail(book)


def test_a_private_table_without_room(tmp_path: Path, clock: Clock) -> None:
    """An error of the disk outside of a transaction is one of the book, and not a mistake in the program."""
    with Book(tmp_path / _DATABASE_FILE, clock.micros) as book:
        book.execute("CREATE TEMP TABLE t (a)")
        book.execute("PRAGMA temp.max_page_count = 4")
        with pytest.raises(DiskFull):
            book.execute("INSERT INTO t VALUES (zeroblob(100000))")
