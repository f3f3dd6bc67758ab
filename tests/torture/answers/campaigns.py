"""The campaigns of mutated answers, one for each kind of mutation, and one of clocks that jump."""

import random
from functools import partial
from pathlib import Path

from tests.torture.answers.clocks import MOST, Jump
from tests.torture.answers.mutations import KINDS, drawn
from tests.torture.answers.story import broken_rules, plan_of
from tests.torture.campaign import Campaign

_CASES = 7_200  # of each of the thirteen kinds and of the clocks, 100,800 in all


def _run(kind: str, folder: Path, number: int, chance: random.Random) -> list[str]:
    case, plan = drawn(chance, kind), plan_of(chance, number)
    return [f"{broken}\n  {plan} {[tuple(one) for one in case]}" for broken in broken_rules(folder, case, plan)]


def _run_clocks(folder: Path, number: int, chance: random.Random) -> list[str]:
    plan = plan_of(chance, number)._replace(undated=int(chance.randrange(3) == 0))
    jumps = tuple(Jump(*map(chance.randrange, MOST)) for _ in range(chance.choice((1, 1, 2))))
    return [f"{broken}\n  {plan} {jumps}" for broken in broken_rules(folder, (), plan, jumps)]


CAMPAIGNS = (
    *(Campaign(f"answers: {kind}", _CASES, partial(_run, kind)) for kind in KINDS),
    Campaign("answers: clocks", _CASES, _run_clocks),
)
