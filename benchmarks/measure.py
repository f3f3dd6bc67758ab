"""What a process took, what ours took against another one, and how both are written down."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
# The console script, as it was installed beside the interpreter that runs this.
PROGRAM = str(Path(sys.executable).with_name("primanota"))
_ONCE = str(HERE / "once.py")
_MEGABYTE = 1_000_000
# Compiled modules are kept, as on any machine where a program was run before, but not among the sources.
_COMPILED = tempfile.TemporaryDirectory(prefix="primanota-bench-")


class Took(NamedTuple):
    """One process from its start to its end: how long, its peak memory in MB (a million bytes), what it said."""

    seconds: float
    megabytes: float
    said: str


class Row(NamedTuple):
    """A line of the table, in words."""

    what: str
    ours: str
    other: str
    ratio: str
    memory: str
    promise: str


def run(*command: str, env: Mapping[str, str] | None = None) -> Took:
    """Run a command to its end in a process of its own.

    Raises:
        RuntimeError: it failed; the error has what it said.
    """
    words = [sys.executable, "-I", "-S", _ONCE, *command]
    done = subprocess.run(words, env=_environment(env), capture_output=True, text=True, check=True)  # noqa: S603 - our own programs
    said, _, last = done.stdout.rstrip("\n").rpartition("\n")
    seconds, peak, code = last.split()
    if code != "0":
        raise RuntimeError(f"{command} failed with {code}: {said}\n{done.stderr}")
    return Took(float(seconds), int(peak) / _MEGABYTE, said.strip())


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """The environment of what is measured: without whatever would change how Python or Primanota runs."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PRIMANOTA_"))}
    return {**plain, "PYTHONPYCACHEPREFIX": _COMPILED.name, **(more or {})}


class Duel:
    """Ours and another one, run in turns, so that what else the machine does meets both; compared pair by pair.

    Args:
        ours: runs ours once; it is told the number of the round.
        other: runs the other one once; the same.
        rounds: how often that counts. The round before them, number 0, warms the disk's cache and does not count.
        warm: whether there is such a round.
    """

    def __init__(
        self, ours: Callable[[int], Took], other: Callable[[int], Took], rounds: int, *, warm: bool = True
    ) -> None:
        if warm:
            ours(0)
            other(0)
        self.ours: list[Took] = []
        self.other: list[Took] = []
        for number in range(1, rounds + 1):
            self.ours.append(ours(number))
            self.other.append(other(number))
            note(f"  round {number}: {self.ours[-1].seconds:.3f} s against {self.other[-1].seconds:.3f} s")

    @property
    def speedups(self) -> list[float]:
        """How many times as fast ours was, round by round."""
        return [other.seconds / ours.seconds for ours, other in zip(self.ours, self.other, strict=True)]

    @property
    def memory(self) -> str:
        """The highest peak of each."""
        return f"{highest(self.ours):.0f} MB against {highest(self.other):.0f} MB"


def highest(took: list[Took]) -> float:
    """The highest peak memory, MB."""
    return max(one.megabytes for one in took)


def seconds(took: list[Took]) -> str:
    """The median time."""
    median = statistics.median(one.seconds for one in took)
    return f"{median:.1f} s" if median >= 1 else f"{median * 1000:.0f} ms"


def spread(ratios: list[float], unit: str) -> str:
    """Median, least and most."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) {unit}"


def note(text: str) -> None:
    """Tell whoever waits how far it is."""
    print(text, file=sys.stderr, flush=True)
