"""The stored form of an invented transaction, and the generator that fills it."""

from math import exp, log
from typing import NamedTuple

from primanota.simulator.data.company import CLOSED, EXTERNAL, MAIN, SAVINGS
from primanota.simulator.data.identifiers import seeded_random
from primanota.simulator.data.operation_kinds import COMPLETED, DECLINED, KIND_NUMBERS, KINDS, PENDING
from primanota.simulator.data.timestamps import DAY, SECOND

SPAN = 425 * DAY  # about fourteen months
COMPLETES, COMPLETES_WITH_OTHER_AMOUNT, IS_DECLINED, GETS_ATTACHMENT = range(4)

_MINIMUM_BALANCE = 2_000_000  # cents; below it an account gets income instead of expenses
_INCOME_KINDS = {
    MAIN: KIND_NUMBERS["income"],
    SAVINGS: KIND_NUMBERS["income"],
    CLOSED: KIND_NUMBERS["income"],
    EXTERNAL: KIND_NUMBERS["external-in"],
}
_LOG_RANGES = tuple(log(kind.high / kind.low) if kind.low else 0.0 for kind in KINDS)


class TransactionFacts(NamedTuple):
    """One transaction in its most compact form. Accounts, kinds and statuses are numbers of their tables.

    `signed_cents` is negative for a debit; the timestamps are milliseconds of UTC. The running balances of
    transactions that settle in the same millisecond follow the order of `tie_breaker`. `outcome` says what happens
    to the transaction at `due`. `attachments` counts the attached receipts.
    """

    account: int
    kind: int
    status: int
    signed_cents: int
    created: int
    emitted: int
    settled: int | None
    updated: int
    tie_breaker: int
    due: int | None = None
    outcome: int | None = None
    attachments: int = 0


class TransactionGenerator:
    """Generates facts. It tracks only the balance of each account, so that no account is overdrawn for long."""

    def __init__(self, seed: int, now: int) -> None:
        self.now = now
        self.start = now - SPAN
        self.rng = seeded_random(seed, 0)
        self._balances = [0, 0, 0, 0]

    def affordable_kind(self, account: int, kind: int) -> int:
        """Return the kind itself, or an income when the account's balance is low."""
        return _INCOME_KINDS[account] if self._balances[account] < _MINIMUM_BALANCE else kind

    def random_cents(self, kind: int) -> int:
        """Return an amount typical of this kind: small amounts often, large amounts seldom."""
        return round(KINDS[kind].low * exp(_LOG_RANGES[kind] * self.rng.random()))

    def booked(self, account: int, kind: int, cents: int, created: int, settles: int) -> TransactionFacts:
        """Return a transaction that settles at `settles`; it is still pending if that lies in the future."""
        roll = self.rng.random()
        signed_cents = cents if KINDS[kind].credit else -cents
        tie_breaker = int(roll * 1_000_000_007)
        emitted = created - 81
        if settles > self.now:
            outcome = COMPLETES if roll < 0.7 else COMPLETES_WITH_OTHER_AMOUNT if roll < 0.9 else IS_DECLINED  # noqa: PLR2004 - shares
            times = (created, emitted, None, created)
            return TransactionFacts(account, kind, PENDING, signed_cents, *times, tie_breaker, settles, outcome)
        self._balances[account] += signed_cents
        updated = self._last_update(settles, roll)
        numbers = (signed_cents, created, emitted, settles, updated, tie_breaker)
        return TransactionFacts(account, kind, COMPLETED, *numbers, attachments=_attachment_count(roll))

    def declined(self, account: int, kind: int, cents: int, created: int) -> TransactionFacts:
        """Return a declined transaction. Its emission is four seconds after its creation."""
        signed_cents = cents if KINDS[kind].credit else -cents
        emitted = min(created + 4 * SECOND, self.now)
        return TransactionFacts(account, kind, DECLINED, signed_cents, created, emitted, None, emitted, 0)

    def _last_update(self, settled: int, roll: float) -> int:
        """Return when the transaction was last updated: mostly at once, one in ten within the month after."""
        latest = 30 * DAY if roll > 0.9 else 4 * SECOND  # noqa: PLR2004 - one in ten
        return min(settled + int(self.rng.random() * latest), self.now)


def _attachment_count(roll: float) -> int:
    """Return 1 for a third of the transactions, 2 for some, 5 (the bank's maximum) for a few."""
    return sum(roll < share for share in (0.33, 0.03, 0.002, 0.002, 0.002))
