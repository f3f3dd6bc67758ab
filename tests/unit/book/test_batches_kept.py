"""The stored batch: its file can be written again byte for byte, and a change of it in the book is found."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from primanota import profiles
from primanota.app.exporting.batches import exported_rows, undo, write_again
from primanota.app.exporting.export import export
from primanota.app.reviewing.check import check_book
from primanota.app.syncing.sync import sync
from primanota.banks.qonto.decoding import normalise
from primanota.book import MEMBER, Batches, Book
from primanota.book.file import schema
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.language.notices import english
from primanota.core.model import RawRecord, Transaction
from primanota.core.selection import Changed, New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.books.book_assertions import differences
from tests.support.books.book_world import CONNECTOR, CountingProgress, Office, World, accept_rows, journal_of
from tests.support.clock import NOON, Clock

TODAY = NOON.date()
_LATER_MIGRATION = """
CREATE TABLE later (number INTEGER) STRICT;
ALTER TABLE version ADD COLUMN colour TEXT;
"""
_FIRST_TABLES = ("run", "version", "latest", "watermark")
Happening = Callable[[Office, pytest.MonkeyPatch, Path], None]


@pytest.fixture
def exported_file(office: Office) -> Path:
    """Return the file of a batch of two rows, from a profile that shows their initiators."""
    first, _ = office.arrive(2)
    member = office.world.simulator.bank.members()[0]
    office.edit(first, reference="", initiator_id=member["id"])
    (done,) = office.export(New(TODAY), tool=profiles.load("lexware"))
    assert done.path
    assert f"{member['first_name']} {member['last_name']}" in done.path.read_text(encoding="utf-8")
    return done.path


def _rows_change(office: Office, *_: object) -> None:
    first, second = office.batches.rows(1)
    office.edit(first.id, reference="changed", label="Somebody else")
    office.reverse(second.id)


def _the_profile_changes(_: Office, patch: pytest.MonkeyPatch, folder: Path) -> None:
    text = profiles.load("lexware").text.replace('"{counterparty}"', '"{reference}"').replace('"utf-8"', '"utf-16"')
    (folder / "lexware.toml").write_text(text, encoding="utf-8")
    patch.setattr(profiles, "resources", SimpleNamespace(files=lambda _package: folder))
    assert profiles.load("lexware").text == text


def _members_are_renamed(office: Office, *_: object) -> None:
    with office.book.writing():
        for key in office.book.bodies(MEMBER):
            body = f'{{"id":"{key}","first_name":"New","last_name":"Name"}}'
            assert office.book.append(MEMBER, [RawRecord(key, body.encode())]).changed


def _the_book_is_migrated(_: Office, patch: pytest.MonkeyPatch, __: Path) -> None:
    patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, _LATER_MIGRATION))


def _rows_are_decoded_otherwise(_: Office, patch: pytest.MonkeyPatch, __: Path) -> None:
    real = normalise.transaction

    def otherwise(body: bytes, zone: tzinfo, members: Mapping[str, str]) -> Transaction:
        row = real(body, zone, members)
        return msgspec.structs.replace(row, counterparty=row.counterparty.upper(), purpose=f"{row.purpose}.")

    patch.setattr(normalise, "transaction", otherwise)


@pytest.mark.parametrize(
    "happen",
    [
        _rows_change,
        _the_profile_changes,
        _members_are_renamed,
        _the_book_is_migrated,
        _rows_are_decoded_otherwise,
    ],
)
def test_a_file_is_the_same_byte_for_byte(
    office: Office,
    exported_file: Path,
    happen: Happening,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A file is written again byte for byte after rows, profile, members, schema or program have changed."""
    content = exported_file.read_bytes()
    exported_file.unlink()
    folder = tmp_path / "profiles"
    folder.mkdir()
    happen(office, monkeypatch, folder)
    with Book(office.book.path, office.world.clock.micros) as later:
        assert next(later.rows("PRAGMA user_version")) == (len(schema.MIGRATIONS),)
        _, where, _ = write_again(later, 1, None)
        _, copy, _ = write_again(later, 1, tmp_path / "copies")
        assert check_book(journal_of(later)).inconsistency == ""
    assert (where, copy) == (exported_file, tmp_path / "copies" / exported_file.name)
    assert where.read_bytes() == copy.read_bytes() == content


def test_a_changed_program_or_profile_does_not_change_a_row(
    office: Office, exported_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A newer program, a changed profile or renamed members do not make a row changed."""
    for happen in (_the_profile_changes, _members_are_renamed, _rows_are_decoded_otherwise):
        happen(office, monkeypatch, tmp_path)
    assert (office.changed(), exported_file.exists()) == ([], True)


def test_a_changed_profile_is_noted(
    office: Office, exported_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A note says that the profile has changed since the batch; without a change there is no note."""
    assert write_again(office.book, 1, exported_file)[2] == []
    _the_profile_changes(office, monkeypatch, tmp_path)
    (note,) = write_again(office.book, 1, exported_file)[2]
    assert "lexware has changed since" in english(note)


@pytest.fixture
def own(office: Office, tmp_path: Path) -> Path:
    """Return a user's own profile that was changed after a batch was exported with it."""
    profile = tmp_path / "mine.toml"
    profile.write_text(office.tool.text, encoding="utf-8")
    office.arrive()
    office.export(New(TODAY), tool=profiles.load(str(profile)))
    profile.write_text(office.tool.text.replace("Amount", "Betrag"), encoding="utf-8")
    return profile


def test_an_own_profile_is_kept(office: Office, own: Path) -> None:
    """A user's own profile is stored with its batch, under its file's name, and the file stays the same."""
    (batch,) = Batches(office.book).all()
    assert batch.path
    content = batch.path.read_bytes()
    batch.path.unlink()
    _, path, _ = write_again(office.book, 1, None)
    assert (batch.profile, office.batches.profile_text(batch.digest)) == (own.stem, office.tool.text)
    assert path.read_bytes() == content != b""


def test_an_own_profile_that_changed_is_noted(office: Office, own: Path) -> None:
    """A note says that a user's own profile has changed since the batch."""
    notes = write_again(office.book, 1, None)[2]
    assert any(f"{own.stem} has changed since" in english(note) for note in notes)


def test_an_undone_batch_is_noted(office: Office, exported_file: Path) -> None:
    """The file of an undone batch can be written again, with a note that the batch is undone."""
    undo(office.book, 1)
    (note,) = write_again(office.book, 1, exported_file)[2]
    assert "Batch 1 is undone" in english(note)


def test_another_file_is_not_overwritten(office: Office, exported_file: Path) -> None:
    """A present file with the same content is kept; a file with another content is not overwritten."""
    before = exported_file.stat().st_ino
    assert write_again(office.book, 1, None)[1] == exported_file
    assert exported_file.stat().st_ino == before
    exported_file.write_bytes(b"another month")
    with pytest.raises(DeliveryFailed, match="now has other content") as refused:
        write_again(office.book, 1, None)
    assert (refused.value.exit_code, exported_file.read_bytes()) == (8, b"another month")


def test_a_batch_that_is_not_there(office: Office) -> None:
    """A batch number that does not exist is refused by every command."""
    for ask in (
        lambda: write_again(office.book, 1, None),
        lambda: undo(office.book, 1),
        lambda: exported_rows(office.journal, 1),
    ):
        with pytest.raises(InvalidInput, match="There is no batch 1"):
            ask()


def _columns(book: Book, table: str) -> str:
    return ", ".join(name for (name,) in book.rows("SELECT name FROM pragma_table_info(?)", table))


def test_an_older_book_is_migrated(
    world: Callable[..., World], clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A book from before there were batches is migrated without loss, and supports batches afterwards."""
    here, path = world(size=450), tmp_path / "older.book"
    here.sync()
    here.book.close()
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        with Book(path, clock.micros) as before:
            before.execute("ATTACH ? AS new", str(here.book.path))
            columns = {table: _columns(before, table) for table in _FIRST_TABLES}
            for table in _FIRST_TABLES:
                before.execute(f"INSERT INTO {table} SELECT {columns[table]} FROM new.{table}")  # noqa: S608 - as below
            assert list(before.rows("SELECT 1 FROM sqlite_schema WHERE name IN ('sent', 'file', 'proof')")) == []
            tables = [sorted(before.rows(f"SELECT * FROM {table}")) for table in _FIRST_TABLES]  # noqa: S608 - the text is ours
    with Book(path, clock.micros) as book:
        kept = [sorted(book.rows(f"SELECT {columns[table]} FROM {table}")) for table in _FIRST_TABLES]  # noqa: S608 - the same
        assert kept == tables
        states = [book.proof_state(account.id) for account in journal_of(book).accounts()]
        assert [one.state for one in states] == ["proven"] * 3 + ["counts only"]
        assert {one.until for one in states} == {row[1] for row in tables[-1]}
        assert differences(here.simulator, book) == []
        clock.advance(minutes=1)
        sync(here.bank, book, CONNECTOR, CountingProgress())
        new, main = New(TODAY.replace(year=2020)), journal_of(book).accounts()
        request = Export(
            journal_of(book), profiles.load("lexware"), new, destinations=Destinations(tmp_path / "files")
        )
        done, _ = export(request, main)
        assert sum(one.rows for one in done) == sum(len(list(book.booked_rows(one.id))) for one in main) > 0
        assert not any(one.batches for one in export(request, main)[0])
        assert check_book(journal_of(book)).ok


@pytest.mark.parametrize(
    "statement",
    ["UPDATE sent SET line = 9", "DELETE FROM sent", "UPDATE file SET content = x'00'", "DELETE FROM file"],
)
def test_exported_rows_and_files_are_append_only(office: Office, exported_file: Path, statement: str) -> None:
    """The exported rows and files cannot be changed or deleted, not even with SQL."""
    with closing(sqlite3.connect(office.book.path)) as other, pytest.raises(sqlite3.IntegrityError, match="append"):
        other.execute(statement)
    assert (check_book(journal_of(office.book)).inconsistency, exported_file.exists()) == ("", True)


_TRIGGERS = [
    f"DROP TRIGGER {table}_is_never_{done}"
    for table in ("version", "sent", "file")
    for done in ("changed", "deleted")
]
_ROWS, _FILE = "the rows of batch 1 were changed", "the file of batch 1 was changed"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM sent WHERE batch = 1 AND line = 1", _ROWS),
        ("DELETE FROM sent WHERE batch = 1", _ROWS),
        ("UPDATE sent SET seq = (SELECT seq FROM sent WHERE batch = 2) WHERE batch = 1 AND line = 1", _ROWS),
        ("UPDATE sent SET line = 9 WHERE batch = 1 AND line = 1", _ROWS),
        ("UPDATE sent SET line = line + 1 WHERE batch = 2", "the rows of batch 2 were changed"),
        ("UPDATE sent SET batch = 2, line = 2 WHERE batch = 1 AND line = 2", _ROWS),
        ("INSERT INTO sent SELECT 1, 3, id, seq FROM sent WHERE batch = 2", _ROWS),
        ("INSERT INTO sent SELECT 3, 1, id, seq FROM sent WHERE batch = 2", "batch 3"),
        (
            "UPDATE sent SET id = 'another' WHERE batch = 1 AND line = 1",
            "batch 1 has the row another without",
        ),
        ("UPDATE file SET content = x'00'", _FILE),
        ("UPDATE file SET content = (SELECT f.content FROM file f WHERE f.sha256 <> file.sha256)", _FILE),
        ("DELETE FROM file", _FILE),
        ("UPDATE version SET body = x'7b7d' WHERE kind = 'batch'", "(batch 1) was changed"),
        ("UPDATE version SET body = x'7b7d' WHERE kind = 'profile'", "(profile "),
        ("UPDATE version SET body = x'7b7d' WHERE kind = 'start'", "(start tool) was changed"),
        ("UPDATE version SET body = x'7b7d' WHERE kind = 'accepted'", "(accepted "),
        ("UPDATE latest SET seq = seq - 1 WHERE kind = 'batch' AND id = '2'", "the index entry of 2 has no version"),
        ("DELETE FROM latest WHERE kind = 'batch' AND id = '2'", "2 is missing from the index"),
    ],
)
def test_a_forged_batch_is_found(office: Office, statement: str, found: str) -> None:
    """A changed row, version, line, file or profile of a batch is found and named."""
    key, other = office.arrive(2)
    office.export(New(TODAY))
    office.edit(key, reference="changed")
    office.export(Changed())
    office.edit(other, reference="changed")
    accept_rows(office.book, [other])
    assert check_book(journal_of(office.book)).ok
    with closing(sqlite3.connect(office.book.path, isolation_level=None)) as connection:
        for one in (*_TRIGGERS, statement):
            assert connection.execute(one).rowcount != 0, one
    found_now = check_book(journal_of(office.book))
    assert found in found_now.inconsistency
    assert not found_now.ok
