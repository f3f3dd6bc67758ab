"""The endpoints of the monthly statements (Qonto docs: statements)."""

import re
from collections.abc import Mapping

from primanota.simulator.bank.statements import MonthlyStatement
from primanota.simulator.data.company import Json
from primanota.simulator.http.error_answers import ApiError, not_found
from primanota.simulator.http.paging import list_answer
from primanota.simulator.state import IncomingRequest, SimulatorState

_PERIOD = re.compile(r"(0[1-9]|1[0-2])-(\d{4})")
_SORTS = ("period:desc", "period:asc")


def statements(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/statements: of all accounts, or of those named by id or by IBAN."""
    given = dict(request.parameters)
    accounts = _accounts(state, request)
    first, last = (_month(given.get(name), name) for name in ("period_from", "period_to"))
    sort_by = given.get("sort_by", _SORTS[0])
    if sort_by not in _SORTS:
        raise ApiError(400, "bad_request", f"sort_by {sort_by} is not supported", "sort_by")
    found = [
        statement
        for statement in state.bank.statements.published(request.now)
        if (accounts is None or statement.account in accounts)
        and (first is None or statement.month >= first)
        and (last is None or statement.month <= last)
    ]
    found.sort(key=lambda one: (one.month, one.account), reverse=sort_by.endswith("desc"))
    answer = list_answer(state, request, "statements", found)
    answer["statements"] = [_json(state, one, request.now) for one in answer["statements"]]
    return answer


def statement(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/statements/{id}."""
    found = state.bank.statements.find(path["id"], request.now)
    if found is None:
        raise not_found("Statement")
    return {"statement": _json(state, found, request.now)}


def _accounts(state: SimulatorState, request: IncomingRequest) -> set[int] | None:
    """Return the numbers of the accounts that a request names, or None if it names none."""
    ids = [value for key, value in request.parameters if key == "bank_account_ids[]"]
    ibans = [value for key, value in request.parameters if key == "ibans[]"]
    if ids and ibans:
        raise ApiError(422, "invalid_parameter", "ibans and bank_account_ids are exclusive", "ibans")
    if not ids and not ibans:
        return None
    details = enumerate(state.bank.account_details)
    return {number for number, account in details if account.id in ids or (account.iban and account.iban in ibans)}


def _month(text: str | None, name: str) -> int | None:
    """Return a period, counted in months from January of the year 0."""
    if text is None:
        return None
    if (found := _PERIOD.fullmatch(text)) is None:
        raise ApiError(422, "invalid_format", f"{name} must be MM-YYYY", name)
    return int(found[2]) * 12 + int(found[1]) - 1


def _json(state: SimulatorState, one: MonthlyStatement, now: int) -> Json:
    """Return a statement; its size is a number, or a text as the documentation has it."""
    return state.bank.statements.json(one, now, str if "statement-size-string" in state.switches else int)
