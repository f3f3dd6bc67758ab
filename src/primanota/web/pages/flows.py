"""Flows: money in and out of an account per month, and by category, label and counterparty."""

from datetime import timedelta
from functools import partial
from typing import NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from primanota.app.queries.flows import Flow, GroupedRows, Grouping, MonthFlow, grouped_rows, month_flows, sum_of
from primanota.book.journal import Journal
from primanota.core.model import Account
from primanota.core.period import Period, between
from primanota.web.account_period import asked_account, asked_period, asked_text
from primanota.web.charts import Bar, Words, columns, ranking
from primanota.web.pages.flow_texts import FlowTexts, GroupTexts, flow_texts
from primanota.web.screens import Screen
from primanota.web.visit import Visit

_OTHER_MONTHS = 11


class _FlowsShown(NamedTuple):
    """The flows of an account: of the months of a period, and grouped of another or the same one."""

    account: Account
    accounts: list[Account]
    period: Period
    months: list[MonthFlow]
    grouped: GroupedRows
    asked: Period


class _Chart(NamedTuple):
    """A chart of groups, with the names that its table shows."""

    heading: str
    chart: Markup
    rows: list[tuple[str, Flow]]


def show(visit: Visit) -> Response:
    """Show the flows of an account."""
    texts, found = flow_texts(visit.language), visit.read(partial(_found, visit))
    names = [_month(texts, one.days) for one in found.months]
    ways = ((texts.category, found.grouped.category), (texts.label, found.grouped.label))
    return visit.page(
        "flows.html",
        f=texts,
        found=found,
        names=names,
        plot=_months(visit, texts, found, names),
        total=sum_of(one.flow for one in found.months),
        word=asked_text(visit, "month"),
        charts=[
            _chart(visit, texts, found, way, grouping)
            for way, grouping in (*ways, (texts.counterparty, found.grouped.counterparty))
        ],
        span=f"since={found.period.first}&until={found.period.last}",
    )


def _found(visit: Visit, journal: Journal) -> _FlowsShown:
    calendar, accounts = visit.workspace.calendar(journal), journal.accounts()
    account = asked_account(visit, accounts)
    first = calendar.today.replace(day=1)
    for _ in range(_OTHER_MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
    days = asked_period(visit, journal, account, takes_word=False)
    period = days or between(first, calendar.today)
    asked = asked_period(visit, journal, account) or calendar.period("last-month")
    months = month_flows(journal, account, period)
    return _FlowsShown(account, accounts, period, months, grouped_rows(journal, account, asked), asked)


def _month(texts: FlowTexts, days: Period) -> str:
    return texts.month_of.format(month=texts.month_names[days.first.month - 1], year=days.first.year)


def _months(visit: Visit, texts: FlowTexts, found: _FlowsShown, names: list[str]) -> Markup:
    title = texts.title.format(account=found.account.name, days=_days(visit, found.period))
    bars = [Bar(name, *one.flow[1:]) for name, one in zip(names, found.months, strict=True)]
    return columns(bars, _words(visit, texts, found, title, [one.flow for one in found.months]))


def _chart(visit: Visit, texts: FlowTexts, found: _FlowsShown, way: GroupTexts, grouping: Grouping) -> _Chart:
    rows = [(one.name or way.without, one.flow) for one in grouping.groups]
    if grouping.others:
        rows.append((visit.notation.count(texts.rest, grouping.others), grouping.rest))
    title = texts.group_title.format(
        heading=way.heading, account=found.account.name, days=_days(visit, found.grouped.days or found.asked)
    )
    words = _words(visit, texts, found, title, [flow for _, flow in rows])
    return _Chart(way.heading, ranking([Bar(name, *flow[1:]) for name, flow in rows], words), rows)


def _words(visit: Visit, texts: FlowTexts, found: _FlowsShown, title: str, flows: list[Flow]) -> Words:
    def money(cents: int) -> str:
        return visit.notation.money(cents, found.account.currency)

    total = sum_of(flows)
    return Words(title, texts.description.format(sum_in=money(total.sum_in), sum_out=money(total.sum_out)), money)


def _days(visit: Visit, period: Period) -> str:
    return visit.notation.days(period.first, period.last)


SCREENS = (Screen("/flows", show),)
