"""How many transactions the bank counts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from primanota.errors import Refused
from primanota.qonto.normalise import TransactionsPage
from primanota.qonto.question import Question
from primanota.qonto.window import Window

if TYPE_CHECKING:  # who only reads the book need not load what speaks HTTP
    from primanota.qonto.client import Client

# Pending first: a row that settles while we read is then met as pending or, later, as completed, never as neither.
STATUSES = ("pending", "declined", "completed")
# What a bank answers that cannot do what is asked: a bad parameter, or a window or page out of its reach.
BAD_REQUEST, UNPROCESSABLE = 400, 422
CANNOT = (BAD_REQUEST, UNPROCESSABLE)


def count(client: "Client", account_id: str) -> dict[str, int]:
    """Rows of each status, now; without those that the bank will not count because they are too many."""
    counted = zip(STATUSES, totals(client, account_id, [(status,) for status in STATUSES]), strict=True)
    return {status: number for status, number in counted if number is not None}


def totals(client: "Client", account_id: str, groups: Iterable[tuple[str, ...]]) -> list[int | None]:
    """Rows of each group of statuses that are asked for together; None where the bank will not count them."""
    questions = [Window(account_id, statuses).question(1, per_page=1) for statuses in groups]
    try:
        return [page.meta.total_count for page in client.get_many(questions, TransactionsPage)]
    except Refused as refusal:
        if refusal.status not in CANNOT:
            raise
    return [_total(client, question) for question in questions]


def _total(client: "Client", question: Question) -> int | None:
    try:
        return client.get(question, TransactionsPage).meta.total_count
    except Refused as refusal:
        if refusal.status not in CANNOT:
            raise
        return None
