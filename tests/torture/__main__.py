"""Run the campaigns in parallel processes, and print a table: ``python -m tests.torture --seed 1``."""

import argparse
import importlib
import itertools
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.support import environment
from tests.torture.campaign import Campaign, run_case

_PACKAGES = ("answers", "books", "files", "fleet", "inputs")
_SHOWN = 40


class Outcome(NamedTuple):
    """A case that was run: the name of its campaign, its number, its seconds, and the rules that it broke."""

    campaign: str
    number: int
    seconds: float
    broken: list[str]


def campaigns() -> list[Campaign]:
    """Return all campaigns."""
    modules = (importlib.import_module(f"tests.torture.{package}.campaigns") for package in _PACKAGES)
    return [campaign for module in modules for campaign in module.CAMPAIGNS]


def _run(folder: str, seed: int, place: int, number: int) -> Outcome:
    campaign, began = campaigns()[place], time.monotonic()
    broken = run_case(campaign, Path(folder, f"{os.getpid()}"), seed, number)
    return Outcome(campaign.name, number, time.monotonic() - began, broken)


def _outcomes(chosen: dict[int, range], seed: int, jobs: int) -> Iterator[Outcome]:
    places = [place for place, numbers in chosen.items() for _ in numbers]
    numbers = list(itertools.chain.from_iterable(chosen.values()))
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(jobs) as pool:
        count = len(places)
        yield from pool.map(_run, [folder] * count, [seed] * count, places, numbers, chunksize=8)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--only", default="", help="the campaigns whose names begin with this text")
    parser.add_argument("--cases", type=int, default=sys.maxsize, help="at most so many cases of each campaign")
    parser.add_argument("--first", type=int, default=0, help="leave out the cases before this number")
    parser.add_argument("--case", type=int, help="one case by its number")
    parser.add_argument("--seed", type=int, default=1, help="which cases")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    return parser.parse_args()


def main() -> int:
    """Run the cases, print a table of campaigns; return 1 if a rule was broken."""
    asked = _asked()
    wanted = environment.plain()
    os.environ.clear()
    os.environ.update(wanted)
    chosen = {
        place: range(asked.first, min(one.cases, asked.first + asked.cases))
        if asked.case is None
        else range(asked.case, asked.case + 1)
        for place, one in enumerate(campaigns())
        if one.name.startswith(asked.only)
    }
    counts, failures, slowest = Counter[str](), Counter[str](), dict[str, float]()
    began = time.monotonic()
    for one in _outcomes(chosen, asked.seed, asked.jobs):
        counts[one.campaign] += 1
        failures[one.campaign] += bool(one.broken)
        slowest[one.campaign] = max(slowest.get(one.campaign, 0), one.seconds)
        if one.broken and failures.total() <= _SHOWN:
            sys.stdout.write(f"--only “{one.campaign}” --seed {asked.seed} --case {one.number}\n  {one.broken[0]}\n")
            sys.stdout.flush()
    sys.stdout.write("| campaign | cases | failures | slowest case |\n|---|--:|--:|--:|\n")
    for name, cases in counts.items():
        sys.stdout.write(f"| {name} | {cases:,} | {failures[name]} | {slowest[name]:.1f} s |\n")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    seconds = time.monotonic() - began
    sys.stdout.write(f"| all | {counts.total():,} | {failures.total()} | |\n\nSeed {asked.seed}, {seconds:.0f} s, ")
    sys.stdout.write(f"at most {memory} MB in a process.\n")
    return 1 if failures.total() else 0


if __name__ == "__main__":
    sys.exit(main())
