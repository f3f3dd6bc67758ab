"""The generator of invented transactions."""

from collections.abc import Iterable
from math import exp, log

from primanota.simulator.data.company import CLOSED, EXTERNAL, MAIN, SAVINGS
from primanota.simulator.data.identifiers import seeded_random
from primanota.simulator.data.operation_kinds import COMPLETED, DECLINED, KIND_NUMBERS, KINDS, PENDING
from primanota.simulator.data.timestamps import DAY, SECOND
from primanota.simulator.data.transaction import (
    COMPLETES,
    COMPLETES_WITH_OTHER_AMOUNT,
    IS_DECLINED,
    SimulatedTransaction,
)

SPAN = 425 * DAY  # about fourteen months

_MINIMUM_BALANCE = 2_000_000  # cents; below it an account gets income instead of expenses
_INCOME_KINDS = {
    MAIN: KIND_NUMBERS["income"],
    SAVINGS: KIND_NUMBERS["income"],
    CLOSED: KIND_NUMBERS["income"],
    EXTERNAL: KIND_NUMBERS["external-in"],
}
_LOG_RANGES = tuple(log(kind.high / kind.low) if kind.low else 0.0 for kind in KINDS)


class TransactionGenerator:
    """Generates transactions. It tracks the balances of the accounts, so that they are not overdrawn for long."""

    def __init__(self, seed: int, now: int, balances: Iterable[int] = (0, 0, 0, 0)) -> None:
        self.now = now
        self.start = now - SPAN
        self.rng = seeded_random(seed, 0)
        self._balances = list(balances)

    def affordable_kind(self, account: int, kind: int) -> int:
        """Return the kind itself, or an income when the account's balance is low."""
        return _INCOME_KINDS[account] if self._balances[account] < _MINIMUM_BALANCE else kind

    def random_cents(self, kind: int) -> int:
        """Return an amount typical of this kind: small amounts often, large amounts seldom."""
        return self.typical_cents(kind, self.rng.random())

    def typical_cents(self, kind: int, roll: float) -> int:
        """Return the amount that a random number from 0 to 1 selects."""
        return round(KINDS[kind].low * exp(_LOG_RANGES[kind] * roll))

    def book(self, account: int, signed_cents: int) -> None:
        """Track a transaction that was made without this generator's random numbers."""
        self._balances[account] += signed_cents

    def booked(self, account: int, kind: int, cents: int, created: int, settles: int) -> SimulatedTransaction:
        """Return a transaction that settles at `settles`; it is still pending if that lies in the future."""
        roll = self.rng.random()
        signed_cents = cents if KINDS[kind].credit else -cents
        tie_breaker = int(roll * 1_000_000_007)
        emitted = created - 81
        if settles > self.now:
            outcome = COMPLETES if roll < 0.7 else COMPLETES_WITH_OTHER_AMOUNT if roll < 0.9 else IS_DECLINED  # noqa: PLR2004 - shares
            times = (created, emitted, None, created)
            return SimulatedTransaction(account, kind, PENDING, signed_cents, *times, tie_breaker, settles, outcome)
        self._balances[account] += signed_cents
        updated = self._last_update(settles, roll)
        numbers = (signed_cents, created, emitted, settles, updated, tie_breaker)
        return SimulatedTransaction(account, kind, COMPLETED, *numbers, attachments=_attachment_count(roll))

    def declined(self, account: int, kind: int, cents: int, created: int) -> SimulatedTransaction:
        """Return a declined transaction. Its emission is four seconds after its creation."""
        signed_cents = cents if KINDS[kind].credit else -cents
        emitted = min(created + 4 * SECOND, self.now)
        return SimulatedTransaction(account, kind, DECLINED, signed_cents, created, emitted, None, emitted, 0)

    def _last_update(self, settled: int, roll: float) -> int:
        """Return when the transaction was last updated: mostly at once, one in ten within the month after."""
        latest = 30 * DAY if roll > 0.9 else 4 * SECOND  # noqa: PLR2004 - one in ten
        return min(settled + int(self.rng.random() * latest), self.now)


def _attachment_count(roll: float) -> int:
    """Return 1 for a third of the transactions, 2 for some, 5 (the bank's maximum) for a few."""
    return sum(roll < share for share in (0.33, 0.03, 0.002, 0.002, 0.002))
