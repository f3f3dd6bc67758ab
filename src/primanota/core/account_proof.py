"""What is proven of an account over a period: the balances at its ends, and what moved between them. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from primanota.core.balance_chain import Gap
from primanota.core.model import COMPLETED, PENDING, Account
from primanota.core.period import Period, midnight
from primanota.core.proof_state import SETTLED, ProofState, State, verdict

# What is proven of the rows of a period. ``chain``: each balance follows from the one before. ``sums``: opening, in
# and out make the closing. ``bank``: all rows of the account make the bank's balance, as of the last sync.
# ``earlier``: the same, as of an earlier sync. ``counts``: the bank counts as many rows as the book has.
# ``statements``: all rows of an account of files lead to the balances that its statements state.
Proven = Literal["chain", "sums", "bank", "earlier", "counts", "statements"]
# What is not. ``gap``: money is missing between two rows. ``late_start``: before the first one. ``doubtful``,
# ``partial``, ``unread``, ``gone``: the state of the account. ``no_balances``: the bank states none after each row.
# ``later``: days after the moment up to which the account is proven. ``pending``: rows that have not settled.
Unproven = Literal["gap", "late_start", "doubtful", "partial", "unread", "gone", "no_balances", "later", "pending"]


class RowSum(NamedTuple):
    """The number of rows of an account with one status, and money in and out, in cents."""

    account: str
    status: str
    rows: int
    sum_in: int
    sum_out: int


class AccountProof(msgspec.Struct, frozen=True):
    """The proof of an account over a period, in cents; balances are None where the bank does not state them.

    The book stores it with a month that is closed.

    ``state`` is that of the rows of the period, ``found`` that of the account. ``counts`` are the rows by status.
    ``late_start`` is the balance before the account's first row, if that is in the period and should be 0. ``bank``
    is the balance of the account that the bank stated at the last sync, which ``is_newest`` if all rows of the
    account settled before the end of the period. ``synced`` and ``until``, up to which the account is proven, are
    local times. ``head`` is the hash of the book's newest version, whose number is ``versions``.
    """

    account: Account
    period: Period
    state: State
    found: ProofState
    has_balances: bool
    opening: int | None
    closing: int | None
    counts: list[RowSum]
    gaps: list[Gap]
    late_start: int
    bank: int | None
    is_newest: bool
    synced: datetime | None
    until: datetime | None
    now: datetime
    head: str
    versions: int

    @property
    def completed(self) -> RowSum:
        """Return the sums of the completed rows."""
        nothing = RowSum(self.account.id, COMPLETED, 0, 0, 0)
        return next((one for one in self.counts if one.status == COMPLETED), nothing)

    @property
    def missing(self) -> int | None:
        """Return the cents by which the closing balance differs from opening, in and out; None if it is not known."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.completed.sum_in - self.completed.sum_out

    @property
    def last_known_day(self) -> date:
        """Return the last day of the period of which the book can know something."""
        return min(self.period.last, (self.synced or self.now).date())

    @property
    def reaches_beyond(self) -> bool:
        """Return whether the period ends after the moment up to which the account is proven."""
        zone = self.now.tzinfo
        return zone is None or self.until is None or midnight(self.period.end, zone) > self.until

    @property
    def proven(self) -> list[Proven]:
        """Return what is proven of the rows of the period, in the order in which it is said."""
        return [*self._proven()]

    @property
    def unproven(self) -> list[Unproven]:
        """Return what is not proven, in the order in which it is said."""
        return [*self._unproven()]

    def _proven(self) -> Iterator[Proven]:
        if self.state in {"proven", "gone"}:
            if self.has_balances and self.completed.rows:
                yield "chain"
            if self.missing == 0:
                yield "sums"
            if self.account.from_files:
                yield "statements"
            else:
                yield "bank" if self.found.state == "proven" else "earlier"
        if not self.account.from_files and self.found.state in SETTLED and verdict(self.state) is not False:
            yield "counts"

    def _unproven(self) -> Iterator[Unproven]:
        if self.gaps:
            yield "gap"
        if self.late_start:
            yield "late_start"
        match self.found.state:
            case "doubtful" | "partial" | "unread" | "gone" as state:
                yield state
        if not self.has_balances:
            yield "no_balances"
        if self.reaches_beyond and self.until is not None:
            yield "later"
        if any(one.status == PENDING for one in self.counts):
            yield "pending"
