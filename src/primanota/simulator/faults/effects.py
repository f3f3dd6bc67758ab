"""Faults in otherwise good answers: what a broken bank, or a broken cache before it, could send."""

from primanota.simulator.data.company import MAIN, Json
from primanota.simulator.http.paging import Page
from primanota.simulator.state import State

_MANY = 2  # rows from which a page can lack one, or have one twice


def page_served(state: State, page: Page) -> Page:
    """The page that is served for the one asked for."""
    wrong = "wrong-page-always" in state.faults or (page.number > 1 and state.once("wrong-page"))
    return page._replace(number=1) if wrong else page


def hidden(state: State) -> int | None:
    """The number of the row that this bank has lost for good, while its balance has not."""
    return state.victim if "balance-gap" in state.faults else None


def spoil_list(state: State, rows: list[Json], meta: Json) -> list[Json] | None:
    """The rows as the faults leave them; changes `meta` in place."""
    if "total-count-wrong-always" in state.faults:
        meta["total_count"] += 7
    if state.once("total-count-wrong-once"):
        meta["total_count"] += 1
    if "null-transactions" in state.faults:
        return None
    rows = _spoil_order(state, _spoil_number(state, rows))
    if (chosen := state.victim) is not None:
        its_id = state.bank.voucher.id_of(chosen)
        if "row-missing-always" in state.faults:
            rows = [row for row in rows if row["id"] != its_id]
        for row in rows:
            if row["id"] == its_id:
                spoil_row(state, row)
    return rows


def _spoil_number(state: State, rows: list[Json]) -> list[Json]:
    """A row too few, twice, or of somebody else."""
    if len(rows) >= _MANY and state.once("row-missing-once"):
        rows = rows[: len(rows) // 2] + rows[len(rows) // 2 + 1 :]
    if len(rows) >= _MANY and ("row-twice-always" in state.faults or state.once("row-twice-once")):
        rows = [*rows[:-1], dict(rows[0])]
    if rows and "rows-outside-filter" in state.faults and (stranger := _stranger(state, rows[0])):
        rows = [*rows[:-1], stranger]
    return rows


def _spoil_order(state: State, rows: list[Json]) -> list[Json]:
    return rows[::-1] if len(rows) >= _MANY and state.once("rows-unordered-once") else rows


def _stranger(state: State, row: Json) -> Json | None:
    """A row of another account than this row's."""
    account = state.bank.account_ids().index(str(row["bank_account_id"]))
    others = state.bank.ledger.find("WHERE account = ? ORDER BY n", 1 - account if account <= 1 else MAIN)
    return state.bank.voucher.transaction(state.bank.ledger.rows(others[:1])[0]) if others else None


def spoil_row(state: State, row: Json) -> None:
    """What befalls the one row."""
    faults = state.faults
    if "broken-cents" in faults:
        row["amount"] = (row["amount_cents"] + 1) / 100
    if "amount-missing" in faults:
        del row["amount"], row["amount_cents"]
    if "bad-date" in faults:
        row["settled_at"] = "2026-13-45T99:00:00.000Z"
    if "row-without-id" in faults:
        del row["id"]
