"""The changes of a transaction: settle, decline, release, reverse, attach, edit, and what is due at a given time."""

import json
from collections.abc import Collection

from primanota.simulator.bank.attachment_json import MAX_ATTACHMENTS
from primanota.simulator.bank.balances import Balances
from primanota.simulator.bank.transaction_json import TransactionSerializer
from primanota.simulator.bank.transaction_table import TransactionTable
from primanota.simulator.data.operation_kinds import COMPLETED, DECLINED, KINDS, REVERSED
from primanota.simulator.data.timestamps import DAY
from primanota.simulator.data.transaction import (
    COMPLETES_THEN_GETS_ATTACHMENT,
    COMPLETES_WITH_OTHER_AMOUNT,
    DISAPPEARS,
    GETS_ATTACHMENT,
    IS_DECLINED,
    IS_RELEASED,
    SimulatedTransaction,
)

# What users of the bank may change of a transaction, by the names in the API.
_EDITABLE_FIELDS = frozenset(
    {
        "note",
        "reference",
        "label",
        "label_ids",
        "vat_amount",
        "vat_amount_cents",
        "vat_rate",
        "category",
        "cashflow_category",
        "cashflow_subcategory",
        "attachment_lost",
        "attachment_required",
        "initiator_id",
        "clean_counterparty_name",
    }
)
_NEVER = 1 << 62
_DUE = "WHERE due IS NOT NULL AND due <= ? ORDER BY due, number LIMIT 400"  # so many are read at a time
_INVOICE_DELAY = 31 * DAY
_AFTER_HISTORY = 2_000_000_000  # above every tie breaker of the generated history
_SUBTRACT_FROM_LATER_BALANCES = """
UPDATE transactions SET balance = balance - ?
WHERE account = ? AND (settled, tie_breaker, number) > (?, ?, ?)
"""


class TransactionChanges:
    """Changes transactions and keeps the balances right. It is not thread-safe: the bank holds the lock."""

    def __init__(
        self,
        table: TransactionTable,
        balances: Balances,
        serializer: TransactionSerializer,
        switches: Collection[str],
    ) -> None:
        self._switches = switches
        self._table = table
        self._balances = balances
        self._serializer = serializer
        self._tie_breaker = _AFTER_HISTORY
        self._next_due = self._find_next_due()

    def finish(self) -> None:
        """Recompute what depends on all transactions. Call it after changes other than `apply_due`."""
        self._balances.invalidate()
        self._next_due = self._find_next_due()

    def apply_due(self, now: int) -> None:
        """Apply the planned outcome of every transaction that is due by now, in the order of the due times."""
        if self._next_due > now:
            return
        with self._table.many_changes():
            while self._next_due <= now:
                for transaction in self._table.get(self._table.find(_DUE, now)):
                    self._apply_outcome(transaction, transaction.due or 0)
                self._next_due = self._find_next_due()

    def _find_next_due(self) -> int:
        found = self._table.value("SELECT MIN(due) FROM transactions WHERE due IS NOT NULL")
        return _NEVER if found is None else found

    def _apply_outcome(self, transaction: SimulatedTransaction, moment: int) -> None:
        outcome = transaction.outcome
        if outcome == GETS_ATTACHMENT and transaction.attachments < MAX_ATTACHMENTS:
            self.attach(transaction, moment)
        elif outcome == GETS_ATTACHMENT:
            self._table.update(transaction.number, due=None)
        elif outcome == IS_DECLINED:
            self.decline(transaction, moment)
        elif outcome == IS_RELEASED or self._never_settles(transaction, "pending-released"):
            self.release(transaction, moment)
        elif outcome == DISAPPEARS or self._never_settles(transaction, "pending-disappears"):
            self.disappear(transaction)
        else:
            self._complete(transaction, moment)

    def _never_settles(self, transaction: SimulatedTransaction, switch: str) -> bool:
        return switch in self._switches and KINDS[transaction.kind].operation == "card"

    def _complete(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Complete a pending transaction, and plan what follows."""
        cents = transaction.signed_cents
        other_amount = transaction.outcome == COMPLETES_WITH_OTHER_AMOUNT
        self.settle(transaction, moment, cents + cents // 12 if other_amount else cents)
        if transaction.outcome == COMPLETES_THEN_GETS_ATTACHMENT:
            self._table.update(transaction.number, due=moment + _INVOICE_DELAY, outcome=GETS_ATTACHMENT)

    def settle(self, transaction: SimulatedTransaction, moment: int, signed_cents: int) -> None:
        """Complete a pending transaction with this amount."""
        totals = self._balances.totals(transaction.account)
        totals.settled += signed_cents
        totals.pending -= transaction.signed_cents
        self._tie_breaker += 1
        self._table.update(
            transaction.number,
            status=COMPLETED,
            signed_cents=signed_cents,
            settled=moment,
            updated=moment,
            tie_breaker=self._tie_breaker,
            balance=totals.settled,
            due=None,
        )

    def decline(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Decline a pending transaction."""
        totals = self._balances.totals(transaction.account)
        totals.pending -= transaction.signed_cents
        self._table.update(transaction.number, status=DECLINED, updated=moment, due=None)

    def release(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Reverse a pending transaction: a card authorisation that the merchant never claimed."""
        self._balances.totals(transaction.account).pending -= transaction.signed_cents
        self._table.update(transaction.number, status=REVERSED, updated=moment, due=None)

    def disappear(self, transaction: SimulatedTransaction) -> None:
        """Remove a pending transaction, as if it had never been."""
        self._balances.totals(transaction.account).pending -= transaction.signed_cents
        self._table.remove(transaction.number)

    def reverse(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Reverse a completed transaction. Later balances change, but not the `updated` of those transactions."""
        position = (transaction.settled, transaction.tie_breaker, transaction.number)
        self._table.execute(_SUBTRACT_FROM_LATER_BALANCES, transaction.signed_cents, transaction.account, *position)
        self._table.update(transaction.number, status=REVERSED, balance=None, updated=moment)

    def attach(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Attach a receipt.

        Raises:
            ValueError: the transaction has five already.
        """
        if transaction.attachments == MAX_ATTACHMENTS:
            uuid = self._serializer.uuid(transaction.number)
            raise ValueError(f"transaction {uuid} has {MAX_ATTACHMENTS} attachments already")
        self._serializer.attachments.record_creation(transaction, moment)
        due = None if transaction.outcome == GETS_ATTACHMENT else transaction.due
        self._table.update(transaction.number, attachments=transaction.attachments + 1, updated=moment, due=due)

    def detach(self, transaction: SimulatedTransaction, moment: int) -> None:
        """Take the newest receipt off.

        Raises:
            ValueError: the transaction has none.
        """
        if not transaction.attachments:
            raise ValueError(f"transaction {self._serializer.uuid(transaction.number)} has no attachment")
        self._table.update(transaction.number, attachments=transaction.attachments - 1, updated=moment)

    def edit(self, transaction: SimulatedTransaction, fields: dict[str, object], moment: int) -> None:
        """Change fields by their names in the API; `vat_amount_cents` sets `vat_amount` as well.

        Raises:
            ValueError: a field cannot be changed.
        """
        if unknown := sorted(fields.keys() - _EDITABLE_FIELDS):
            raise ValueError(f"these fields of a transaction cannot be changed: {', '.join(unknown)}")
        if isinstance(cents := fields.get("vat_amount_cents"), int):
            fields = {"vat_amount": cents / 100, **fields}
        edits = json.dumps({**json.loads(transaction.edits or "{}"), **fields})
        self._table.update(transaction.number, edits=edits, updated=moment)
