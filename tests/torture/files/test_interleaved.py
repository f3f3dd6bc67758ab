"""Several runs at once, paused at any operation: each row is in one file, and no run removes what is another's."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.torture.files import fence, schedule
from tests.torture.files.campaigns import OPERATIONS
from tests.torture.files.oracle import broken_rules
from tests.torture.files.schedule import Turn
from tests.torture.files.world import PLACES, World, company

_CASES = 5
# Schedules that once broke a rule: a put that another process completed was reported as a conflict.
_PUT_TWICE = (Turn(37, 0, sleeps=True), Turn(22, 1), Turn(59, 1))


def _broken(folder: Path, place: str, turns: tuple[Turn, ...], *, writers: int = 2) -> list[str]:
    folder.mkdir()
    world = World(folder, place, begin=company().synced)
    ended = schedule.interleaved(world, [world.words("export")] * writers, turns)
    return list(broken_rules(world, ended, whole=True, at_once=True))


@pytest.mark.parametrize("place", PLACES)
def test_runs_that_take_turns(tmp_path: Path, place: str) -> None:
    """Two or three runs that change turns at drawn operations, sleep and die, lose no row and write none twice."""
    chance = random.Random(f"turns {place}")  # noqa: S311 - which case, not which secret
    for number in range(_CASES):
        turns = schedule.drawn(chance, OPERATIONS[place])
        assert _broken(tmp_path / f"{number}", place, turns, writers=2 + number % 2) == [], turns


@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_sleeps_while_another_one_runs(tmp_path: Path, place: str) -> None:
    """A run that sleeps at an operation, for a moment or so long that its lock is stale, goes on without harm."""
    most = 153 if place == "local" else 200 if place == "s3" else 340
    for number in range(place != "local", most, most // _CASES):
        turns = (Turn(number, 0, sleeps=number % 3 == 0),)
        assert _broken(tmp_path / f"{number}", place, turns) == [], turns


@pytest.mark.parametrize(
    ("place", "first", "second"), [("s3", 34, 113), ("s3", 51, 121), ("shared", 70, 177), ("shared", 106, 206)]
)
def test_a_run_that_stages_while_another_one_delivers(tmp_path: Path, place: str, first: int, second: int) -> None:
    """A run that stages its files while another one is about to deliver the same rows does not remove the other's."""
    assert _broken(tmp_path / "one", place, (Turn(first, 0), Turn(second, 0))) == []


def test_a_run_whose_file_another_one_names(tmp_path: Path) -> None:
    """A run that pauses between two looks at its staged file, which another one names, has delivered it."""
    assert _broken(tmp_path / "one", "shared", (Turn(180, 0, sleeps=True), Turn(115, 1), Turn(115, 0))) == []


def test_two_runs_do_not_mail_one_file_twice(tmp_path: Path) -> None:
    """A file is attached to the letter of one run, also if another run writes its letter at the same moment."""
    for number in range(133, 139):
        assert _broken(tmp_path / f"{number}", "local", (Turn(number, 0),)) == [], number


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(turns=schedule.schedules(80))
def test_no_line_of_a_shared_book_is_lost(tmp_path_factory: pytest.TempPathFactory, turns: tuple[Turn, ...]) -> None:
    """A revision of a shared book has one successor, whichever processes sleep, and a put that failed is no put."""
    assert list(fence.broken_rules(tmp_path_factory.mktemp("share"), "shared", 3, turns)) == []


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(turns=schedule.schedules(20))
def test_no_line_of_a_book_in_s3_is_lost(tmp_path_factory: pytest.TempPathFactory, turns: tuple[Turn, ...]) -> None:
    """A put with the ETag of an older revision is refused."""
    assert list(fence.broken_rules(tmp_path_factory.mktemp("bucket"), "s3", 3, turns)) == []


def test_a_put_that_another_process_completed_is_a_put(tmp_path: Path) -> None:
    """A process that sleeps after its claim, while another one completes it, does not put its book twice."""
    assert list(fence.broken_rules(tmp_path, "shared", 3, _PUT_TWICE)) == []
