"""A first sync of a busy company's year, compared with a loop that requests one page after another."""

import json
import sys
import tempfile
from pathlib import Path

from bank import Counts, Served, served
from measure import HERE, PROGRAM, Duel, Took, cpu, median, note, run, seconds, spread
from result import Result, Row
from scale import Scale

_LATENCY = 0.15
_ROUNDS = 3
_MICRO = 1_000_000


class _Sides:
    """Primanota and the loop, with the same bank; `counts` are the bank's of each run."""

    def __init__(self, bank: Served, size: int, place: Path) -> None:
        self.counts: dict[str, list[Counts]] = {"ours": [], "loop": []}
        self._bank = bank
        self._size = size
        self._place = place

    def ours(self, number: int) -> Took:
        """Fill a new book."""
        home = self._place / f"home-{number}"
        took = run(PROGRAM, "sync", "--json", env=self._bank.environment(home))
        self._finish("ours", sum(account["new"] for account in json.loads(took.said)["accounts"]))
        return took

    def loop(self, number: int) -> Took:
        """Fill a new table."""
        file = str(self._place / f"{number}.sqlite")
        key = f"{self._bank.login}:{self._bank.secret}"
        took = run(sys.executable, str(HERE / "baseline_sync.py"), file, self._bank.url, key)
        self._finish("loop", int(took.said))
        return took

    def _finish(self, side: str, rows: int) -> None:
        """Raise `RuntimeError` unless nearly all rows were fetched; lists do not show reversed ones to the loop."""
        self.counts[side].append(self._bank.counts())
        if not 0.98 * self._size < rows <= self._size:
            raise RuntimeError(f"{rows} of {self._size} rows were fetched")


def measure(scale: Scale) -> Result:
    """Run Primanota and the loop alternately, each with an empty book."""
    size = scale.year
    note(f"sync: {size:,} transactions, {_LATENCY * 1000:.0f} ms a request")
    with tempfile.TemporaryDirectory() as folder, served(size) as bank:
        sides = _Sides(bank, size, Path(folder))
        for side in (sides.ours, sides.loop):
            side(0)  # without latency: no measured round compiles modules
        bank.delay(_LATENCY)
        duel = Duel(sides.ours, sides.loop, _ROUNDS, warm=False)  # a warm round would take a minute
    return Result([_row(size, sides.counts, duel)])


def _row(size: int, counts: dict[str, list[Counts]], duel: Duel) -> Row:
    ours, loop = counts["ours"][1:], counts["loop"][1:]
    micros = [median(took).cpu / size * _MICRO for took in (duel.ours, duel.other)]
    refused = sum(one.too_many for one in ours)
    return Row(
        f"First sync of {size:,} transactions, 150 ms a request",
        f"{seconds(duel.ours)}, {cpu(duel.ours)} ({micros[0]:.0f} µs a row), {ours[-1].requests} requests, "
        f"{refused} answers of 429, at most {max(one.connections for one in ours)} connections",
        f"one page after another: {seconds(duel.other)}, {cpu(duel.other)} ({micros[1]:.0f} µs a row), "
        f"{loop[-1].requests} requests",
        spread(duel.speedups, "times as fast"),
        duel.memory,
        "at least 24 times as fast, no 429, at most 40 µs of CPU a row",
    )
