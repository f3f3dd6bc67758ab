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


class CommandResult(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - a JSON value
        """Return the JSON document that ``--json`` printed."""
        return json.loads(self.out)


class Terminal(NamedTuple):
    """The command line, with a simulated bank."""

    simulator: Simulator
    clock: Clock
    home: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> CommandResult:
        """Run a command."""
        code = main(list(words), partial(Workspace, clock=self.clock))
        return CommandResult(code, *self.capsys.readouterr())

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
        assert self.run("sync").code == 0

    def arrive(self, rows: int = 1) -> list[str]:
        """Add rows that settle, a minute apart, and sync; return their IDs."""
        found = []
        for _ in range(rows):
            self.clock.advance(minutes=1)
            found += self.simulator.bank.arrive(1)
        self.sync()
        return found

    def edit(self, key: str, **fields: object) -> None:
        """Edit the fields of a row at the bank, and sync."""
        self.simulator.bank.edit(key, **fields)
        self.sync()
