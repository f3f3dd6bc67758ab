"""The first sync of a year over TLS, and compressed, compared with plain HTTP."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from bank import Served, served
from measure import PROGRAM, Duel, Took, cpu, note, run, seconds, spread
from result import Result, Row
from scale import Scale

_LATENCY = 0.15
_WAYS = {"https": ("--tls",), "https, compressed": ("--tls", "--gzip")}


def measure(scale: Scale) -> Result:
    """Measure each way alternately with plain HTTP."""
    with ExitStack() as stack:
        plain = stack.enter_context(served(scale.year, _LATENCY))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rows = []
        for name, options in _WAYS.items():
            note(f"transport: {name}")
            other = stack.enter_context(served(scale.year, _LATENCY, *options))
            rows.append(_row(name, _duel(other, plain, folder / name, scale.rounds), scale.year))
    return Result(rows)


def _duel(other: Served, plain: Served, folder: Path, rounds: int) -> Duel:
    return Duel(
        lambda number: _sync(other, folder / f"{number}-ours"),
        lambda number: _sync(plain, folder / f"{number}-plain"),
        rounds,
    )


def _sync(bank: Served, home: Path) -> Took:
    took = run(PROGRAM, "sync", env=bank.environment(home))
    bank.counts()  # its limits begin anew
    return took


def _row(name: str, duel: Duel, size: int) -> Row:
    slower = [1 / speedup for speedup in duel.speedups]
    return Row(
        f"First sync of {size:,} transactions, 150 ms a request, {name}",
        f"{seconds(duel.ours)}, {cpu(duel.ours)}",
        f"plain HTTP: {seconds(duel.other)}, {cpu(duel.other)}",
        spread(slower, "times as long"),
        duel.memory,
        "",
    )
