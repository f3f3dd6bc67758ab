"""Organisations at one address share its requests, and none of them takes all."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from primanota.banks.qonto.http.rates import Rate, RequestBudget
from primanota.banks.qonto.http.shares import SharedBudget

_RATES = (Rate(20, 10), Rate(100, 600))


class _Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _sent(share: RequestBudget, clock: _Time) -> float:
    """Return when a request of a share is sent, if it is asked for now."""
    held = clock.now + share.hold_back()
    begun, clock.now = clock.now, held
    sent = held + share.reserve()
    clock.now = begun
    return sent


@pytest.fixture
def shared() -> Iterator[tuple[SharedBudget, _Time, ExitStack]]:
    """Return a budget, its clock, and a stack for the shares."""
    clock = _Time()
    with ExitStack() as stack:
        yield SharedBudget(_RATES, clock), clock, stack


def test_a_large_organisation_leaves_the_others_their_part(shared: tuple[SharedBudget, _Time, ExitStack]) -> None:
    """While one organisation sends as much as it may, another of four still sends its part of every rate at once."""
    budget, clock, stack = shared
    large, small, *_ = [stack.enter_context(budget.share()) for _ in range(4)]
    sent = 0
    while clock.now < 600:
        clock.now = _sent(large, clock)
        sent += clock.now < 600
    assert sent == 25
    assert [_sent(small, clock) - clock.now for _ in range(5)] == [0.0] * 5


def test_alone_it_has_everything(shared: tuple[SharedBudget, _Time, ExitStack]) -> None:
    """The last organisation that reads the bank has all requests of the address."""
    budget, clock, stack = shared
    with budget.share():
        last = stack.enter_context(budget.share())
        assert _sent(last, clock) == 0
    assert [_sent(last, clock) for _ in range(19)] == [0.0] * 19
    assert _sent(last, clock) == 10


def test_together_they_keep_the_rates(shared: tuple[SharedBudget, _Time, ExitStack]) -> None:
    """However many share an address, no ten seconds and no ten minutes have more requests than its rates."""
    budget, clock, stack = shared
    shares = [stack.enter_context(budget.share()) for _ in range(7)]
    moments = list[float]()
    for number in range(260):
        clock.now += number % 3
        moments.append(_sent(shares[number % 7], clock))
        clock.now = max(clock.now, moments[-1])
    moments.sort()
    for rate in _RATES:
        pairs = zip(moments, moments[rate.requests :], strict=False)
        assert all(later - earlier >= rate.seconds - 1e-6 for earlier, later in pairs)
