"""Edges that were once missed: tampered indexes, absurd values, impossible forms."""

import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, date
from pathlib import Path

import pytest

from primanota.adapters.secrets.stores import load_credentials
from primanota.banks.qonto.normalise import Unreadable, record, transaction
from primanota.book import Book, BookedRow
from primanota.core.balance_chain import prove, walk
from primanota.core.errors import BookUnusable, ConfigurationError, InvalidInput
from primanota.core.period import moment, parse
from primanota.formats.writers.csv import Options, render
from tests.support.clock import Clock
from tests.support.factories import fill, raw, statement
from tests.support.factories import transaction as row


@pytest.mark.parametrize("change", ["absent = 1", "account = 'other'"])
def test_a_hidden_row_is_found(tmp_path: Path, clock: Clock, change: str) -> None:
    """A row that the index hides from exports is found."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.execute(f"UPDATE latest SET {change} WHERE id = 't1'")  # noqa: S608 - our own words
        assert book.first_inconsistency(record)


def test_an_invented_index_row_is_found(tmp_path: Path, clock: Clock) -> None:
    """A row of the index that no version stands behind is found (links() would count it)."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.execute(
            "INSERT INTO latest (kind, id, seq, account, absent, status, created, emitted, updated, settled, amount,"
            " balance) VALUES ('transaction', 'zz', 999, 'account-1', 0, 'completed', 1, 1, 1, 1, 500, 500)"
        )
        assert book.first_inconsistency(record)


def test_an_exchanged_member_is_found(tmp_path: Path, clock: Clock) -> None:
    """An index that gives one member another's body is found."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.execute("UPDATE latest SET seq = 6 WHERE id = 'm1'")
        assert book.first_inconsistency(record)


def test_a_cut_tail_is_found_after_another_run(tmp_path: Path, clock: Clock) -> None:
    """A cut tail does not heal by the next run."""
    with Book(tmp_path / "b", clock.micros) as book:
        fill(book)._connection.executescript(
            """DROP TRIGGER version_is_never_deleted;
               DELETE FROM version WHERE seq > 4;
               DELETE FROM latest WHERE seq > 4"""
        )
        assert book.first_inconsistency(record)
        with book.run("sync"):
            pass
        assert book.first_inconsistency(record)


def test_a_foreign_database_is_not_touched(tmp_path: Path, clock: Clock) -> None:
    """Another program's file keeps every byte (today it is switched to write-ahead)."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    with pytest.raises(BookUnusable):
        Book(path, clock.micros)
    assert path.read_bytes() == before


@pytest.mark.parametrize("order", [0, 1])
def test_a_first_moment_that_comes_back_to_nought(order: int) -> None:
    """Two first rows of one moment that cancel each other are proven in either order."""
    pair = [BookedRow("a", 1, 100, 100), BookedRow("b", 1, -100, 0)]
    assert prove("x", pair if order else pair[::-1], 0, {}, {}).reasons == ()


def test_silent_rows_before_a_span() -> None:
    """Silent rows before a span are in the balance with which it starts."""
    chain = walk([BookedRow("a", 1, 100, None), BookedRow("b", 10, 50, 150), BookedRow("c", 20, 50, 200)], 10, 30)
    assert (chain.at_since, chain.at_until) == (100, 200)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_stands_once(encoding: str) -> None:
    """A byte order mark stands at the beginning of the file alone."""
    options = Options(columns=[("Who", "{counterparty}")], encoding=encoding)
    assert b"".join(render(statement([row()]), options)).decode(encoding) == "Who\r\nMüller GmbH\r\n"


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r", "\0"])
def test_an_impossible_delimiter_is_named(delimiter: str) -> None:
    """A delimiter that no reader could tell is refused."""
    with pytest.raises(ValueError, match="delimiter"):
        Options(columns=[("Who", "{counterparty}")], delimiter=delimiter)


@pytest.mark.parametrize("template", ["{counterparty:%d}", "{original:.2f}", "{amount!x}", "{note:d}"])
def test_an_impossible_form_is_named(template: str) -> None:
    """A form that a field cannot have is refused when the profile is read."""
    with pytest.raises(ValueError, match="column “Who”"):
        Options(columns=[("Who", template)])


@pytest.mark.parametrize("word", ["9999-12-31", "9999-W52", "99991231"])
def test_the_last_days_are_refused_or_read(word: str) -> None:
    """The end of the calendar is a period or a refusal, no traceback."""
    with suppress(InvalidInput):
        parse(word, date(2026, 1, 1))


@pytest.mark.parametrize("amount", ['"sNaN"', '"1E+999999"', "1e999999"])
def test_an_absurd_amount_is_refused(amount: str) -> None:
    """An absurd amount is a refusal that names the row."""
    with pytest.raises(Unreadable):
        record(raw().replace(b'"amount": 12.34', f'"amount": {amount}'.encode()))


@pytest.mark.parametrize(
    "changes",
    [{"label": 5}, {"transfer": "x"}, {"operation_type": None}, {"currency": None}, {"transaction_id": None}],
)
def test_what_was_accepted_can_be_exported(changes: dict[str, object]) -> None:
    """A row that the book accepted can be read, or it is refused when it is kept."""
    body = raw(**changes)
    try:
        record(body)
    except Unreadable:
        return
    transaction(body, UTC, {})


def test_an_empty_local_currency_is_not_foreign() -> None:
    """No currency is no foreign amount."""
    assert transaction(raw(local_amount=13.5, local_currency=""), UTC, {}).details == ""


def test_a_stamp_without_a_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book and the file read a stamp without a zone as the same moment, wherever the machine stands."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        body = raw(settled_at="2026-10-05T10:00:00")
        assert transaction(body, UTC, {}).booked == moment(record(body).settled or 0)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_file_without_a_secret_is_said(tmp_path: Path, content: bytes) -> None:
    """A secret's file that is empty, or no text, is no secret."""
    (tmp_path / "acme.secret").write_bytes(content)
    (tmp_path / "acme.secret").chmod(0o600)
    with pytest.raises(ConfigurationError):
        load_credentials("acme", "file", tmp_path)
