"""The rows of a book page by page, the newest first: a page begins where the last one ended, not at an offset."""

from datetime import date
from typing import NamedTuple

from primanota.app.queries.list_rows import RowFilter, RowList, RowView, TotalView
from primanota.book.journal import Journal
from primanota.book.rows.found_rows import moment_of_newest, sums
from primanota.core.period import END_OF_TIME, moment

# Of rows that have to be read to know whether they hold the words, at most so many are read for a page.
_READ_AT_ONCE = 5_000


class RowPage(NamedTuple):
    """Some rows, the newest first. ``totals`` are those of all that are asked for if ``is_whole``, else of these.

    ``before`` is the moment from which the next page goes on (microseconds UTC); None on the last one. ``searched``
    is the local day to which rows were searched for words; None where every row was. The totals of words are those of
    a page: for all of a large book every row would have to be read, which takes seconds.
    """

    rows: list[RowView]
    totals: list[TotalView]
    before: int | None
    searched: date | None
    is_whole: bool


def row_page(journal: Journal, wanted: RowFilter, size: int, before: int = END_OF_TIME) -> RowPage:
    """Return a page of rows that settled, or else were made, before a moment; rows of one moment are together.

    Args:
        journal: the book.
        wanted: what is asked for.
        size: how many rows it has at least, if there are so many.
        before: the moment from which it goes on (microseconds UTC).
    """
    query = wanted.query(journal)
    until = min(query.until, before)
    query = query._replace(until=until)
    number = _READ_AT_ONCE if query.is_sparse else size
    since = moment_of_newest(journal.book, query, number - 1)
    found = RowList(journal, wanted, (max(query.since, since or 0), until))
    rows = [*found.rows()][::-1]
    if not query.is_sparse:
        return RowPage(rows, _totals(journal, wanted), since, None, is_whole=True)
    searched = moment(since).astimezone(journal.zone).date() if since else None
    return RowPage(rows, [*found.totals()], since, searched, is_whole=since is None and before >= END_OF_TIME)


def _totals(journal: Journal, wanted: RowFilter) -> list[TotalView]:
    accounts = {account.id: account for account in wanted.accounts}
    found = sums(journal.book, wanted.query(journal))
    views = [
        TotalView(accounts[one.account].name, one.status, accounts[one.account].currency, *one[2:]) for one in found
    ]
    return sorted(views, key=lambda one: (one.account, one.status))
