"""The recovery of interrupted exports: each row is exported once, and the book records the result."""

import hashlib
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from primanota.adapters.storage import disk
from primanota.app.exporting.batches import undo, write_again
from primanota.app.exporting.export import export, preview, stage
from primanota.book import Batches
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import Account
from primanota.core.period import between
from primanota.core.results import Batch, staging_key
from primanota.core.selection import New, Selection
from primanota.export import delivery
from primanota.export.select import AccountGroup
from tests.support.books.book_world import TOKEN, Office
from tests.support.clock import NOON
from tests.support.files.csv_files import rows_of

TODAY = NOON.date()
TOMORROW = TODAY + timedelta(1)
_NEW = New(TODAY)


def _prepare(
    office: Office, selection: Selection = _NEW, accounts: list[Account] | None = None, to: Path | None = None
) -> list[Batch]:
    """Export up to the point before the files get their final names, as if the process was killed then."""
    done = stage(office.request(selection, to=to), office.accounts if accounts is None else accounts)
    return [batch for one in done for batch in one.batches]


@pytest.fixture
def file(office: Office) -> Path:
    """Return the final path of the file of a prepared batch of two rows."""
    office.arrive(2)
    (done,) = _prepare(office)
    assert done.path
    return done.path


def _staged(file: Path, number: int = 1) -> Path:
    return disk.staged(file, _key(number))


def _key(number: int = 1) -> str:
    return staging_key(number, TOKEN)


def _batch(office: Office, number: int = 1) -> Batch:
    return office.batches.one(number)


def _recover(office: Office) -> list[str]:
    """Recover interrupted batches; return the messages."""
    return [one.message for one in delivery.recover_interrupted(office.book)]


def _ids(*files: Path | None) -> list[str]:
    return [row["Id"] for row in rows_of(*files)]


def _nothing_is_new(office: Office) -> bool:
    return office.export(New(TODAY), to=office.folder / "elsewhere") == []


def test_prepared_rows_count_as_exported(office: Office, file: Path) -> None:
    """The rows of a prepared batch are not new and count as exported, before it is recovered."""
    assert (_batch(office).state, file.exists(), _staged(file).exists()) == ("prepared", False, True)
    rows = preview(office.request(New(TODAY)), AccountGroup((office.accounts[0],))).cells
    repeats = preview(office.request(between(TODAY, TODAY)), AccountGroup((office.accounts[0],))).already_exported
    assert (len(rows), repeats) == (1, {1: 2})


def test_a_staged_file_gets_its_name(office: Office, file: Path) -> None:
    """The staged file of a prepared batch gets its final name, the batch is delivered, and a message says so."""
    staged = _staged(file).read_bytes()
    (recovered,) = delivery.recover_interrupted(office.book)
    assert (recovered.batch.path, recovered.message, *recovered[2:]) == (
        file,
        f"Batch 1 was interrupted; its file is at {file} now.",
        True,
        True,
    )
    assert _batch(office).state == "delivered"
    assert (file.read_bytes(), list(file.parent.iterdir())) == (staged, [file])
    assert _nothing_is_new(office)


def test_a_file_with_its_final_name_is_delivered(office: Office, file: Path) -> None:
    """A prepared batch whose file has its final name is marked as delivered; the file is not written again."""
    disk.finish(file, _key())
    before = file.stat().st_ino
    (recovered,) = delivery.recover_interrupted(office.book)
    assert recovered.message == f"Batch 1 was interrupted after its file had arrived at {file}."
    assert (recovered.batch.path, recovered.delivered, recovered.in_place) == (file, True, True)
    assert (_batch(office).state, file.stat().st_ino, _nothing_is_new(office)) == ("delivered", before, True)


@pytest.mark.parametrize("instead", [None, b"another month"])
def test_nothing_is_concluded_of_a_file_that_is_gone(office: Office, file: Path, instead: bytes | None) -> None:
    """A batch whose file is neither named nor staged stays prepared: its rows are not new until a person decides."""
    disk.finish(file, _key())
    content = file.read_bytes()
    file.unlink()
    if instead:
        file.write_bytes(instead)
    (recovered,) = delivery.recover_interrupted(office.book)
    assert "it is not known whether it arrived" in recovered.message
    assert (recovered.delivered, recovered.in_place, recovered.is_open) == (False, False, True)
    assert (_batch(office).state, _nothing_is_new(office)) == ("prepared", True)
    assert (file.read_bytes() if instead else None) == instead
    if not instead:
        write_again(office.book, 1, None)
        assert (file.read_bytes(), _batch(office).state) == (content, "delivered")


@pytest.mark.parametrize("instead", [b"", b"id,amount\r\nforged,1\r\n"])
def test_a_staged_file_that_was_changed_is_written_from_the_book(office: Office, file: Path, instead: bytes) -> None:
    """Only the bytes of the batch get its name: a staged file that was changed or emptied is written anew."""
    content = _staged(file).read_bytes()
    _staged(file).write_bytes(instead)
    assert "it had been changed while it waited" in _recover(office)[0]
    assert (file.read_bytes(), _batch(office).state) == (content, "delivered")


@pytest.mark.parametrize("name", ["nul\0.csv", "x" * 300 + ".csv"])
def test_a_name_that_no_file_can_have_fails_alone(office: Office, name: str) -> None:
    """A batch with an impossible name fails with a sentence; its rows are new again, and other batches go on."""
    office.arrive()
    (bad,) = _prepare(office)
    impossible = (msgspec.structs.replace(bad.deliveries[0], destination=f"{office.folder / name}"),)
    with office.book.writing():
        office.batches.save(msgspec.structs.replace(bad, deliveries=impossible))
    done, (recovered,) = export(office.request(New(TODAY), to=office.folder / "elsewhere"), office.accounts)
    assert "has failed" in recovered.message
    assert (_batch(office).state, [batch.number for one in done for batch in one.batches]) == ("failed", [2])


def test_a_bug_while_finishing_concerns_one_batch(
    office: Office, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of any kind while one batch is finished leaves it with a sentence, and other commands go on."""
    monkeypatch.setattr(disk, "sha256_of", lambda _: 1 / 0)
    assert "cannot be finished: ZeroDivisionError" in _recover(office)[0]
    monkeypatch.undo()
    assert (_recover(office), _batch(office).state, file.exists()) == (
        [f"Batch 1 was interrupted; its file is at {file} now."],
        "delivered",
        True,
    )


def test_a_file_that_came_meanwhile_is_not_replaced(office: Office, file: Path) -> None:
    """A file that got the name of a batch meanwhile stays: the batch fails, and its rows are new again."""
    file.write_bytes(b"a person's own")
    assert "is already there" in _recover(office)[0]
    assert (file.read_bytes(), _batch(office).state) == (b"a person's own", "failed")


def test_a_period_replaces_only_files_of_the_book(office: Office) -> None:
    """A file of a period replaces that of an earlier batch, but not one that a person wrote or edited."""
    today, accounts = between(TODAY, TODAY), office.accounts[:1]
    office.arrive()
    (first,) = office.export(today, accounts=accounts)
    office.arrive()
    (second,) = office.export(today, accounts=accounts)
    assert first.path
    assert (second.path, len(_ids(first.path))) == (first.path, 2)
    edited = first.path.read_bytes() + b"mine"
    first.path.write_bytes(edited)
    office.arrive()
    with pytest.raises(DeliveryFailed, match="is not a file of this book, or was changed since"):
        office.export(today, accounts=accounts)
    assert (first.path.read_bytes(), len(office.batches.all())) == (edited, 2)


def test_a_batch_with_a_missing_folder_waits(office: Office, file: Path, tmp_path: Path) -> None:
    """While its folder is missing, a batch stays prepared and its rows count as exported; later it is delivered."""
    away = tmp_path / "away"
    file.parent.rename(away)
    for _ in range(2):
        (recovered,) = delivery.recover_interrupted(office.book)
        assert f"{file.parent} is not there" in recovered.message
        assert "Its rows count as exported" in recovered.message
        assert (recovered.delivered, recovered.in_place) == (False, False)
        assert (_batch(office).state, file.parent.exists()) == ("prepared", False)
    away.rename(file.parent)
    assert _nothing_is_new(office)
    assert (_batch(office).state, len(_ids(file))) == ("delivered", 2)


def test_a_waiting_batch_can_be_undone(office: Office, file: Path) -> None:
    """A prepared batch whose folder is lost can be undone, and its rows are new again."""
    rows = _ids(_staged(file))
    shutil.rmtree(file.parent)
    undo(office.book, 1)
    (done,) = office.export(New(TODAY), to=file.with_name("other"))
    assert (_batch(office).state, _ids(done.path)) == ("undone", rows)


def test_a_waiting_batch_can_be_written_again(office: Office, file: Path) -> None:
    """A prepared batch whose folder is lost can be written again, and is delivered then."""
    content = _staged(file).read_bytes()
    shutil.rmtree(file.parent)
    write_again(office.book, 1, None)
    assert file.read_bytes() == content
    assert (_recover(office), _batch(office).state) == ([], "delivered")


def test_undoing_deletes_the_staged_file(office: Office, file: Path) -> None:
    """The staged file of an undone batch is deleted."""
    delivery.undo(office.book, 1)
    assert (list(file.parent.iterdir()), _recover(office)) == ([], [])
    assert _batch(office).state == "undone"


def test_a_file_that_cannot_have_its_name_fails(office: Office) -> None:
    """If the file of one account cannot get its name, its batch fails with the reason; the others are delivered."""
    office.arrive(account=0)
    office.arrive(account=1)
    main, savings = _prepare(office)
    assert main.path
    assert savings.path
    rows = _ids(_staged(main.path))
    main.path.mkdir()
    with pytest.raises(DeliveryFailed, match=r"cannot be written: Is a directory") as refused:
        delivery.deliver(office.book, [1, 2])
    assert refused.value.exit_code == 8
    assert [(one.state, one.reason) for one in Batches(office.book).all()] == [
        ("failed", refused.value.message),
        ("delivered", ""),
    ]
    assert sorted(office.folder.iterdir()) == sorted([main.path, savings.path])
    (done,) = office.export(New(TODAY), to=office.folder / "elsewhere")
    assert _ids(done.path) == rows


def test_a_batch_that_cannot_be_recovered_has_failed(office: Office, file: Path) -> None:
    """An interrupted batch whose file cannot get its name fails, with a message; other exports go on."""
    rows = _ids(_staged(file))
    file.mkdir()
    again, (recovered,) = export(office.request(New(TODAY), to=office.folder / "elsewhere"), office.accounts)
    (done,) = [batch for one in again for batch in one.batches]
    assert recovered.message.startswith("Batch 1 was interrupted, and has failed: ")
    assert recovered.message.endswith("Nothing of it was written.")
    assert (recovered.delivered, recovered.in_place) == (False, False)
    assert (_batch(office).state, done.number, _ids(done.path)) == ("failed", 2, rows)


def test_several_batches_are_recovered_together(office: Office, file: Path) -> None:
    """All interrupted batches are recovered together."""
    office.arrive(account=1)
    (done,) = _prepare(office)
    sentences = _recover(office)
    assert [sentence[:7] for sentence in sentences] == ["Batch 1", "Batch 2"]
    assert {one.state for one in Batches(office.book).all()} == {"delivered"}
    assert (len(_ids(file)), len(_ids(done.path)), _recover(office)) == (2, 1, [])


def test_a_recovered_file_is_not_overwritten(office: Office) -> None:
    """An export does not overwrite a file that was recovered at the same path just before."""
    office.arrive()
    file = office.folder / "bank.csv"
    _prepare(office, between(TODAY, TODAY), office.accounts[:1], file)
    office.world.clock.advance(days=1)
    office.arrive()
    with suppress(DeliveryFailed):
        office.export(between(TOMORROW, TOMORROW), accounts=office.accounts[:1], to=file)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == _batch(office).sha256


def test_a_failed_batch_makes_nothing_new(office: Office) -> None:
    """Rows older than the first day do not become new because an export of their period failed."""
    office.arrive()
    done = office.folder / f"tool_hauptkonto-0010_{between(TODAY, TODAY).name}.csv"
    done.mkdir(parents=True)
    with pytest.raises(DeliveryFailed):
        office.export(between(TODAY, TODAY), accounts=office.accounts[:1])
    assert _batch(office).state == "failed"
    assert office.export(New(TOMORROW), to=office.folder / "elsewhere") == []


def test_a_repeated_export_delivers_the_recovered_file(office: Office) -> None:
    """An export that is repeated after a kill delivers the recovered file, and does not make a second batch."""
    keys = office.arrive(2)
    today = between(TODAY, TODAY)
    _prepare(office, today, office.accounts[:1])
    (done,) = office.export(today, accounts=office.accounts[:1])
    assert (done.number, done.rows, _ids(done.path)) == (1, 2, keys)
    assert [batch.state for batch in Batches(office.book).all()] == ["delivered"]


@pytest.mark.parametrize("state", ["delivered", "undone"])
def test_a_batch_that_is_finished_already_is_not_changed(office: Office, file: Path, state: str) -> None:
    """A batch that another process has delivered or undone meanwhile is not changed, and there is no message."""
    if state == "delivered":
        delivery.finish(office.book, 1)
    else:
        delivery.undo(office.book, 1)
    before = _batch(office)
    assert (delivery.finish(office.book, 1), _batch(office), before.state) == (None, before, state)
    delivery.deliver(office.book, [1])
    assert (_batch(office), file.exists()) == (before, state == "delivered")


def test_an_unknown_batch_is_not_finished(office: Office) -> None:
    """A batch that does not exist cannot be finished."""
    with pytest.raises(InvalidInput, match="There is no batch 7"):
        delivery.finish(office.book, 7)


@pytest.mark.parametrize("looks", [1, 2])
def test_another_run_finishes_the_batch_meanwhile(
    office: Office, file: Path, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    """A batch whose file another run names between two looks of this one is delivered, and has not failed."""
    look, seen = disk.sha256_of, list[Path]()

    def late(path: Path) -> str:
        found = look(path)
        seen.append(path)
        if len(seen) == looks:
            disk.finish(file, _key())
        return found

    monkeypatch.setattr(disk, "sha256_of", late)
    (recovered,) = delivery.recover_interrupted(office.book)
    assert (recovered.delivered, _batch(office).state) == (True, "delivered")
    assert _nothing_is_new(office)


def test_a_file_that_others_change_all_the_time(office: Office, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of whose file nothing certain is found stays prepared: its rows do not become new."""

    def moving(*_: object) -> None:
        raise FileExistsError

    monkeypatch.setattr(disk, "finish", moving)
    (recovered,) = delivery.recover_interrupted(office.book)
    assert "is being changed by another process" in recovered.message
    assert (recovered.is_open, _batch(office).state, _staged(file).exists()) == (True, "prepared", True)
