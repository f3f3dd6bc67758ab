"""What left can be had again, byte for byte, and whoever changes what is kept of it leaves a trace."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from primanota import profiles
from primanota.app.batches import exported_rows, undo, write_again
from primanota.app.check import check_book
from primanota.app.export import export
from primanota.app.review import accept
from primanota.app.sync import sync
from primanota.banks.qonto import normalise
from primanota.book import MEMBER, Batches, Book, schema
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import RawRecord, Transaction
from primanota.core.selection import Changed, New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.book_assertions import differences
from tests.support.book_world import CONNECTOR, CountingProgress, Office, World, journal_of
from tests.support.clock import NOON, Clock

TODAY = NOON.date()
_THIRD = """
CREATE TABLE later (number INTEGER) STRICT;
ALTER TABLE version ADD COLUMN colour TEXT;
"""
Happening = Callable[[Office, pytest.MonkeyPatch, Path], None]


@pytest.fixture
def left(office: Office) -> Path:
    """The one file of a batch of two rows, for a tool that shows who initiated them."""
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
    patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, _THIRD))


def _rows_are_read_otherwise(_: Office, patch: pytest.MonkeyPatch, __: Path) -> None:
    real = normalise.transaction

    def otherwise(body: bytes, zone: tzinfo, members: Mapping[str, str]) -> Transaction:
        row = real(body, zone, members)
        return msgspec.structs.replace(row, counterparty=row.counterparty.upper(), purpose=f"{row.purpose}.")

    patch.setattr(normalise, "transaction", otherwise)


@pytest.mark.parametrize(
    ("happen", "version"),
    [
        (_rows_change, 2),
        (_the_profile_changes, 2),
        (_members_are_renamed, 2),
        (_the_book_is_migrated, 3),
        (_rows_are_read_otherwise, 2),
    ],
)
def test_again_is_byte_for_byte(
    office: Office, left: Path, happen: Happening, version: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever became of the rows, the profile, the people or the program: a batch's file is what it was."""
    content = left.read_bytes()
    left.unlink()
    folder = tmp_path / "profiles"
    folder.mkdir()
    happen(office, monkeypatch, folder)
    with Book(office.book.path, office.world.clock.micros) as later:
        assert next(later.rows("PRAGMA user_version")) == (version,)
        _, where, _ = write_again(later, 1, None)
        _, copy, _ = write_again(later, 1, tmp_path / "copies")
        assert check_book(journal_of(later)).inconsistency == ""
    assert (where, copy) == (left, tmp_path / "copies" / left.name)
    assert where.read_bytes() == copy.read_bytes() == content


def test_what_only_the_program_reads_otherwise_is_no_change(
    office: Office, left: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A newer program, another text of the profile or other names of people make no row one that changed."""
    for happen in (_the_profile_changes, _members_are_renamed, _rows_are_read_otherwise):
        happen(office, monkeypatch, tmp_path)
    assert (office.changed(), left.exists()) == ([], True)


def test_a_profile_that_changed_is_said(
    office: Office, left: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the profile has another text by now, one is told so; where it has not, nothing is said."""
    assert write_again(office.book, 1, left)[2] == []
    _the_profile_changes(office, monkeypatch, tmp_path)
    (note,) = write_again(office.book, 1, left)[2]
    assert "lexware has changed since" in note


@pytest.fixture
def own(office: Office, tmp_path: Path) -> Path:
    """A profile of one's own that was changed after a batch of a row had left by it."""
    profile = tmp_path / "mine.toml"
    profile.write_text(office.tool.text, encoding="utf-8")
    office.arrive()
    office.export(New(TODAY), tool=profiles.load(str(profile)))
    profile.write_text(office.tool.text.replace("Amount", "Betrag"), encoding="utf-8")
    return profile


def test_an_own_profile_is_kept(office: Office, own: Path) -> None:
    """A profile of one's own is kept with its batch, under its file's name; the batch's file stays what it was."""
    (batch,) = Batches(office.book).all()
    assert batch.path
    content = batch.path.read_bytes()
    batch.path.unlink()
    _, path, _ = write_again(office.book, 1, None)
    assert (batch.profile, office.batches.profile_text(batch.digest)) == (own.stem, office.tool.text)
    assert path.read_bytes() == content != b""


def test_an_own_profile_that_changed_is_said(office: Office, own: Path) -> None:
    """One is told, too, where a profile of one's own has another text by now."""
    notes = write_again(office.book, 1, None)[2]
    assert any(f"{own.stem} has changed since" in note for note in notes)


def test_an_undone_batch_is_said(office: Office, left: Path) -> None:
    """The file of an undone batch can be had, and one is told that its rows may be in another one."""
    undo(office.book, 1)
    (note,) = write_again(office.book, 1, left)[2]
    assert "Batch 1 is undone" in note


def test_again_writes_over_nothing_else(office: Office, left: Path) -> None:
    """A file that is there already and is the same stays; another one is not overwritten."""
    before = left.stat().st_ino
    assert write_again(office.book, 1, None)[1] == left
    assert left.stat().st_ino == before
    left.write_bytes(b"another month")
    with pytest.raises(DeliveryFailed, match="now has other content") as refused:
        write_again(office.book, 1, None)
    assert (refused.value.exit_code, left.read_bytes()) == (8, b"another month")


def test_a_batch_that_is_not_there(office: Office) -> None:
    """A number that no batch has is refused, whatever is asked of it."""
    for ask in (
        lambda: write_again(office.book, 1, None),
        lambda: undo(office.book, 1),
        lambda: exported_rows(office.journal, 1),
    ):
        with pytest.raises(InvalidInput, match="There is no batch 1"):
            ask()


def test_an_older_book_is_migrated(
    world: Callable[..., World], clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A book from before there were batches has all that it had, and batches work in it."""
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        here = world(size=60)
        here.sync()
        tables = [sorted(here.book.rows(f"SELECT * FROM {table}")) for table in ("version", "run", "watermark")]  # noqa: S608 - our own words
        assert list(here.book.rows("SELECT 1 FROM sqlite_schema WHERE name IN ('sent', 'file')")) == []
        here.book.close()
    with Book(here.book.path, clock.micros) as book:
        assert [sorted(book.rows(f"SELECT * FROM {table}")) for table in ("version", "run", "watermark")] == tables  # noqa: S608 - our own words
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
def test_what_left_is_append_only(office: Office, left: Path, statement: str) -> None:
    """Not even SQL of one's own changes or removes which rows left, or what their file was."""
    with closing(sqlite3.connect(office.book.path)) as other, pytest.raises(sqlite3.IntegrityError, match="append"):
        other.execute(statement)
    assert (check_book(journal_of(office.book)).inconsistency, left.exists()) == ("", True)


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
        ("UPDATE latest SET seq = seq - 1 WHERE kind = 'batch' AND id = '2'", "2 is missing from the index"),
        ("DELETE FROM latest WHERE kind = 'batch' AND id = '2'", "2 is missing from the index"),
    ],
)
def test_a_forged_batch_is_found(office: Office, statement: str, found: str) -> None:
    """Which row left, which version of it, its line, its file, its profile: nothing is changed without a trace."""
    key, other = office.arrive(2)
    office.export(New(TODAY))
    office.edit(key, reference="changed")
    office.export(Changed())
    office.edit(other, reference="changed")
    accept(journal_of(office.book), [other])
    assert check_book(journal_of(office.book)).ok
    with closing(sqlite3.connect(office.book.path, isolation_level=None)) as connection:
        for one in (*_TRIGGERS, statement):
            assert connection.execute(one).rowcount != 0, one
    found_now = check_book(journal_of(office.book))
    assert found in found_now.inconsistency
    assert not found_now.ok
