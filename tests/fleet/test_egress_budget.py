"""The request budget of an address."""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primanota.app.bank_access import RATES
from primanota.core.errors import ServiceUnavailable
from primanota.fleet.database import FleetDatabase
from primanota.fleet.egress_budget import (
    _ARRIVAL,
    SLOT,
    ClientRequests,
    EgressBudget,
    GivenBack,
    Portion,
    RequestDealer,
    slots_of,
)


class SmallRate(NamedTuple):
    """A rate that is reached soon."""

    requests: int
    seconds: float


_SMALL = (SmallRate(6, 3.0), SmallRate(15, 15.0))
_names = itertools.count()
# What a worker does: seconds that pass before, how many requests it asks for, and how late they arrive.
_PASSED = st.sampled_from([0.0, 0.1, 0.4, 0.5, 4.5, 4.6, 5.0, 16.6]) | st.floats(0, 8)
_LATE = st.sampled_from([0.0, _ARRIVAL]) | st.floats(0, _ARRIVAL)
_ASKS = st.lists(st.tuples(_PASSED, st.integers(1, 9), _LATE, st.sampled_from([False, False, True])), max_size=25)


def _most_in_any(arrivals: list[float], seconds: float) -> int:
    """Return how many arrivals the bank counts at most in an interval, as it counts them: one after the other."""
    return max((sum(last - seconds < one <= last for one in arrivals) for last in arrivals), default=0)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asks=_ASKS)
def test_no_interval_has_too_many(database: FleetDatabase, asks: list[tuple[float, int, float, bool]]) -> None:
    """However several workers ask, and however late their requests arrive, the bank counts no more than it allows."""
    egress = f"address {next(_names)}"
    workers = itertools.cycle([EgressBudget(database, egress, _SMALL) for _ in range(3)])
    now, arrivals = 1_000.0, list[float]()
    for passed, wanted, late, first in asks:
        now += passed
        found = next(workers).take(wanted, first_sync=first, slot=int(now / SLOT))
        assert 0 <= found.requests <= wanted
        assert found.requests or found.pause > 0
        arrivals += [now + late] * found.requests
    for rate in _SMALL:
        assert _most_in_any(arrivals, rate.seconds) <= rate.requests


def test_the_budget_is_used(database: FleetDatabase) -> None:
    """Workers that always ask get the bank's own rate, less the margin and the time that requests take."""
    budget, slot, taken = EgressBudget(database, "busy", RATES), 5_000, 0
    end = slot + int(1_207 / SLOT)
    while slot < end:
        found = budget.take(50, slot=slot)
        taken += found.requests
        slot += 0 if found.requests else int(found.pause / SLOT)
    # Ten minutes after the first ones the next are taken, as fast as the shorter rate allows.
    assert taken == 2 * RATES[1].requests + RATES[0].requests == 19_950
    assert slots_of(RATES[1]) * SLOT < 603


def test_a_pause_is_long_enough(database: FleetDatabase) -> None:
    """After the pause that a worker is told, it gets a request; a moment before, none."""
    budget = EgressBudget(database, "pause", _SMALL)
    assert [budget.take(9, slot=100).requests, budget.take(9, slot=101).requests] == [6, 0]
    pause = int(budget.take(9, slot=101).pause / SLOT)
    assert budget.take(9, slot=100 + pause).requests == 0
    assert budget.take(9, slot=101 + pause).requests == 6


def test_a_clock_that_is_set_back(database: FleetDatabase) -> None:
    """A clock that is set back, as after a failover, gives nothing away a second time."""
    budget = EgressBudget(database, "clock", _SMALL)
    assert budget.take(6, slot=100).requests == 6
    assert budget.take(6, slot=40).requests == 0


def test_two_addresses_do_not_share(database: FleetDatabase) -> None:
    """What is sent from one address leaves the budget of another one whole."""
    one, other = (EgressBudget(database, name, _SMALL) for name in ("one", "other"))
    assert one.take(9, slot=100).requests == 6
    assert one.take(9, slot=100).requests == 0
    assert other.take(9, slot=100).requests == 6


def test_first_syncs_leave_room(database: FleetDatabase) -> None:
    """First syncs that always ask leave room for a run that is due."""
    budget = EgressBudget(database, "fair", RATES)
    while budget.take(50, first_sync=True, slot=100).requests:
        pass
    assert budget.take(50, slot=100).requests == 50


def test_those_who_ask_at_once(database: FleetDatabase) -> None:
    """Workers that ask at the same instant get no more than there is, all together."""
    budgets = [EgressBudget(database, "storm", _SMALL) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda one: one.take(2, slot=100).requests, budgets)]
    assert sum(found) == 6


# --- within a worker ------------------------------------------------------------------------------------------------


def test_clients_are_served_in_turn() -> None:
    """A client that asks for many requests does not keep another one waiting."""
    everybody, served, order = Event(), Semaphore(1), list[str]()

    def take(_: int) -> Portion:
        everybody.wait(10)
        served.acquire(timeout=10)
        return Portion(1, 0)

    def ask(client: str) -> None:
        ClientRequests(dealer, client).reserve()
        order.append(client)
        served.release()

    dealer = RequestDealer(take)
    with ThreadPoolExecutor(24) as pool:
        waiting = [pool.submit(ask, "huge") for _ in range(20)]
        waiting += [pool.submit(ask, "small") for _ in range(2)]
        while dealer.waiting < 22:
            Event().wait(0.001)
        everybody.set()
        for one in waiting:
            one.result(10)
    dealer.stop()
    assert Counter(order) == {"huge": 20, "small": 2}
    assert dealer.dealt == 22
    assert order[:4].count("small") == 2


def test_a_database_that_comes_back() -> None:
    """A request waits while the database is away, and is sent when it is back."""
    trouble = ServiceUnavailable("away")
    answers: list[ServiceUnavailable | Portion] = [trouble, trouble, Portion(1, 0)]

    def take(_: int) -> Portion:
        found = answers.pop(0)
        if isinstance(found, ServiceUnavailable):
            raise found
        return found

    dealer = RequestDealer(take)
    assert ClientRequests(dealer, "acme").reserve() == 0
    dealer.stop()


def test_what_came_too_late_is_thrown_away() -> None:
    """A request whose thread was held up is not sent with what was taken long ago, but with what is taken now."""
    moments = iter([0.0, 0.0, 5.0, *[5.0] * 10])
    taken = list[int]()

    def take(wanted: int) -> Portion:
        taken.append(wanted)
        return Portion(wanted, 0)

    dealer = RequestDealer(take, clock=lambda: next(moments))
    ClientRequests(dealer, "acme").reserve()
    dealer.stop()
    assert taken == [1, 1]


def test_a_worker_that_stops() -> None:
    """Who waits for a request when the worker stops, waits no longer."""
    dealer = RequestDealer(lambda _: Portion(0, 60))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ClientRequests(dealer, "acme").reserve)
        dealer.stop()
        with pytest.raises(GivenBack):
            waiting.result(10)
