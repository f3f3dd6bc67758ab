"""The effects of faults on answers that are correct otherwise, as a faulty bank or cache could cause them."""

from primanota.simulator.data.company import MAIN, Json
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.faults.catalogue import STORED_ROW_FAULTS
from primanota.simulator.http.error_answers import FORBIDDEN, ApiError, not_found
from primanota.simulator.state import SimulatorState

_TWO_ROWS = 2  # the fewest rows whose order can be wrong
_CHANGE_ONE_ROW = STORED_ROW_FAULTS - {"balance-gap", "row-missing-always"}


def check_account(state: SimulatorState, account: int) -> None:
    """Refuse the transactions of an account.

    Raises:
        ApiError: a fault refuses them.
    """
    if state.faults.strikes("account-not-found", account):
        raise not_found("Bank account")
    if state.faults.strikes("account-forbidden", account):
        raise ApiError(403, *FORBIDDEN)


def served_page_number(state: SimulatorState, account: int, requested: int) -> int:
    """Return the number of the page to serve for the requested one."""
    always = state.faults.strikes("wrong-page-always", account)
    return 1 if always or (requested > 1 and state.applies_once("wrong-page", account)) else requested


def hidden_transactions(state: SimulatorState) -> frozenset[int]:
    """Return the numbers of the transactions that are never served although the balances include them."""
    return state.faults.rows("balance-gap")


def apply_list_faults(
    state: SimulatorState, account: int, page: list[tuple[SimulatedTransaction, Json]], meta: Json
) -> list[Json] | None:
    """Return the rows of a page as the faults change them. `meta` is changed in place."""
    if state.faults.strikes("total-count-wrong-always", account):
        meta["total_count"] += 7
    if state.applies_once("total-count-wrong-once", account):
        meta["total_count"] += 1
    if state.faults.strikes("null-transactions", account):
        return None
    missing = state.faults.rows("row-missing-always")
    for stored, row in page:
        apply_row_faults(state, stored.number, row)
    rows = [row for stored, row in page if stored.number not in missing]
    return _change_rows(state, account, rows)


def _change_rows(state: SimulatorState, account: int, rows: list[Json]) -> list[Json]:
    """Omit, repeat, replace and reverse rows."""
    place = state.faults.page_place("row-missing-once", account, len(rows))
    if place is not None and state.applies_once("row-missing-once", account):
        rows = rows[:place] + rows[place + 1 :]
    for name in ("row-twice-always", "row-twice-once"):
        place = state.faults.page_place(name, account, len(rows))
        if place is not None and (name.endswith("always") or state.applies_once(name, account)):
            rows = _with_repeated_row(rows, place)
    outside = _place_outside_filter(state, account, rows)
    if outside is not None and (other := _row_of_another_account(state, account)):
        rows = [*rows[:outside], other, *rows[outside + 1 :]]
    return rows[::-1] if len(rows) >= _TWO_ROWS and state.applies_once("rows-unordered-once", account) else rows


def _with_repeated_row(rows: list[Json], place: int) -> list[Json]:
    """Return the rows with another row in this place: the first one, or the last in place of the first.

    An only row is served twice.
    """
    if len(rows) < _TWO_ROWS:
        return [*rows, dict(rows[0])]
    other = rows[0] if place else rows[-1]
    return [*rows[:place], dict(other), *rows[place + 1 :]]


def _place_outside_filter(state: SimulatorState, account: int, rows: list[Json]) -> int | None:
    """Return the place of the row of another account; the only row of a page may be that one."""
    if len(rows) == 1 and state.faults.strikes("rows-outside-filter", account):
        return 0
    return state.faults.page_place("rows-outside-filter", account, len(rows))


def _row_of_another_account(state: SimulatorState, account: int) -> Json | None:
    other = 1 - account if account <= 1 else MAIN
    numbers = state.bank.table.find("WHERE account = ? ORDER BY number", other)
    return state.bank.serializer.json(state.bank.table.get(numbers[:1])[0]) if numbers else None


def apply_row_faults(state: SimulatorState, number: int, row: Json) -> None:
    """Change the row of transaction `number` in place, if a fault strikes it."""
    chosen = state.faults.names & _CHANGE_ONE_ROW
    struck = {fault for fault in chosen if number in state.faults.rows(fault)}
    if "broken-cents" in struck:
        row["amount"] = (row["amount_cents"] + 1) / 100
    if "amount-missing" in struck:
        del row["amount"], row["amount_cents"]
    if "bad-date" in struck:
        row["settled_at"] = "2026-13-45T99:00:00.000Z"
    if "row-without-id" in struck:
        del row["id"]
