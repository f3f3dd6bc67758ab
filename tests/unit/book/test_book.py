"""The book: append-only, written completely or not at all, and readable while it is written."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import LABEL, TRANSACTION, Book, SeenTransactions
from primanota.book.records.verification import first_inconsistency
from primanota.book.rows.open_rows import OpenRows
from primanota.core.errors import BookLocked, BookUnusable
from primanota.core.model import RawRecord
from primanota.core.results import AppendCounts
from tests.support import environment
from tests.support.clock import Clock
from tests.support.factories import fill, keep, raw_record

A = "account-1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the book."""
    return tmp_path / "books" / "acme.book"


@pytest.fixture
def book(path: Path, clock: Clock) -> Iterator[Book]:
    """Yield an empty book."""
    with Book(path, clock.micros) as made:
        yield made


@pytest.fixture
def full(book: Book) -> Book:
    """Return a book with five transactions and two members."""
    return fill(book)


def _versions(book: Book) -> int:
    (found,) = book._connection.execute("SELECT count(*) FROM version").fetchone()
    return int(found)


def _forgery(book: Book) -> str:
    found = first_inconsistency(book, record, 0)
    return found.sentence if found else ""


def test_new_records_are_stored(book: Book) -> None:
    """A record that is stored for the first time counts as new, and its body is returned unchanged."""
    both = [raw_record("t1"), raw_record("t2")]
    assert keep(book, both) == AppendCounts(new=2)
    assert book.bodies(TRANSACTION) == {one.id: one.body for one in both}


@pytest.mark.parametrize("spelling", ["same", "order", "spaces", "zeroes"])
def test_the_same_values_are_not_a_new_version(book: Book, spelling: str) -> None:
    """A record with the same values, in another order of keys or another spelling, is not a new version."""
    body = b'{"a":1,"b":{"c":20.0,"d":[1,2]}}'
    others = {
        "same": body,
        "order": b'{"b":{"d":[1,2],"c":20.0},"a":1}',
        "spaces": b'{ "a": 1, "b": {"c": 20.0, "d": [1, 2]} }',
        "zeroes": b'{"a":1,"b":{"c":20.00,"d":[1,2]}}',
    }
    with book.writing():
        assert book.append(LABEL, [RawRecord("l1", body)]) == AppendCounts(new=1)
        assert book.append(LABEL, [RawRecord("l1", others[spelling])]) == AppendCounts(same=1)
    assert _versions(book) == 1


@pytest.mark.parametrize(
    "changed", [b'{"a":[2,1]}', b'{"a":[1,2],"b":null}', b"{}", b'{"a":[1,2.1]}', b'{"A":[1,2]}']
)
def test_changed_values_are_a_new_version(book: Book, changed: bytes) -> None:
    """A record with a changed value is stored as a new version, beside the previous one."""
    with book.writing():
        book.append(LABEL, [RawRecord("l1", b'{"a":[1,2]}')])
        assert book.append(LABEL, [RawRecord("l1", changed)]) == AppendCounts(changed=1)
    assert (_versions(book), book.bodies(LABEL)["l1"]) == (2, changed)


def test_long_numbers_are_compared_exactly(book: Book) -> None:
    """Two numbers that are equal as floats but differ in their digits are different values."""
    with book.writing():
        book.append(LABEL, [RawRecord("l1", b'{"a":0.10000000000000000001}')])
        assert book.append(LABEL, [RawRecord("l1", b'{"a":0.1}')]) == AppendCounts(changed=1)


def test_an_older_state_that_arrives_late_is_ignored(book: Book) -> None:
    """An older state of a record that arrives late does not replace the newer one."""
    newer = raw_record(updated_at="2026-10-06T00:00:00Z", note="new")
    keep(book, [newer])
    assert keep(book, [raw_record(updated_at="2026-10-05T00:00:00Z", note="old")]) == AppendCounts(same=1)
    assert book.bodies(TRANSACTION) == {"t1": newer.body}
    assert keep(book, [raw_record(updated_at="2026-10-06T00:00:00Z", note="even newer")]) == AppendCounts(changed=1)


def test_a_pending_row_settles(book: Book) -> None:
    """A pending row that settles is found once, as completed, with its new values."""
    keep(book, [raw_record(status="pending", settled_at=None, settled_balance_cents=None)])
    assert (list(book.booked_rows(A)), book.status_counts(A)) == ([], {"pending": 1})
    keep(book, [raw_record()])
    assert [(link.id, link.amount, link.balance) for link in book.booked_rows(A)] == [("t1", -1234, 10000)]
    assert book.status_counts(A) == {"completed": 1}


def test_rows_come_in_order_of_settlement(book: Book) -> None:
    """A span is half-open, and its rows are those of one account in order of settlement."""
    stamps = {"t3": "10:00:02", "t1": "10:00:00", "t2": "10:00:01"}
    rows = {key: raw_record(key, settled_at=f"2026-10-05T{stamp}Z") for key, stamp in stamps.items()}
    keep(book, rows.values())
    keep(book, [raw_record("t9")], "account-2")
    span = (rows["t1"].settled or 0, rows["t3"].settled or 0)
    assert list(book.completed(A, *span)) == [rows["t1"].body, rows["t2"].body]
    assert [link.id for link in book.booked_rows(A)] == ["t1", "t2", "t3"]


def test_only_the_owner_can_read_the_book(book: Book, path: Path) -> None:
    """The book and the files that SQLite keeps beside it are readable by the owner only."""
    keep(book, [raw_record()])
    assert len(list(path.parent.iterdir())) > 1
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failed_sync_stores_nothing(full: Book, error: type[BaseException]) -> None:
    """A failure in the middle of a sync stores nothing, no record and no watermark."""

    def fail() -> None:
        with full.writing():
            full.append(TRANSACTION, [raw_record("t8")], A)
            full.set_watermark(A, 5)
            raise error

    with pytest.raises(error):
        fail()
    assert (_versions(full), full.watermark(A), _forgery(full)) == (7, None, "")
    assert keep(full, [raw_record("t8")]) == AppendCounts(new=1)


def test_stored_records_are_found_again(full: Book, path: Path, clock: Clock) -> None:
    """Stored records are found when the file is opened again."""
    with Book(path, clock.micros) as again:
        assert again.bodies(TRANSACTION) == full.bodies(TRANSACTION)
        assert _forgery(again) == ""
        assert keep(again, [raw_record("t0")]) == AppendCounts(same=1)


def test_runs_are_logged(book: Book, clock: Clock) -> None:
    """The run log has the command, start, end and outcome of each run."""

    def fail() -> None:
        with book.run("sync --full"):
            raise ValueError

    with book.run("sync"):
        clock.advance(seconds=7)
    with pytest.raises(ValueError, match=r"^$"):
        fail()
    log = book._connection.execute("SELECT command, ended - started, outcome FROM run ORDER BY number").fetchall()
    assert log == [("sync", 7_000_000, "done"), ("sync --full", 0, "ValueError")]


def test_a_second_writer_is_refused_with_the_command_that_writes(book: Book, path: Path, clock: Clock) -> None:
    """A writer that waits too long fails with the command that holds the book and its start; it writes nothing."""
    with (
        Book(path, clock.micros, wait_seconds=0) as second,
        book.run("sync --full"),
        book.writing(),
        pytest.raises(BookLocked, match=r"“sync --full” \(process \d+ on .+, since 12:00 UTC\)") as refused,
    ):
        keep(second, [raw_record()])
    assert (_versions(book), refused.value.exit_code) == (0, 3)


def test_a_second_writer_writes_afterwards(book: Book, path: Path, clock: Clock) -> None:
    """A second writer writes after the first one has finished, and the hash chain stays complete."""
    with Book(path, clock.micros, wait_seconds=0) as second:
        keep(book, [raw_record("t1")])
        keep(second, [raw_record("t2")])
        keep(book, [raw_record("t3")])
        assert _forgery(second) == ""


def test_reading_is_of_one_moment(full: Book, path: Path, clock: Clock) -> None:
    """A reader sees the book of one moment, does not wait for a writer, and does not stop one."""
    with Book(path, clock.micros, wait_seconds=0) as reader:
        with reader.reading():
            before = reader.status_counts(A)
            keep(full, [raw_record("t8")])
            assert (reader.status_counts(A), len(list(reader.booked_rows(A)))) == (before, before["completed"])
        assert reader.status_counts(A) == {"completed": before["completed"] + 1}


def test_a_writer_does_not_stop_readers(full: Book, path: Path, clock: Clock) -> None:
    """While another process writes, the book is readable without the unfinished changes."""
    with Book(path, clock.micros, wait_seconds=0) as reader, full.writing():
        full.append(TRANSACTION, [raw_record("t8")], A)
        assert "t8" not in reader.bodies(TRANSACTION)


def test_a_newer_book_is_refused(full: Book, path: Path, clock: Clock) -> None:
    """A book that a newer program wrote is refused."""
    full.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(BookUnusable, match=r"written by a newer Primanota \(book 99; .+ Install the newest"):
        Book(path, clock.micros)


def test_another_programs_database_is_refused(tmp_path: Path, clock: Clock) -> None:
    """An SQLite file that is not a book is refused, and its tables stay the same."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(BookUnusable, match=r"other\.db is not a book of Primanota"):
        Book(path, clock.micros)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


def test_a_text_file_is_refused(tmp_path: Path, clock: Clock) -> None:
    """A file that is not a database is refused, and its content stays the same."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear bank, " * 500, encoding="utf-8")
    with pytest.raises(BookUnusable, match=r"letter\.txt is not a book of Primanota"):
        Book(path, clock.micros)
    assert path.read_text(encoding="utf-8") == "Dear bank, " * 500


def test_an_impossible_path_is_refused(tmp_path: Path, clock: Clock) -> None:
    """A book whose folder is a file cannot be opened, and the error names the book."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BookUnusable, match=r"acme\.book cannot be opened"):
        Book(tmp_path / "file" / "acme.book", clock.micros)


def test_a_row_that_a_full_sync_does_not_find_is_absent(full: Book) -> None:
    """A row that a full sync does not find is absent from counts and balance chain, and stays in the book."""
    seen = SeenTransactions(full)
    seen.add([raw_record(key) for key in ("t0", "t2", "t4")])
    with full.writing():
        assert full.mark_absent(A, ("completed",), 1 << 60, seen) == ["t1", "t3"]
    assert (full.status_counts(A), [link.id for link in full.booked_rows(A)]) == (
        {"completed": 3},
        ["t0", "t2", "t4"],
    )
    assert sorted(full.bodies(TRANSACTION)) == ["t0", "t1", "t2", "t3", "t4"]
    assert OpenRows(full, [A], 0, 1 << 60).counts == {"vanished": 2}
    assert (_forgery(full), _versions(full)) == ("", 9)


@pytest.mark.parametrize(
    ("account", "status", "before"),
    [("account-2", "completed", 1 << 60), (A, "pending", 1 << 60), (A, "completed", 0)],
)
def test_only_rows_in_the_scope_of_the_sync_are_absent(full: Book, account: str, status: str, before: int) -> None:
    """Rows of other accounts, with other statuses, or younger than the sync are never marked as absent."""
    seen = SeenTransactions(full)
    with full.writing():
        assert full.mark_absent(account, (status,), before, seen) == []


def test_a_row_made_during_the_sync_is_not_absent(full: Book) -> None:
    """A row that was made during a full sync is not marked as absent by it; a row that was made before is."""
    made = raw_record().created
    seen = SeenTransactions(full)
    with full.writing():
        assert full.mark_absent(A, ("completed",), made, seen) == []
        assert len(full.mark_absent(A, ("completed",), made + 1, seen)) == 5


def test_full_syncs_are_independent(full: Book) -> None:
    """The rows that an earlier full sync found do not count for the next one."""
    seen = SeenTransactions(full)
    seen.add([raw_record("t1")])
    seen.clear()
    with full.writing():
        assert "t1" in full.mark_absent(A, ("completed",), 1 << 60, seen)
        assert full.mark_absent(A, ("completed",), 1 << 60, seen) == []


def test_a_row_that_returns_is_not_absent(full: Book) -> None:
    """An absent row that the bank lists again, with the same values, is counted again."""
    seen = SeenTransactions(full)
    with full.writing():
        full.mark_absent(A, ("completed",), 1 << 60, seen)
    assert full.status_counts(A) == {}
    assert keep(full, [raw_record("t1")]) == AppendCounts(changed=1)
    assert full.status_counts(A) == {"completed": 1}
    assert _forgery(full) == ""


def test_a_watermark_is_kept_for_each_account(book: Book) -> None:
    """The watermark is stored for each account and can be moved; an account that was never read has none."""
    with book.run("sync"), book.writing():
        book.set_watermark(A, 5)
        book.set_watermark("account-2", 6)
        book.set_watermark(A, 7)
    assert (book.watermark(A), book.watermark("account-2"), book.watermark("account-3")) == (7, 6, None)


_OPENER = """
import sys
from pathlib import Path
from primanota.book import Book
for line in sys.stdin:
    with Book(Path(line.strip()), lambda: 0) as book, book.run("sync"):
        print("done", flush=True)
"""


def test_many_open_a_new_book_at_once(tmp_path: Path) -> None:
    """Several processes that create the same new book at once all succeed."""
    words = [sys.executable, "-c", _OPENER]
    together = [environment.start(words, stdin=environment.PIPE) for _ in range(4)]
    books = "".join(f"{tmp_path / str(number)}.book\n" for number in range(30))
    for process in together:
        assert process.stdin
        process.stdin.write(books)
        process.stdin.close()
        process.stdin = None
    assert [process.communicate(timeout=60)[0] for process in together] == ["done\n" * 30] * 4


def test_the_writing_run_is_named(tmp_path: Path, clock: Clock) -> None:
    """If two runs are active and one of them writes, the error of the other names the writing one."""
    with (
        Book(tmp_path / "b", clock.micros) as first,
        Book(tmp_path / "b", clock.micros, wait_seconds=0) as second,
        first.run("sync --full"),
        pytest.raises(BookLocked, match="“sync --full”"),
        second.run("sync"),
        first.writing(),
        second.writing(),
    ):
        pass
