"""A book of an older program whose update is killed: the next command completes it, with every row and hash."""

import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from primanota import profiles
from primanota.app.exporting.export import export
from primanota.app.reviewing.review import Review
from primanota.book import Book
from primanota.book.file import connection as book_connection
from primanota.book.file import schema
from primanota.core.errors import ConfigurationError
from primanota.core.selection import New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support import environment
from tests.support.books.book_assertions import differences
from tests.support.books.book_world import CONNECTOR, World, journal_of
from tests.support.books.full_review import full_review, plain
from tests.support.books.older_book import write_older
from tests.support.clock import NOON, Clock

_TODAY = NOON.date()
_OLDER = 2  # the migrations that version 0.1.0 knew
_TICK = 1_000  # instructions of SQLite
# A small cache, so that much of what is not committed yet is in SQLite's log already.
_CACHE = "PRAGMA cache_size = 8"
_WITH_DEATH = f"""
import os, signal, sys
from itertools import count
from primanota.book.file import connection, database
from primanota.book.records import index
from primanota import banks
from primanota.cli import main
def die(*words): os.kill(os.getpid(), signal.SIGKILL)
numbers = count(1)
def die_at(last): next(numbers) == last and die()
def with_ticks(last):
    configure = connection._configure
    def configure_all(opened):
        configure(opened)
        opened.execute("{_CACHE}")
        opened.set_progress_handler(lambda: die_at(last), {_TICK})
    connection._configure = configure_all
def with_pages(last):
    index._ROWS_AT_ONCE = 100
    banks.Silent.page = lambda *_: die_at(last)
def after_migration():
    migrate = database.migrate
    database.migrate = lambda *words: (migrate(*words), die())
{{death}}
sys.exit(main(sys.argv[1:]))
"""


class _Home:
    """A home with the book of an older program, and commands in processes of their own."""

    def __init__(self, here: World, folder: Path) -> None:
        self.here = here
        self.book = folder / "books" / here.book.path.name
        self.book.parent.mkdir(parents=True)
        self._folder = folder

    def kill(self, death: str) -> None:
        """Run a command that dies at a moment."""
        assert self.run("review", death=death)[0] == -signal.SIGKILL

    def run(self, *words: str, death: str = "") -> tuple[int, str]:
        """Run a command; return its exit code and its standard error."""
        code = _WITH_DEATH.format(death=death)
        variables = environment.plain(PRIMANOTA_HOME=str(self._folder))
        done = environment.run([sys.executable, "-c", code, *words, "--book", str(self.book)], variables)
        return done.returncode, done.stderr

    def versions(self) -> list[tuple[object, ...]]:
        """Return every version with its hash."""
        with closing(sqlite3.connect(self.book)) as opened:
            return opened.execute("SELECT * FROM version ORDER BY seq").fetchall()

    def ticks(self, monkeypatch: pytest.MonkeyPatch, place: Path) -> int:
        """Return how often SQLite's hook is called while a copy of the book is brought up to date."""
        shutil.copy(self.book, place)
        called, configure = [0], book_connection._configure

        def tick() -> None:
            called[0] += 1

        def configure_all(opened: sqlite3.Connection) -> None:
            configure(opened)
            opened.execute(_CACHE)
            opened.set_progress_handler(tick, _TICK)

        with monkeypatch.context() as patched:
            patched.setattr(book_connection, "_configure", configure_all)
            with Book(place, self.here.clock.micros):
                return called[0]


@pytest.fixture
def home(world: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Home:
    """Return a home whose book has 1,500 rows, which were all exported."""
    monkeypatch.setattr(Book, "_seal", lambda *_: None)  # as older programs
    here = world(size=1_500)
    here.sync()
    lexware, place = profiles.load("lexware"), Destinations(tmp_path / "files")
    export(Export(here.journal, lexware, New(_TODAY.replace(year=2020)), destinations=place), here.journal.accounts())
    here.book.close()
    made = _Home(here, tmp_path / "a home")
    write_older(made.book, here.book.path, _OLDER)
    return made


def test_an_update_is_killed_again_and_again(
    home: _Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    """Killed anywhere in it, the update of a book changes nothing; the next opening completes it.

    Killed after the migration, or while what rows lack is filled, the next command fills all of it.
    """
    before = home.versions()
    ticks = home.ticks(monkeypatch, tmp_path / "copy.book")
    assert ticks > 50
    spilled = 0
    for part in (1, 8, 10):
        home.kill(f"with_ticks({ticks * part // 10})")
        log = home.book.with_name(f"{home.book.name}-wal")
        spilled += log.exists() and log.stat().st_size > 0
        assert schema.is_older(home.book)
        assert home.versions() == before
    assert spilled
    for moment in ("after_migration()", "with_pages(3)"):
        home.kill(moment)
        with Book(home.book, clock.micros) as opened:
            assert next(opened.rows("PRAGMA user_version")) == (len(schema.MIGRATIONS),)
            assert (opened.lacks_rule, next(opened.rows("SELECT sum(lacks) FROM latest"))) == (0, (0,))
    _assert_completed(home, before, clock)


def _assert_completed(home: _Home, before: list[tuple[object, ...]], clock: Clock) -> None:
    assert home.run("review") == (0, "")
    assert home.run("check")[0] == ConfigurationError.exit_code  # all is proven, but there is no key to ask the bank
    assert home.versions() == before
    with Book(home.book, clock.micros) as book:
        journal = journal_of(book)
        assert next(book.rows("PRAGMA user_version")) == (len(schema.MIGRATIONS),)
        assert (book.lacks_rule, journal.verify(), book.is_sound()) == (CONNECTOR.lacks_rule, "", True)
        assert differences(home.here.simulator, book) == []
        assert plain(Review(journal, _TODAY).findings()) == full_review(journal, _TODAY) != []
