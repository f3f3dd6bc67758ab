"""Exports that are killed, and two exports at once: no row is lost, and no row is exported twice."""

import csv
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from primanota.book import Batches, Book
from tests.support import environment
from tests.support.books.book_world import World, journal_of

_PROFILE = """
title = "A tool that looks for no duplicates"
format = "csv"
source = "invented"
[options]
columns = [["id", "{id}"], ["amount", "{amount}"]]
"""
# Each kills the process by SIGKILL, which cannot be caught, at the moment that its key names.
_DEATHS = {
    "begun": "export.stage = die",
    "staged": "stage = disk.stage; disk.stage = lambda *words: (stage(*words), die())",
    "written down": "record = Batches.record; Batches.record = lambda *words: (record(*words), die())",
    "decided": "export.deliver = die",
    "about to be named": "disk.finish = die",
    "named": "finish = disk.finish; disk.finish = lambda *words: (finish(*words), die())",
}
_DIE = """
import os, signal, sys
from primanota.app.exporting import export
from primanota.adapters.storage import disk
from primanota.book import Batches
from primanota.cli import main
def die(*words, **more): os.kill(os.getpid(), signal.SIGKILL)
{death}
sys.exit(main(sys.argv[1:]))
"""


class Shell:
    """Exports of the new rows, each in a process of its own and to a folder of its own."""

    def __init__(self, here: World, home: Path) -> None:
        self.home = home
        self.profile = home / "tool.toml"
        self.profile.write_text(_PROFILE, encoding="utf-8")
        self._here = here
        self._turn = 0

    def start(self, death: str = "") -> subprocess.Popen[str]:
        """Start ``export --new`` to a new folder."""
        self._turn += 1
        code = _DIE.format(death=death)
        words = [
            "export",
            str(self.profile),
            "--new",
            "--since",
            "2020-01-01",
            "--to",
            str(self.home / f"{self._turn}"),
        ]
        book = self._here.book.path
        variables = environment.plain(PRIMANOTA_HOME=str(self.home), PRIMANOTA_LOGIN=book.stem)
        return environment.start([sys.executable, "-c", code, *words], variables)

    def export(self, death: str = "") -> tuple[int, str]:
        """Export once; return the exit code and the standard error."""
        process = self.start(death)
        _, stderr = process.communicate(timeout=60)
        return process.returncode, stderr

    def rows_in_files(self) -> Counter[str]:
        """Return how often each row is in a file with its final name."""
        return Counter(_ids(self.home.glob("*/*.csv")))


def _ids(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from (row["id"] for row in csv.DictReader(lines))


def _completed(here: World) -> Counter[str]:
    rows = (row for one in journal_of(here.book).accounts() for row in here.simulator.bank.truth(one.id))
    return Counter(row["id"] for row in rows if row["status"] == "completed")


@pytest.fixture
def shell(world: Callable[..., World], tmp_path: Path) -> tuple[World, Shell]:
    """Return a company and a shell whose commands find the company's book."""
    here = world(size=300)
    here.sync()
    home = tmp_path / "a home"
    (home / "books").mkdir(parents=True)
    (home / "books" / here.book.path.name).symlink_to(here.book.path)
    return here, Shell(here, home)


@pytest.mark.parametrize("moment", _DEATHS)
def test_killed(moment: str, shell: tuple[World, Shell]) -> None:
    """An export killed at any step and then repeated writes each row once, and reports the interruption."""
    here, person = shell
    code, _ = person.export(_DEATHS[moment])
    assert code == -signal.SIGKILL
    code, stderr = person.export()
    assert code == 0
    assert person.rows_in_files() == _completed(here)
    assert ("was interrupted" in stderr) == (moment in {"decided", "about to be named", "named"})
    assert not list(person.home.rglob("*.part")) or moment in {"staged", "written down"}


def test_killed_again_and_again(shell: tuple[World, Shell]) -> None:
    """Exports of which all but the last are killed, while rows arrive, write each row to one file."""
    here, person = shell
    for death in _DEATHS.values():
        here.simulator.bank.arrive(4)
        here.clock.advance(hours=30)
        here.sync()
        person.export(death)
        person.export(_DEATHS["decided"])
    person.export()
    assert person.rows_in_files() == _completed(here)
    assert person.export()[1].count("was interrupted") == 0


def test_a_file_that_was_imported_after_a_kill_is_not_written_again(shell: tuple[World, Shell]) -> None:
    """A file that is gone after its export was killed is not written again unasked, and the exit code says so."""
    here, person = shell
    person.export(_DEATHS["named"])
    taken = [file for file in person.home.glob("*/*.csv") if file.stat().st_size]
    imported = Counter(_ids(taken))
    for file in taken:
        file.unlink()
    code, stderr = person.export()
    assert code == 8
    assert "it is not known whether it arrived" in stderr
    assert "batches again 1" in stderr
    assert imported + person.rows_in_files() == _completed(here)


def test_two_at_once(shell: tuple[World, Shell]) -> None:
    """Two processes that export the new rows at the same time export each row once, and both succeed."""
    here, person = shell
    both = [person.start(), person.start()]
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    assert person.rows_in_files() == _completed(here)
    with Book(here.book.path, here.clock.micros) as book:
        assert all(batch.state == "delivered" for batch in Batches(book).all())
