"""How many requests are sent at the same time: more while answers are quick, half with each trouble."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.banks.qonto.http.concurrency import Asked, Concurrency
from primanota.core.hosts import MOST_CONNECTIONS
from tests.support.factories import quick


class _Bank:
    """A bank whose answers take as long as a test says, without waiting."""

    def __init__(self, most: int = MOST_CONNECTIONS) -> None:
        self.now = 0.0
        self.concurrency = Concurrency(most, lambda: self.now)

    def round(self, seconds: float = 0.15, *, troubles: int = 0) -> int:
        """Send as many requests as are allowed at the same time, and let all be answered; return how many."""
        with ExitStack() as turns:
            asked = [self._ask(turns) for _ in range(self.concurrency.allowed)]
            self.now += seconds
            for number, one in enumerate(asked):
                if number < troubles:
                    self.concurrency.troubled(one)
                else:
                    self.concurrency.answered(one)
        return len(asked)

    def _ask(self, turns: ExitStack) -> Asked:
        turns.enter_context(self.concurrency.turn(_never_waits))
        return self.concurrency.asked()


class _WouldWaitError(Exception):
    """All turns are taken."""


def _never_waits() -> float:
    raise _WouldWaitError


def test_quick_answers_double_the_number_up_to_the_most() -> None:
    """It begins with 16, and with quick answers at least twice as many are sent in each round, up to 64."""
    bank = _Bank()
    assert [bank.round() for _ in range(4)] == [16, 34, 64, 64]


def test_each_quick_answer_allows_two_more() -> None:
    """Where the number allowed is in use at each answer, it triples in a round."""
    bank = _Bank()
    with ExitStack() as turns:
        asked = [bank._ask(turns) for _ in range(16)]
        for one in asked:
            bank.concurrency.answered(one)
            bank._ask(turns)
            bank._ask(turns)
    assert bank.concurrency.allowed == 48


@pytest.mark.parametrize("most", [1, 3, 16, 20])
def test_a_smaller_number_is_kept(most: int) -> None:
    """A person's smaller number is never exceeded."""
    bank = _Bank(most)
    assert {bank.round() for _ in range(5)} <= {min(16, most), most}
    assert bank.concurrency.allowed == most


def test_a_year_takes_few_rounds() -> None:
    """The 365 pages of a year's 36,500 rows take one round more than with all connections from the start."""
    bank, left, rounds = _Bank(), 365, 0
    while left > 0:
        left -= bank.round()
        rounds += 1
    assert rounds == -(-365 // 64) + 1


def test_a_burst_of_troubles_halves_the_number_once() -> None:
    """All requests that are refused in one round have the same reason: the number is halved once."""
    bank = _Bank()
    for _ in range(3):
        bank.round()
    assert bank.round(troubles=64) == 64
    assert bank.round(troubles=1) == 32
    assert bank.round() == 16


def test_after_a_trouble_the_number_grows_by_one_in_each_round() -> None:
    """After the first trouble the number grows slowly, so that it stays near to what the bank bears."""
    bank = _Bank()
    bank.round(troubles=1)
    assert [bank.round() for _ in range(4)] == [8, 9, 10, 11]


def test_it_never_falls_below_one_and_recovers() -> None:
    """A bank in trouble is asked for one thing at a time, and for more when it has recovered."""
    bank = _Bank()
    for _ in range(10):
        bank.round(troubles=bank.concurrency.allowed)
    assert bank.concurrency.allowed == 1
    for _ in range(70):
        bank.round()
    assert bank.concurrency.allowed == 64


def test_slow_answers_let_the_number_stay() -> None:
    """Answers that take more than twice the time of the quickest, and long, let the number neither grow nor fall."""
    bank = _Bank()
    assert [bank.round(0.4), bank.round(0.9), bank.round(0.9)] == [16, 34, 34]


def test_a_bank_that_is_always_slow_is_quick_enough() -> None:
    """Where each answer takes two seconds, two seconds are quick."""
    bank = _Bank()
    assert [bank.round(2.0) for _ in range(3)] == [16, 34, 64]


def test_few_requests_let_the_number_stay() -> None:
    """That one answer at a time is quick says nothing of many at a time."""
    bank = _Bank()
    for _ in range(100):
        with bank.concurrency.turn(_never_waits):
            bank.concurrency.answered(bank.concurrency.asked())
    assert bank.concurrency.allowed == 16


def test_no_turn_is_left() -> None:
    """When all turns are taken the next one waits as long as it may, and then has the error of its limit."""
    concurrency = Concurrency(1)
    with concurrency.turn(_never_waits), pytest.raises(_WouldWaitError), concurrency.turn(_never_waits):
        pass
    with concurrency.turn(_never_waits):
        pass


@quick
@given(
    most=st.integers(1, 64),
    rounds=st.lists(st.tuples(st.floats(0, 3), st.integers(0, 64)), max_size=30),
)
def test_the_number_is_always_one_that_is_allowed(most: int, rounds: list[tuple[float, int]]) -> None:
    """From one to the most requests are in flight whatever the bank does, and the most after many quick answers."""
    bank = _Bank(most)
    for seconds, troubles in rounds:
        assert 1 <= bank.round(seconds, troubles=troubles) <= most
    for _ in range(70):
        bank.round(0.0)
    assert bank.concurrency.allowed == most


@quick
@given(most=st.integers(1, 8), outcomes=st.lists(st.booleans(), min_size=1, max_size=40))
def test_threads_never_wait_for_ever(most: int, outcomes: list[bool]) -> None:
    """Many threads that take turns all get one, and at no moment more have one than the most."""
    concurrency, present, seen = Concurrency(most), [], []
    begin = Barrier(len(outcomes))

    def work(is_fine: bool) -> None:  # noqa: FBT001 - mapped
        begin.wait()
        with concurrency.turn(lambda: 30.0):
            present.append(1)
            seen.append(len(present))
            asked = concurrency.asked()
            (concurrency.answered if is_fine else concurrency.troubled)(asked)
            present.pop()

    with ThreadPoolExecutor(len(outcomes)) as threads:
        list(threads.map(work, outcomes))
    assert len(seen) == len(outcomes)
    assert max(seen) <= most
    assert concurrency._in_flight == 0
