"""What happens at an invented bank in the weeks of a company, in any order."""

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from primanota.core.model import COMPLETED
from primanota.simulator import Simulator
from tests.support.banks.shy_bank import reinstate, unlist_account
from tests.support.clock import Clock

_SIZE = 12
# The place of the savings account among the accounts, which the bank may show no more.
SAVINGS = 1
# Whether a sync follows an event at the bank: mostly, for without one the user's next step sees nothing of it.
_SYNCS = st.sampled_from([True, True, True, False])


class BankEvents(RuleBasedStateMachine):
    """A simulated bank at which rows arrive, settle, are edited, reversed and corrected, and an account goes."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._clock = Clock()
        self._simulator = self._stack.enter_context(Simulator(size=_SIZE, seed=5, clock=self._clock))
        self._patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        self._gone = False

    def sync(self, full: bool) -> None:  # noqa: FBT001 - a rule of the machine below
        """Bring the book up to date with the bank."""
        raise NotImplementedError

    @rule(rows=st.integers(1, 4), hours=st.integers(1, 30), savings=st.booleans(), syncs=_SYNCS)
    def arrive(self, rows: int, hours: int, savings: bool, syncs: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Add rows, some of them pending, and advance the clock, by which pending rows may settle."""
        self._simulator.bank.arrive(rows, self._simulator.bank.account_ids()[SAVINGS if savings else 0])
        self._clock.advance(hours=hours)
        self._sync_if(syncs=syncs)

    @rule(which=st.integers(0), settles=st.booleans(), syncs=_SYNCS)
    def decide(self, which: int, settles: bool, syncs: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Settle or decline a pending row."""
        if pending := self._of_status("pending"):
            bank = self._simulator.bank
            (bank.settle if settles else bank.decline)(pending[which % len(pending)]["id"])
            self._sync_if(syncs=syncs)

    @rule(
        which=st.integers(0), field=st.sampled_from(["reference", "note"]), text=st.sampled_from("abc"), syncs=_SYNCS
    )
    def edit(self, which: int, field: str, text: str, syncs: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Edit a reference, which the files show, or a note, which they do not show."""
        if rows := self._of_status(COMPLETED, "pending"):
            self._simulator.bank.edit(rows[which % len(rows)]["id"], **{field: text})
            self._sync_if(syncs=syncs)

    @rule(
        which=st.integers(0),
        fields=st.sampled_from(
            [
                {"category": "travel"},
                {"category": "voucher"},
                {"vat_rate": 19.0, "vat_amount_cents": 1},
                {"vat_rate": 7.0, "vat_amount_cents": 1},
                {"label_ids": "all"},
                {"label_ids": []},
            ]
        ),
        syncs=_SYNCS,
    )
    def correct(self, which: int, fields: dict[str, object], syncs: bool) -> None:  # noqa: FBT001 - the same
        """Correct category, VAT or labels of a row, by which rules may post it elsewhere."""
        if rows := self._of_status(COMPLETED):
            labels = [label["id"] for label in self._simulator.bank.labels()]
            ours = {"label_ids": labels} if fields.get("label_ids") == "all" else fields
            self._simulator.bank.edit(rows[which % len(rows)]["id"], **ours)
            self._sync_if(syncs=syncs)

    @rule(which=st.integers(0), syncs=_SYNCS)
    def reverse(self, which: int, syncs: bool) -> None:  # noqa: FBT001 - the same
        """Reverse one of the last completed rows."""
        if rows := self._of_status(COMPLETED)[-3:]:
            self._simulator.bank.reverse(rows[which % len(rows)]["id"])
            self._sync_if(syncs=syncs)

    @rule(which=st.integers(0), syncs=_SYNCS)
    def arrive_late(self, which: int, syncs: bool) -> None:  # noqa: FBT001 - the same
        """Complete a reversed row again, on its old day: a row that comes between rows that were exported."""
        if rows := self._of_status("reversed"):
            reinstate(self._simulator, rows[which % len(rows)]["id"])
            self._sync_if(syncs=syncs)

    @rule(gone=st.booleans(), syncs=_SYNCS)
    def go(self, gone: bool, syncs: bool) -> None:  # noqa: FBT001 - the same
        """Let the bank no longer show the savings account, or show it again."""
        if gone and not self._gone:
            unlist_account(self._patch, SAVINGS)
        elif self._gone and not gone:
            self._patch.undo()
        self._gone = gone
        self._sync_if(syncs=syncs)

    def _sync_if(self, *, syncs: bool) -> None:
        if syncs:
            self.sync(full=False)

    def _of_status(self, *statuses: str) -> list[dict[str, Any]]:
        bank = self._simulator.bank
        rows = (row for account in bank.account_ids() for row in bank.truth(account))
        found = (bank.find(row["id"]) for row in rows if row["status"] in statuses)
        return [bank.serializer.json(one, {"vat_details"}) for one in found if one]
