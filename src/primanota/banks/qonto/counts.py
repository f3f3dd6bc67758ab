"""The bank's own counts of transactions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from primanota.banks.qonto.answers import TransactionsPage
from primanota.banks.qonto.request import Request
from primanota.banks.qonto.window import TransactionQuery
from primanota.core.errors import BankRefused, InvalidApiKey

if TYPE_CHECKING:  # an export reads only the book: it need not load an HTTP client
    from primanota.banks.qonto.client import Client

# Pending first: a row that settles during the scan is then read as pending or, later, as completed, and never missed.
STATUSES = ("pending", "declined", "completed")
# A released card authorisation or a returned payment. The documented filter values do not include it: a bank may know
# it, refuse it, or ignore it and answer with rows of other statuses.
REVERSED = "reversed"
# Status codes of a bank that cannot answer the request: a bad parameter, or a window or page out of its reach.
BAD_REQUEST, UNPROCESSABLE = 400, 422
CANNOT = (BAD_REQUEST, UNPROCESSABLE)

Totals = dict[tuple[str, ...], int | None]


def knows_reversed(client: "Client", account_ids: Iterable[str]) -> bool:
    """Return whether the bank can filter by the status ``reversed``, without accounts that it refuses to show."""
    requests = [count_request(key, (REVERSED,)) for key in account_ids]
    try:
        return all(map(_has_reversed_only, client.get_many(requests, TransactionsPage)))
    except BankRefused as refusal:
        if refusal.status in CANNOT or isinstance(refusal, InvalidApiKey):
            return False
    return all(_is_answered(client, request) for request in requests)


def _is_answered(client: "Client", request: Request) -> bool:
    try:
        return _has_reversed_only(client.get(request, TransactionsPage))
    except BankRefused as refusal:
        return refusal.status not in CANNOT


def _has_reversed_only(page: TransactionsPage) -> bool:
    try:
        return all(msgspec.json.decode(row, type=_Status).status == REVERSED for row in page.transactions)
    except msgspec.DecodeError:  # of an unknown shape: the reader of the rows says so
        return False


class _Status(msgspec.Struct):
    status: str = ""


def count_everything(
    client: "Client", account_ids: Iterable[str], statuses: tuple[str, ...] = STATUSES
) -> dict[str, Totals]:
    """Count each account's rows of each status, and of ``STATUSES`` together; None where the bank cannot count."""
    groups = [*((status,) for status in statuses), STATUSES]
    keys = [(key, group) for key in account_ids for group in groups]
    found: dict[str, Totals] = {key: {} for key, _ in keys}
    for (key, group), total in zip(keys, _totals(client, [count_request(*one) for one in keys]), strict=True):
        found[key][group] = total
    return found


def count(client: "Client", account_id: str, statuses: tuple[str, ...] = STATUSES) -> dict[str, int]:
    """Count the rows of each status, without a status that has too many rows for the bank to count."""
    totals = _totals(client, [count_request(account_id, (status,)) for status in statuses])
    return {status: number for status, number in zip(statuses, totals, strict=True) if number is not None}


def count_request(account_id: str, statuses: tuple[str, ...]) -> Request:
    """Return the request for a count: a page of one row, whose paging has the number of all rows."""
    return TransactionQuery(account_id, statuses, per_page=1).request(1)


def _totals(client: "Client", requests: list[Request]) -> list[int | None]:
    try:
        return [page.meta.total_count for page in client.get_many(requests, TransactionsPage)]
    except BankRefused as refusal:
        if refusal.status not in CANNOT:
            raise
    return [_total(client, request) for request in requests]


def _total(client: "Client", request: Request) -> int | None:
    try:
        return client.get(request, TransactionsPage).meta.total_count
    except BankRefused as refusal:
        if refusal.status not in CANNOT:
            raise
        return None
