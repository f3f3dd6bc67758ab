"""A book that was changed from outside, by the command line: damage is found before anything leaves."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from primanota.book.journal import Journal
from primanota.book.records.verification import Inconsistency
from tests.support.books.stale_index import make_stale
from tests.support.files.killed_export import Killed, killed_when
from tests.support.screens.command_line import Terminal
from tests.torture.books.tampering import opened

_NEW = ("export", "generic", "--new", "--since", "2026-11-01")


@pytest.fixture
def here(desk: Terminal) -> Terminal:
    """Return a terminal whose book has a batch, and a row that is in no batch."""
    desk.arrive(2)
    assert desk.run(*_NEW).code == 0
    desk.arrive(1)
    return desk


def _change(here: Terminal, *statements: str) -> None:
    """Change the book without its triggers, and hide it: the time of the file is as it was."""
    was = here.book.stat()
    with opened(here.book) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement
    os.utime(here.book, ns=(was.st_atime_ns, was.st_mtime_ns))


def _files(here: Terminal) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in here.exports.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE version SET body = CAST(replace(CAST(body AS TEXT), '\"note\"', '\"nota\"') AS BLOB)",
            "was changed",
        ),
        ("DELETE FROM sent", "the rows of batch 1 were changed"),
        ("INSERT INTO sent SELECT 1, 9, id, max(seq) FROM latest WHERE kind = 'transaction'", "the rows of batch 1"),
        (
            "UPDATE latest SET seq = (SELECT min(seq) FROM version WHERE kind = 'batch') WHERE kind = 'batch'",
            "the index entry of 1 has no version",
        ),
        ("UPDATE latest SET status = 'pending' WHERE kind = 'transaction'", "the index entry of transaction"),
        ("UPDATE proof SET until = until + 1", "the proof of"),
        ("UPDATE watermark SET moment = moment + 1", "the watermark of"),
        ("UPDATE file SET content = x'00'", "the file of batch 1 was changed"),
        ("INSERT INTO sent VALUES (7, 1, 'x', 1)", "batch 7 "),
    ],
)
def test_a_changed_row_of_any_table_is_found(here: Terminal, statement: str, found: str) -> None:
    """A change in a table that decides on what leaves is exit code 3, with its place; no file is written."""
    before = _files(here)
    _change(here, statement)
    for words in (_NEW, ("batches", "again", "1"), ("batches", "redo", "1"), ("run", *_NEW[1:]), ("sync",)):
        result = here.run(*words)
        assert (result.code, "is damaged" in result.err, "backup" in result.err) == (3, True, True), result
        assert found in result.err
    assert _files(here) == before
    assert here.run("check").code in {3, 6}


@pytest.mark.parametrize(
    ("index", "change"),
    [
        ("latest_by_settlement", "UPDATE latest SET amount = amount + 1 WHERE kind = 'transaction'"),
        ("latest_by_settlement", "DELETE FROM latest WHERE kind = 'transaction'"),
        ("latest_unsettled", "UPDATE latest SET absent = 1 WHERE kind = 'transaction'"),
        ("sent_by_version", "UPDATE sent SET seq = seq + 1 WHERE line = 1"),
    ],
)
def test_an_index_that_differs_from_its_table_is_found(here: Terminal, index: str, change: str) -> None:
    """A check names the file as damaged where an index differs from its table, and other commands refuse the book."""
    make_stale(here.book, index, change)
    result = here.run("check")
    assert (result.code, "File: DAMAGED" in result.out) == (6, True), result
    assert here.run(*_NEW).code == 3


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER more BEFORE INSERT ON sent BEGIN SELECT RAISE(IGNORE); END",
        "DROP TRIGGER sent_is_never_deleted",
        "PRAGMA user_version = -5",
        "PRAGMA user_version = 0",
        "DROP INDEX sent_by_version",
    ],
)
def test_another_schema_is_found(here: Terminal, statement: str) -> None:
    """A planted trigger, a missing one or an odd version is exit code 3 in every command; no file is written."""
    before = _files(here)
    _outside(here.book, statement)
    for words in (_NEW, ("check",), ("review",), ("batches", "again", "1"), ("book", "reindex")):
        result = here.run(*words)
        assert (result.code, "is damaged: its " in result.err) == (3, True), result
    assert _files(here) == before


@pytest.mark.parametrize("words", [("check",), ("review",), _NEW, ("sync",)])
def test_a_schema_that_is_no_text_is_damage(here: Terminal, words: tuple[str, ...]) -> None:
    """A byte in the schema that no text has, which SQLite's own message then quotes, is exit code 3."""
    content = here.book.read_bytes()
    for was, now in (
        (b"tablewatermark", b"tablew\xc1termark"),
        (b"CREATE TABLE watermark", b"CREATE TABLX watermark"),
    ):
        assert was in content
        content = content.replace(was, now)
    here.book.write_bytes(content)
    result = here.run(*words)
    assert (result.code, "is damaged: a text in it is not UTF-8" in result.err) == (3, True), result


def test_a_changed_index_names_its_repair(here: Terminal) -> None:
    """A book whose index alone differs says how to rebuild it; afterwards the export succeeds."""
    _change(here, "UPDATE latest SET amount = amount + 1 WHERE kind = 'transaction'")
    assert "book reindex" in here.run(*_NEW).err
    assert here.run("book", "reindex").code == 0
    assert here.run(*_NEW).code == 0
    assert here.run("check").code == 0


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE coverage SET seq = (SELECT max(seq) FROM version)", "counts as exported with"),
        ("INSERT INTO earlier_version SELECT kind, id, seq FROM latest WHERE kind = 'batch'", "has no version"),
        (
            "INSERT INTO checkpoint SELECT account, 1, 0, 'x', 1, 1, 0, 1, 0, 0 FROM latest WHERE amount > 0 LIMIT 1",
            "the checkpoint of",
        ),
    ],
)
def test_derived_data_that_was_changed_is_made_anew(here: Terminal, statement: str, found: str) -> None:
    """A book whose derived data alone differs says how to rebuild it; afterwards the export succeeds."""
    here.simulator.bank.arrive(3)
    assert here.run("sync").code == 0
    _change(here, statement)
    result = here.run(*_NEW)
    assert (result.code, found in result.err, "book reindex" in result.err) == (3, True, True), result
    assert here.run("book", "reindex").code == 0
    assert here.run(*_NEW).code == 0
    assert here.run("check").code == 0


def test_a_book_as_it_was_left_is_not_verified(here: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a book that something else has touched is verified: a large one makes no export slower."""
    verified: list[Journal] = []
    real = Journal.inconsistency

    def inconsistency(journal: Journal) -> Inconsistency | None:
        verified.append(journal)
        return real(journal)

    monkeypatch.setattr(Journal, "inconsistency", inconsistency)
    assert (here.run(*_NEW).code, len(verified)) == (0, 0)
    here.book.touch()
    assert (here.run("batches").code, len(verified)) == (0, 1)
    assert (here.run(*_NEW).code, len(verified)) == (0, 1)
    here.book.write_bytes(here.book.read_bytes())
    assert (here.run(*_NEW).code, len(verified)) == (0, 2)


@pytest.mark.parametrize("content", [b"", b"changed"])
def test_a_changed_waiting_file_is_written_anew(here: Terminal, content: bytes) -> None:
    """A file that was changed or emptied while it waited for its name arrives with the bytes of its batch."""
    with pytest.raises(Killed), killed_when("finished"):
        here.run(*_NEW)
    (waiting,) = here.exports.glob(".primanota-*")
    waiting.write_bytes(content)
    result = here.run(*_NEW)
    assert (result.code, "written anew from the book" in result.err + result.out) == (0, True)
    batch = here.run("batches", "--json").data["batches"][-1]
    assert here.run("batches", "again", str(batch["batch"]), "--to", str(here.home / "again")).code == 0
    assert Path(batch["path"]).read_bytes() == (here.home / "again" / Path(batch["path"]).name).read_bytes()


@pytest.mark.parametrize("words", [("sync",), ("run", *_NEW[1:]), _NEW, ("batches", "again", "1")])
def test_an_emptied_book_does_not_begin_anew(here: Terminal, words: tuple[str, ...]) -> None:
    """Where a book was, an empty file is damage: begun anew, every row would leave again."""
    before = _files(here)
    here.book.write_bytes(b"")
    for _ in range(2):
        result = here.run(*words)
        assert (result.code, "it is empty" in result.err) == (3, True)
    assert _files(here) == before


@pytest.mark.parametrize("name", ["-wal", "-journal", "-state"])
def test_planted_files_beside_the_book(here: Terminal, name: str) -> None:
    """Garbage as a log or as the note beside the book costs a verification, and changes nothing."""
    here.book.with_name(f"{here.book.name}{name}").write_bytes(b"\xff" * 5_000)
    assert here.run(*_NEW).code == 0
    assert here.run("check").code == 0


def _outside(book: Path, statement: str) -> None:
    with closing(sqlite3.connect(book, isolation_level=None)) as connection:
        connection.execute(statement)
