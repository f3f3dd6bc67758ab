"""How long a fleet takes, and what bounds it: ``python benchmarks/fleet_plan.py``.

Two bounds: the bank's, 10,000 requests in ten minutes for each address, and the workers', the CPU of a client.
The first is simulated slot by slot by the rule of the fleet's budget, the second is a division.
"""

import itertools
import sys
from collections import deque
from typing import NamedTuple

from primanota.app.bank_access import RATES
from primanota.fleet.egress_budget import SLOT, slots_of

_CPU_SECONDS = 0.1  # of a client with few new rows, in a worker, with its book on a shared folder: docs/fleet.md
_REQUESTS = 4  # the least that a run needs; the simulated company with its four accounts needs 24


class FleetPlan(NamedTuple):
    """A fleet whose clients are all due at once.

    Args:
        clients: how many.
        requests: of each client.
        egresses: addresses from which the bank is asked.
        cores: of all workers together.
        cpu_seconds: of each client.
    """

    clients: int
    requests: int = _REQUESTS
    egresses: int = 1
    cores: int = 2
    cpu_seconds: float = _CPU_SECONDS

    @property
    def all_requests(self) -> int:
        """The requests of all clients."""
        return self.clients * self.requests

    @property
    def bank_minutes(self) -> float:
        """The minutes until the budgets of all addresses have given so many requests."""
        return seconds_of_budget(-(-self.all_requests // self.egresses)) / 60

    @property
    def worker_minutes(self) -> float:
        """The minutes that the workers compute."""
        return self.clients * self.cpu_seconds / self.cores / 60

    @property
    def minutes(self) -> float:
        """The minutes until all are done: both go on at the same time, and the slower one counts."""
        return max(self.bank_minutes, self.worker_minutes)

    @property
    def bound(self) -> str:
        """What the fleet waits for."""
        return "the bank" if self.bank_minutes >= self.worker_minutes else "the workers"


def seconds_of_budget(requests: int) -> float:
    """Return the seconds until one address may have sent so many requests, which all wait from the beginning on."""
    rates = [(rate.requests, slots_of(rate)) for rate in RATES]
    windows: list[deque[tuple[int, int]]] = [deque() for _ in rates]
    sums, slot, left = [0] * len(rates), 0, requests
    while left > 0:
        room = left
        for place, (limit, span) in enumerate(rates):
            while windows[place] and windows[place][0][0] <= slot - span:
                sums[place] -= windows[place].popleft()[1]
            room = min(room, limit - sums[place])
        for place, window in enumerate(windows):
            if room:
                window.append((slot, room))
                sums[place] += room
        left -= room
        slot += 1
    return slot * SLOT


def main() -> None:
    """Print the table of docs/fleet.md."""
    columns = (
        "clients",
        "requests each",
        "addresses",
        "requests",
        "bank, min",
        "workers, min",
        "done after",
        "bound",
    )
    sys.stdout.write(f"| {' | '.join(columns)} |\n|--:|--:|--:|--:|--:|--:|--:|---|\n")
    for clients, requests, egresses in itertools.product((500, 5_000, 50_000), (4, 24), (1, 4)):
        one = FleetPlan(clients, requests, egresses, cores=4)
        sys.stdout.write(
            f"| {clients:,} | {requests} | {egresses} | {one.all_requests:,} | {one.bank_minutes:.0f} |"
            f" {one.worker_minutes:.0f} | {one.minutes:.0f} min | {one.bound} |\n"
        )


if __name__ == "__main__":
    main()
