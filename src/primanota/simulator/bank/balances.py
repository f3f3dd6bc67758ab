"""The balances of the accounts."""

from primanota.simulator.bank.transaction_table import TransactionTable
from primanota.simulator.data.operation_kinds import COMPLETED, PENDING


class AccountTotals:
    """The settled and pending cents of one account."""

    def __init__(self, settled: int, pending: int) -> None:
        self.settled = settled
        self.pending = pending


class Balances:
    """The totals of all accounts: computed together when first needed, then kept until `invalidate`."""

    def __init__(self, table: TransactionTable, accounts: int, opened: int) -> None:
        self._table = table
        self._accounts = range(accounts)
        self._opened = opened
        self._totals: dict[int, AccountTotals] = {}

    def totals(self, account: int) -> AccountTotals:
        """Return the totals of an account. A caller that books a transaction updates them in place."""
        if not self._totals:
            self._totals = {number: self._compute(number) for number in self._accounts}
        return self._totals[account]

    def last_update(self, account: int) -> int:
        """Return when an account's latest change was, in milliseconds of UTC."""
        updated = self._table.value("SELECT MAX(updated) FROM transactions WHERE account = ?", account)
        return self._opened if updated is None else updated

    def invalidate(self) -> None:
        """Discard the totals, because transactions were changed directly."""
        self._totals = {}

    def _compute(self, account: int) -> AccountTotals:
        def total(status: int) -> int:
            sql = "SELECT SUM(signed_cents) FROM transactions WHERE account = ? AND status = ?"
            return self._table.value(sql, account, status) or 0

        return AccountTotals(total(COMPLETED), total(PENDING))
