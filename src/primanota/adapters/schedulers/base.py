"""What runs on a schedule, and what every scheduler can plan. Pure: nothing here writes a file or runs a command."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import ClassVar, NamedTuple
from unicodedata import category

import msgspec

from primanota.adapters.schedulers.times import Times
from primanota.core.errors import InvalidInput, PrimanotaError

_NOT_TEXT = {"Cc", "Cs", "Cn"}  # control characters, bytes that are not UTF-8, unassigned code points


class ScheduledCommand(msgspec.Struct, frozen=True):
    """A command that runs on a schedule.

    Args:
        login: the organisation that it runs for.
        command: the program and its arguments; the program by its absolute path.
        folder: the working directory, absolute.
        environment: the variables that it needs; never a secret.
        log: the file for its output, for schedulers that keep no log themselves.
        zone: the name of the time zone in which its times are meant, for schedulers that know time zones.
        first_day: the first day on which it runs, for schedulers that ask for one.
        guarded: whether the scheduler may take away rights that the program does not need. False where the secret
            comes from a command of the user's, whose needs are unknown.
    """

    login: str
    command: tuple[str, ...]
    folder: Path
    environment: dict[str, str]
    log: Path
    zone: str
    first_day: date
    guarded: bool = True

    def check(self) -> None:
        """Refuse texts that cannot stand on one line of a file.

        Raises:
            InvalidInput: a text contains a line break, another control character, or bytes that are not text.
        """
        variables = (f"{name}={value}" for name, value in self.environment.items())
        for text in (*self.command, str(self.folder), str(self.log), *variables):
            if any(category(letter) in _NOT_TEXT for letter in text):
                raise InvalidInput(f"{text!r} contains a control character.", "Choose a name without one.")


class SystemCommand(NamedTuple):
    """A command to run: its words, its stdin, and whether its failure is ignored."""

    words: tuple[str, ...]
    stdin: bytes = b""
    may_fail: bool = False


class CommandResult(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    stdout: bytes = b""
    stderr: bytes = b""

    @property
    def text(self) -> str:
        """All of its output, stdout first."""
        return (self.stdout + self.stderr).decode(errors="replace")

    @property
    def reason(self) -> str:
        """Why it failed, on one line."""
        return " ".join((self.stderr or self.stdout).decode(errors="replace").split()) or f"exit code {self.code}"


Runner = Callable[[SystemCommand], CommandResult]


class Plan(NamedTuple):
    """What an installation will do.

    Args:
        files: the texts of the files to write, by their absolute paths.
        commands: the commands to run after the files are written, in this order.
        lines: the text to write into a file that is shared with others.
        notes: what the user should know about this scheduler.
    """

    files: Mapping[Path, str]
    commands: tuple[SystemCommand, ...]
    lines: str = ""
    notes: tuple[str, ...] = ()


class Scheduler(msgspec.Struct, frozen=True):
    """A scheduler of the operating system, for the run of one organisation. It plans and does nothing itself.

    Args:
        login: the organisation whose run it is.
    """

    login: str
    name: ClassVar[str]
    # Whether it keeps time in the organisation's time zone; if not, it uses that of the machine.
    knows_zones: ClassVar[bool] = False
    # How its files are written.
    encoding: ClassVar[str] = "utf-8"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that an installation writes."""
        return ()

    @property
    def lines(self) -> str:
        """The text that is installed in a file shared with others; empty if nothing is."""
        return ""

    @property
    def times(self) -> Times | None:
        """The times of the installed run; None if none is installed, or they cannot be read."""
        texts = [path.read_text(encoding=self.encoding) for path in self.files if path.exists()]
        with suppress(PrimanotaError, ValueError):
            return self._times("".join(texts) or self.lines)
        return None

    def _times(self, text: str) -> Times | None:
        """Return the times that an installed text states; None if it states none."""
        raise NotImplementedError

    @property
    def stop(self) -> tuple[SystemCommand, ...]:
        """The commands that disable the run, before its files are deleted."""
        raise NotImplementedError

    @property
    def reload(self) -> tuple[SystemCommand, ...]:
        """The commands that make the scheduler read its files again, after they are deleted."""
        return ()

    @property
    def status(self) -> SystemCommand:
        """The command that prints the scheduler's state of the run: when it ran, and when it runs next."""
        raise NotImplementedError

    def plan(self, command: ScheduledCommand, times: Times) -> Plan:
        """Return what to write and to run to install a command, in place of an installed one.

        Raises:
            InvalidInput: the scheduler cannot run the command, or not at these times.
        """
        raise NotImplementedError
