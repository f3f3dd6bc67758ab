"""The campaigns of mutated answers, one for each kind of mutation."""

import random
from functools import partial
from pathlib import Path

from tests.torture.answers.mutations import KINDS, drawn
from tests.torture.answers.oracle import broken_rules
from tests.torture.campaign import Campaign

_CASES = 9_100  # of each of the eleven kinds, 100,100 in all


def _run(kind: str, folder: Path, number: int, chance: random.Random) -> list[str]:
    del number
    case = drawn(chance, kind)
    return [f"{broken} {[tuple(one) for one in case]}" for broken in broken_rules(folder, case)]


CAMPAIGNS = tuple(Campaign(f"answers: {kind}", _CASES, partial(_run, kind)) for kind in KINDS)
