"""How far an account is proven, as the last sync found it: the same names in book, tables, JSON and mail. Pure."""

from collections.abc import Iterable
from typing import Literal

import msgspec

# ``proven``: the last sync compared all rows with the bank's balance. ``counts only``: the bank states no balances,
# and its counts agree. ``doubtful``: the last sync read the account, and something does not add up. ``partial``: the
# last sync did not read it to the end. ``unread``: it was never read whole. ``gone``: the bank no longer shows it.
State = Literal["proven", "counts only", "doubtful", "partial", "unread", "gone"]

# A moment of the bank is trusted only up to this long ahead of this machine's clock. Microseconds.
CLOCK_TOLERANCE = 5 * 60 * 1_000_000
# The states in which the last sync found everything that the bank has.
SETTLED: frozenset[State] = frozenset(("proven", "counts only"))
_WORST_FIRST: tuple[State, ...] = ("unread", "partial", "doubtful", "gone", "counts only", "proven")


class ProofState(msgspec.Struct, frozen=True):
    """The proof of an account. Moments are microseconds since 1970, UTC.

    ``until`` is the moment up to which the account was last proven against the bank, None if it never was.
    ``reasons`` say why the last sync could not prove it. ``since`` is when it came into this state.
    """

    state: State = "unread"
    until: int | None = None
    reasons: tuple[str, ...] = ()
    since: int = 0

    def followed_by(self, state: State, until: int | None, reasons: Iterable[str], now: int) -> "ProofState":
        """Return the state after a sync: proven as far as before, or further; ``since`` stays in the same state.

        Args:
            state: the state that the sync found.
            until: the moment up to which it is proven now, None if the sync proved nothing.
            reasons: why it is not proven.
            now: this machine's clock.
        """
        known = [min(one, now + CLOCK_TOLERANCE) for one in (self.until, until) if one is not None]
        since = self.since if self.state == state and self.since else now
        return ProofState(state, max(known, default=None), tuple(reasons), since)


def verdict(state: State) -> bool | None:
    """Return whether a state means proven; None where the bank states no balances and only the counts agree.

    An account that the bank no longer shows is proven up to the moment at which it was proven last.
    """
    return None if state == "counts only" else state in {"proven", "gone"}


def worst(states: Iterable[State]) -> State:
    """Return the state that tells most against a group of accounts or files; ``proven`` for an empty group."""
    found = set(states)
    return next((state for state in _WORST_FIRST if state in found), "proven")
