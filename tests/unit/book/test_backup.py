"""An exported book can be imported again without any difference, and read without this program."""

import base64
import hashlib
import io
import json
import re
import sqlite3
import stat
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zlib import compress, decompress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.app.exporting.batches import undo, write_again
from primanota.app.installation import backup
from primanota.app.progress import Silent
from primanota.app.reviewing.accept_findings import reopen
from primanota.app.reviewing.check import check_book
from primanota.app.reviewing.review import Review
from primanota.book import LABEL, ORGANISATION, Batches, Book, Letter
from primanota.book.backup.layout import TABLES, Content, Contents, Control, description, read_manifest
from primanota.book.file.file_state import note_path
from primanota.core.model import RawRecord
from primanota.core.results import Batch
from primanota.core.selection import Changed, New
from tests.support.books.book_world import CONNECTOR, Office, World, accept_rows, journal_of
from tests.support.clock import NOON, Clock
from tests.support.factories import quick

_LARGE = 40 << 20
_COMPANY = RawRecord("organisation", b'{"id":"o1","slug":"acme-1","name":"Acme"}')


@pytest.fixture
def past(office: Office) -> Office:
    """Return an office whose rows were exported, changed, accepted and vanished, with an undone batch."""
    first, second, third, *_ = office.arrive(5)
    office.arrive(2, account=1)
    office.arrive(1, account=3)
    office.export(New(NOON.date()))
    office.edit(first, reference="Another one: “Überweisung”\u2028\x1f\x00 🚲")
    accept_rows(office.book, [first])
    office.edit(second, reference="A third one")
    office.export(Changed())
    undo(office.book, 2)
    office.reverse(third)
    with office.book.writing():
        office.book.execute(
            "INSERT INTO entry VALUES ('fec 2026', 2, 'b'), ('fec 2026', 1, 'a'), ('fec 2025', 1, 'a')"
        )
    with office.book.writing():  # this run was killed
        office.book.execute("INSERT INTO run (command, program, process, started) VALUES ('sync', '0', 'p', 1)")
    return office


@pytest.fixture
def exported(past: Office, tmp_path: Path) -> Path:
    """Return the folder of the exported book."""
    backup.export_book(journal_of(past.book), tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return the path at which the book is imported."""
    return tmp_path / "books" / "acme.book"


def _put_in(folder: Path, target: Path) -> None:
    backup.import_book(folder, read_manifest(folder), target, CONNECTOR, Clock().micros)


def _everything(book: Book) -> dict[str, Any]:
    """Return the rows of every table, and the schema."""
    found: dict[str, Any] = {table: list(book.rows(f"SELECT * FROM {table}")) for table in _names(book)}  # noqa: S608 - the text is ours
    found["file"] = {digest: decompress(content) for digest, content in found["file"]}
    for pragma in ("user_version", "application_id", "journal_mode"):
        found[pragma] = list(book.rows(f"PRAGMA {pragma}"))
    return found | {"schema": list(book.rows("SELECT type, name, sql FROM sqlite_schema ORDER BY name"))}


def _names(book: Book) -> list[str]:
    return [name for (name,) in book.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- the same book -------------------------------------------------------------------------------------------------


def test_the_imported_book_is_identical(past: Office, exported: Path, target: Path, tmp_path: Path) -> None:
    """The imported book has the same rows in every table, the same exported form, and the same file of each batch."""
    _put_in(exported, target)
    with Book(target, Clock().micros) as book:
        assert _everything(book) == _everything(past.book)
        assert book.is_sound()
        backup.export_book(journal_of(book), tmp_path / "twice")
        for batch in Batches(past.book).all():
            _, path, _ = write_again(book, batch.number, tmp_path / f"again-{batch.number}")
            assert path.read_bytes() == past.batches.content(batch)
    assert _bytes(tmp_path / "twice") == _bytes(exported)
    states = [batch.state for batch in Batches(past.book).all()]
    assert (states.count("delivered"), states.count("undone")) == (len(states) - 1, 1)
    assert {1, 0} == {absent for (absent,) in past.book.rows("SELECT absent FROM latest")}


def test_a_book_of_many_syncs(world: Callable[..., World], target: Path, tmp_path: Path) -> None:
    """A book of several weeks is exported and imported without a difference, for any state of the simulated bank."""
    kept = world(size=450)
    for _ in range(3):
        kept.sync()
        kept.simulator.bank.arrive(20)
        kept.clock.advance(days=2)
    backup.export_book(journal_of(kept.book), tmp_path / "out")
    _put_in(tmp_path / "out", target)
    with Book(target, kept.clock.micros) as book:
        assert _everything(book) == _everything(kept.book)
        assert check_book(journal_of(book)) == check_book(journal_of(kept.book))


@pytest.fixture
def older_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep no proofs, watermarks and entry numbers as versions, as an older program did."""
    monkeypatch.setattr(Book, "_seal", lambda *_: None)


@pytest.mark.usefixtures("older_program")
def test_an_older_export_is_imported(past: Office, exported: Path, target: Path) -> None:
    """An export of version 1 has no proofs and no entry numbers: the proofs are derived from the watermarks."""
    manifest = json.loads((exported / "manifest.json").read_bytes())
    for name in ("proof.jsonl", "entry.jsonl"):
        (exported / name).unlink()
        del manifest["files"][name]
    (exported / "manifest.json").write_text(json.dumps(manifest | {"version": 1}), encoding="utf-8")
    _put_in(exported, target)
    with Book(target, Clock().micros) as book:
        found = [book.proof_state(account.id) for account in past.accounts]
        assert [one.until for one in found] == [past.book.watermark(account.id) for account in past.accounts]
        assert [one.state for one in found] == ["proven", "proven", "proven", "counts only"]


def test_the_same_book_gives_the_same_bytes(past: Office, exported: Path, tmp_path: Path) -> None:
    """Exporting a book does not change it, and the exported bytes do not depend on the day of the export."""
    before = _everything(past.book)
    past.world.clock.advance(days=400)
    backup.export_book(journal_of(past.book), tmp_path / "twice")
    assert _bytes(tmp_path / "twice") == _bytes(exported)
    assert _everything(past.book) == before


@settings(quick, max_examples=25)
@given(st.lists(st.one_of(st.binary(), st.text().map(str.encode))), st.lists(st.text()))
def test_any_body_and_any_name_is_preserved(bodies: list[bytes], names: list[str]) -> None:
    """Bodies that are not JSON or not text, and names in any letters, are preserved byte for byte."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        with Book(place / "a.book", Clock().micros) as book:
            with book.run("sync"), book.writing():
                book.append(ORGANISATION, [_COMPANY])
                book.append(LABEL, [RawRecord(f"label {number}", body) for number, body in enumerate(bodies)])
                book.append("of another kind", [RawRecord(name, b"{}") for name in names])
            journal_of(book).bring_up_to_date(Silent())
            backup.export_book(journal_of(book), place / "out")
            _put_in(place / "out", place / "b.book")
            with Book(place / "b.book", Clock().micros) as made:
                assert _everything(made) == _everything(book)


def test_a_large_file_takes_little_memory(past: Office, tmp_path: Path, target: Path) -> None:
    """A file of a batch is exported and imported piece by piece, whatever its size."""
    content = Random(1).randbytes(_LARGE)  # noqa: S311 - not a secret
    sha256 = hashlib.sha256(content).hexdigest()
    with past.book.writing():
        past.book.store_file(sha256, io.BytesIO(compress(content)))
    del content
    tracemalloc.start()
    backup.export_book(journal_of(past.book), tmp_path / "large")
    _put_in(tmp_path / "large", target)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with Book(target, past.world.clock.micros) as book:
        assert book.is_file_whole(sha256)
    assert peak < _LARGE / 2  # the manifest is read with room for 16 MB


def test_only_the_owner_can_read_it(exported: Path, target: Path) -> None:
    """Folders are made with mode 0700 and files with 0600, also the new book and its note; no other file remains."""
    _put_in(exported, target)
    made = [target, note_path(target)]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [exported, *exported.rglob("*"), *made]}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())
    assert sorted(target.parent.iterdir()) == made


def test_the_new_book_is_append_only(exported: Path, target: Path) -> None:
    """The imported book refuses changes, too."""
    _put_in(exported, target)
    with Book(target, Clock().micros) as book:
        for statement in ("UPDATE version SET absent = 1", "DELETE FROM sent", "UPDATE run SET ended = 1"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                book.execute(statement)


# --- reading an exported book without the program ------------------------------------------------------------------


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def _words(line: dict[str, Any]) -> bytes:
    return line["body"].encode() if "body" in line else base64.b64decode(line["body_base64"])


def _recompute_chain(folder: Path) -> str:
    """Return the hash of the last version, computed as README.txt describes."""
    before = bytes(32)
    for number, line in enumerate(_lines(folder, "version.jsonl"), 1):
        body = _words(line)
        facts = [*(line[name] for name in ("kind", "id", "account", "run", "absent")), len(body)]
        before = hashlib.sha256(before + "".join(f"{fact}\x1f" for fact in facts).encode() + body).digest()
        assert (number, before.hex()) == (line["seq"], line["hash"])
    return before.hex()


def _newest(folder: Path, kind: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the newest version of each record of a kind, and its decoded body."""
    newest = {line["id"]: line for line in _lines(folder, "version.jsonl") if line["kind"] == kind}
    return [(line, json.loads(_words(line))) for line in newest.values()]


def _holds(control: dict[str, Any], folder: Path) -> bool:
    """Return whether the control sums of an account are those of its rows, as README.txt describes."""
    rows = [
        (
            row["settled_at"],
            row["amount_cents"] * (1 if row["side"] == "credit" else -1),
            row["settled_balance_cents"],
        )
        for line, row in _newest(folder, "transaction")
        if line["account"] == control["id"] and not line["absent"] and row["status"] == "completed"
    ]
    came, went = sum(cents for _, cents, _ in rows if cents > 0), sum(cents for _, cents, _ in rows if cents < 0)
    sums = (control["rows"], control["sum_in_cents"], control["sum_out_cents"]) == (len(rows), came, went)
    if control["closing_cents"] is None:
        return sums and all(balance is None for *_, balance in rows)
    first, last = min(rows)[0], max(rows)[0]
    opens = control["opening_cents"] in {balance - cents for settled, cents, balance in rows if settled == first}
    closes = control["closing_cents"] in {balance for settled, _, balance in rows if settled == last}
    return sums and opens and closes and control["opening_cents"] + came + went == control["closing_cents"]


def test_every_hash_and_sum_can_be_recomputed(world: Callable[..., World], tmp_path: Path) -> None:
    """Every hash and control sum can be computed from the files and their description, in a few lines."""
    kept = world(size=450)
    kept.sync()
    backup.export_book(journal_of(kept.book), tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    for name, part in manifest["files"].items():
        text = (tmp_path / "out" / name).read_bytes()
        assert part == {"rows": text.count(b"\n"), "sha256": hashlib.sha256(text).hexdigest()}
    assert _recompute_chain(tmp_path / "out") == manifest["contents"]["hash_chain_head"]
    assert len(manifest["contents"]["accounts"]) == 4
    assert all(_holds(control, tmp_path / "out") for control in manifest["contents"]["accounts"])


def test_every_batch_is_in_the_exported_book(past: Office, exported: Path) -> None:
    """The rows and the file of each batch are in the exported book, with the hashes that the batch states."""
    sent, files = _lines(exported, "sent.jsonl"), _lines(exported, "file.jsonl")
    places = {line["sha256"]: exported / line["file"] for line in files}
    found = [batch for _, batch in _newest(exported, "batch")]
    for batch in found:
        text = "\n".join(str(line["seq"]) for line in sent if line["batch"] == batch["number"])
        assert hashlib.sha256(text.encode()).hexdigest() == batch["rows_sha256"]
        content = places[batch["sha256"]].read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (batch["sha256"], batch["size"])
        assert places[batch["sha256"]].suffix == ".csv"
    assert len(found) == len(past.batches.all()) > 2
    assert set((exported / "files").iterdir()) == set(places.values())


def test_the_description_names_everything() -> None:
    """README.txt names each file, column and control sum, and each field of a batch and of a mail."""
    text = description().decode()
    names = [name for table in TABLES for name in (table.file, *table.line.__struct_fields__)]
    for name in (*names, *Content.__struct_fields__, *Control.__struct_fields__[3:], *Contents.__struct_fields__[1:]):
        assert name in text, name
    for field in (*msgspec.structs.fields(Batch), *msgspec.structs.fields(Letter)):
        assert re.search(rf"\b{field.encode_name}\b", text), field.encode_name


def test_what_was_put_away_is_in_the_files(office: Office, tmp_path: Path, target: Path) -> None:
    """A restored book has what was put away, with note and moment, and what was taken back."""
    first, second = office.arrive(2)
    accept_rows(office.book, [first, second], note="no receipt needed")
    reopen(office.journal, [second], NOON.date())
    kept = [finding.accepted for finding in Review(office.journal, NOON.date()).accepted()]
    backup.export_book(office.journal, tmp_path / "out")
    _put_in(tmp_path / "out", target)
    with Book(target, Clock().micros) as restored:
        found = list(Review(journal_of(restored), NOON.date()).accepted())
        assert [finding.accepted for finding in found] == kept
        assert {finding.transaction.id for finding in found} == {first}
        assert journal_of(restored).verify() == ""


def test_a_changed_acceptance_is_found(office: Office) -> None:
    """A record of what was put away that was changed from outside breaks the hash chain."""
    (key,) = office.arrive()
    accept_rows(office.book, [key], note="seen")
    office.book.execute("DROP TRIGGER version_is_never_changed")
    office.book.execute(
        "UPDATE version SET body = CAST(replace(body, 'seen', 'lost') AS BLOB) WHERE kind = 'accepted'"
    )
    assert journal_of(office.book).verify() != ""
