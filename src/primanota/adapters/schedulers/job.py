"""What is to run by itself, and what a scheduler must be told of it. Pure: nothing here writes or runs anything."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol
from unicodedata import category

import msgspec

from primanota.adapters.schedulers.times import Times
from primanota.core.errors import InvalidInput

_NO_TEXT = {"Cc", "Cs", "Cn"}  # control characters, bytes that are no UTF-8, and what is no letter at all


class ScheduledCommand(msgspec.Struct, frozen=True):
    """A command that runs by itself.

    Args:
        login: whose job it is.
        command: the program and its words; the program by its absolute path.
        folder: where it runs, absolute.
        environment: what it must see of the present environment; no secret.
        log: where what it says goes, for a scheduler that keeps no log itself.
        guarded: whether it may be denied what it does not need. Not where its secret comes from a command of the
            user's, of which nobody knows what it needs.
    """

    login: str
    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    log: Path
    guarded: bool = True

    @property
    def texts(self) -> list[str]:
        """Every text of it that a scheduler's file has to hold."""
        paths = (str(self.folder), str(self.log))
        return [*self.command, *paths, *(f"{name}={value}" for name, value in self.environment.items())]

    def check(self) -> None:
        """Refuse what no line of a file can hold.

        Raises:
            InvalidInput: a text has a line break in it, or bytes that are no text.
        """
        for text in self.texts:
            if any(category(letter) in _NO_TEXT for letter in text):
                raise InvalidInput(f"No scheduler can be told {text!r}.", "It has letters that are no text.")


class Command(NamedTuple):
    """A command to run: its words, what it is given on stdin, and whether it does not matter if it fails."""

    words: tuple[str, ...]
    given: bytes = b""
    may_fail: bool = False


class Done(NamedTuple):
    """How a command ended: its exit code and what it said."""

    code: int
    out: bytes = b""
    err: bytes = b""

    @property
    def text(self) -> str:
        """All that it said, line by line."""
        return (self.out + self.err).decode(errors="replace")

    @property
    def said(self) -> str:
        """Why it failed, in the system's words."""
        return " ".join((self.err or self.out).decode(errors="replace").split()) or f"exit code {self.code}"


Run = Callable[[Command], Done]


class Plan(NamedTuple):
    """What an installation will do.

    Args:
        files: their texts, by their absolute paths.
        commands: what to run when the files are there, in this order.
        lines: what comes into a file that belongs to others too.
        notes: what a person should know.
    """

    files: Mapping[Path, str]
    commands: tuple[Command, ...]
    lines: str = ""
    notes: tuple[str, ...] = ()


class Scheduler(Protocol):
    """What every scheduler can: tell what it would do."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def zoned(self) -> bool:
        """Whether it keeps the time of the organisation's zone; if not, it keeps this machine's."""

    @property
    def encoding(self) -> str:
        """How its files are written."""

    @property
    def files(self) -> tuple[Path, ...]:
        """What an installation leaves on the disk."""

    @property
    def lines(self) -> str:
        """What is installed in a file that belongs to others too; empty where there is nothing."""

    @property
    def stop(self) -> tuple[Command, ...]:
        """What takes the job out, before its files go."""

    @property
    def settle(self) -> tuple[Command, ...]:
        """What lets the system see that the files have gone."""

    @property
    def ask(self) -> Command:
        """What the system itself says of the job, and when it runs next."""

    def plan(self, job: ScheduledCommand, times: Times) -> Plan:
        """What to write and to run.

        Raises:
            InvalidInput: the scheduler cannot be told so.
        """
