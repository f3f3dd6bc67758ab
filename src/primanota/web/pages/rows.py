"""Rows: filters in the address, the totals of what is filtered, a hundred at a time; and a row with its history."""

from functools import cache, partial
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.responses import Response

from primanota.app.queries.list_rows import RowFilter
from primanota.app.queries.row_pages import RowPage, row_page
from primanota.app.queries.row_trace import row_trace
from primanota.book.journal import Journal
from primanota.book.rows.found_rows import SIDES, STATUSES
from primanota.core.errors import InvalidInput
from primanota.core.language.catalogue import Texts, load
from primanota.core.language.field_values import written_value
from primanota.core.model import Account
from primanota.core.period import END_OF_TIME, Period, between
from primanota.core.written_amounts import parse_amount
from primanota.web.screens import Screen
from primanota.web.visit import Visit

_AT_ONCE = 100
_MOST_DIGITS = 9


class AbsenceTexts(Texts, frozen=True):
    """Why a row is in no file that counts."""

    not_completed: str
    vanished: str
    first_day: str
    new: str


class RowTexts(Texts, frozen=True):
    """The texts of these screens."""

    heading: str
    filter: str
    text: str
    since: str
    until: str
    amount: str
    side: str
    both: str
    side_in: str
    side_out: str
    status: str
    every: str
    account: str
    label: str
    member: str
    batch: str
    day: str
    counterparty: str
    reference: str
    file: str
    older: str
    newest: str
    searched: str
    none: str
    totals: str
    totals_here: str
    rows: str
    sum_in: str
    sum_out: str
    sum: str
    row_of: str
    history: str
    change: str
    was: str
    now: str
    first_stored: str
    gone: str
    exported: str
    line: str
    older_version: str
    undone: str
    words: str
    id: str
    operation: str
    category: str
    note: str
    receipts: str
    balance: str
    reason: AbsenceTexts


@cache
def row_texts(language: str) -> RowTexts:
    """Return the texts in a language."""
    return load("page_rows", language, RowTexts)


class _Found(NamedTuple):
    """A page of rows, and the accounts that can be chosen."""

    page: RowPage
    accounts: list[Account]


def show_all(visit: Visit) -> Response:
    """Show rows of the book that the address asks for."""
    asked = {name: value.strip() for name, value in visit.request.query_params.items() if value.strip()}
    found = visit.read(partial(_found, visit, asked))
    older = urlencode({**asked, "before": found.page.before}) if found.page.before else ""
    return visit.page(
        "rows.html",
        r=row_texts(visit.language),
        found=found,
        asked={name: asked.get(name, "") for name in _FIELDS},
        older=older,
        first=urlencode({name: value for name, value in asked.items() if name != "before"})
        if "before" in asked
        else "",
        statuses=[*STATUSES],
    )


_FIELDS = ("text", "since", "until", "amount", "side", "status", "account", "label", "member", "batch")


def show_one(visit: Visit) -> Response:
    """Show a row: its history, its lines, the bank's words."""
    key = str(visit.request.path_params["id"])
    found = visit.read(lambda journal: row_trace(visit.workspace, journal, key))
    return visit.page("row.html", r=row_texts(visit.language), found=found, row=found.row, written=written_value)


def _found(visit: Visit, asked: dict[str, str], journal: Journal) -> _Found:
    accounts = journal.accounts()
    wanted = _filter(visit, asked, journal, accounts)
    before = visit.number("before") or END_OF_TIME
    return _Found(row_page(journal, wanted, _AT_ONCE, min(before, END_OF_TIME)), accounts)


def _filter(visit: Visit, asked: dict[str, str], journal: Journal, accounts: list[Account]) -> RowFilter:
    """Return what the address asks for.

    Raises:
        InvalidInput: it asks for a day, an amount, a status or an account that cannot be.
    """
    status, side, batch = asked.get("status", ""), asked.get("side", ""), asked.get("batch", "")
    chosen = [one for one in accounts if asked.get("account") in {None, one.id}]
    is_known = status in {"", *STATUSES} and side in {"", *SIDES} and (not batch or _is_number(batch))
    if not (is_known and chosen):
        raise InvalidInput("The filter in the address of this page is not valid.", "Choose again in the form.")
    return RowFilter(
        accounts=tuple(chosen),
        period=_period(visit, asked, journal),
        statuses=(status,) if status else (),
        side=side,
        amount=parse_amount(asked["amount"]) if "amount" in asked else None,
        batch=int(batch) if batch else None,
        text=asked.get("text", ""),
        label=asked.get("label", ""),
        member=asked.get("member", ""),
    )


def _period(visit: Visit, asked: dict[str, str], journal: Journal) -> Period | None:
    calendar = visit.workspace.calendar(journal)
    since, until = asked.get("since"), asked.get("until")
    if not since and not until:
        return None
    first = calendar.first(since) if since else calendar.today.replace(year=1971, month=1, day=1)
    return between(first, calendar.last(until) if until else calendar.today)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


SCREENS = (Screen("/rows", show_all), Screen("/rows/{id}", show_one))
