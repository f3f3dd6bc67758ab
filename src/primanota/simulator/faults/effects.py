"""The effects of faults on answers that are correct otherwise, as a faulty bank or cache could cause them."""

from primanota.simulator.data.company import MAIN, Json
from primanota.simulator.state import SimulatorState

_TWO_ROWS = 2  # the fewest rows of a page that can omit or repeat one


def served_page_number(state: SimulatorState, requested: int) -> int:
    """Return the number of the page to serve for the requested one."""
    wrong = "wrong-page-always" in state.faults or (requested > 1 and state.applies_once("wrong-page"))
    return 1 if wrong else requested


def hidden_transaction(state: SimulatorState) -> int | None:
    """Return the number of the transaction that is never served although the balances include it, or None."""
    return state.faulty_transaction if "balance-gap" in state.faults else None


def apply_list_faults(state: SimulatorState, rows: list[Json], meta: Json) -> list[Json] | None:
    """Return the rows of a page as the faults change them. `meta` is changed in place."""
    if "total-count-wrong-always" in state.faults:
        meta["total_count"] += 7
    if state.applies_once("total-count-wrong-once"):
        meta["total_count"] += 1
    if "null-transactions" in state.faults:
        return None
    rows = _change_rows(state, rows)
    if (faulty := state.faulty_transaction) is not None:
        faulty_id = state.bank.serializer.uuid(faulty)
        if "row-missing-always" in state.faults:
            rows = [row for row in rows if row["id"] != faulty_id]
        for row in rows:
            if row["id"] == faulty_id:
                apply_row_faults(state, row)
    return rows


def _change_rows(state: SimulatorState, rows: list[Json]) -> list[Json]:
    """Omit, repeat, replace and reverse rows."""
    if len(rows) >= _TWO_ROWS and state.applies_once("row-missing-once"):
        rows = rows[: len(rows) // 2] + rows[len(rows) // 2 + 1 :]
    if len(rows) >= _TWO_ROWS and ("row-twice-always" in state.faults or state.applies_once("row-twice-once")):
        rows = [*rows[:-1], dict(rows[0])]
    if rows and "rows-outside-filter" in state.faults and (other := _row_of_another_account(state, rows[0])):
        rows = [*rows[:-1], other]
    return rows[::-1] if len(rows) >= _TWO_ROWS and state.applies_once("rows-unordered-once") else rows


def _row_of_another_account(state: SimulatorState, row: Json) -> Json | None:
    account = state.bank.account_ids().index(str(row["bank_account_id"]))
    other = 1 - account if account <= 1 else MAIN
    numbers = state.bank.table.find("WHERE account = ? ORDER BY number", other)
    return state.bank.serializer.json(state.bank.table.get(numbers[:1])[0]) if numbers else None


def apply_row_faults(state: SimulatorState, row: Json) -> None:
    """Change the faulty transaction's row in place."""
    faults = state.faults
    if "broken-cents" in faults:
        row["amount"] = (row["amount_cents"] + 1) / 100
    if "amount-missing" in faults:
        del row["amount"], row["amount_cents"]
    if "bad-date" in faults:
        row["settled_at"] = "2026-13-45T99:00:00.000Z"
    if "row-without-id" in faults:
        del row["id"]
