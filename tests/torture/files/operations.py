"""The operations by which a run reads and changes the world, each of which a test can fail, end or pause.

The program calls ``os``, ``io``, ``sqlite3``, an S3 client and a mailer. Within ``watched``, each of these calls that
concerns the folder of a case is an operation of the process that makes it, and goes through that process's trouble.
"""

import io
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.clock import Clock

Call = Callable[[], Any]


class Killed(BaseException):
    """The end of a killed process: an exception that no handler catches and after which no cleanup runs."""


class Operation(NamedTuple):
    """An operation: its number in its process, its kind such as ``rename``, and the file or statement."""

    number: int
    kind: str
    subject: str

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.subject}"


# Meets an operation: calls it, fails it or ends the process. The last argument does a part of it, if it has parts.
Trouble = Callable[["Process", Operation, Call, Call | None], Any]


def no_trouble(_: "Process", __: Operation, call: Call, ___: Call | None) -> Any:  # noqa: ANN401 - what it returns
    """Do an operation undisturbed."""
    return call()


class Process:
    """What one run of the program does to the world; it runs in one thread.

    Args:
        root: the folder of the case.
        clock: the clock of the case.
        trouble: meets each operation.
        wait: is called when the process waits for another one, after the clock was moved.
    """

    def __init__(
        self, root: Path, clock: Clock, trouble: Trouble = no_trouble, wait: Callable[[], None] = lambda: None
    ) -> None:
        self.operations: list[Operation] = []
        self.printed = io.StringIO()
        self.is_killed = False
        self._root = f"{root}/"
        self._clock = clock
        self._trouble = trouble
        self._wait = wait
        self._closing: list[Callable[[], None]] = []

    def perform(self, kind: str, subject: str, call: Call, part: Call | None = None) -> Any:  # noqa: ANN401
        """Do an operation, as the trouble of the process has it."""
        if self.is_killed:
            raise Killed
        operation = Operation(len(self.operations) + 1, kind, subject)
        self.operations.append(operation)
        return self._trouble(self, operation, call, part)

    def kill(self) -> None:
        """End the process: nothing that it does from now on has an effect."""
        self.is_killed = True
        raise Killed

    def now(self) -> float:
        """Return the time of the case, in seconds since 1970."""
        return self._clock().timestamp()

    def sleep(self, seconds: float) -> None:
        """Wait for another process."""
        if self.is_killed:
            raise Killed
        self._clock.advance(seconds=seconds)
        self._wait()

    def subject(self, path: object) -> str:
        """Return a path or an open file as part of the case's folder; empty if it is not in it."""
        if isinstance(path, int):
            return open_files.get(path, NOT_OPEN)[0]
        if not isinstance(path, str | bytes | os.PathLike):
            return ""
        text = os.fsdecode(path)
        return text.removeprefix(self._root) if text.startswith(self._root) else ""

    def closes(self, close: Callable[[], None]) -> None:
        """Close a file when the process has ended, as the system does."""
        self._closing.append(close)

    def end(self) -> None:
        """Close what a killed process left open."""
        for close in reversed(self._closing):
            with suppress(OSError, ValueError, sqlite3.Error):
                close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let this thread be the process within the block."""
        _here.process = self
        try:
            yield
        finally:
            _here.process = None
            self.end()


_here = threading.local()
# The files that were opened by their descriptors: what they are, and the process that has them.
open_files: dict[int, tuple[str, Process | None]] = {}
NOT_OPEN: tuple[str, None] = ("", None)


def current() -> Process | None:
    """Return the process of this thread, if it has one."""
    return getattr(_here, "process", None)
