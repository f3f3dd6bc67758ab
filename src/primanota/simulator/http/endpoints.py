"""The endpoints of the API: each a function from a request to its JSON, without HTTP."""

from collections.abc import Callable, Iterable, Mapping

from primanota.simulator.bank.transaction_json import INCLUDES
from primanota.simulator.data.company import (
    EXTERNAL,
    Json,
    company_cash_flow_categories,
    company_teams,
    organization_json,
)
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.faults.effects import (
    apply_list_faults,
    apply_row_faults,
    check_account,
    hidden_transactions,
    served_page_number,
)
from primanota.simulator.http.error_answers import ApiError, not_found
from primanota.simulator.http.paging import list_answer, page_meta, requested_page
from primanota.simulator.http.statement_endpoints import statement, statements
from primanota.simulator.http.transaction_query import TransactionQueryParser
from primanota.simulator.state import IncomingRequest, SimulatorState

Endpoint = Callable[[SimulatorState, IncomingRequest, Mapping[str, str]], Json]

_ACCOUNT_FIELDS = (
    "id",
    "status",
    "organization_id",
    "name",
    "main",
    "iban",
    "bic",
    "currency",
    "balance",
    "balance_cents",
    "authorized_balance",
    "authorized_balance_cents",
    "updated_at",
    "is_external_account",
    "account_number",
)
_ACCOUNT_FIELDS_WITHOUT_BALANCE_PERMISSION = ("id", "name", "status", "main", "organization_id")


def organization(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/organization: the company with its accounts."""
    with_external = dict(request.parameters).get("include_external_accounts") == "true"
    numbers = _listed(state, _account_numbers(with_external=with_external))
    accounts = [_account_in_organization(state, number) for number in numbers]
    return {"organization": {**organization_json(state.bank.seed), "bank_accounts": accounts}}


def _account_numbers(*, with_external: bool) -> range:
    return range(EXTERNAL + 1 if with_external else EXTERNAL)


def _listed(state: SimulatorState, numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if not state.faults.strikes("account-unlisted", number)]


def _account_in_organization(state: SimulatorState, number: int) -> Json:
    """Return an account with the changes by switches and by the fault balance-wrong."""
    account = state.bank.account_json(number)
    if state.faults.strikes("balance-wrong", number):
        cents = account["balance_cents"] + 1
        account |= {"balance": cents / 100, "balance_cents": cents}
    if "organization-balance-string" in state.switches:
        account["balance"] = _with_two_decimals(account["balance"])
    return account


def _with_two_decimals(amount: object) -> str:
    return f"{float(str(amount)):.2f}"


def _account_in_list(state: SimulatorState, number: int) -> Json:
    """Return an account as /v2/bank_accounts shows it: balances as strings, no slug (Qonto docs: bank accounts)."""
    account = _account_in_organization(state, number)
    account["organization_id"] = organization_json(state.bank.seed)["id"]
    for key in ("balance", "authorized_balance"):
        text = _with_two_decimals(account[key])
        account[key] = float(text) if "balance-number" in state.switches else text
    hidden = "hidden-fields" in state.switches
    fields = _ACCOUNT_FIELDS_WITHOUT_BALANCE_PERMISSION if hidden else _ACCOUNT_FIELDS
    return {field: account[field] for field in fields}


def bank_accounts(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/bank_accounts."""
    numbers = _listed(state, _account_numbers(with_external="accounts-include-external" in state.switches))
    answer = list_answer(state, request, "bank_accounts", [_account_in_list(state, number) for number in numbers])
    if "accounts-no-meta" in state.switches:
        del answer["meta"]
    return answer


def bank_account(state: SimulatorState, _: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/bank_accounts/{id}, also for the external account."""
    ids = state.bank.account_ids()
    if path["id"] not in ids:
        raise not_found("Bank account")
    return {"bank_account": _account_in_list(state, ids.index(path["id"]))}


def transactions(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/transactions: a page of one account's transactions."""
    page = requested_page(request.parameters, state.switches)
    selection = TransactionQueryParser(state.bank.account_details, state.switches).parse(request)
    check_account(state, selection.account)
    page = page._replace(number=served_page_number(state, selection.account, page.number))
    where, values = selection.where, selection.values
    if hidden := hidden_transactions(state):
        where, values = f"{where} AND number NOT IN ({', '.join('?' * len(hidden))})", (*values, *sorted(hidden))
    found = state.bank.table.find(f"WHERE {where} ORDER BY {selection.order}", *values)
    meta = page_meta(page, len(found), state.switches, state.cap)
    includes = _includes(request)
    rows = [
        (stored, state.bank.serializer.json(stored, includes, request.now))
        for stored in state.bank.table.get(page.slice(found))
    ]
    return {"meta": meta, "transactions": apply_list_faults(state, selection.account, rows, meta)}


def _includes(request: IncomingRequest) -> set[str]:
    return {value for key, value in request.parameters if key == "includes[]" and value in INCLUDES}


def transaction(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/transactions/{id}, by UUID only."""
    stored = _find_transaction(state, path["id"])
    row = state.bank.serializer.json(stored, _includes(request), request.now)
    apply_row_faults(state, stored.number, row)
    return {"transaction": row}


def _find_transaction(state: SimulatorState, transaction_id: str) -> SimulatedTransaction:
    if "-transaction-" in transaction_id and "slug-id-400" in state.switches:
        raise ApiError(400, "bad_request", "id must be a uuid", "id")
    stored = state.bank.find(transaction_id)
    if stored is None or stored.number in hidden_transactions(state):
        raise not_found("Transaction")
    return stored


def transaction_attachments(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/transactions/{id}/attachments."""
    stored = _find_transaction(state, path["id"])
    answer = list_answer(
        state, request, "attachments", state.bank.serializer.attachments.all_json(stored, request.now)
    )
    if "attachments-meta" not in state.switches:
        del answer["meta"]
    return answer


def attachment(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/attachments/{id}: the description of a file, not the file."""
    found = state.bank.serializer.attachments.find(path["id"])
    stored = None if found is None else state.bank.table.one(found[0])
    if found is None or stored is None or found[1] >= stored.attachments:
        raise not_found("Attachment")
    return {"attachment": state.bank.serializer.attachments.json(stored, found[1], request.now)}


def labels(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/labels."""
    return list_answer(state, request, "labels", state.bank.labels())


def label(state: SimulatorState, _: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/labels/{id}."""
    for found in state.bank.labels():
        if found["id"] == path["id"]:
            return {"label": found}
    raise not_found("Label")


def memberships(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/memberships: the members who have not left."""
    return list_answer(state, request, "memberships", state.bank.members())


def membership(state: SimulatorState, _: IncomingRequest, __: Mapping[str, str]) -> Json:
    """/v2/membership: the member whose API key is used, who is the owner."""
    members = state.bank.members()
    if not members:
        raise not_found("Membership")
    return {"membership": members[0]}


def teams(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/teams."""
    return list_answer(state, request, "teams", company_teams(state.bank.seed))


def cash_flow_categories(state: SimulatorState, _: IncomingRequest, __: Mapping[str, str]) -> Json:
    """/v2/cash_flow_categories: without pages, with English names (transactions have the company's language)."""
    return {"cash_flow_categories": company_cash_flow_categories(state.bank.seed)}


def removed(_: SimulatorState, __: IncomingRequest, ___: Mapping[str, str]) -> Json:
    """/v1 and /v2/organizations/{id}: older endpoints that the bank removed."""
    raise ApiError(410, "gone", "This endpoint was removed: use /v2/organization")


ENDPOINTS: dict[str, Endpoint] = {
    "/v2/organization": organization,
    "/v1": removed,
    "/v1/{path:path}": removed,
    "/v2/organizations/{id:path}": removed,
    "/v2/bank_accounts": bank_accounts,
    "/v2/bank_accounts/{id}": bank_account,
    "/v2/transactions": transactions,
    "/v2/transactions/{id}": transaction,
    "/v2/transactions/{id}/attachments": transaction_attachments,
    "/v2/attachments/{id}": attachment,
    "/v2/labels": labels,
    "/v2/labels/{id}": label,
    "/v2/memberships": memberships,
    "/v2/membership": membership,
    "/v2/teams": teams,
    "/v2/cash_flow_categories": cash_flow_categories,
    "/v2/statements": statements,
    "/v2/statements/{id}": statement,
}
