"""The time until the program has printed its version, compared with an empty interpreter."""

import sys

from measure import PROGRAM, Duel, note, run, seconds, spread
from result import Result, Row
from scale import Scale

_ROUNDS = 25


def measure(_: Scale) -> Result:
    """Run both alternately."""
    note("startup")
    duel = Duel(lambda _: run(PROGRAM, "--version"), lambda _: run(sys.executable, "-I", "-c", "pass"), _ROUNDS)
    slower = [1 / speedup for speedup in duel.speedups]
    return Result(
        [
            Row(
                "Start-up: `primanota --version`",
                seconds(duel.ours),
                f"`python -I -c pass`: {seconds(duel.other)}",
                spread(slower, "times as long"),
                duel.memory,
                "less than 3 times as long",
            )
        ]
    )
