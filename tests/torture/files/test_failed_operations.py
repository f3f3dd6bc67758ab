"""Whichever operation of a run fails or ends it: each row is in one file, or the exit code says why not."""

import random
from pathlib import Path

import pytest

from tests.torture.files import small_disks
from tests.torture.files.campaigns import OPERATIONS, begins, troubled
from tests.torture.files.operations import Operation
from tests.torture.files.oracle import broken_rules
from tests.torture.files.troubles import FAULTS, failing, killing
from tests.torture.files.world import PLACES, World, company

_CASES = 4
# Operations that change a file or a host, and are not many of one kind: each of them is always tried.
_TELLING = {"link", "rename", "sql commit", "s3 put", "mail"}


def _operations(place: str, folder: Path) -> list[Operation]:
    """Return the operations of an undisturbed export."""
    folder.mkdir()
    world = World(folder, place, begin=company().synced)
    process = world.process()
    with world.open():
        assert world.run(*world.words("export"), process=process).code == 0
    return process.operations


@pytest.mark.parametrize("place", PLACES)
def test_the_campaigns_have_every_operation(tmp_path: Path, place: str) -> None:
    """The campaigns try at least as many operations as a run has."""
    for number, begin in enumerate(begins()):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = World(folder, place, begin=begin)
        process = world.process()
        with world.open():
            ended = world.run(*world.words("run"), process=process)
        assert ended.code == 0, ended.text
        assert len(process.operations) < OPERATIONS[place]


@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_is_killed(tmp_path: Path, place: str) -> None:
    """A run that is killed at an operation is completed by the next one: nothing is lost, and nothing is twice."""
    chance = random.Random(f"kill {place}")  # noqa: S311 - which case, not which secret
    operations = _operations(place, tmp_path / "all")
    telling = [one.number for one in operations if one.kind in _TELLING]
    for number in sorted({*chance.sample(telling, _CASES), *chance.sample(range(1, len(operations)), _CASES // 2)}):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = World(folder, place, begin=company().synced)
        assert list(troubled(world, killing(number), "export")) == [], operations[number - 1]


@pytest.mark.parametrize("place", PLACES)
def test_a_run_whose_operation_fails(tmp_path: Path, place: str) -> None:
    """A run of which one operation fails says so, or it does not matter; the next runs complete it."""
    chance = random.Random(f"fail {place}")  # noqa: S311 - as above
    operations = _operations(place, tmp_path / "all")
    telling = [one.number for one in operations if one.kind in _TELLING]
    for number in sorted({*chance.sample(telling, _CASES), *chance.sample(range(1, len(operations)), _CASES)}):
        fault, stays = chance.randrange(FAULTS), chance.random() < 0.3
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = World(folder, place, begin=company().synced)
        trouble = failing(number, fault, stays=stays)
        assert list(troubled(world, trouble, "export")) == [], (operations[number - 1], fault, stays)


def test_a_commit_that_fails_leaves_no_staged_file(tmp_path: Path) -> None:
    """If the batches of an export cannot be recorded, their staged files are removed."""
    operations = _operations("local", tmp_path / "all")
    staged = max(one.number for one in operations if one.kind == "close" and one.subject.startswith("files/"))
    commit = next(one.number for one in operations[staged:] if one.kind == "sql commit")
    (tmp_path / "one").mkdir()
    world = World(tmp_path / "one", "local", begin=company().synced)
    with world.open():
        ended = world.run(*world.words("export"), process=world.process(failing(commit, 0)))
    assert ended.code == 3
    assert world.left_over() == []
    assert list(broken_rules(world, [ended], whole=True)) == []


def test_a_file_that_got_its_name_although_a_call_failed(tmp_path: Path) -> None:
    """A batch whose file has its name has not failed: its rows are not new, and do not leave again."""
    operations = _operations("local", tmp_path / "all")
    first = next(one.number for one in operations if one.kind == "link")
    for number in (first, first + 1):
        for fault in (4, 5):
            folder = tmp_path / f"{number}-{fault}"
            folder.mkdir()
            world = World(folder, "local", begin=company().synced)
            assert list(troubled(world, failing(number, fault), "export")) == [], (operations[number - 1], fault)


def test_a_lock_that_cannot_be_released(tmp_path: Path) -> None:
    """An error after the book was put back does not keep the run from sending its mail."""
    operations = _operations("shared", tmp_path / "all")
    mail = next(one.number for one in operations if one.kind == "mail")
    for one in operations[mail - 20 : mail]:
        if one.subject.startswith("share/"):
            folder = tmp_path / f"{one.number}"
            folder.mkdir()
            world = World(folder, "shared", begin=company().synced)
            assert list(troubled(world, failing(one.number, 4), "export")) == [], one


@pytest.mark.parametrize("files", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("place", "disk", "step"), [("local", "files", 120), ("local", "tmp", 3000), ("shared", "share", 90_000)]
)
def test_a_disk_that_is_too_small(tmp_path: Path, place: str, disk: str, step: int, files: str) -> None:
    """An export to a disk without room leaves no part of a file, and succeeds when there is room."""
    for number in range(4):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        world = World(folder, place, begin=company().synced, format=files)
        room = small_disks.used(folder / disk) + number * step
        trouble = small_disks.holding(folder / disk, room)
        assert list(troubled(world, trouble, "export", whole=True)) == [], room


def test_a_book_without_room(tmp_path: Path) -> None:
    """A run whose book cannot grow stores nothing half, and leaves no staged file."""
    pages = len(company().first.book) // 16_384
    for more in range(0, 12, 2):
        folder = tmp_path / f"{more}"
        folder.mkdir()
        world = World(folder, "local", begin=company().first)
        with world.open(), small_disks.limited_books(pages + more):
            ended = world.run(*world.words("run"), process=world.process())
        assert list(broken_rules(world, [ended], whole=True)) == [], more


@pytest.mark.parametrize("disk", ["files", "tmp"])
def test_a_real_disk_that_is_too_small(tmp_path: Path, disk: str) -> None:
    """The same holds for a file system of some kilobytes, where the system itself reports the error."""
    for kilobytes in (16, 24, 40):
        folder = tmp_path / f"{kilobytes}"
        (folder / disk).mkdir(parents=True)
        with small_disks.mounted(folder / disk, kilobytes) as allowed:
            if not allowed:
                pytest.skip("this user may not mount a file system")
            world = World(folder, "local", format="xlsx")
            ended = world.run(*world.words("run"))
            small_disks.enlarge(folder / disk)
            assert list(broken_rules(world, [ended])) == [], kilobytes
