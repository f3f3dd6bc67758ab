"""How many transactions the bank counts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from primanota.banks.qonto.normalise import TransactionsPage
from primanota.banks.qonto.request import Request
from primanota.banks.qonto.window import TransactionQuery
from primanota.core.errors import BankRefused

if TYPE_CHECKING:  # who only reads the book need not load what speaks HTTP
    from primanota.banks.qonto.client import Client

# Pending first: a row that settles while we read is then met as pending or, later, as completed, never as neither.
STATUSES = ("pending", "declined", "completed")
# What a bank answers that cannot do what is asked: a bad parameter, or a window or page out of its reach.
BAD_REQUEST, UNPROCESSABLE = 400, 422
CANNOT = (BAD_REQUEST, UNPROCESSABLE)

Totals = dict[tuple[str, ...], int | None]


def count_everything(client: "Client", account_ids: Iterable[str]) -> dict[str, Totals]:
    """Each account's rows of each status and of all together, side by side; None where the bank will not count."""
    groups = [*((status,) for status in STATUSES), STATUSES]
    keys = [(key, group) for key in account_ids for group in groups]
    found: dict[str, Totals] = {key: {} for key, _ in keys}
    for (key, group), total in zip(keys, _totals(client, [request(*one) for one in keys]), strict=True):
        found[key][group] = total
    return found


def count(client: "Client", account_id: str) -> dict[str, int]:
    """Rows of each status, now; without those that the bank will not count because they are too many."""
    totals = _totals(client, [request(account_id, (status,)) for status in STATUSES])
    return {status: number for status, number in zip(STATUSES, totals, strict=True) if number is not None}


def request(account_id: str, statuses: tuple[str, ...]) -> Request:
    """What to ask for a count: one row, since its page tells the number of all."""
    return TransactionQuery(account_id, statuses).request(1, per_page=1)


def _totals(client: "Client", questions: list[Request]) -> list[int | None]:
    try:
        return [page.meta.total_count for page in client.get_many(questions, TransactionsPage)]
    except BankRefused as refusal:
        if refusal.status not in CANNOT:
            raise
    return [_total(client, one) for one in questions]


def _total(client: "Client", one: Request) -> int | None:
    try:
        return client.get(one, TransactionsPage).meta.total_count
    except BankRefused as refusal:
        if refusal.status not in CANNOT:
            raise
        return None
