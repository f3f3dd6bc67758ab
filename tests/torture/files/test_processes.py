"""Real processes that are killed, stopped or interrupted at an operation of an export."""

from pathlib import Path

import pytest

from tests.torture.files import processes
from tests.torture.files.oracle import broken_rules
from tests.torture.files.world import World, company


@pytest.mark.parametrize("place", ["local", "shared"])
@pytest.mark.parametrize(("how", "at"), [("exit", 60), ("kill", 95), ("term", 110), ("interrupt", 75)])
def test_a_process_that_ends(tmp_path: Path, place: str, how: processes.How, at: int) -> None:
    """After a process ended at an operation, the next runs deliver each row once."""
    world = World(tmp_path, place, to=("folder",), begin=company().synced)
    with processes.in_trouble(world, world.words("export"), at, how) as ended:
        pass
    assert ended[0].code in {None, 0, 130}
    assert list(broken_rules(world, ended)) == []


@pytest.mark.parametrize("place", ["local", "shared"])
@pytest.mark.parametrize("at", [40, 90])
@pytest.mark.parametrize("minutes", [0, 20])
def test_a_process_that_is_stopped_and_continued(tmp_path: Path, place: str, at: int, minutes: int) -> None:
    """While a process is stopped, another one exports or says that the book is in use; then the first one goes on."""
    world = World(tmp_path, place, to=("folder",), begin=company().synced)
    words = world.words("export")
    with processes.in_trouble(world, words, at, "stop") as ended:
        world.clock.advance(minutes=minutes)
        other = world.run(*words)
    assert other.code in {0, 3}
    assert list(broken_rules(world, [*ended, other])) == []
