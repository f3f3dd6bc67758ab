"""The last step of a batch, where it stopped before: whatever is found, its rows left once, and the book knows it."""

import hashlib
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from primanota.adapters.storage import disk
from primanota.app.batches import undo, write_again
from primanota.app.export import export, preview, stage
from primanota.book import Batches
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.model import Account
from primanota.core.period import between
from primanota.core.results import Batch
from primanota.core.selection import New, Selection
from primanota.export import delivery
from primanota.export.build import staging_mark
from tests.support.book_world import Office
from tests.support.clock import NOON
from tests.support.csv_files import rows_of

TODAY = NOON.date()
TOMORROW = TODAY + timedelta(1)
_NEW = New(TODAY)


def _prepare(
    office: Office, selection: Selection = _NEW, accounts: list[Account] | None = None, to: Path | None = None
) -> list[Batch]:
    """Do everything that an export does before its files get their names: as if it was killed then."""
    done = stage(office.request(selection, to=to), office.accounts if accounts is None else accounts)
    return [batch for one in done for batch in one.batches]


@pytest.fixture
def file(office: Office) -> Path:
    """Where the file of a prepared batch of two rows belongs."""
    office.arrive(2)
    (done,) = _prepare(office)
    assert done.path
    return done.path


def _staged(file: Path, number: int = 1) -> Path:
    return disk.staged(file, staging_mark(number))


def _batch(office: Office, number: int = 1) -> Batch:
    return office.batches.one(number)


def _settle(office: Office) -> list[str]:
    """Finish what was interrupted; what one is told of it."""
    return [one.message for one in delivery.recover_interrupted(office.book)]


def _ids(*files: Path | None) -> list[str]:
    return [row["Id"] for row in rows_of(*files)]


def _nothing_is_new(office: Office) -> bool:
    return office.export(New(TODAY), to=office.folder / "elsewhere") == []


def test_prepared_rows_count_as_sent(office: Office, file: Path) -> None:
    """Until somebody settles it, a prepared batch is no file yet, and its rows are not new for anybody who looks."""
    assert (_batch(office).state, file.exists(), _staged(file).exists()) == ("prepared", False, True)
    rows = preview(office.request(New(TODAY)), office.accounts[0]).cells
    left = preview(office.request(between(TODAY, TODAY)), office.accounts[0]).already_exported
    assert (len(rows), left) == (1, {1: 2})


def test_a_staged_file_gets_its_name(office: Office, file: Path) -> None:
    """Where the staged file is still there, the other one had not arrived: it gets its name, and one is told."""
    staged = _staged(file).read_bytes()
    (settled,) = delivery.recover_interrupted(office.book)
    assert (settled.batch.path, *settled[1:]) == (
        file,
        f"Batch 1 was interrupted; its file is at {file} now.",
        True,
        True,
    )
    assert _batch(office).state == "delivered"
    assert (file.read_bytes(), list(file.parent.iterdir())) == (staged, [file])
    assert _nothing_is_new(office)


def test_a_file_that_had_arrived_is_delivered(office: Office, file: Path) -> None:
    """Where the file had its name already, only the book learns of it, and nothing is written again."""
    disk.finish(file, staging_mark(1))
    before = file.stat().st_ino
    (settled,) = delivery.recover_interrupted(office.book)
    assert settled.message == f"Batch 1 was interrupted after its file had arrived at {file}."
    assert (settled.batch.path, settled.delivered, settled.in_place) == (file, True, True)
    assert (_batch(office).state, file.stat().st_ino, _nothing_is_new(office)) == ("delivered", before, True)


@pytest.mark.parametrize("instead", [None, b"another month"])
def test_a_file_that_arrived_and_is_gone_is_delivered(office: Office, file: Path, instead: bytes | None) -> None:
    """Where somebody took the file away, or put another there, it had arrived: its rows are not sent again."""
    disk.finish(file, staging_mark(1))
    content = file.read_bytes()
    file.unlink()
    if instead:
        file.write_bytes(instead)
    (settled,) = delivery.recover_interrupted(office.book)
    assert settled.message.endswith("it is gone since: “primanota batches again 1” writes it again.")
    assert (settled.delivered, settled.in_place) == (True, False)
    assert (_batch(office).state, _nothing_is_new(office)) == ("delivered", True)
    assert (file.read_bytes() if instead else None) == instead
    assert write_again(office.book, 1, office.folder / "again.csv")[1].read_bytes() == content


def test_where_its_folder_is_not_there_it_waits(office: Office, file: Path, tmp_path: Path) -> None:
    """While nobody can see whether the file arrived, its rows count as sent and one is told; later it is settled."""
    away = tmp_path / "away"
    file.parent.rename(away)
    for _ in range(2):
        (settled,) = delivery.recover_interrupted(office.book)
        assert f"{file.parent} is not there" in settled.message
        assert "Its rows count as exported" in settled.message
        assert (settled.delivered, settled.in_place) == (False, False)
        assert (_batch(office).state, file.parent.exists()) == ("prepared", False)
    away.rename(file.parent)
    assert _nothing_is_new(office)
    assert (_batch(office).state, len(_ids(file))) == ("delivered", 2)


def test_what_waits_can_be_undone(office: Office, file: Path) -> None:
    """A prepared batch whose folder is gone for good can be undone: its rows are new again."""
    rows = _ids(_staged(file))
    shutil.rmtree(file.parent)
    undo(office.book, 1)
    (done,) = office.export(New(TODAY), to=file.with_name("other"))
    assert (_batch(office).state, _ids(done.path)) == ("undone", rows)


def test_what_waits_can_be_written_again(office: Office, file: Path) -> None:
    """The file of a prepared batch whose folder is gone can be had; once it is there, the batch is delivered."""
    content = _staged(file).read_bytes()
    shutil.rmtree(file.parent)
    write_again(office.book, 1, None)
    assert file.read_bytes() == content
    assert (_settle(office), _batch(office).state) == (
        [f"Batch 1 was interrupted after its file had arrived at {file}."],
        "delivered",
    )


def test_undoing_leaves_nothing_staged(office: Office, file: Path) -> None:
    """An undone batch's staged file never gets a name later."""
    delivery.undo(office.book, 1)
    assert (list(file.parent.iterdir()), _settle(office)) == ([], [])
    assert _batch(office).state == "undone"


def test_a_file_that_cannot_have_its_name_fails(office: Office) -> None:
    """Where one account's file cannot have its name, its batch has failed and says why; the others are delivered."""
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


def test_what_cannot_be_settled_is_told(office: Office, file: Path) -> None:
    """An interrupted batch whose file cannot have its name stops no other export: it has failed, and one is told."""
    rows = _ids(_staged(file))
    file.mkdir()
    again, (settled,) = export(office.request(New(TODAY), to=office.folder / "elsewhere"), office.accounts)
    (done,) = [batch for one in again for batch in one.batches]
    assert settled.message.startswith("Batch 1 was interrupted, and has failed: ")
    assert settled.message.endswith("Nothing of it was written.")
    assert (settled.delivered, settled.in_place) == (False, False)
    assert (_batch(office).state, done.number, _ids(done.path)) == ("failed", 2, rows)


def test_several_are_settled_together(office: Office, file: Path) -> None:
    """Each batch that was interrupted is settled, in one go, by whoever comes next."""
    office.arrive(account=1)
    (done,) = _prepare(office)
    told = _settle(office)
    assert [sentence[:7] for sentence in told] == ["Batch 1", "Batch 2"]
    assert {one.state for one in Batches(office.book).all()} == {"delivered"}
    assert (len(_ids(file)), len(_ids(done.path)), _settle(office)) == (2, 1, [])


def test_a_file_that_just_got_its_name_is_not_written_over(office: Office) -> None:
    """What an export has just settled at its own place nobody can have imported: it does not replace that file."""
    office.arrive()
    file = office.folder / "bank.csv"
    _prepare(office, between(TODAY, TODAY), office.accounts[:1], file)
    office.world.clock.advance(days=1)
    office.arrive()
    with suppress(DeliveryFailed):
        office.export(between(TOMORROW, TOMORROW), accounts=office.accounts[:1], to=file)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == _batch(office).sha256


def test_a_failed_batch_makes_nothing_new(office: Office) -> None:
    """Rows older than the first day stay out of --new, though an export of their period was tried and failed."""
    office.arrive()
    done = office.folder / f"tool_hauptkonto-0010_{between(TODAY, TODAY).name}.csv"
    done.mkdir(parents=True)
    with pytest.raises(DeliveryFailed):
        office.export(between(TODAY, TODAY), accounts=office.accounts[:1])
    assert _batch(office).state == "failed"
    assert office.export(New(TOMORROW), to=office.folder / "elsewhere") == []


def test_what_was_asked_for_is_brought_by_what_was_settled(office: Office) -> None:
    """An export that was killed and is run again brings its file once, and succeeds: there is no second batch."""
    keys = office.arrive(2)
    today = between(TODAY, TODAY)
    _prepare(office, today, office.accounts[:1])
    (done,) = office.export(today, accounts=office.accounts[:1])
    assert (done.number, done.rows, _ids(done.path)) == (1, 2, keys)
    assert [batch.state for batch in Batches(office.book).all()] == ["delivered"]


@pytest.mark.parametrize("state", ["delivered", "undone"])
def test_what_somebody_else_finished_is_left_alone(office: Office, file: Path, state: str) -> None:
    """Of several who finish a batch one does it: the next finds it done, says nothing and changes nothing."""
    if state == "delivered":
        delivery.finish(office.book, 1)
    else:
        delivery.undo(office.book, 1)
    before = _batch(office)
    assert (delivery.finish(office.book, 1), _batch(office), before.state) == (None, before, state)
    delivery.deliver(office.book, [1])
    assert (_batch(office), file.exists()) == (before, state == "delivered")


def test_a_batch_that_is_not_there_is_not_finished(office: Office) -> None:
    """Nobody made this batch, so nobody can finish it."""
    with pytest.raises(InvalidInput, match="There is no batch 7"):
        delivery.finish(office.book, 7)
