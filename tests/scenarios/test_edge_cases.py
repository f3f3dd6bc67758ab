"""Edge cases that once were bugs: tampered indexes, extreme values, invalid format specifications."""

import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, date
from pathlib import Path

import pytest

from primanota.adapters.secrets.stores import load_credentials
from primanota.banks.qonto.decoding.checked_rows import Unreadable, record
from primanota.banks.qonto.decoding.normalise import transaction
from primanota.book import Book, BookedRow
from primanota.book.records.verification import first_inconsistency
from primanota.core.balance_chain import prove, walk
from primanota.core.errors import BookUnusable, ConfigurationError, InvalidInput
from primanota.core.period import moment, parse
from primanota.formats.writers.csv import Options, render
from tests.support.clock import Clock
from tests.support.factories import fill, raw, statement
from tests.support.factories import transaction as row


@pytest.mark.parametrize("change", ["absent = 1", "account = 'other'"])
def test_a_row_hidden_in_the_index_is_found(tmp_path: Path, clock: Clock, change: str) -> None:
    """A row that is hidden in the index, and so missing from exports, is found."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.execute(f"UPDATE latest SET {change} WHERE id = 't1'")  # noqa: S608 - the text is ours
        assert first_inconsistency(book, record, 0)


def test_an_invented_index_row_is_found(tmp_path: Path, clock: Clock) -> None:
    """A row of the index without a version is found, also where the number of rows is not compared."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.execute(
            "INSERT INTO latest (kind, id, seq, account, absent, status, created, emitted, updated, settled, amount,"
            " balance) VALUES ('transaction', 'zz', 999, 'account-1', 0, 'completed', 1, 1, 1, 1, 500, 500)"
        )
        assert first_inconsistency(book, record, 0)


def test_a_swapped_member_is_found(tmp_path: Path, clock: Clock) -> None:
    """An index that assigns one member the record of another is found."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.execute("UPDATE latest SET seq = 6 WHERE id = 'm1'")
        assert first_inconsistency(book, record, 0)


def test_a_cut_tail_is_found_after_another_run(tmp_path: Path, clock: Clock) -> None:
    """Versions deleted from the end of the book are found also after another run."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.executescript(
            """DROP TRIGGER version_is_never_deleted;
               DELETE FROM version WHERE seq > 4;
               DELETE FROM latest WHERE seq > 4"""
        )
        assert first_inconsistency(book, record, 0)
        with book.run("sync"):
            pass
        assert first_inconsistency(book, record, 0)


def test_a_foreign_database_is_not_touched(tmp_path: Path, clock: Clock) -> None:
    """A database of another program is refused, and its bytes do not change."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    with pytest.raises(BookUnusable):
        Book(path, clock.micros)
    assert path.read_bytes() == before


@pytest.mark.parametrize("order", [0, 1])
def test_first_rows_that_cancel_each_other_are_proven(order: int) -> None:
    """Two first rows at the same moment whose amounts cancel each other are proven in either order."""
    pair = [BookedRow("a", 1, 100, 100), BookedRow("b", 1, -100, 0)]
    assert prove("x", walk(pair if order else pair[::-1]), 0, {}, {}).reasons == ()


def test_rows_without_a_balance_before_a_span() -> None:
    """Rows without a balance before a span are part of the balance at its start."""
    chain = walk([BookedRow("a", 1, 100, None), BookedRow("b", 10, 50, 150), BookedRow("c", 20, 50, 200)], 10, 30)
    assert (chain.at_since, chain.at_until) == (100, 200)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_written_once(encoding: str) -> None:
    """A byte order mark is written once, at the beginning of the file."""
    options = Options(columns=[("Who", "{counterparty}")], encoding=encoding)
    assert b"".join(render(statement([row()]), options)).decode(encoding) == "Who\r\nMüller GmbH\r\n"


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r", "\0"])
def test_an_impossible_delimiter_is_refused(delimiter: str) -> None:
    """A delimiter that makes a file unreadable is refused."""
    with pytest.raises(ValueError, match="delimiter"):
        Options(columns=[("Who", "{counterparty}")], delimiter=delimiter)


@pytest.mark.parametrize("template", ["{counterparty:%d}", "{original:.2f}", "{amount!x}", "{note:d}"])
def test_an_unsupported_format_specification_is_refused(template: str) -> None:
    """A format specification that a field does not support is refused when the profile is read."""
    with pytest.raises(ValueError, match="column “Who”"):
        Options(columns=[("Who", template)])


@pytest.mark.parametrize("word", ["9999-12-31", "9999-W52", "99991231"])
def test_the_last_days_are_refused_or_read(word: str) -> None:
    """A period at the end of the calendar is accepted or refused with ``InvalidInput``, without another exception."""
    with suppress(InvalidInput):
        parse(word, date(2026, 1, 1))


@pytest.mark.parametrize("amount", ['"sNaN"', '"1E+999999"', "1e999999"])
def test_an_absurd_amount_is_refused(amount: str) -> None:
    """An amount that is not a finite number of a usable size is refused."""
    with pytest.raises(Unreadable):
        record(raw().replace(b'"amount": 12.34', f'"amount": {amount}'.encode()))


@pytest.mark.parametrize(
    "changes",
    [{"label": 5}, {"transfer": "x"}, {"operation_type": None}, {"currency": None}, {"transaction_id": None}],
)
def test_what_was_accepted_can_be_exported(changes: dict[str, object]) -> None:
    """A record that the book accepts can be exported; a record that cannot be read is refused when stored."""
    body = raw(**changes)
    try:
        record(body)
    except Unreadable:
        return
    transaction(body, UTC, {})


def test_an_empty_local_currency_is_not_foreign() -> None:
    """A transaction with an empty local currency shows no foreign amount."""
    assert transaction(raw(local_amount=13.5, local_currency=""), UTC, {}).details == ""


def test_a_stamp_without_a_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book and the file read a time stamp without a zone as UTC, in any time zone of the machine."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        body = raw(settled_at="2026-10-05T10:00:00")
        assert transaction(body, UTC, {}).booked == moment(record(body).settled or 0)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_file_without_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    """A secret's file that is empty or not text is refused."""
    (tmp_path / "acme.secret").write_bytes(content)
    (tmp_path / "acme.secret").chmod(0o600)
    with pytest.raises(ConfigurationError):
        load_credentials("acme", "file", tmp_path)
