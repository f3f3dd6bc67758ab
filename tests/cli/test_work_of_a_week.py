"""How much of a book the weekly commands look at: counted in instructions of SQLite, so no clock is asked."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from primanota.simulator import Simulator
from tests.support.banks.altered_bank import AlteredBank
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock

_SMALL, _LARGE = 300, 1_500
_NEW = 5
_UNIT = 10
# Instructions for each old row. The balance before the new rows takes 4, the counts of a review 15.
_MOST = {"export": 15, "export --changed": 15, "run": 50, "review": 35, "status": 20, "sync": 15}


class _Counting(sqlite3.Connection):
    """A connection that counts the instructions that SQLite executes for it."""

    def __init__(self, *args: Any, count: list[int], **options: Any) -> None:  # noqa: ANN401 - those of a connection
        super().__init__(*args, **options)
        super().set_progress_handler(partial(count.append, _UNIT), _UNIT)

    def set_progress_handler(self, *_: object, **__: object) -> None:
        """Keep the handler that counts; a time limit of the program is not needed here."""


@contextmanager
def _counted() -> Iterator[list[int]]:
    """Yield a list that gets a number of instructions each time that a book's connection has executed them."""
    count: list[int] = []
    connect = partial(sqlite3.connect, factory=partial(_Counting, count=count))
    with patch("primanota.book.file.connection.sqlite3.connect", connect):
        yield count


def _words(command: str, home: Path) -> list[str]:
    """Return the words of a command, with those that a file needs."""
    what, *selection = command.split()
    if what not in {"run", "export"}:
        return [what]
    return [what, "lexware", *(selection or ("--new", "--since", "2000-01-01")), "--to", str(home)]


@pytest.fixture
def instructions(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> dict[str, list[int]]:
    """Return how many instructions each command takes for some new rows in a small book, and in a large one."""
    found: dict[str, list[int]] = {}
    for size in (_SMALL, _LARGE):
        home = tmp_path / str(size)
        home.mkdir()
        with Simulator(size=size, clock=clock) as simulator:
            monkeypatch.setenv("PRIMANOTA_HOME", str(home))
            monkeypatch.setenv("PRIMANOTA_API_URL", LOOPBACK)
            monkeypatch.setenv("PRIMANOTA_LOGIN", simulator.login)
            monkeypatch.setenv("PRIMANOTA_SECRET_KEY", simulator.secret)
            bank = AlteredBank(simulator, clock, capsys)
            exported = next(simulator.bank.truth(simulator.bank.account_ids()[0]))["id"]
            assert bank.run(*_words("run", home)).code == 0
            for command in _MOST:
                clock.advance(days=1)
                simulator.bank.arrive(_NEW)
                simulator.bank.edit(exported, reference=f"before {command}")
                if "export" in command:
                    assert bank.run("sync").code == 0
                with _counted() as count:
                    assert bank.run(*_words(command, home)).code == 0
                found.setdefault(command, []).append(sum(count))
    return found


def test_a_week_looks_at_what_is_new(instructions: dict[str, list[int]]) -> None:
    """For each row that was exported before, a weekly command executes a few instructions: those of sums and counts.

    A look at each old row, or at its versions and batches, would take many times as many.
    """
    more = _LARGE - _SMALL
    a_row = {words: (large - small) / more for words, (small, large) in instructions.items()}
    assert {words: found for words, found in a_row.items() if found > _MOST[words]} == {}
