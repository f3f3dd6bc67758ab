"""The command line, called in this process, with a simulated bank on a real socket."""

import json
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from tests.support.clock import Clock


class Said(NamedTuple):
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - a JSON value
        """The one JSON document that ``--json`` printed."""
        return json.loads(self.out)


class Terminal(NamedTuple):
    """The command line, with a simulated bank."""

    simulator: Simulator
    clock: Clock
    home: Path
    capsys: pytest.CaptureFixture[str]

    def type(self, *words: str) -> Said:
        """Run a command."""
        code = main(list(words), partial(Workspace, clock=self.clock))
        return Said(code, *self.capsys.readouterr())

    @property
    def exports(self) -> Path:
        """The default folder of exported files."""
        return self.home / "exports"

    @property
    def book(self) -> Path:
        """The path of the book."""
        return self.home / "books" / f"{self.simulator.login}.book"

    def sync(self) -> None:
        """Sync the book a minute later."""
        self.clock.advance(minutes=1)
        assert self.type("sync").code == 0

    def arrive(self, rows: int = 1) -> list[str]:
        """Let rows arrive and settle, a minute apart, and sync; return their ids."""
        found = []
        for _ in range(rows):
            self.clock.advance(minutes=1)
            found += self.simulator.bank.arrive(1)
        self.sync()
        return found

    def edit(self, key: str, **fields: object) -> None:
        """Change a row at the bank, by the bank's names of fields, and sync."""
        self.simulator.bank.edit(key, **fields)
        self.sync()
