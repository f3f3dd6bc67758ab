"""Run the program at a pseudo-terminal, and answer its questions."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

PROGRAM = (sys.executable, "-m", "primanota")


class Conversation(NamedTuple):
    """The exit code of a program, its stdout, and what the terminal showed."""

    code: int
    out: str
    shown: str


def converse(
    words: Sequence[str], answers: Sequence[tuple[str, str]], variables: Mapping[str, str], *, whole: bool = False
) -> Conversation:
    """Run the program at a terminal, and answer each prompt when it appears.

    Args:
        words: its arguments.
        answers: each prompt, and what is typed at it.
        variables: its whole environment.
        whole: True if its stdout is the terminal, too.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - the program is ours
        [*PROGRAM, *words],
        env=variables,
        stdin=theirs,
        stderr=theirs,
        stdout=theirs if whole else subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    shown = "".join(_answer(ours, prompt, answer) for prompt, answer in answers) + _read_until(ours, None)
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    return Conversation(process.returncode, (out or b"").decode(errors="replace"), shown)


def _answer(terminal: int, prompt: str, answer: str) -> str:
    shown = _read_until(terminal, prompt)
    os.write(terminal, f"{answer}\n".encode())
    return shown


def _read_until(terminal: int, prompt: str | None) -> str:
    """Return what the terminal shows up to a prompt, or to the end."""
    shown = b""
    with suppress(OSError):  # the other side is closed, and everything is read
        while prompt is None or prompt.encode() not in shown:
            shown += os.read(terminal, 65536)
    return shown.decode(errors="replace")
