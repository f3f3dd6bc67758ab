"""No more requests are sent in a time than the bank allows."""

from hypothesis import given
from hypothesis import strategies as st

from primanota.banks.qonto.http.rates import Rate, RateLimiter
from tests.support.factories import quick

_RATES = (Rate(5, 10), Rate(8, 60))


@quick
@given(pauses=st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_all_rates_are_kept(pauses: list[float]) -> None:
    """However requests come, all rates are kept wherever a time begins, and no request waits longer than it must."""
    now = 0.0
    limiter = RateLimiter(_RATES, lambda: now)
    sent: list[float] = []
    for pause in pauses:
        now += pause
        moment = now + limiter.reserve()
        late = [sent[-rate.requests] + rate.seconds for rate in _RATES if len(sent) >= rate.requests]
        assert moment - max([now, *late]) <= 1e-6
        sent.append(moment)
    for rate in _RATES:
        pairs = zip(sent, sent[rate.requests :], strict=False)
        assert all(later - earlier >= rate.seconds - 1e-6 for earlier, later in pairs)
    assert sent == sorted(sent)


def test_a_burst_is_sent_at_once() -> None:
    """As many requests as a rate allows are sent without a pause, and the next one when the first is long ago."""
    limiter = RateLimiter([Rate(950, 10), Rate(9_500, 600)], lambda: 0.0)
    waits = [limiter.reserve() for _ in range(9_501)]
    assert (waits[949], waits[950], waits[9_499], waits[9_500]) == (0, 10, 90, 600)


@quick
@given(
    pauses=st.lists(st.floats(0, 30), max_size=20),
    further=st.integers(1, 40),
    rates=st.sampled_from([(_RATES[0],), (_RATES[1],), _RATES]),
)
def test_the_time_of_further_requests_is_known(pauses: list[float], further: int, rates: tuple[Rate, ...]) -> None:
    """The least time of further requests is never more than they take, and exact where there is one rate."""
    now = 0.0
    limiter = RateLimiter(rates, lambda: now)
    for pause in pauses:
        now += pause
        limiter.reserve()
    least = limiter.seconds_until(further)
    taken = [limiter.reserve() for _ in range(further)][-1]
    assert least <= taken + 1e-6
    assert len(rates) > 1 or abs(least - taken) <= 1e-6
    assert limiter.seconds_until(0) == 0
