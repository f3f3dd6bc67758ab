"""The log of receptions: each reading with its period and its proof, also over years, in little memory."""

import csv
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from io import StringIO
from pathlib import Path

import msgspec
import pytest

from primanota.book import TRANSACTION, Book
from primanota.book.receptions import receptions
from primanota.core.model import RawRecord
from primanota.core.period import END_OF_TIME
from primanota.core.proof_state import ProofState, State
from primanota.papers.receptions import reception_lines

_HOUR = 3_600_000_000
_START = 1_790_000_000_000_000
_FEW, _MANY = 200, 2000


def lines(book: Book, since: int = 0, until: int = END_OF_TIME) -> Iterator[bytes]:
    """Yield the pieces of the log."""
    return reception_lines(receptions(book, since, until), {"a": ("Konto A", "DE00")}, UTC)


def table(book: Book, since: int = 0, until: int = END_OF_TIME) -> list[dict[str, str]]:
    """Return the rows of the log."""
    text = b"".join(lines(book, since, until)).decode("utf-8-sig")
    return [*csv.DictReader(StringIO(text, newline=""))]


class _Readings:
    """A book that is read once an hour."""

    def __init__(self, path: Path) -> None:
        self.now = _START
        self.book = Book(path, lambda: self.now)

    def read(
        self, command: str, ids: tuple[str, ...], state: State, *, mark: bool = True, account: str = "a"
    ) -> None:
        """Read an account: store rows, its proof, and how far it was read."""
        self.now += _HOUR
        with self.book.run(command), self.book.writing():
            rows = [RawRecord(one, f'{{"at": {self.now}}}'.encode(), updated=self.now) for one in ids]
            self.book.append(TRANSACTION, rows, account)
            if mark:
                self.book.set_watermark(account, self.now - 1)
            reasons = () if mark else ("=a row is missing",)
            self.book.set_proof_state(account, ProofState(state, self.now, reasons, self.now))


@pytest.fixture
def readings(tmp_path: Path) -> Iterator[_Readings]:
    """Yield a book that is not read yet."""
    made = _Readings(tmp_path / "a.book")
    with made.book:
        yield made


def test_a_reading_has_its_period(readings: _Readings) -> None:
    """A reading goes on where the last proven one ended; an unproven one is followed by one from the same moment."""
    readings.read("sync", ("1", "2"), "proven")
    readings.read("sync", ("2", "3"), "doubtful", mark=False)
    readings.read("sync", (), "proven")
    readings.read("sync --full", (), "counts only")
    found = table(readings.book)
    begun = [row["read_from_utc"] for row in found]
    ended = [row["read_to_utc"] for row in found]
    assert begun == ["beginning", ended[0], ended[0], "beginning"]
    assert [bool(one) for one in ended] == [True, False, True, True]
    assert [row["proof"] for row in found] == ["proven", "doubtful", "proven", "counts only"]
    assert [(row["new"], row["changed"]) for row in found] == [("2", "0"), ("1", "1"), ("0", "0"), ("0", "0")]
    assert found[1]["reasons"] == "'=a row is missing"
    assert {row["account"] for row in found} == {"Konto A"}


def test_the_name_of_an_account_is_on_one_line(readings: _Readings) -> None:
    """A name with a line break is on one line of the log, and is not computed."""
    readings.read("sync", ("1",), "proven")
    found = reception_lines(receptions(readings.book, 0, END_OF_TIME), {"a": ("=1+1\n\0x", "DE00")}, UTC)
    assert [line.split(",")[7] for line in b"".join(found).decode().splitlines()[1:]] == ["'=1+1 x"]


def test_an_import_has_no_period(readings: _Readings) -> None:
    """Files of statements are not asked for a period, so their readings have a proof and no period."""
    readings.read("import", ("1",), "proven", mark=False)
    (found,) = table(readings.book)
    assert (found["proof"], found["new"]) == ("proven", "1")
    assert (found["read_from_utc"], found["read_to_utc"]) == ("", "")


def test_accounts_do_not_share_their_periods(readings: _Readings) -> None:
    """Each account goes on where it ended itself, and one that could not be read has no period."""
    readings.read("sync", ("1",), "proven")
    readings.read("sync", ("2",), "proven", account="b")
    readings.read("sync", (), "partial", mark=False)
    readings.read("sync", (), "proven", account="b")
    first, second, third, fourth = table(readings.book)
    assert (second["read_from_utc"], fourth["read_from_utc"]) == ("beginning", second["read_to_utc"])
    assert (third["read_from_utc"], third["read_to_utc"], third["proof"]) == ("", "", "partial")
    assert first["read_to_utc"] != second["read_to_utc"]


def test_a_period_has_its_readings_alone(readings: _Readings) -> None:
    """A part of the log has the lines of the whole one, unchanged; other commands are in none of them."""
    for number in range(5):
        readings.read("sync", (f"{number}",), "proven")
    with readings.book.run("export lexware"):
        pass
    whole, starts = table(readings.book), [row[0] for row in readings.book.rows("SELECT started FROM run")]
    assert len(whole) == 5
    assert table(readings.book, starts[1], starts[4]) == whole[1:4]


def test_a_book_of_an_older_program_claims_no_period(readings: _Readings) -> None:
    """Where the book has no sealed proof, proof and period are empty instead of guessed."""
    with readings.book.run("sync"), readings.book.writing():
        readings.book.append(TRANSACTION, [RawRecord("1", b"{}")], "a")
    readings.read("sync", ("2",), "doubtful", mark=False)
    old, new = table(readings.book)
    assert (old["proof"], old["read_from_utc"], old["new"]) == ("", "", "1")
    assert (new["proof"], new["read_from_utc"]) == ("doubtful", "")


def _hourly(path: Path, count: int) -> None:
    """Write a book with many readings: runs and versions as the program stores them, but for their hashes."""
    with Book(path, lambda: _START):
        pass
    with closing(sqlite3.connect(path)) as book, book:
        runs = (
            (n, "sync", "1.0", "", _START + n * _HOUR, _START + n * _HOUR, "done", bytes(32)) for n in range(1, count)
        )
        book.executemany("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?)", runs)
        versions = []
        for n in range(1, count):
            proof = msgspec.json.encode(["proven", _START + n, "[]", _START, n])
            mark = msgspec.json.encode([_START + n * _HOUR, n])
            row = ("transaction", f"{n}", "a", n, 0, b"x" * 900, bytes(32))
            versions += [
                row,
                ("watermark", "a", "", n, 0, mark, bytes(32)),
                ("proof", "a", "", n, 0, proof, bytes(32)),
            ]
        book.executemany(
            "INSERT INTO version (kind, id, account, run, absent, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", versions
        )


def _peak(path: Path, count: int) -> tuple[int, int]:
    """Return how many pieces the log of many readings has, and the most bytes that were in memory for it."""
    _hourly(path, count)
    with Book(path, lambda: _START) as book, book.reading():
        tracemalloc.start()
        try:
            pieces = sum(1 for _ in lines(book))
            return pieces, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_the_log_of_years_takes_little_memory(tmp_path: Path) -> None:
    """Ten times the readings do not take more memory: what is in memory is a reading, not the log."""
    few, small = _peak(tmp_path / "few.book", _FEW)
    many, large = _peak(tmp_path / "many.book", _MANY)
    assert (few, many) == (_FEW, _MANY)  # the headings are a piece, too
    assert large < 1_000_000
    assert large < 3 * small
