"""Measure processes, compare Primanota with another program, and format the results."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
# The console script, installed next to the interpreter that runs this module.
PROGRAM = str(Path(sys.executable).with_name("primanota"))
_ONCE = str(HERE / "once.py")
_MEGABYTE = 1_000_000
_SHOWN_AS_SECONDS = 1
# Compiled modules are cached, as on a machine where the program has run before, but not in the source folders.
_COMPILED = tempfile.TemporaryDirectory(prefix="primanota-bench-")


class Took(NamedTuple):
    """The measurement of one process: seconds, CPU seconds, peak memory in MB (a million bytes), and its stdout.

    CPU seconds are those of the program and of the system for it (user + sys).
    """

    seconds: float
    cpu: float
    megabytes: float
    said: str


def run(*command: str, env: Mapping[str, str] | None = None, discards: bool = False, given: str = "") -> Took:
    """Run a command in a separate process and measure it.

    Args:
        command: its words.
        env: variables beside the plain ones.
        discards: whether its output need not be kept.
        given: its standard input.

    Raises:
        RuntimeError: the command failed; the message has its output.
    """
    words = [sys.executable, "-I", "-S", _ONCE, *(["--discard"] if discards else []), *command]
    variables = environment(env)
    done = subprocess.run(words, env=variables, input=given, capture_output=True, text=True, check=True)  # noqa: S603 - our own programs
    said, _, last = done.stdout.rstrip("\n").rpartition("\n")
    elapsed, cpu, peak, code = last.split()
    if code != "0":
        raise RuntimeError(f"{command} failed with {code}: {said}\n{done.stderr}")
    return Took(float(elapsed), float(cpu), int(peak) / _MEGABYTE, said.strip())


def environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment of the measured process, without variables that change how Python or Primanota runs."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PRIMANOTA_"))}
    return {**plain, "PYTHONPYCACHEPREFIX": _COMPILED.name, **(more or {})}


class Duel:
    """Runs Primanota and another program alternately, so that other load affects both, and compares them in pairs.

    Args:
        ours: runs Primanota once; the argument is the number of the round.
        other: runs the other program once, likewise.
        rounds: the number of measured rounds. Round 0 before them fills the disk cache and is not measured.
        warm: whether there is a round 0.
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
        """How many times as fast Primanota was in each round."""
        return [other.seconds / ours.seconds for ours, other in zip(self.ours, self.other, strict=True)]

    @property
    def memory(self) -> str:
        """The highest peak memory of each program, as a text."""
        return f"{highest(self.ours):.0f} MB against {highest(self.other):.0f} MB"


def highest(took: list[Took]) -> float:
    """Return the highest peak memory in MB."""
    return max(one.megabytes for one in took)


def seconds(took: list[Took]) -> str:
    """Return the median time as a text."""
    return shown(median(took).seconds)


def cpu(took: list[Took]) -> str:
    """Return the median CPU time as a text."""
    return f"{shown(median(took).cpu)} of CPU"


def median(took: list[Took]) -> Took:
    """Return the median of each measurement."""
    times = statistics.median(one.seconds for one in took)
    cpus = statistics.median(one.cpu for one in took)
    return Took(times, cpus, statistics.median(one.megabytes for one in took), took[-1].said)


def shown(time: float) -> str:
    """Return seconds as a text."""
    return f"{time:.1f} s" if time >= _SHOWN_AS_SECONDS else f"{time * 1000:.0f} ms"


def spread(ratios: list[float], unit: str) -> str:
    """Return median, minimum and maximum as a text."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) {unit}"


def note(text: str) -> None:
    """Print the progress on stderr."""
    print(text, file=sys.stderr, flush=True)
