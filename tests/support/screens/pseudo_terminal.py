"""Run the program at a pseudo-terminal, and answer its questions."""

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

PROGRAM = (sys.executable, "-m", "primanota")
# Runs a program as a shell does: with the terminal as its controlling one, and with the default way of Ctrl-C.
_LIKE_A_SHELL = """
import fcntl, signal, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, lambda *_: None)
code = subprocess.run(sys.argv[1:]).returncode
print("echo is", "on" if termios.tcgetattr(0)[3] & termios.ECHO else "off", flush=True)
sys.exit(code)
"""


class Conversation(NamedTuple):
    """The exit code of a program, its stdout, and what the terminal showed."""

    code: int
    out: str
    shown: str


def converse(
    words: Sequence[str],
    answers: Sequence[tuple[str, str]],
    variables: Mapping[str, str],
    *,
    whole: bool = False,
    program: Sequence[str] = PROGRAM,
    columns: int = 0,
    folder: Path | None = None,
) -> Conversation:
    """Run the program at a terminal, and answer each prompt when it appears.

    Args:
        words: its arguments.
        answers: each prompt, and what is typed at it.
        variables: its whole environment.
        whole: True if its stdout is the terminal, too.
        program: the program, if it is not the installed one.
        columns: the width of the terminal; 0 if it does not tell it.
        folder: the working folder.
    """
    ours, theirs = pty.openpty()
    if columns:
        termios.tcsetwinsize(theirs, (50, columns))
    process = subprocess.Popen(  # noqa: S603 - the program is ours
        [*program, *words],
        env=variables,
        cwd=folder,
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


@contextmanager
def folder_of_known_length() -> Iterator[Path]:
    """Make a folder whose path is as long on each machine, since a terminal folds sentences that have it."""
    with TemporaryDirectory(prefix="primanota-", dir="/tmp") as folder:
        yield Path(folder)


def press_keys(
    words: Sequence[str], steps: Sequence[tuple[str, bytes]], variables: Mapping[str, str]
) -> Conversation:
    """Run the program in the foreground of a terminal of its own, and press each key when a text appears.

    Args:
        words: its arguments.
        steps: each text to wait for, and the key that is pressed then.
        variables: its whole environment.

    Returns:
        What the terminal showed after the last key, and after the program whether it still shows what is typed.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - the program is ours
        [sys.executable, "-c", _LIKE_A_SHELL, *PROGRAM, *words],
        env=variables,
        stdin=theirs,
        stderr=theirs,
        stdout=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    for text, key in steps:
        _read_until(ours, text)
        os.write(ours, key)
    shown = _read_until(ours, None)
    os.close(ours)
    return Conversation(process.wait(timeout=60), "", shown)


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
