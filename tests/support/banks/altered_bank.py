"""A command line whose bank answers as a test alters it, without a socket."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from primanota.simulator.rate_limits import RateLimits
from tests.support.clock import Clock
from tests.support.screens.command_line import CommandResult

Alter = Callable[[httpx2.Request, httpx2.Response], httpx2.Response]


class Pieces(httpx2.SyncByteStream):
    """A body that arrives in pieces, perhaps without an end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces


class AlteredBank(httpx2.BaseTransport):
    """Passes requests to a simulator, counts them, and alters the answers; and runs commands over it.

    Args:
        simulator: the bank.
        clock: the clock of this machine.
        capsys: what the commands print.
    """

    def __init__(self, simulator: Simulator, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
        self.simulator = simulator
        self.clock = clock
        self.requests = 0
        self.alter: Alter = lambda _, answer: answer
        self._inner = simulator.transport()
        self._capsys = capsys

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        self.requests += 1
        self.simulator._state.limits = RateLimits()  # its clock stands still
        return self.alter(request, self._inner.handle_request(request))

    def run(self, *words: str) -> CommandResult:
        """Run a command."""
        self.requests = 0
        code = main(list(words), partial(Workspace, clock=self.clock, transport=self))
        return CommandResult(code, *self._capsys.readouterr())

    def alter_json(self, path: str, change: Callable[[Any], None]) -> None:
        """Change the data of all answers to a path that are no errors."""

        def alter(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
            content = answer.read()
            if request.url.path != path or not answer.is_success:
                return answer
            data = json.loads(content)
            change(data)
            return httpx2.Response(200, json=data)

        self.alter = alter

    def alter_row(self, key: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Change fields of a transaction, in each answer that has it."""

        def change(data: Any) -> None:  # noqa: ANN401 - any JSON value
            for row in data["transactions"]:
                if row["id"] == key:
                    row.update(fields)

        self.alter_json("/v2/transactions", change)


def files_in(folder: Path) -> str:
    """Return the text of all files in a folder."""
    return "".join(path.read_text("utf-8", "replace") for path in sorted(folder.iterdir()))
