"""The days after the history: what each calendar day brings follows from the seed and the day alone.

So a simulator that is started again, on the same day or on a later one, has the same transactions as before.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from random import Random

from primanota.simulator.data.company import EXTERNAL, MAIN
from primanota.simulator.data.history import KINDS_BY_ACCOUNT, MAX_SETTLEMENT_TIMES, pick_account
from primanota.simulator.data.identifiers import seeded_random
from primanota.simulator.data.operation_kinds import KIND_NUMBERS, KINDS, PENDING
from primanota.simulator.data.timestamps import DAY, HOUR, MINUTE, SECOND, to_datetime
from primanota.simulator.data.transaction import (
    COMPLETES,
    COMPLETES_THEN_GETS_ATTACHMENT,
    COMPLETES_WITH_OTHER_AMOUNT,
    DISAPPEARS,
    IS_DECLINED,
    IS_RELEASED,
    SimulatedTransaction,
)
from primanota.simulator.data.transaction_generator import SPAN, TransactionGenerator

_RANDOM_OF_DAYS = 1 << 39  # plus the day: the random generator of one day
_FEE_CENTS = 2_900
_CARD = KIND_NUMBERS["card"]
_MONDAY, _WEDNESDAY = 0, 2
_RELEASED_AFTER = 5 * DAY
_DISAPPEARS_AFTER = 9 * DAY  # the longest that a card payment stays pending (Qonto help 4359576)


class DailyTransactions:
    """Generates the transactions of each day after the history, in the order of time and of their numbers.

    Args:
        size: the number of transactions of the history; a day brings as many as a day of the history.
        seed: selects the invented data.
        opened: the end of the history, in milliseconds of UTC.
        balances: the balances of the accounts at that time, in cents.
    """

    def __init__(self, size: int, seed: int, opened: int, balances: Iterable[int]) -> None:
        self._size = size
        self._seed = seed
        self._opened = opened
        self._generator = TransactionGenerator(seed, opened, balances)
        self._next_day = opened // DAY
        self._next_number = size
        self._upcoming: deque[SimulatedTransaction] = deque()  # the rest of the last day

    def until(self, now: int) -> Iterator[SimulatedTransaction]:
        """Yield the transactions created by `now` that were not yielded before."""
        while self._size:
            while self._upcoming and self._upcoming[0].created <= now:
                yield self._upcoming.popleft()
            if self._upcoming or self._next_day * DAY > now:
                return
            self._upcoming.extend(self._number(self._day(self._next_day)))
            self._next_day += 1

    def _number(self, day: Iterable[SimulatedTransaction]) -> Iterator[SimulatedTransaction]:
        """Yield a day's transactions with their numbers, in the order of time, without those before the opening."""
        for transaction in sorted(day, key=lambda one: one.created):
            if transaction.created > self._opened:
                yield transaction._replace(number=self._next_number)
                self._next_number += 1

    def _day(self, day: int) -> Iterator[SimulatedTransaction]:
        rng = seeded_random(self._seed, _RANDOM_OF_DAYS + day)
        midnight = day * DAY
        for _ in range(self._share(day + 1) - self._share(day)):
            yield self._ordinary(rng, midnight + int(rng.random() * DAY))
        date = to_datetime(midnight)
        if date.day == 1:
            yield self._fee(midnight + 3 * MINUTE + 46 * SECOND + 233)
        if date.weekday() == _MONDAY:
            created = midnight + 9 * HOUR + 20 * MINUTE + rng.randrange(HOUR)
            yield _card_authorisation(rng, created, _RELEASED_AFTER, IS_RELEASED)
        if date.weekday() == _WEDNESDAY:
            created = midnight + 17 * HOUR + 5 * MINUTE + rng.randrange(HOUR)
            yield _card_authorisation(rng, created, _DISAPPEARS_AFTER, DISAPPEARS)

    def _share(self, day: int) -> int:
        """Return how many transactions the days until `day` bring, counted from 1970."""
        return self._size * day * DAY // SPAN

    def _ordinary(self, rng: Random, created: int) -> SimulatedTransaction:
        account = pick_account(rng.random(), 1.0)
        kinds = KINDS_BY_ACCOUNT[account]
        kind = self._generator.affordable_kind(account, kinds[int(rng.random() * len(kinds))])
        cents = self._generator.typical_cents(kind, rng.random())
        settles = created + int(rng.random() * MAX_SETTLEMENT_TIMES[kind])
        outcome = _outcome(rng.random(), kind)
        attachments = 1 if account != EXTERNAL and rng.random() < 0.33 else 0  # noqa: PLR2004 - one in three
        return self._planned(account, kind, cents, (created, settles), outcome, attachments)

    def _fee(self, created: int) -> SimulatedTransaction:
        """Return a monthly fee; its invoice is attached a month later."""
        return self._planned(
            MAIN, KIND_NUMBERS["fee"], _FEE_CENTS, (created, created), COMPLETES_THEN_GETS_ATTACHMENT, 0
        )

    def _planned(
        self, account: int, kind: int, cents: int, times: tuple[int, int], outcome: int, attachments: int
    ) -> SimulatedTransaction:
        """Return a transaction that is pending from the first of the times to the second."""
        created, settles = times
        signed_cents = cents if KINDS[kind].credit else -cents
        if outcome != IS_DECLINED:
            self._generator.book(account, signed_cents)
        moments = (created, created - 81, None, created)
        return SimulatedTransaction(account, kind, PENDING, signed_cents, *moments, 0, settles, outcome, attachments)


def _outcome(roll: float, kind: int) -> int:
    """Return what becomes of an ordinary transaction; the shares are like those of the history."""
    if roll < 0.02:  # noqa: PLR2004 - two in a hundred
        return IS_DECLINED
    return COMPLETES_WITH_OTHER_AMOUNT if roll < 0.08 and kind == _CARD else COMPLETES  # noqa: PLR2004 - six more


def _card_authorisation(rng: Random, created: int, lasts: int, outcome: int) -> SimulatedTransaction:
    """Return a card payment of the main account that never settles."""
    moments = (created, created - 81, None, created)
    cents = rng.randrange(8_000, 45_000)
    return SimulatedTransaction(MAIN, _CARD, PENDING, -cents, *moments, 0, created + lasts, outcome)
