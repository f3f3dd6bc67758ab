"""Which row and which account a fault strikes: `NAME`, `NAME@ROW`, `NAME:ACCOUNT` or `NAME@ROW:ACCOUNT`."""

from collections.abc import Iterable
from typing import NamedTuple

from primanota.simulator.bank.bank import SimulatedBank
from primanota.simulator.data.company import CLOSED, EXTERNAL, MAIN, SAVINGS
from primanota.simulator.data.operation_kinds import COMPLETED
from primanota.simulator.faults.catalogue import ACCOUNT_FAULTS, FAULTS, PAGE_ROW_FAULTS, STORED_ROW_FAULTS

ROWS = ("first", "middle", "last", "only")
ACCOUNTS = {"main": MAIN, "savings": SAVINGS, "closed": CLOSED, "external": EXTERNAL}
_ALL = frozenset(ACCOUNTS.values())
_OF_MAIN = STORED_ROW_FAULTS | {"balance-wrong"}  # the others strike the lists of every account


class FaultTarget(NamedTuple):
    """What a fault strikes: a row (None for its usual one) of some accounts, by their numbers."""

    fault: str
    row: str | None
    accounts: frozenset[int]


def parse_fault(text: str) -> FaultTarget:
    """Return the fault that a text names, with its row and account.

    Raises:
        ValueError: the fault, the row or the account is unknown, or the fault strikes no row or no account.
    """
    name_and_row, _, account = text.partition(":")
    name, _, row = name_and_row.partition("@")
    if name not in FAULTS:
        raise ValueError(f"unknown fault: {name}; known: {', '.join(sorted(FAULTS))}")
    if row and row not in ROWS:
        raise ValueError(f"unknown row of a fault: {row}; known: {', '.join(ROWS)}")
    if account and account not in {*ACCOUNTS, "all"}:
        raise ValueError(f"unknown account of a fault: {account}; known: {', '.join([*ACCOUNTS, 'all'])}")
    if row and name not in STORED_ROW_FAULTS and name not in PAGE_ROW_FAULTS:
        raise ValueError(f"the fault {name} does not strike a row")
    if account and name not in STORED_ROW_FAULTS | PAGE_ROW_FAULTS.keys() | ACCOUNT_FAULTS:
        raise ValueError(f"the fault {name} does not strike an account")
    return FaultTarget(name, row or None, _accounts(name, account))


def _accounts(name: str, account: str) -> frozenset[int]:
    if account in ACCOUNTS:
        return frozenset({ACCOUNTS[account]})
    return frozenset({MAIN}) if name in _OF_MAIN and not account else _ALL


class ChosenFaults:
    """The faults of one simulator, and the rows of the bank that they strike.

    A row that was struck once is struck for good, also when rows arrive after it.
    """

    def __init__(self, texts: Iterable[str], bank: SimulatedBank) -> None:
        targets = [parse_fault(text) for text in texts]
        self.names = frozenset(target.fault for target in targets)
        self._targets = targets
        self._bank = bank
        self._struck: dict[tuple[FaultTarget, int], int] = {}
        for name in self.names & STORED_ROW_FAULTS:
            self.rows(name)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def strikes(self, name: str, account: int) -> bool:
        """Return whether a fault was chosen that strikes this account."""
        return any(account in target.accounts for target in self._targets if target.fault == name)

    def page_place(self, name: str, account: int, length: int) -> int | None:
        """Return the place of the row that a fault strikes on a page of `length` rows, or None."""
        for target in self._targets:
            if target.fault == name and account in target.accounts:
                return _place(target.row or PAGE_ROW_FAULTS[name], length)
        return None

    def rows(self, name: str) -> frozenset[int]:
        """Return the numbers of the bank's transactions that a fault strikes."""
        with self._bank.lock:
            struck = (
                self._row(target, account)
                for target in self._targets
                if target.fault == name
                for account in sorted(target.accounts)
            )
            return frozenset(number for number in struck if number is not None)

    def _row(self, target: FaultTarget, account: int) -> int | None:
        if (target, account) in self._struck:
            return self._struck[target, account]
        order = "number" if target.row is None else "settled, tie_breaker, number"
        settled = self._bank.table.find(f"WHERE account = ? AND status = ? ORDER BY {order}", account, COMPLETED)
        place = _place(target.row or "middle", len(settled))
        if place is None and len(settled) == 1 and target.row != "only":
            place = 0
        if place is None:
            return None
        return self._struck.setdefault((target, account), settled[place])


def _place(row: str, length: int) -> int | None:
    """Return the place of a row among `length` rows, or None; the only row is neither first nor last."""
    if row == "only":
        return 0 if length == 1 else None
    return {"first": 0, "middle": length // 2, "last": length - 1}[row] if length > 1 else None
