"""A shell that runs the sessions of a page of the documentation; ``test_docs.py`` describes their notation."""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import click.termui
import pytest

from primanota.adapters.storage import disk
from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock

FENCE = re.compile(r"^```(\w*) *([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, its attributes, its text."""

    language: str
    words: dict[str, str]
    text: str


class Step(NamedTuple):
    """A command of a session, with its expected exit code and output."""

    words: list[str]
    code: int
    shown: list[str]


class Crash(BaseException):
    """The end of a crashed process: an exception that no handler catches and after which no cleanup runs."""


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for language, words, inside in FENCE.findall(text):
        yield Block(language, dict(word.split("=", 1) for word in words.split() if "=" in word), inside)


class Shell:
    """A shell with a working folder and a home of its own, and the events of a page."""

    def __init__(self, folder: Path, home: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.files = home / "exports"
        self._clock = clock
        self._patch = monkeypatch
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        monkeypatch.setenv("PRIMANOTA_HOME", str(home))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)

    @contextmanager
    def bank(self, *faults: str) -> Iterator[None]:
        """Run a simulated bank, and set the variables that name it."""

        def secretly(question: str) -> str:
            sys.stderr.write(f"{question}\n")
            return simulator.secret

        with Simulator(clock=self._clock, faults=faults) as simulator, served(simulator) as url:
            self._bank = simulator.bank
            self._patch.setenv("PRIMANOTA_API_URL", url)
            self._patch.setenv("PRIMANOTA_LOGIN", simulator.login)
            self._patch.setenv("PRIMANOTA_SECRET_KEY", simulator.secret)
            self._patch.setattr(click.termui, "hidden_prompt_func", secretly)
            yield

    def run_block(self, block: Block) -> None:
        """Run the events and commands of a block, and compare the exit codes and the output with the page."""
        for event in filter(None, block.words.get("after", "").split(",")):
            self.trigger(event)
        for step in _steps(block):
            code, output = self.run_step(step)
            command = shlex.join(step.words)
            assert code == step.code, f"primanota {command} exits with {code}:\n{output}"
            missing = _missing(step.shown, output)
            assert not missing, f"primanota {command} does not say “{missing}”:\n{output}"

    def run_step(self, step: Step) -> tuple[int, str]:
        """Run one command, and answer its questions as the page does.

        Returns:
            The exit code and the output, with paths relative to the working folder.
        """
        output = StringIO()

        def answer(question: str) -> str:
            line = next(line for line in step.shown if line.startswith(question))
            output.write(f"{line}\n")
            return line.removeprefix(question)

        self._patch.setattr(click.termui, "visible_prompt_func", answer)
        with redirect_stdout(output), redirect_stderr(output):
            code = self._main(step.words)
        return code, output.getvalue().replace(f"{self.files}/", "").replace(f"{self.folder}/", "")

    def _main(self, words: list[str]) -> int:
        return main(words, partial(Workspace, clock=self._clock))

    def trigger(self, event: str) -> None:
        """Let an event happen, at the bank or to the files."""
        rows = [row for row in self._bank.truth(self._bank.account_ids()[0]) if row["status"] == "completed"]
        *_, older, newest = sorted(rows, key=lambda row: str(row["settled_at"]))
        match event:
            case "week":
                self._clock.advance(days=3)
                self._bank.arrive(3)
                self._clock.advance(days=4)
            case "note":
                self._bank.edit(newest["id"], note="Werkzeug für die Messe")
            case "reverse":
                self._bank.reverse(older["id"])
            case "loss":
                shutil.rmtree(self.files)
            case "crash":
                with self._patch.context() as patch, suppress(Crash):
                    patch.setattr(disk, "finish", _crash)
                    self._main(["run", "--new"])
            case _:
                pytest.fail(f"unknown event after={event}")


def _crash(*_: object) -> None:
    raise Crash


def _steps(block: Block) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, *shown = part.splitlines()
        command, _, remark = line.partition("  # ")
        code = re.search(r"exit code (\d+)", remark)
        words = shlex.split(command)
        if words[0] == "primanota":
            yield Step(words[1:], int(code[1]) if code else 0, shown)


def _plain(text: str) -> str:
    """Return a text without what depends on the terminal: the widths of columns, and the line below headings."""
    return " ".join(text.replace("─", "").split())


def _missing(shown: list[str], output: str) -> str:
    """Return the first line that the page shows and the program did not print, in order; empty if all are there."""
    lines = iter([_plain(line) for line in output.splitlines()])
    for line in filter(None, map(_plain, shown)):
        if line != "..." and line not in lines:
            return line
    return ""
