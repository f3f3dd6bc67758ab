"""Flows: sums by months and groups, against sums over all decoded rows; what is shown always adds up."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

import pytest

from primanota.app.queries.flows import Flow, GroupedRows, grouped_rows, month_flows, sum_of
from primanota.core.model import Account, Transaction
from primanota.core.period import Period, between, parse
from tests.support.books.book_world import Office, World

_TODAY = date(2026, 11, 23)


def _flow(rows: Iterable[Transaction]) -> Flow:
    cents = [row.amount.cents for row in rows]
    return Flow(len(cents), sum(max(one, 0) for one in cents), sum(min(one, 0) for one in cents))


def _rows(here: World, account: Account, period: Period) -> list[Transaction]:
    """Return all completed rows of the account whose local day is in the period."""
    return [row for row in here.journal.transactions(account) if period.first <= row.day <= period.last]


def _names(found: GroupedRows) -> list[tuple[str, Flow]]:
    return [(one.name, one.flow) for one in found.category.groups]


@pytest.mark.parametrize("word", ["2026", "2025-Q4", "2026-10", "2026-03-29", "2020", "2030"])
def test_months_have_the_sums_of_their_local_days(world: Callable[..., World], word: str) -> None:
    """Each month has rows and sums of its local days; all months together are the period, to the cent."""
    here, period = world(size=800), parse(word, _TODAY)
    here.sync()
    for account in here.journal.accounts():
        found = month_flows(here.journal, account, period)
        for days, flow in found:
            assert flow == _flow(_rows(here, account, days))
            assert (days.first.year, days.first.month) == (days.last.year, days.last.month)
        assert sum_of(one.flow for one in found) == _flow(_rows(here, account, period))


def test_months_are_cut_at_the_ends_of_the_period(world: Callable[..., World]) -> None:
    """The first and the last month have the days of the period alone; months before the first row are left out."""
    here = world(size=800)
    here.sync()
    account = here.journal.accounts()[0]
    found = month_flows(here.journal, account, between(date(2026, 8, 15), date(2026, 10, 2)))
    assert [f"{one.days}" for one in found] == [
        "2026-08-15 to 2026-08-31",
        "2026-09-01 to 2026-09-30",
        "2026-10-01 to 2026-10-02",
    ]
    first = next(here.journal.transactions(account)).day
    (month, *_) = month_flows(here.journal, account, between(date(1980, 1, 1), _TODAY))
    assert month.days.first == first.replace(day=1)


def test_months_end_today(office: Office) -> None:
    """No month of the future is listed, and an account without rows has the present one at most."""
    whole = parse("2027", _TODAY)
    assert month_flows(office.journal, office.accounts[0], whole) == []
    (month,) = month_flows(office.journal, office.accounts[0], between(date(2000, 1, 1), date(2050, 1, 1)))
    assert (month.days.last, month.flow) == (_TODAY, Flow())


@pytest.mark.parametrize("word", ["2026", "2026-10", "2026-W43", "2020"])
def test_groups_have_the_sums_of_their_rows(world: Callable[..., World], word: str) -> None:
    """Each group has rows and sums of its name; top groups and the rest are all rows of the period, to the cent."""
    here, period = world(size=800), parse(word, _TODAY)
    here.sync()
    for account in here.journal.accounts():
        found, rows = grouped_rows(here.journal, account, period), _rows(here, account, period)
        assert (found.days, found.asked, found.total) == (period, _flow(rows), _flow(rows))
        names: dict[str, Callable[[Transaction], str]] = {
            "category": lambda row: row.category,
            "label": lambda row: ", ".join(sorted(row.labels)),
            "counterparty": lambda row: row.clean_counterparty or row.counterparty,
        }
        for way, name_of in names.items():
            wanted = defaultdict(list)
            for row in rows:
                wanted[name_of(row)].append(row)
            grouping = getattr(found, way)
            assert all(one.flow == _flow(wanted[one.name]) for one in grouping.groups)
            assert len(grouping.groups) == min(len(wanted), 20)
            assert grouping.others == max(len(wanted) - 20, 0)
            assert sum_of([*(one.flow for one in grouping.groups), grouping.rest]) == found.total
            turnovers = [one.flow.sum_in - one.flow.sum_out for one in grouping.groups]
            assert turnovers == sorted(turnovers, reverse=True)


@pytest.mark.parametrize("most", [1, 2, 5, 20, 60, 1000])
def test_of_too_many_rows_the_newest_days_are_grouped(world: Callable[..., World], most: int) -> None:
    """With more rows than can be read whole newest days are grouped: their rows are all, and as many as can be."""
    here, period = world(size=800), parse("2026-Q3", _TODAY)
    here.sync()
    account = here.journal.accounts()[0]
    found, rows = grouped_rows(here.journal, account, period, most), _rows(here, account, period)
    assert found.asked == _flow(rows)
    if found.days is None:
        assert (found.total, _names(found)) == (Flow(), [])
        assert len([row for row in rows if row.day == period.last]) > most
        return
    assert found.total == _flow(_rows(here, account, found.days))
    assert found.total.rows <= most
    assert found.days.last == period.last
    if found.days != period:
        before = between(max(row.day for row in rows if row.day < found.days.first), period.last)
        assert len(_rows(here, account, before)) > most


def test_a_day_with_too_many_rows_is_not_grouped(office: Office) -> None:
    """Where the last day alone has too many rows, nothing is grouped, and the sums of the period are still right."""
    office.arrive(3)
    found = grouped_rows(office.journal, office.accounts[0], between(_TODAY, _TODAY), 2)
    assert (found.days, found.total, found.asked.rows) == (None, Flow(), 3)
