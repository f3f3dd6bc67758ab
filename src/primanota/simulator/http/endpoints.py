"""What the bank answers to each kind of question. Functions of (state, visit) to JSON; no HTTP here."""

from collections.abc import Callable, Mapping, Sequence

from primanota.simulator.bank.transaction_table import Row
from primanota.simulator.data.company import EXTERNAL, MAIN, Json, organization_of
from primanota.simulator.data.transaction_json import INCLUDES
from primanota.simulator.faults.effects import hidden, page_served, spoil_list, spoil_row
from primanota.simulator.http.error_answers import Refusal, not_found
from primanota.simulator.http.paging import asked_page, meta_of
from primanota.simulator.state import State, Visit

Desk = Callable[[State, Visit, Mapping[str, str]], Json]

_LISTED = (
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
_SEEN_BY_ALL = ("id", "name", "status", "main", "organization_id")


def organization(state: State, visit: Visit, _: Mapping[str, str]) -> Json:
    """/v2/organization: the company with its accounts embedded."""
    with_external = dict(visit.pairs).get("include_external_accounts") == "true"
    accounts = [_embedded(state, number) for number in _numbers(with_external=with_external)]
    return {"organization": {**organization_of(state.bank.seed), "bank_accounts": accounts}}


def _numbers(*, with_external: bool) -> range:
    return range(EXTERNAL + 1 if with_external else EXTERNAL)


def _embedded(state: State, number: int) -> Json:
    """One account, its balance wrong where a fault wants it so."""
    account = state.bank.embedded(number)
    if number == MAIN and "balance-wrong" in state.faults:
        cents = state.bank.totals(number).settled + 1
        account |= {"balance": cents / 100, "balance_cents": cents}
    if "organization-balance-string" in state.switches:
        account["balance"] = _text(account["balance"])
    return account


def _text(amount: object) -> str:
    return f"{float(str(amount)):.2f}"


def _listed(state: State, number: int) -> Json:
    """One account as /v2/bank_accounts shows it: balances as strings, no slug (Qonto docs: bank accounts)."""
    account = _embedded(state, number)
    account["organization_id"] = organization_of(state.bank.seed)["id"]
    for key in ("balance", "authorized_balance"):
        text = _text(account[key])
        account[key] = float(text) if "balance-number" in state.switches else text
    fields = _SEEN_BY_ALL if "hidden-fields" in state.switches else _LISTED
    return {field: account[field] for field in fields}


def bank_accounts(state: State, visit: Visit, _: Mapping[str, str]) -> Json:
    """/v2/bank_accounts."""
    numbers = _numbers(with_external="accounts-include-external" in state.switches)
    answer = _list(state, visit, "bank_accounts", [_listed(state, number) for number in numbers])
    if "accounts-no-meta" in state.switches:
        del answer["meta"]
    return answer


def bank_account(state: State, _: Visit, parts: Mapping[str, str]) -> Json:
    """/v2/bank_accounts/{id}, the external account's too."""
    ids = state.bank.account_ids()
    if parts["id"] not in ids:
        raise not_found("Bank account")
    return {"bank_account": _listed(state, ids.index(parts["id"]))}


def transactions(state: State, visit: Visit, _: Mapping[str, str]) -> Json:
    """/v2/transactions: a page of one account's rows."""
    pairs = visit.pairs
    page = page_served(state, asked_page(pairs, state.switches))
    asked = state.reader.question(pairs, visit.number)
    where, values = asked.where, asked.values
    if (lost := hidden(state)) is not None:
        where, values = f"{where} AND n <> ?", (*values, lost)
    found = state.bank.ledger.find(f"WHERE {where} ORDER BY {asked.order}", *values)
    meta = meta_of(page, len(found), state.switches, state.cap)
    includes = _includes(visit)
    rows = [
        state.bank.voucher.transaction(row, includes, visit.now) for row in state.bank.ledger.rows(page.of(found))
    ]
    return {"meta": meta, "transactions": spoil_list(state, rows, meta)}


def _includes(visit: Visit) -> set[str]:
    return {value for key, value in visit.pairs if key == "includes[]" and value in INCLUDES}


def transaction(state: State, visit: Visit, parts: Mapping[str, str]) -> Json:
    """/v2/transactions/{id}, by uuid only."""
    row = _row(state, parts["id"])
    shown = state.bank.voucher.transaction(row, _includes(visit), visit.now)
    if row.n == state.victim:
        spoil_row(state, shown)
    return {"transaction": shown}


def _row(state: State, transaction_id: str) -> Row:
    if "-transaction-" in transaction_id and "slug-id-400" in state.switches:
        raise Refusal(400, "bad_request", "id must be a uuid", "id")
    row = state.bank.row(transaction_id)
    if row is None or row.n == hidden(state):
        raise not_found("Transaction")
    return row


def transaction_attachments(state: State, visit: Visit, parts: Mapping[str, str]) -> Json:
    """/v2/transactions/{id}/attachments."""
    row = _row(state, parts["id"])
    answer = _list(state, visit, "attachments", state.bank.voucher.attachments(row, visit.now))
    if "attachments-meta" not in state.switches:
        del answer["meta"]
    return answer


def attachment(state: State, visit: Visit, parts: Mapping[str, str]) -> Json:
    """/v2/attachments/{id}: what is known of a file, not the file."""
    owner = state.bank.voucher.attachment_owner(parts["id"])
    if owner is None or owner[0] >= state.bank.ledger.size:
        raise not_found("Attachment")
    row = state.bank.ledger.rows([owner[0]])[0]
    if owner[1] >= row.receipts:
        raise not_found("Attachment")
    return {"attachment": state.bank.voucher.attachment(row, owner[1], visit.now)}


def labels(state: State, visit: Visit, _: Mapping[str, str]) -> Json:
    """/v2/labels."""
    return _list(state, visit, "labels", state.bank.labels())


def label(state: State, _: Visit, parts: Mapping[str, str]) -> Json:
    """/v2/labels/{id}."""
    for shown in state.bank.labels():
        if shown["id"] == parts["id"]:
            return {"label": shown}
    raise not_found("Label")


def memberships(state: State, visit: Visit, _: Mapping[str, str]) -> Json:
    """/v2/memberships: who has not left."""
    return _list(state, visit, "memberships", state.bank.members())


def membership(state: State, _: Visit, __: Mapping[str, str]) -> Json:
    """/v2/membership: the caller, who is the owner."""
    members = state.bank.members()
    if not members:
        raise not_found("Membership")
    return {"membership": members[0]}


def organizations(_: State, __: Visit, ___: Mapping[str, str]) -> Json:
    """/v2/organizations/{anything}: a form that has been switched off."""
    raise Refusal(410, "gone", "This endpoint was removed: use /v2/organization")


def _list(state: State, visit: Visit, name: str, rows: Sequence[Json]) -> Json:
    page = asked_page(visit.pairs, state.switches)
    meta = meta_of(page, len(rows), state.switches, state.cap)
    return {name: list(page.of(rows)), "meta": meta}


DESKS: dict[str, Desk] = {
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
