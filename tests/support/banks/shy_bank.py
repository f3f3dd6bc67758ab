"""A simulated bank that no longer shows an account, hides a row, releases authorisations, or has an odd clock."""

import pytest

from primanota.simulator import Simulator
from primanota.simulator.bank.transaction_changes import _SUBTRACT_FROM_LATER_BALANCES
from primanota.simulator.data.operation_kinds import COMPLETED, PENDING, REVERSED
from primanota.simulator.data.timestamps import HOUR
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.http import endpoints
from primanota.simulator.http.error_answers import ApiError
from primanota.simulator.http.transaction_query import TransactionQueryParser
from primanota.simulator.state import Parameters

_EARLIER = """(settled, tie_breaker, number) < (?, ?, ?)
              ORDER BY settled DESC, tie_breaker DESC, number DESC"""
_CARD = 2  # the kind of a card payment in the table of kinds


def hide_row(patch: pytest.MonkeyPatch, simulator: Simulator, key: str) -> None:
    """Serve and count a row no more, although the balance has it."""
    found = simulator.bank.find(key)
    assert found
    patch.setattr(endpoints, "hidden_transactions", lambda _: frozenset({found.number}))


def refuse_account(patch: pytest.MonkeyPatch, simulator: Simulator, place: int, status: int) -> None:
    """Answer requests for the transactions of an account with an error, and list the account as before."""
    key, account = simulator.bank.account_ids()[place], TransactionQueryParser._account

    def refuse(parser: TransactionQueryParser, parameters: Parameters) -> int:
        if dict(parameters).get("bank_account_id") == key:
            raise ApiError(status, "not_found", "Bank account not found", "id")
        return account(parser, parameters)

    patch.setattr(TransactionQueryParser, "_account", refuse)


def unlist_account(patch: pytest.MonkeyPatch, place: int) -> None:
    """List an account no more."""
    numbers = endpoints._account_numbers

    def fewer(*, with_external: bool) -> list[int]:
        return [number for number in numbers(with_external=with_external) if number != place]

    patch.setattr(endpoints, "_account_numbers", fewer)


def reinstate(simulator: Simulator, key: str) -> None:
    """Complete a reversed row again, on its old day; later balances change, but not the ``updated`` of those rows."""
    bank = simulator.bank
    found = bank.find(key)
    assert found
    if found.settled is None:  # it was never completed
        return
    place = (found.settled, found.tie_breaker, found.number)
    before = f"SELECT balance FROM transactions WHERE account = ? AND status = {COMPLETED} AND {_EARLIER} LIMIT 1"  # noqa: S608 - constants of this file
    balance = (bank.table.value(before, found.account, *place) or 0) + found.signed_cents
    bank.table.execute(_SUBTRACT_FROM_LATER_BALANCES, -found.signed_cents, found.account, *place)
    bank.table.update(found.number, status=COMPLETED, updated=bank.now(), balance=balance)
    bank.balances.invalidate()


def authorise(simulator: Simulator) -> str:
    """Add a pending card payment of the main account; return its ID."""
    bank, now = simulator.bank, simulator.bank.now()
    row = SimulatedTransaction(0, _CARD, PENDING, -12_34, now, now, None, now, 0, now + 1_000 * HOUR, None)
    (number,) = bank.table.add([row], bank._next_arrival)
    bank._next_arrival += 1
    bank.balances.invalidate()
    return bank.serializer.uuid(number)


def release(simulator: Simulator, key: str, *, updated: bool = True) -> None:
    """Reverse a pending payment. A bank that refuses ``reversed`` shows it no more."""
    bank = simulator.bank
    found = bank.find(key)
    assert found
    assert found.status == PENDING
    stamp = bank.now() if updated else found.updated
    bank.table.update(found.number, status=REVERSED, updated=stamp, due=None)
    bank.balances.invalidate()
