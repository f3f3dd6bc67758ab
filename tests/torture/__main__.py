"""Run many seeded cases in parallel processes: ``python -m tests.torture --cases 1000 --seed 1``."""

import argparse
import os
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.support import environment
from tests.torture.mutations import CAMPAIGNS, Mutation, drawn
from tests.torture.oracle import broken_rules

_SHOWN = 40


class Result(NamedTuple):
    """A case that was run: its campaign, its mutations, and what breaks a rule."""

    campaign: str
    case: tuple[Mutation, ...]
    broken: list[str]


def run_case(folder: str, seed: int, number: int) -> Result:
    """Run one case: the same seed and number give the same case."""
    campaign = CAMPAIGNS[number % len(CAMPAIGNS)]
    case = drawn(random.Random(f"{seed}-{number}"), campaign)  # noqa: S311 - which case, not which secret
    return Result(campaign, case, broken_rules(Path(folder), case))


def main() -> int:
    """Run the cases, print a table of campaigns; return 1 if a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="how many cases")
    parser.add_argument("--seed", type=int, default=1, help="which cases")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    asked = parser.parse_args()
    wanted = environment.plain()
    os.environ.clear()
    os.environ.update(wanted)
    began, failed, count = time.monotonic(), list[Result](), dict.fromkeys(CAMPAIGNS, 0)
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(asked.jobs) as pool:
        for one in pool.map(partial(run_case, folder, asked.seed), range(asked.cases), chunksize=8):
            count[one.campaign] += 1
            if one.broken:
                failed.append(one)
                if len(failed) <= _SHOWN:
                    sys.stdout.write(f"{[tuple(part) for part in one.case]}\n  {one.broken[0]}\n")
                    sys.stdout.flush()
    sys.stdout.write(f"{'campaign':12}{'cases':>10}{'failures':>10}\n")
    for campaign, cases in count.items():
        broken = sum(one.campaign == campaign for one in failed)
        sys.stdout.write(f"{campaign:12}{cases:>10}{broken:>10}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{'all':12}{asked.cases:>10}{len(failed):>10}   seed {asked.seed}, {seconds:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
