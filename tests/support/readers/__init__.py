"""Foreign programs and libraries that read the files: one module a format."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import environment


class ReaderTotals(NamedTuple):
    """What a foreign reader found: number of rows, their signed sum, and the balances. Cents."""

    rows: int
    total: int
    opening: int | None = None
    closing: int | None = None


class StatementFacts(NamedTuple):
    """What a foreign reader finds in a statement; balances are cents, and the sum is that of its rows.

    ``ids`` are the texts that tell statements apart, ``number`` counts them; empty and None where there are none.
    ``first`` is the day of the opening balance, ``last`` that of the closing one; ``keys`` has an id for each row.
    """

    ids: tuple[str, ...]
    number: int | None
    first: str
    last: str
    opening: int
    closing: int
    total: int
    keys: tuple[str, ...]


def program(name: str) -> str:
    """Return the path of a program. If it is missing, skip the test, or fail if CI is set."""
    found = shutil.which(name)
    if not found and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed; “make readers” installs it")
    assert found, f"{name} is not installed"
    return found


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program, which must succeed; its output is text."""
    done = attempt(name, *arguments)
    assert not done.returncode, done.stderr
    return done


def attempt(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program, which may fail."""
    return environment.run([program(name), *arguments])


def aqbanking(path: Path, *arguments: str) -> list[str]:
    """Return the output lines of aqbanking-cli, whose settings and data are in the folder of the file."""
    where = (f"--cfgdir={path.parent / 'aqbanking'}", *arguments, f"--ctxfile={path.parent / 'aqbanking.ctx'}")
    return run("aqbanking-cli", *where).stdout.splitlines()
