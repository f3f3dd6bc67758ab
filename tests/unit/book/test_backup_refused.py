"""An exported book that was changed is refused: the error names the place, and no book is written."""

import errno
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from primanota.app.installation import backup
from primanota.banks.base import connector
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.book import Book
from primanota.book.backup.layout import read_manifest
from primanota.book.backup.restore import restored
from primanota.book.file.file_state import note_path
from primanota.core.errors import BookUnusable, ConfigurationError, DeliveryFailed
from primanota.core.model import RawRecord
from primanota.core.selection import New
from tests.support.books.book_world import CONNECTOR, Office, journal_of
from tests.support.clock import NOON, Clock

Change = Callable[[bytes], bytes]


@pytest.fixture
def kept(office: Office) -> Book:
    """Return a book of three rows, which are exported in one batch."""
    office.arrive(3)
    office.export(New(NOON.date()))
    return office.book


@pytest.fixture
def exported(kept: Book, tmp_path: Path) -> Path:
    """Return the folder of the exported book."""
    backup.export_book(journal_of(kept), tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return the path at which the book would be imported."""
    return tmp_path / "books" / "acme.book"


def _put_in(folder: Path, target: Path) -> None:
    backup.import_book(folder, read_manifest(folder), target, CONNECTOR, Clock().micros)


def _nothing_at(target: Path) -> bool:
    return not target.parent.exists() or list(target.parent.iterdir()) == []


def _change(folder: Path, name: str, change: Change, *, cover: bool) -> None:
    """Change a file; with ``cover``, update its hash and row count in the manifest, too."""
    file, manifest = folder / name, folder / "manifest.json"
    text = change(file.read_bytes())
    file.write_bytes(text)
    if cover:
        stated = json.loads(manifest.read_bytes())
        stated["files"][name] = {"rows": text.count(b"\n"), "sha256": hashlib.sha256(text).hexdigest()}
        manifest.write_text(json.dumps(stated), encoding="utf-8")


def _replace(old: str, new: str) -> Change:
    """Return a change that replaces the first occurrence of a text."""

    def change(text: bytes) -> bytes:
        assert old.encode() in text
        return text.replace(old.encode(), new.encode(), 1)

    return change


def _without(line: int) -> Change:
    """Return a change that removes a line, by its index."""

    def change(text: bytes) -> bytes:
        lines = text.splitlines(keepends=True)
        del lines[line]
        return b"".join(lines)

    return change


def _twice(text: bytes) -> bytes:
    return text + text


def _cut(text: bytes) -> bytes:
    return text[:-10]


@pytest.mark.parametrize("cover", [False, True])
@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        ("version.jsonl", _replace('"kind":"account"', '"kind":"label"'), "version.jsonl, line 2: its hash is not"),
        ("version.jsonl", _replace("GmbH", "Gmbh"), "version.jsonl, line 1: its hash is not"),
        ("version.jsonl", _replace('"absent":0', '"absent":1'), "version.jsonl, line 1: its hash is not"),
        ("version.jsonl", _without(0), "version.jsonl, line 1: its hash is not"),
        ("version.jsonl", _without(4), "version.jsonl, line 5: its hash is not"),
        ("version.jsonl", _twice, r"version.jsonl, line \d+: its hash is not"),
        ("version.jsonl", _replace('"body"', '"body_base64"'), "version.jsonl, line 1: Invalid base64"),
        ("version.jsonl", _replace('"body"', '"nobody"'), "line 1: Object contains unknown field `nobody`"),
        ("version.jsonl", _replace('"body"', '"body_base64":"","body"'), "line 1: It needs either"),
        ("version.jsonl", lambda text: b"\xff" + text, "version.jsonl, line 1: JSON is malformed"),
        ("version.jsonl", _replace("GmbH", "\\ud800"), "version.jsonl, line 1: "),
        ("run.jsonl", _replace('"number":1', f'"number":{2**63}'), "run.jsonl, line 1: Expected `int` <="),
        ("run.jsonl", _replace('"outcome"', '"income"'), "run.jsonl, line 1: Object contains unknown field `income`"),
        ("run.jsonl", _twice, "run.jsonl, line 4: it does not follow the line before"),
        ("sent.jsonl", _twice, "sent.jsonl, line 4: it does not follow the line before"),
        ("sent.jsonl", _cut, "sent.jsonl, line 3: Input data was truncated"),
        ("watermark.jsonl", lambda _: b"x\n", "watermark.jsonl, line 1: JSON is malformed"),
        ("file.jsonl", _replace('"files/', '"files/../'), "file.jsonl, line 1: Expected `str` matching"),
        ("file.jsonl", _replace(".csv", "_.csv"), r"/files/\w+_.csv cannot be read: No such file"),
        ("file.jsonl", _replace('"size":', '"size":1'), r"/files/\w+.csv was changed"),
    ],
)
def test_a_changed_line_is_named(
    exported: Path, target: Path, name: str, change: Change, place: str, *, cover: bool
) -> None:
    """A changed line is named with its file, whether or not the manifest was updated to match."""
    _change(exported, name, change, cover=cover)
    with pytest.raises(BookUnusable, match=place):
        _put_in(exported, target)
    assert _nothing_at(target)


@pytest.mark.parametrize(
    ("name", "change", "covered"),
    [
        ("version.jsonl", _without(-1), "versions at the end of the book were removed"),
        ("sent.jsonl", _without(1), "the rows of batch 1 were changed"),
        ("sent.jsonl", lambda _: b"", "the rows of batch 1 were changed"),
        ("file.jsonl", lambda _: b"", "the file of batch 1 was changed"),
    ],
)
def test_a_missing_line_is_found(exported: Path, target: Path, name: str, change: Change, covered: str) -> None:
    """Missing lines are found by the manifest, and by the book itself if the manifest was updated to match."""
    _change(exported, name, change, cover=False)
    with pytest.raises(BookUnusable, match=rf"{name} has \d+ lines, and manifest.json says \d+\."):
        _put_in(exported, target)
    _change(exported, name, bytes, cover=True)
    with pytest.raises(BookUnusable, match=f"out is not what was exported: {covered}"):
        _put_in(exported, target)
    assert _nothing_at(target)


@pytest.mark.parametrize(
    ("name", "change"),
    [("run.jsonl", _replace("done", "gone")), ("watermark.jsonl", _replace('"moment":1', '"moment":2'))],
)
def test_a_changed_file_is_found(exported: Path, target: Path, name: str, change: Change) -> None:
    """A change outside the hash chain is found by the SHA-256 of its file."""
    _change(exported, name, change, cover=False)
    with pytest.raises(BookUnusable, match=f"{name} was changed: its SHA-256 is not the one in manifest.json"):
        _put_in(exported, target)
    assert _nothing_at(target)


def test_a_changed_batch_file_is_found(exported: Path, target: Path) -> None:
    """A change in the stored file of a batch is found."""
    (file,) = (exported / "files").iterdir()
    file.write_bytes(file.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(BookUnusable, match=f"{file.name} was changed"):
        _put_in(exported, target)
    assert _nothing_at(target)


@pytest.mark.parametrize("name", ["manifest.json", "version.jsonl"])
@pytest.mark.parametrize("content", [b'{"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}\n", None])
def test_deep_json_and_a_pipe_are_refused(exported: Path, target: Path, name: str, content: bytes | None) -> None:
    """JSON of thousands of levels, and a pipe in place of a file, are refused by the name of the file."""
    (exported / name).unlink()
    if content is None:
        os.mkfifo(exported / name)
    else:
        (exported / name).write_bytes(content)
    with pytest.raises(BookUnusable, match=re.escape(name)):
        _put_in(exported, target)
    assert _nothing_at(target)


@pytest.mark.parametrize("name", ["manifest.json", "run.jsonl", "version.jsonl", "sent.jsonl", "watermark.jsonl"])
def test_a_missing_file_is_named(exported: Path, target: Path, name: str) -> None:
    """A missing file is named in the error."""
    (exported / name).unlink()
    with pytest.raises(BookUnusable, match=f"{name} cannot be read"):
        _put_in(exported, target)
    assert _nothing_at(target)


def _state(exported: Path, change: Callable[[Any], object]) -> None:
    """Change the manifest."""
    stated = json.loads((exported / "manifest.json").read_bytes())
    change(stated)
    (exported / "manifest.json").write_text(json.dumps(stated), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda said: said.update(version=3), r"newer Primanota \(version 3; this program knows 2\)"),
        (lambda said: said.update(format="other"), "is not an exported book"),
        (lambda said: said.clear(), "is not an exported book"),
        (lambda said: said.pop("program"), r"manifest.json: Object missing required field `program`"),
        (lambda said: said["files"].pop("sent.jsonl"), "manifest.json does not list sent.jsonl"),
        (lambda said: said["files"]["run.jsonl"].update(rows=7), "run.jsonl has 3 lines, and manifest.json says 7"),
        (lambda said: said["contents"].update(hash_chain_head="0" * 64), "the hash of the last version"),
        (lambda said: said["contents"]["organisation"].update(slug="other"), "the rows are those of Morgenrot"),
        (lambda said: said["contents"]["accounts"][0].update(rows=9), "the control sums of account Hauptkonto"),
        (lambda said: said["contents"]["accounts"][0].update(closing_cents=9), "control sums of account Haupt"),
        (lambda said: said["contents"]["accounts"].pop(1), "the control sums of account Steuerrücklage"),
        (
            lambda said: said["contents"]["accounts"].append(said["contents"]["accounts"][0] | {"id": "x"}),
            "there is no account Hauptkonto",
        ),
    ],
)
def test_a_changed_manifest_is_found(
    exported: Path, target: Path, change: Callable[[Any], object], sentence: str
) -> None:
    """The manifest is compared with the rows: the organisation, every control sum, and the end of the hash chain."""
    _state(exported, change)
    with pytest.raises(BookUnusable, match=sentence):
        _put_in(exported, target)
    assert _nothing_at(target)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b'{"format": 5}'])
def test_an_invalid_manifest_is_refused(exported: Path, text: bytes) -> None:
    """A file that is not a manifest is refused with an error that names it."""
    (exported / "manifest.json").write_bytes(text)
    with pytest.raises(BookUnusable, match=r"manifest\.json"):
        read_manifest(exported)


# --- destinations that are refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", ["acme.book", "acme.book-wal"])
def test_an_existing_book_is_not_touched(exported: Path, target: Path, taken: str) -> None:
    """An import where a book or its write-ahead log exists is refused, and writes nothing."""
    target.parent.mkdir()
    (target.parent / taken).write_bytes(b"mine")
    with pytest.raises(DeliveryFailed, match=rf"There is a book already: .*{taken}\. Move acme\.book"):
        _put_in(exported, target)
    assert [(path.name, path.read_bytes()) for path in target.parent.iterdir()] == [(taken, b"mine")]


def test_a_book_that_is_created_meanwhile_is_not_touched(exported: Path, target: Path) -> None:
    """A book that another process creates during an import is not replaced."""
    with (
        pytest.raises(DeliveryFailed, match="There is a book already"),
        restored(exported, read_manifest(exported), target, Clock().micros, connector()),
    ):
        target.write_bytes(b"theirs")
    assert [(path.name, path.read_bytes()) for path in target.parent.iterdir()] == [("acme.book", b"theirs")]


def test_an_interrupted_import_leaves_nothing(exported: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that is interrupted while it reads rows, or before it names the book, leaves no file behind."""

    def interrupted(_: bytes) -> RawRecord:
        raise KeyboardInterrupt

    manifest = read_manifest(exported)
    with monkeypatch.context() as patch:
        patch.setattr(QontoConnector, "record", staticmethod(interrupted))
        with pytest.raises(KeyboardInterrupt), restored(exported, manifest, target, Clock().micros, connector()):
            pytest.fail("a book was shown that is not whole")
    assert _nothing_at(target)
    with pytest.raises(KeyboardInterrupt), restored(exported, manifest, target, Clock().micros, connector()):
        raise KeyboardInterrupt
    assert _nothing_at(target)
    _put_in(exported, target)
    assert sorted(target.parent.iterdir()) == [target, note_path(target)]


@pytest.mark.parametrize("broken", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space remaining on device")])
@pytest.mark.parametrize("files", [0, 3])
def test_an_interrupted_export_leaves_nothing(
    kept: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: BaseException, files: int
) -> None:
    """An export that is interrupted, or meets a full disk, leaves no folder behind, not even a hidden one."""
    remaining = iter(range(files))

    def sync(_: int) -> None:
        if next(remaining, None) is None:
            raise broken

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises((KeyboardInterrupt, DeliveryFailed), match=r"^$|the disk is full"):
        backup.export_book(journal_of(kept), tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_that_is_not_empty_is_refused(kept: Book, tmp_path: Path) -> None:
    """An export to a folder with files, or to a file, is refused and writes nothing; an empty folder is accepted."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").touch()
    (tmp_path / "empty").mkdir(mode=0o755)
    for place in (tmp_path / "full", tmp_path / "full" / "note.txt"):
        with pytest.raises(DeliveryFailed, match="is not an empty folder"):
            backup.export_book(journal_of(kept), place)
    with pytest.raises(DeliveryFailed, match="cannot be written"):
        backup.export_book(journal_of(kept), tmp_path / "full" / "note.txt" / "below")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["note.txt"]
    backup.export_book(journal_of(kept), tmp_path / "empty")
    assert (tmp_path / "empty" / "manifest.json").is_file()
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o700


def test_a_forged_book_is_not_exported(kept: Book, tmp_path: Path) -> None:
    """A book whose hash chain is broken, which could not be imported, is not exported."""
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as other:
        other.execute("DROP TRIGGER version_is_never_changed")
        other.execute("UPDATE version SET body = x'7b7d' WHERE seq = 2")
    with pytest.raises(BookUnusable, match=r"not whole: version 2 \(account"):
        backup.export_book(journal_of(kept), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_empty_book_is_not_exported(tmp_path: Path, clock: Clock) -> None:
    """A book without an organisation is not exported."""
    with (
        Book(tmp_path / "a.book", clock.micros) as book,
        pytest.raises(ConfigurationError, match="The book is empty"),
    ):
        backup.export_book(journal_of(book), tmp_path / "out")
    assert not (tmp_path / "out").exists()
