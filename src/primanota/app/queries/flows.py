"""Money in and out of an account: by months, and by category, label and counterparty."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from primanota.book.journal import Journal
from primanota.book.rows.found_rows import RowQuery, sums
from primanota.book.rows.settled_rows import SettledSpan, bodies, first_settled, moment_before_newest
from primanota.core.model import COMPLETED, Account, Transaction
from primanota.core.period import Period, between, moment

# Rows are decoded to be grouped: of a period with more rows only its newest days are.
MOST_ROWS = 5_000
_MOST_GROUPS = 20
_FIELDS = frozenset(("amount", "counterparty", "clean_counterparty", "category", "labels"))
_DAY = timedelta(days=1)


class Flow(NamedTuple):
    """Some completed rows: how many, and money in and out, in cents; out is negative."""

    rows: int = 0
    sum_in: int = 0
    sum_out: int = 0

    @property
    def net(self) -> int:
        """Return in less out."""
        return self.sum_in + self.sum_out


class MonthFlow(NamedTuple):
    """The flow of a calendar month, or of the days of it that are in a period."""

    days: Period
    flow: Flow


class FlowGroup(NamedTuple):
    """The flow of rows with the same name; an empty name for rows without one."""

    name: str
    flow: Flow


class Grouping(NamedTuple):
    """The groups with the largest sums of in and out, and all others as one: ``others`` of them."""

    groups: list[FlowGroup]
    rest: Flow
    others: int


class GroupedRows(NamedTuple):
    """The completed rows of a period, grouped in three ways.

    ``days`` are those whose rows are grouped: all of the period, or its newest ones if it has too many rows; None if
    the last day that has rows has too many. ``total`` is the flow of the rows that are grouped, ``asked`` that of
    the period. A row with several labels is in a group of exactly these labels, so that each row is in one group.
    """

    days: Period | None
    asked: Flow
    total: Flow
    category: Grouping
    label: Grouping
    counterparty: Grouping


def month_flows(journal: Journal, account: Account, period: Period) -> list[MonthFlow]:
    """Return the flow of each month of a period, from the month of the account's first row to that of today."""
    first = first_settled(journal.book, account.id)
    today = moment(journal.book.clock()).astimezone(journal.zone).date()
    begin = today if first is None else moment(first).astimezone(journal.zone).date().replace(day=1)
    months = _months(max(period.first, begin), min(period.last, today))
    return [MonthFlow(days, _flow(journal, account, days)) for days in months]


def grouped_rows(journal: Journal, account: Account, period: Period, most: int = MOST_ROWS) -> GroupedRows:
    """Return the rows of a period in groups; of more than ``most`` rows those of the newest whole days."""
    days, asked = _newest_days(journal, account, period, most), _flow(journal, account, period)
    rows = list(_rows(journal, account, days)) if days else []
    return GroupedRows(
        days if rows or not asked.rows else None,
        asked,
        _flow_of(rows),
        _grouping(rows, lambda row: row.category),
        _grouping(rows, lambda row: ", ".join(sorted(row.labels))),
        _grouping(rows, lambda row: row.clean_counterparty or row.counterparty),
    )


def sum_of(flows: Iterable[Flow]) -> Flow:
    """Return some flows as one."""
    found = [*flows]
    return Flow(sum(one.rows for one in found), sum(one.sum_in for one in found), sum(one.sum_out for one in found))


def _months(first: date, last: date) -> Iterator[Period]:
    """Yield the months from one day to another, the first and the last one from or to these days."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield between(first, min(following - _DAY, last))
        first = following


def _flow(journal: Journal, account: Account, days: Period) -> Flow:
    since, until = days.span(journal.zone)
    found = sums(journal.book, RowQuery((account.id,), since, until, (COMPLETED,)))
    return sum_of(Flow(one.rows, one.sum_in, one.sum_out) for one in found)


def _newest_days(journal: Journal, account: Account, period: Period, most: int) -> Period | None:
    """Return the newest whole days of a period that have at most so many rows; None if its last day has more."""
    span = SettledSpan(account.id, *period.span(journal.zone))
    before = moment_before_newest(journal.book, span, most)
    if before is None:
        return period
    first = moment(before).astimezone(journal.zone).date() + _DAY
    return between(first, period.last) if first <= period.last else None


def _rows(journal: Journal, account: Account, days: Period) -> Iterator[Transaction]:
    span = SettledSpan(account.id, *days.span(journal.zone))
    return map(journal.reader(_FIELDS), bodies(journal.book, span))


def _flow_of(rows: list[Transaction]) -> Flow:
    cents = [row.amount.cents for row in rows]
    came = sum(one for one in cents if one > 0)
    return Flow(len(cents), came, sum(cents) - came)


def _grouping(rows: list[Transaction], name_of: Callable[[Transaction], str]) -> Grouping:
    named: dict[str, list[Transaction]] = {}
    for row in rows:
        named.setdefault(name_of(row), []).append(row)
    groups = [FlowGroup(name, _flow_of(some)) for name, some in named.items()]
    groups.sort(key=lambda one: (one.flow.sum_out - one.flow.sum_in, one.name))
    rest = groups[_MOST_GROUPS:]
    return Grouping(groups[:_MOST_GROUPS], sum_of(one.flow for one in rest), len(rest))
