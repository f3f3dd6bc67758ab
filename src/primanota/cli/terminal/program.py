"""How this program is called in the terminal that it was started from, so that a command can be typed as printed."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from primanota.core.commands import PROGRAM


def name() -> str:
    """Return how the program is called: its name, or its path where the shell would find another program or none."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py" and started.parent.name == PROGRAM:
        return f"{_typed(Path(sys.executable))} -m {PROGRAM}"
    if started.stem != PROGRAM:  # called by another program
        return PROGRAM
    with suppress(OSError):
        if (found := shutil.which(PROGRAM)) and Path(found).parent.samefile(started.absolute().parent):
            return PROGRAM
    return _typed(started)


def command(*words: str) -> str:
    """Return a command of this program, quoted as a shell needs it."""
    return f"{name()} {_quoted(words)}"


def _typed(path: Path) -> str:
    """Return a path as a word of a command, relative to the working folder if it is below it."""
    word = str(path.absolute())
    with suppress(ValueError, OSError):
        word = str(path.absolute().relative_to(Path.cwd()))
    return _quoted([word if os.sep in word else f"{os.curdir}{os.sep}{word}"])


def _quoted(words: "tuple[str, ...] | list[str]") -> str:
    if os.name == "nt":
        from subprocess import list2cmdline

        return list2cmdline(words)
    import shlex

    return shlex.join(words)
