"""A company without a key: settings with a folder of statements, and the statements that its bank puts into it."""

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from primanota.app.workspace import Workspace
from primanota.cli import main
from tests.support.banks.camt_files import Booked, document, slices
from tests.support.clock import Clock
from tests.support.screens.command_line import CommandResult

OPENING = 100_00
ROWS = [
    Booked(date(2026, 10, 5), 50_00, "Rechnung 1", ref="A1"),
    Booked(date(2026, 10, 12), -20_00, "Miete", ref="A2"),
    Booked(date(2026, 10, 19), 5_55, "Rechnung 2", ref="A3"),
]


class FilesCompany(NamedTuple):
    """A command line of a company whose bank gives files alone."""

    home: Path
    clock: Clock
    capsys: pytest.CaptureFixture[str]

    @property
    def inbox(self) -> Path:
        """The folder of statements."""
        return self.home / "inbox"

    def run(self, *words: str) -> CommandResult:
        """Run a command."""
        code = main(list(words), partial(Workspace, clock=self.clock))
        return CommandResult(code, *self.capsys.readouterr())

    def name_folder(self, login: str = "files") -> None:
        """Write settings that name the folder."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        settings = f"[organisation.{login}]\nstatements = {json.dumps(str(self.inbox))}\n"
        (self.home / "config.toml").write_text(settings, encoding="utf-8")

    def receive(self, *numbers: int, folder: Path | None = None) -> list[str]:
        """Put the statements of some rows into a folder, one for each; return their paths."""
        paths = []
        for number in numbers:
            path = (folder or self.inbox) / f"{number}.xml"
            path.write_bytes(statement_of([number]))
            paths.append(str(path))
        return paths


def statement_of(numbers: Sequence[int]) -> bytes:
    """Return a file with a statement for each of some rows."""
    return document(*slices(ROWS, [(one, one + 1) for one in numbers], OPENING))
