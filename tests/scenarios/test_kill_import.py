"""An import that is killed at any moment stored everything or nothing, and the same command completes it."""

import signal
import sys
from datetime import date, timedelta
from pathlib import Path

from primanota.banks import connector
from primanota.book import Book
from primanota.book.journal import Journal
from tests.support import environment
from tests.support.banks.camt_files import Booked, document, slices

_DAY = date(2026, 10, 1)
_FIRST, _SECOND = 10, 610
_ROWS = [Booked(_DAY + timedelta(days=place // 50), place - 500, f"Rechnung {place}") for place in range(_SECOND)]
# Each kills the process by SIGKILL, which cannot be caught, at the moment that its key names.
_DEATHS = {
    "checked": "statement_files.FiledStatement = die",
    "500 rows": "die_after('append', 1)",
    "600 rows": "die_after('append', 2)",
    "account stored": "die_after('append', 4)",
    "proven": "die_after('set_proof_state', 1)",
    "committed": "output.result = die",
}
_DIE = """
import os, signal, sys
from primanota.banks.camt import statements as statement_files
from primanota.book import Book
from primanota.cli.terminal import output
from primanota.cli import main
def die(*words, **more): os.kill(os.getpid(), signal.SIGKILL)
def die_after(name, count):
    before, left = getattr(Book, name), iter(range(count - 1, -1, -1))
    setattr(Book, name, lambda *words, **more: (before(*words, **more), next(left) or die())[0])
{death}
sys.exit(main(sys.argv[1:]))
"""


def _import(home: Path, name: str, death: str = "") -> int:
    words = [sys.executable, "-c", _DIE.format(death=death), "import", str(home / name)]
    process = environment.start(words, environment.plain(PRIMANOTA_HOME=str(home)))
    process.communicate(timeout=60)
    return process.returncode


def _rows(home: Path) -> list[tuple[str, int | None]]:
    (path,) = (home / "books").glob("*.book")
    with Book(path, lambda: 0) as book:
        assert book.is_sound()
        accounts = Journal(book, connector()).accounts()
        return [(row.id, row.balance) for one in accounts for row in book.booked_rows(one.id)]


def _home(folder: Path) -> Path:
    first, second = slices(_ROWS, [(0, _FIRST), (_FIRST, _SECOND)], 100_00)
    folder.mkdir()
    (folder / "first.xml").write_bytes(document(first))
    (folder / "second.xml").write_bytes(document(second))
    assert _import(folder, "first.xml") == 0
    return folder


def test_killed_while_importing(tmp_path: Path) -> None:
    """After each kill a book has all rows of a file or none of them; the next import has each row once, proven."""
    killed, whole = _home(tmp_path / "killed"), _home(tmp_path / "whole")
    before = _rows(killed)
    assert len(before) == _FIRST
    for moment, death in _DEATHS.items():
        assert _import(killed, "second.xml", death) == -signal.SIGKILL, moment
        assert len(_rows(killed)) == (_SECOND if moment == "committed" else _FIRST), moment
    assert _import(killed, "second.xml") == _import(whole, "second.xml") == 0
    assert _rows(killed) == _rows(whole)
    assert len(_rows(killed)) == _SECOND


def test_killed_while_beginning_a_book(tmp_path: Path) -> None:
    """A book whose first import is killed has no rows, and is begun by the same command."""
    (tmp_path / "first.xml").write_bytes(document(*slices(_ROWS, [(0, _FIRST)], 100_00)))
    for moment in ("600 rows", "account stored"):
        assert _import(tmp_path, "first.xml", _DEATHS[moment]) == -signal.SIGKILL, moment
        assert (tmp_path / "books").exists() is False or _rows(tmp_path) == []
    assert _import(tmp_path, "first.xml") == 0
    assert len(_rows(tmp_path)) == _FIRST
