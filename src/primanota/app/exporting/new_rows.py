"""Count the rows that are new for a profile, without selecting them."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from primanota.book.rows.selected_rows import RowTotals, count_not_exported
from primanota.core.model import Account
from primanota.core.period import moment
from primanota.core.results import Sum
from primanota.core.selection import Changed
from primanota.export.select import AccountGroup, Export


class NewRows(NamedTuple):
    """How many rows are new for a profile, the local days of the first and the last, and their sums by currency."""

    rows: int = 0
    first: date | None = None
    last: date | None = None
    sums: tuple[Sum, ...] = ()


def count_new(request: Export, accounts: Iterable[Account]) -> NewRows:
    """Return how many rows of some accounts an export of new rows or of a period would write that no batch has."""
    return _together([(account, _count(request, account)) for account in accounts], request)


def _count(request: Export, account: Account) -> RowTotals:
    assert not isinstance(request.selection, Changed)  # noqa: S101 - those are in batches already
    since, until = request.selection.span(request.zone)
    exported, moving = request.exported(AccountGroup((account,))), request.profile.rules.zero == "skip"
    limit = min(until, request.limit(account))
    return count_not_exported(request.journal.book, account.id, limit, since, exported, moving=moving)


def _together(found: list[tuple[Account, RowTotals]], request: Export) -> NewRows:
    some = [(account.currency, totals) for account, totals in found if totals.rows]
    sums = tuple(
        Sum(
            currency,
            sum(totals.sum_in for one, totals in some if one == currency),
            sum(totals.sum_out for one, totals in some if one == currency),
        )
        for currency in dict.fromkeys(currency for currency, _ in some)
    )
    ends = [end for _, totals in some for end in (totals.first, totals.last) if end is not None]
    days = [moment(end).astimezone(request.zone).date() for end in ends]
    return NewRows(sum(totals.rows for _, totals in some), min(days, default=None), max(days, default=None), sums)
