"""The endpoints of the API: each a function from a request to its JSON, without HTTP."""

from collections.abc import Callable, Mapping, Sequence

from primanota.simulator.bank.transaction_json import INCLUDES
from primanota.simulator.data.company import EXTERNAL, MAIN, Json, organization_json
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.faults.effects import (
    apply_list_faults,
    apply_row_faults,
    hidden_transaction,
    served_page_number,
)
from primanota.simulator.http.error_answers import ApiError, not_found
from primanota.simulator.http.paging import page_meta, requested_page
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
    accounts = [_account_in_organization(state, number) for number in _account_numbers(with_external=with_external)]
    return {"organization": {**organization_json(state.bank.seed), "bank_accounts": accounts}}


def _account_numbers(*, with_external: bool) -> range:
    return range(EXTERNAL + 1 if with_external else EXTERNAL)


def _account_in_organization(state: SimulatorState, number: int) -> Json:
    """Return an account with the changes by switches and by the fault balance-wrong."""
    account = state.bank.account_json(number)
    if number == MAIN and "balance-wrong" in state.faults:
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
    numbers = _account_numbers(with_external="accounts-include-external" in state.switches)
    answer = _list(state, request, "bank_accounts", [_account_in_list(state, number) for number in numbers])
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
    page = page._replace(number=served_page_number(state, page.number))
    selection = TransactionQueryParser(state.bank.account_details, state.switches).parse(request)
    where, values = selection.where, selection.values
    if (hidden := hidden_transaction(state)) is not None:
        where, values = f"{where} AND number <> ?", (*values, hidden)
    found = state.bank.table.find(f"WHERE {where} ORDER BY {selection.order}", *values)
    meta = page_meta(page, len(found), state.switches, state.cap)
    includes = _includes(request)
    rows = [
        state.bank.serializer.json(stored, includes, request.now)
        for stored in state.bank.table.get(page.slice(found))
    ]
    return {"meta": meta, "transactions": apply_list_faults(state, rows, meta)}


def _includes(request: IncomingRequest) -> set[str]:
    return {value for key, value in request.parameters if key == "includes[]" and value in INCLUDES}


def transaction(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/transactions/{id}, by UUID only."""
    stored = _find_transaction(state, path["id"])
    row = state.bank.serializer.json(stored, _includes(request), request.now)
    if stored.number == state.faulty_transaction:
        apply_row_faults(state, row)
    return {"transaction": row}


def _find_transaction(state: SimulatorState, transaction_id: str) -> SimulatedTransaction:
    if "-transaction-" in transaction_id and "slug-id-400" in state.switches:
        raise ApiError(400, "bad_request", "id must be a uuid", "id")
    stored = state.bank.find(transaction_id)
    if stored is None or stored.number == hidden_transaction(state):
        raise not_found("Transaction")
    return stored


def transaction_attachments(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/transactions/{id}/attachments."""
    stored = _find_transaction(state, path["id"])
    answer = _list(state, request, "attachments", state.bank.serializer.attachments.all_json(stored, request.now))
    if "attachments-meta" not in state.switches:
        del answer["meta"]
    return answer


def attachment(state: SimulatorState, request: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/attachments/{id}: the description of a file, not the file."""
    found = state.bank.serializer.attachments.find(path["id"])
    if found is None or found[0] >= state.bank.table.size:
        raise not_found("Attachment")
    number, place = found
    stored = state.bank.table.get([number])[0]
    if place >= stored.attachments:
        raise not_found("Attachment")
    return {"attachment": state.bank.serializer.attachments.json(stored, place, request.now)}


def labels(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/labels."""
    return _list(state, request, "labels", state.bank.labels())


def label(state: SimulatorState, _: IncomingRequest, path: Mapping[str, str]) -> Json:
    """/v2/labels/{id}."""
    for found in state.bank.labels():
        if found["id"] == path["id"]:
            return {"label": found}
    raise not_found("Label")


def memberships(state: SimulatorState, request: IncomingRequest, _: Mapping[str, str]) -> Json:
    """/v2/memberships: the members who have not left."""
    return _list(state, request, "memberships", state.bank.members())


def membership(state: SimulatorState, _: IncomingRequest, __: Mapping[str, str]) -> Json:
    """/v2/membership: the member whose API key is used, who is the owner."""
    members = state.bank.members()
    if not members:
        raise not_found("Membership")
    return {"membership": members[0]}


def organizations(_: SimulatorState, __: IncomingRequest, ___: Mapping[str, str]) -> Json:
    """/v2/organizations/{id}: an older endpoint that the bank removed."""
    raise ApiError(410, "gone", "This endpoint was removed: use /v2/organization")


def _list(state: SimulatorState, request: IncomingRequest, name: str, rows: Sequence[Json]) -> Json:
    page = requested_page(request.parameters, state.switches)
    meta = page_meta(page, len(rows), state.switches, state.cap)
    return {name: list(page.slice(rows)), "meta": meta}


ENDPOINTS: dict[str, Endpoint] = {
    "/v2/organization": organization,
    "/v2/organizations/{id:path}": organizations,
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
}
