"""What the control can do to the bank: let time pass, let rows arrive, settle, change and vanish, choose faults."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from primanota.simulator.data.company import MAIN, Json
from primanota.simulator.data.operation_kinds import COMPLETED, PENDING, STATUSES
from primanota.simulator.data.timestamps import format_timestamp
from primanota.simulator.faults.targets import ACCOUNTS

if TYPE_CHECKING:
    from primanota.simulator.simulator import Simulator

Given = Mapping[str, Sequence[str]]  # the parameters of an action; each may be given several times
Action = Callable[["SimulatorControl", Given], list[str]]

_MOST = 3_650  # days, hours or rows at once
_TEXTS = frozenset({"note", "reference", "label", "category", "clean_counterparty_name", "initiator_id"})


class SimulatorControl:
    """Carries out actions on one simulator. Any thread may use it."""

    def __init__(self, simulator: "Simulator") -> None:
        self.simulator = simulator
        self.bank = simulator.bank

    def act(self, name: str, given: Given) -> Json:
        """Carry out an action.

        Args:
            name: one of `ACTIONS`.
            given: its parameters.

        Returns:
            The bank's time after it, and the ids of the transactions that it concerned.

        Raises:
            ValueError: a parameter is wrong, or no transaction fits.
        """
        with self.bank.lock:
            ids = ACTIONS[name][0](self, given)
            return {"now": format_timestamp(self.bank.now()), "ids": ids}

    def state(self) -> Json:
        """Return the bank's time, the number of transactions of each account by status, the faults, the actions."""
        with self.bank.lock:
            self.bank.advance()
            return {
                "now": format_timestamp(self.bank.now()),
                "accounts": {
                    name: {
                        "id": self.bank.account_ids()[number],
                        **{status: self.bank.count(self.bank.account_ids()[number], status) for status in STATUSES},
                    }
                    for name, number in ACCOUNTS.items()
                },
                "faults": list(self.simulator.faults),
                "actions": {name: description for name, (_, description) in ACTIONS.items()},
            }

    def latest(self, status: int) -> str:
        """Return the id of the transaction of this status that was created last, of the main account if it has one.

        Raises:
            ValueError: there is none.
        """
        self.bank.advance()
        order = f"account <> {MAIN}, created DESC, number DESC"
        found = self.bank.table.find(f"WHERE status = ? ORDER BY {order} LIMIT 1", status)
        if not found:
            raise ValueError(f"no transaction is {STATUSES[status]}")
        return self.bank.serializer.uuid(found[0])


def _days(control: SimulatorControl, given: Given) -> list[str]:
    control.bank.pass_time(days=_count(given))
    return []


def _hours(control: SimulatorControl, given: Given) -> list[str]:
    control.bank.pass_time(hours=_count(given))
    return []


def _arrive(control: SimulatorControl, given: Given) -> list[str]:
    name = _last(given, "account") or "main"
    ids = control.bank.account_ids()
    if name not in ACCOUNTS and name not in ids:
        raise ValueError(f"unknown account: {name}; known: {', '.join(ACCOUNTS)}, or an id")
    return control.bank.arrive(_count(given), ids[ACCOUNTS[name]] if name in ACCOUNTS else name)


def _of_one(status: int, happen: Callable[["SimulatorControl"], Callable[[str], object]]) -> Action:
    """Return the action that something happens to one transaction: the named one, or the latest of this status."""

    def action(control: SimulatorControl, given: Given) -> list[str]:
        transaction_id = _last(given, "id") or control.latest(status)
        happen(control)(transaction_id)
        return [transaction_id]

    return action


def _change(control: SimulatorControl, given: Given) -> list[str]:
    transaction_id = _last(given, "id") or control.latest(COMPLETED)
    fields = {name: _field(name, values[-1]) for name, values in given.items() if name != "id"}
    control.bank.edit(transaction_id, **(fields or {"note": "Geändert"}))
    return [transaction_id]


def _field(name: str, text: str) -> object:
    """Return the value of a field: a text as it is, anything else as JSON."""
    if name in _TEXTS:
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError(f"{name} is not JSON: {text}") from None


def _faults(control: SimulatorControl, given: Given) -> list[str]:
    control.simulator.choose_faults(given.get("name", ()))
    return []


def _last(given: Given, name: str) -> str | None:
    values = given.get(name, ())
    return values[-1] if values else None


def _count(given: Given) -> int:
    text = _last(given, "n") or "1"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise ValueError(f"n must be a whole number from 1 to {_MOST}, not {text}")
    return int(text)


ACTIONS: dict[str, tuple[Action, str]] = {
    "days": (_days, "n days pass (1 by default)"),
    "hours": (_hours, "n hours pass"),
    "arrive": (_arrive, "n transactions arrive on an account; every third is pending for 26 hours"),
    "settle": (_of_one(PENDING, lambda control: control.bank.settle), "a pending transaction completes"),
    "decline": (_of_one(PENDING, lambda control: control.bank.decline), "a pending transaction is declined"),
    "release": (_of_one(PENDING, lambda control: control.bank.release), "a pending transaction becomes reversed"),
    "disappear": (_of_one(PENDING, lambda control: control.bank.disappear), "a pending transaction is removed"),
    "reverse": (_of_one(COMPLETED, lambda control: control.bank.reverse), "a completed transaction becomes reversed"),
    "attach": (_of_one(COMPLETED, lambda control: control.bank.attach), "a transaction gets a receipt"),
    "detach": (_of_one(COMPLETED, lambda control: control.bank.detach), "a transaction loses its newest receipt"),
    "change": (_change, "fields of a transaction change; its note, if none is named"),
    "faults": (_faults, "the faults are replaced by those named; none without a name"),
}
