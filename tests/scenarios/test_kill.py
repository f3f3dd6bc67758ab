"""A sync that is killed at any moment is completed by the next sync."""

import random
import subprocess
from pathlib import Path

from primanota.book import Book
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import finish, served, start
from tests.support.books.book_assertions import differences
from tests.support.clock import Clock

_KILLS = 20
_SIZE = 1_500


def test_killed_twenty_times(tmp_path: Path) -> None:
    """After twenty kills at random requests and moments, the next sync completes the book: proven, and intact."""
    chance = random.Random(4711)  # noqa: S311 - which moments, not which secrets
    clock = Clock()
    with Simulator(size=_SIZE, clock=clock) as simulator, served(simulator) as url:
        died = 0
        for turn in range(3 * _KILLS):
            died += _kill_once(simulator, url, tmp_path, chance, by_request=turn % 3 > 0)
            simulator.bank.arrive(3)
            clock.advance(minutes=5)
            if died == _KILLS:
                break
        assert died == _KILLS
        code, _, err = finish(start(simulator, url, tmp_path, "sync"))
        assert (code, err) == (0, "")
        with Book(tmp_path / "books" / f"{simulator.login}.book", clock.micros) as book:
            assert book.is_sound()
            assert differences(simulator, book) == []


def _kill_once(simulator: Simulator, url: str, home: Path, chance: random.Random, *, by_request: bool) -> bool:
    """Start a sync and kill it at one of its requests or at a random moment; return whether it was killed."""
    process = start(simulator, url, home, "sync", *chance.choice([(), ("--full",)]))
    left = iter(range(chance.randrange(1, 28), -1, -1))
    if by_request:
        simulator.before_request = lambda _simulator, _path: None if next(left, 0) else process.kill()
    try:
        process.communicate(timeout=60 if by_request else chance.uniform(0.2, 1.5))
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    simulator.before_request = None
    return process.returncode < 0
