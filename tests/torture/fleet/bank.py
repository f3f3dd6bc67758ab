"""The banks of a campaign: organisations of many sizes at one address, some broken, some that fail now and then."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from primanota.simulator import SeveralSimulators, Simulator
from primanota.simulator.rate_limits import RateLimits
from tests.support.banks.simulator_server import served

_PASSING = ("429-retry-after", "500-json", "503-html", "reset", "truncated", "slow-start")
_BROKEN, _FAILING, _HUGE = 0.04, 0.2, 0.01
_LARGEST, _HUGE_ROWS = 2_000, 6_000


class CountedLimits(RateLimits):
    """The bank's limits, with the number of requests, and of those that it refused."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = Counter[bool]()

    def allow(self, client: str, now: int) -> bool:
        """Return whether a request is within the limits."""
        found = super().allow(client, now)
        self.counts[found] += 1
        return found


class Banks(NamedTuple):
    """The organisations, their address, the logins with a revoked key, and what the bank counted."""

    simulators: list[Simulator]
    url: str
    broken: frozenset[str]
    limits: CountedLimits


@contextmanager
def banks(number: int, chance: random.Random) -> Iterator[Banks]:
    """Yield organisations of 20 to 2,000 rows, and some huge ones, at one address, by the real clock."""
    limits, simulators, broken = CountedLimits(), list[Simulator](), set[str]()
    with ExitStack() as stack:
        for seed in range(1, number + 1):
            size = _HUGE_ROWS if chance.random() < _HUGE else int(20 * (_LARGEST / 20) ** chance.random())
            is_broken, fails = chance.random() < _BROKEN, chance.random() < _FAILING
            faults = ("key-revoked",) if is_broken else (chance.choice(_PASSING),) if fails else ()
            made = Simulator(size=size, seed=seed, clock=_now, limits=limits, faults=faults, key_revoked_after=0)
            simulators.append(stack.enter_context(made))
            if is_broken:
                broken.add(made.login)
        url = stack.enter_context(served(SeveralSimulators(simulators)))
        yield Banks(simulators, url, frozenset(broken), limits)


def _now() -> datetime:
    return datetime.now(UTC)
