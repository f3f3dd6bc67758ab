"""How far an account is proven, as the last sync found it: the same names in book, tables, JSON and mail. Pure."""

from typing import Literal

import msgspec

# ``proven``: the last sync compared all rows with the bank's balance. ``counts only``: the bank states no balances,
# and its counts agree. ``doubtful``: the last sync read it, and something does not add up. ``partial``: the last
# sync did not read it to the end. ``unread``: it was never read whole. ``gone``: the bank no longer shows it.
State = Literal["proven", "counts only", "doubtful", "partial", "unread", "gone"]


class ProofState(msgspec.Struct, frozen=True):
    """The proof of an account. Moments are microseconds since 1970, UTC.

    ``until`` is the moment up to which the account was last proven against the bank, None if it never was.
    ``reasons`` say why the last sync could not prove it. ``since`` is when it came into this state.
    """

    state: State = "unread"
    until: int | None = None
    reasons: tuple[str, ...] = ()
    since: int = 0
