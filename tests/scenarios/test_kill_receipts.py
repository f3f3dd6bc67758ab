"""Fetching receipts that is killed at any moment is completed by the next run."""

import hashlib
import random
import subprocess
from pathlib import Path

from primanota.book import Book
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import finish, served, start
from tests.support.books.book_world import journal_of
from tests.support.clock import Clock

_KILLS = 8
_SIZE = 500


def test_killed_while_fetching(tmp_path: Path) -> None:
    """After kills at random moments each named file is there and whole, and the next run fetches the rest."""
    chance = random.Random(4711)  # noqa: S311 - which moments, not which secrets
    clock = Clock()
    with Simulator(size=_SIZE, clock=clock) as simulator, served(simulator) as url:
        assert finish(start(simulator, url, tmp_path, "sync"))[0] == 0
        book = tmp_path / "books" / f"{simulator.login}.book"
        died = 0
        while died < _KILLS:
            died += _kill_once(simulator, url, tmp_path, chance.randrange(2, 30))
            _assert_whole(book, clock)
        code, out, err = finish(start(simulator, url, tmp_path, "receipts"))
        assert (code, err) == (0, ""), out
        code, out, _ = finish(start(simulator, url, tmp_path, "check"))
        assert (code, "files whole" in out) == (0, True)
        with Book(book, clock.micros) as opened:
            assert list(journal_of(opened).receipts().wanted()) == []


def _kill_once(simulator: Simulator, url: str, home: Path, requests: int) -> bool:
    """Fetch, and kill the process at one of its requests; return whether it was killed."""
    process = start(simulator, url, home, "receipts")
    left = iter(range(requests, -1, -1))
    simulator.before_request = lambda _simulator, _path: None if next(left, 0) else process.kill()
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    simulator.before_request = None
    return process.returncode < 0


def _assert_whole(path: Path, clock: Clock) -> None:
    """Assert that each file that the book names is in its place, and each file in a place has its hash."""
    folder = path.with_suffix(".receipts")
    for file in folder.glob("??/*"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
    with Book(path, clock.micros) as book:
        assert all((folder / file.path).is_file() for file in journal_of(book).receipts().files())
