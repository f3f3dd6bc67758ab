"""A recorded session: what a person sees in a terminal of some columns, command by command."""

import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyte

from tests.support.clock import Clock
from tests.support.screens.pseudo_terminal import converse

_ROOT = Path(__file__).parents[3]
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# A table has two blanks between its columns, a sentence has none.
_GAP = re.compile(r"\S {2,}\S")


class Recording:
    """A terminal in which commands are typed, and the screens that they leave.

    Args:
        columns: the width of the terminal.
        folder: the working folder; the program's own folder is in it.
        clock: the clock of the program.
        variables: the environment.
    """

    def __init__(self, columns: int, folder: Path, clock: Clock, variables: Mapping[str, str]) -> None:
        self._columns = columns
        self._folder = folder
        self._clock = clock
        asked = {name: value for name, value in variables.items() if name not in {"COLUMNS", "LINES"}}
        self._variables = {**asked, "PYTHONPATH": str(_ROOT)}  # the terminal tells its size
        self.lines: list[str] = []
        self.wrapped: list[str] = []

    def type(self, line: str, *answers: tuple[str, str], code: int = 0) -> str:
        """Type a command, answer its questions, and return the screen that it leaves.

        Args:
            line: the command, with the program's name.
            answers: each question, and what is typed at it.
            code: the expected exit code.
        """
        words = shlex.split(line)[1:]
        program = (sys.executable, "-m", "tests.support.program_at", self._clock().isoformat())
        done = converse(
            words,
            answers,
            self._variables,
            whole=True,
            program=program,
            columns=self._columns,
            folder=self._folder,
        )
        assert done.code == code, done.shown
        shown = self._without_paths(done.shown)
        self.wrapped += [text for text in _logical(shown) if len(text) > self._columns and _GAP.search(text)]
        screen = [*_screen(shown, self._columns)]
        self.lines += [f"$ {line}", *screen, ""]
        return "\n".join(screen)

    @property
    def text(self) -> str:
        """Return all commands and screens."""
        return "\n".join(self.lines).rstrip() + "\n"

    def _without_paths(self, shown: str) -> str:
        for path in (f"{self._folder}/home/exports/", f"{self._folder}/home/", f"{self._folder}/"):
            shown = shown.replace(path, "")
        return re.sub(r"\S*python\S* -m primanota", "primanota", shown)


def _screen(shown: str, columns: int) -> Iterator[str]:
    """Yield the lines of a terminal after a program has written to it, with those that have scrolled away."""
    screen = pyte.HistoryScreen(columns, 50, history=100_000)
    pyte.Stream(screen).feed(shown)
    gone = ["".join(line[place].data for place in range(columns)) for line in screen.history.top]
    lines = [line.rstrip() for line in (*gone, *screen.display)]
    while lines and not lines[-1]:
        lines.pop()
    yield from lines


def _logical(shown: str) -> Sequence[str]:
    return [line.split("\r")[-1] for line in _CONTROL.sub("", shown).replace("\r\n", "\n").split("\n")]
