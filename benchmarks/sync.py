"""(a) A first sync of a busy company's year, compared with a loop that requests one page after another."""

import json
import sys
import tempfile
from pathlib import Path

from bank import Counts, served
from measure import HERE, PROGRAM, Duel, Row, Took, note, run, seconds, spread

_SIZE = 36_500
_LATENCY = 0.15
_ROUNDS = 2


def measure() -> list[Row]:
    """Run Primanota and the loop alternately, each with a new bank and an empty book."""
    note(f"sync: {_SIZE:,} transactions, {_LATENCY * 1000:.0f} ms a request")
    banks: dict[str, list[Counts]] = {"ours": [], "other": []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _warm_up(place / "warm")
        duel = Duel(
            lambda number: _ours(place / f"{number}", banks),
            lambda number: _loop(place / f"{number}.sqlite", banks),
            _ROUNDS,
            warm=False,  # it would take a minute
        )
    refused = sum(bank.too_many for bank in banks["ours"])
    return [
        Row(
            f"First sync of {_SIZE:,} transactions, {_LATENCY * 1000:.0f} ms a request",
            f"{seconds(duel.ours)}, {banks['ours'][0].requests} requests, {refused} answers of 429",
            f"one page after another: {seconds(duel.other)}, {banks['other'][0].requests} requests",
            spread(duel.speedups, "times as fast"),
            duel.memory,
            "at least 8 times as fast, no 429",
        )
    ]


def _warm_up(place: Path) -> None:
    """Run both with a small bank, so that no measured round compiles modules."""
    with served(100) as bank:
        run(PROGRAM, "sync", env=bank.environment(place))
        loop = (str(HERE / "baseline_sync.py"), f"{place}.sqlite", bank.url, f"{bank.login}:{bank.secret}")
        run(sys.executable, *loop)


def _ours(home: Path, banks: dict[str, list[Counts]]) -> Took:
    with served(_SIZE, _LATENCY) as bank:
        took = run(PROGRAM, "sync", "--json", env=bank.environment(home))
        banks["ours"].append(bank.counts())
    rows = sum(account["new"] for account in json.loads(took.said)["accounts"])
    _insist(rows)
    return took


def _loop(file: Path, banks: dict[str, list[Counts]]) -> Took:
    with served(_SIZE, _LATENCY) as bank:
        script = str(HERE / "baseline_sync.py")
        took = run(sys.executable, script, str(file), bank.url, f"{bank.login}:{bank.secret}")
        banks["other"].append(bank.counts())
    _insist(int(took.said))
    return took


def _insist(rows: int) -> None:
    """Raise `RuntimeError` unless nearly all rows were fetched; lists do not show reversed ones."""
    if not 0.99 * _SIZE < rows <= _SIZE:
        raise RuntimeError(f"{rows} of {_SIZE} rows were fetched")
