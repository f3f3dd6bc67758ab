"""A movement in its most compact form, and the scribe who writes such facts down."""

from math import exp, log
from typing import NamedTuple

from primanota.simulator.data.company import EXTERNAL, MAIN, OLD, SAVINGS
from primanota.simulator.data.identifiers import dice
from primanota.simulator.data.operation_kinds import COMPLETED, DECLINED, KIND_LIST, NUMBER, PENDING
from primanota.simulator.data.timestamps import DAY, SECOND

SPAN = 425 * DAY  # about fourteen months
COMPLETES, COMPLETES_OTHERWISE, IS_DECLINED, GETS_RECEIPT = range(4)

_LOW_WATER = 2_000_000  # cents below which an account earns rather than spends
_EARNS = {
    MAIN: NUMBER["income"],
    SAVINGS: NUMBER["income"],
    OLD: NUMBER["income"],
    EXTERNAL: NUMBER["external-in"],
}
_RATIO = tuple(log(kind.high / kind.low) if kind.low else 0.0 for kind in KIND_LIST)


class Fact(NamedTuple):
    """One movement: numbers of tables, signed cents, milliseconds of UTC.

    Rows that settle in the same millisecond chain in the order of `tie`. What becomes of the row at `due` is its
    `fate`. `receipts` counts its attachments.
    """

    account: int
    kind: int
    status: int
    signed: int
    created: int
    emitted: int
    settled: int | None
    updated: int
    tie: int
    due: int | None = None
    fate: int | None = None
    receipts: int = 0


class Scribe:
    """Writes facts; remembers only what each account has, so that no account is overdrawn for long."""

    def __init__(self, seed: int, now: int) -> None:
        self.now = now
        self.start = now - SPAN
        self.rng = dice(seed, 0)
        self._running = [0, 0, 0, 0]

    def needed(self, account: int, kind: int) -> int:
        """The kind itself, or an income when the account runs low."""
        return _EARNS[account] if self._running[account] < _LOW_WATER else kind

    def cents(self, kind: int) -> int:
        """An amount such as this kind has: small ones often, large ones seldom."""
        return round(KIND_LIST[kind].low * exp(_RATIO[kind] * self.rng.random()))

    def booked(self, account: int, kind: int, cents: int, created: int, settles: int) -> Fact:
        """A movement that settles at `settles`, or is still pending when that is yet to come."""
        roll = self.rng.random()
        signed = cents if KIND_LIST[kind].credit else -cents
        tie = int(roll * 1_000_000_007)
        emitted = created - 81
        if settles > self.now:
            fate = COMPLETES if roll < 0.7 else COMPLETES_OTHERWISE if roll < 0.9 else IS_DECLINED  # noqa: PLR2004 - shares
            return Fact(account, kind, PENDING, signed, created, emitted, None, created, tie, settles, fate)
        self._running[account] += signed
        updated = self._touched(settles, roll)
        receipts = _receipts(roll)
        return Fact(account, kind, COMPLETED, signed, created, emitted, settles, updated, tie, None, None, receipts)

    def declined(self, account: int, kind: int, cents: int, created: int) -> Fact:
        """A movement that never happened; its emission is a few seconds after its creation."""
        signed = cents if KIND_LIST[kind].credit else -cents
        emitted = min(created + 4 * SECOND, self.now)
        return Fact(account, kind, DECLINED, signed, created, emitted, None, emitted, 0)

    def _touched(self, settled: int, roll: float) -> int:
        """When the row was last touched: mostly at once, one in ten within the month after."""
        later = 30 * DAY if roll > 0.9 else 4 * SECOND  # noqa: PLR2004 - one in ten
        return min(settled + int(self.rng.random() * later), self.now)


def _receipts(roll: float) -> int:
    """A third of the rows have one receipt, some two, a few as many as the bank allows."""
    return sum(roll < share for share in (0.33, 0.03, 0.002, 0.002, 0.002))
