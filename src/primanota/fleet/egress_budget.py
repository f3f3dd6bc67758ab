"""The requests that may be sent from one address to the bank, shared by all workers behind it.

The bank counts the requests of an address: at most 1,000 in 10 seconds and 10,000 in 10 minutes, as they arrive, over
every interval of that length. The workers are several processes on several machines, whose clocks differ, and a
request arrives some time after it was sent. Why the bank's counts are never exceeded:

1. Each request is taken from the database first, with a portion of others. A portion is written down in the slot, of
   half a second, in which it was taken, by the database's clock alone. One row lock orders all who take, and the
   clock is read behind it; so slots are filled in their order, and nothing is added to an earlier one.
2. A portion is used at once: only requests that wait are asked for. What was taken in a slot arrives at the bank
   between the beginning of the slot and ``_ARRIVAL`` seconds after its end: the answer of the database, the way to
   the bank and, for a new connection, its handshake. A request that is not sent in the first half of this time, as
   its thread was held up, is thrown away, and another one is taken.
3. So what arrives in an interval of L seconds was taken within L + ``_ARRIVAL`` seconds, which touch at most
   ceil((L + ``_ARRIVAL``) / 0.5) + 1 slots. In so many successive slots at most R requests are taken: this is checked
   for the slots that end with the present one whenever it is filled; earlier ones do not change any more.
4. What a killed worker took counts, whether it was sent or not. A restart of the database keeps what was committed.

R is the bank's number less 5 % (``rates.py`` of the bank), for the few requests that are later than ``_ARRIVAL``.

Fair: a first sync, which may need thousands of requests, gets at most 70 % of each rate, so runs that are due always
find room. Within a worker the requests are dealt to its clients in turn, however many each of them asks for.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from math import ceil
from random import Random
from threading import Condition, Thread
from typing import NamedTuple, Protocol

from primanota.core.errors import PrimanotaError
from primanota.fleet.database import FleetDatabase

SLOT = 0.5  # seconds; take_requests() has it, too
_ARRIVAL = 2.0
_PORTION = 50  # requests at once
_OF_FIRST_SYNCS = 0.7
_LONGEST_PAUSE = 5.0


class EgressRate(Protocol):
    """At most so many requests in so many seconds, wherever these begin."""

    @property
    def requests(self) -> int:
        """The number of requests."""

    @property
    def seconds(self) -> float:
        """The length of the interval."""


class GivenBack(BaseException):
    """The worker stops: what runs ends at once, is no failure, and is run again by another worker."""


class Portion(NamedTuple):
    """Requests that were taken; or none, and the seconds after which to ask again."""

    requests: int
    pause: float


def slots_of(rate: EgressRate) -> int:
    """Return in how many successive slots the requests of a rate may be taken."""
    return ceil((rate.seconds + _ARRIVAL) / SLOT) + 1


class EgressBudget:
    """The budget of an address in the database.

    Args:
        database: the fleet's database.
        egress: the name of the address.
        rates: those of the bank.
    """

    def __init__(self, database: FleetDatabase, egress: str, rates: Sequence[EgressRate]) -> None:
        self._database = database
        self._egress = egress
        self._limits = [rate.requests for rate in rates]
        self._spans = [slots_of(rate) for rate in rates]
        self._is_known = False

    def take(self, wanted: int, *, first_sync: bool = False, slot: int | None = None) -> Portion:
        """Take up to so many requests, which must be sent at once.

        Args:
            wanted: how many.
            first_sync: for the first sync of a client.
            slot: the present slot, instead of that of the database's clock.

        Raises:
            ServiceUnavailable: the database cannot be reached.
        """
        if not self._is_known:
            query = "INSERT INTO egress_budgets (egress) VALUES (%s) ON CONFLICT DO NOTHING"
            self._database.execute(query, self._egress)
            self._is_known = True
        limits = [int(limit * _OF_FIRST_SYNCS) if first_sync else limit for limit in self._limits]
        query = "SELECT granted, pause FROM take_requests(%s, %s, %s::integer[], %s::integer[], %s)"
        granted, pause = self._database.fetch(query, self._egress, wanted, limits, self._spans, slot)[0]
        return Portion(granted, pause * SLOT)


class _Turn:
    """A request that waits. ``sent_before`` is set when it is dealt: the moment until which it must be sent."""

    __slots__ = ("sent_before",)

    def __init__(self) -> None:
        self.sent_before: float | None = None


class RequestDealer:
    """Takes requests for all clients of a worker, and deals them to the clients in turn.

    Args:
        take: takes requests from the database.
        name: of the thread.
        clock: seconds of a clock that is never set back.

    Attributes:
        dealt: how many requests were dealt.
        waited: how many seconds requests waited, all together.
    """

    def __init__(
        self, take: Callable[[int], Portion], *, name: str = "requests", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._take = take
        self._clock = clock
        self._waiting: OrderedDict[str, deque[_Turn]] = OrderedDict()
        self._changed = Condition()
        self._is_stopped = False
        self._chance = Random()  # noqa: S311 - how long to wait
        self.dealt, self.waited = 0, 0.0
        Thread(target=self._deal_all, name=name, daemon=True).start()

    def reserve(self, client: str) -> None:
        """Wait until a request of a client may be sent.

        Raises:
            GivenBack: the worker stops.
        """
        began = self._clock()
        while True:
            turn = _Turn()
            with self._changed:
                self._waiting.setdefault(client, deque()).append(turn)
                self._changed.notify_all()
                while turn.sent_before is None and not self._is_stopped:
                    self._changed.wait()
                if turn.sent_before is None:
                    raise GivenBack
                if self._clock() <= turn.sent_before:
                    self.dealt += 1
                    self.waited += self._clock() - began
                    return

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def stop(self) -> None:
        """End every wait, at once and for ever."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def _deal_all(self) -> None:
        failures = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_stopped)
                if self._is_stopped:
                    return
                wanted = min(sum(map(len, self._waiting.values())), _PORTION)
            asked = self._clock()
            try:
                portion, failures = self._take(wanted), 0
            except PrimanotaError:  # the database is away: everything waits until it is back
                failures += 1
                portion = Portion(0, min(0.1 * 2**failures, _LONGEST_PAUSE))
            with self._changed:
                self._deal(portion.requests, asked + _ARRIVAL / 2)
                if not portion.requests:
                    pause = min(portion.pause, _LONGEST_PAUSE) * self._chance.uniform(1.0, 1.2)
                    self._changed.wait_for(lambda: self._is_stopped, timeout=max(pause, 0.01))

    def _deal(self, requests: int, sent_before: float) -> None:
        """Deal requests to the clients in turn, each client's in their order."""
        for _ in range(requests):
            if not self._waiting:
                return
            client, turns = self._waiting.popitem(last=False)
            turns.popleft().sent_before = sent_before
            if turns:
                self._waiting[client] = turns  # behind the others
        self._changed.notify_all()


class ClientRequests:
    """The requests of one client: what the bank's client asks before it sends one.

    Args:
        dealer: deals the requests of this worker.
        client: the login.
    """

    def __init__(self, dealer: RequestDealer, client: str) -> None:
        self._dealer = dealer
        self._client = client

    def hold_back(self) -> float:
        """Return 0: the dealer sees to it that others get theirs."""
        return 0.0

    def reserve(self) -> float:
        """Wait until a request may be sent, and return 0.

        Raises:
            GivenBack: the worker stops.
        """
        self._dealer.reserve(self._client)
        return 0.0

    def seconds_until(self, requests: int) -> float:  # noqa: ARG002 - what others take is not known
        """Return 0: how long further requests take depends on the other clients."""
        return 0.0
