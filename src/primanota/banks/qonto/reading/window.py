"""Queries over an account's transactions, and the checks of one scan of their pages. Pure.

Offset pages lose rows when the set changes between two requests. So a query is ordered by a time that never changes,
with a fixed upper end: then new rows can only come after that end.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter

import msgspec

from primanota.banks.qonto.decoding.answers import Meta
from primanota.banks.qonto.http.request import Params, Request
from primanota.core.model import RawRecord
from primanota.core.period import moment

PATH = "/v2/transactions"
PER_PAGE = 100
SECOND = 1_000_000
# Bounds are sent in whole seconds, and a bank may include its bounds or not.
_TOLERANCE = SECOND
# The most rows of a query before it is split: deep pages are slow and may be refused, and the ids of one slice are
# all that is ever kept in memory.
SLICE = 10_000
# A query is split into so many at most; each of them may be split again.
_MOST_SLICES = 1_000


class TransactionQuery(msgspec.Struct, frozen=True):
    """Rows of some statuses between two moments of one of their times, in the order of that time.

    Args:
        account_id: the account.
        statuses: the statuses, requested together.
        order: ``created``, ``emitted`` or ``settled``; empty for the bank's own order, without bounds.
        since: first moment (microseconds UTC, a whole second), None for all.
        until: last moment (the same), None for all.
        updated_since: only rows that changed at or after this moment (the same), None for all.
        per_page: how many rows a page has.
    """

    account_id: str
    statuses: tuple[str, ...]
    order: str = ""
    since: int | None = None
    until: int | None = None
    updated_since: int | None = None
    per_page: int = PER_PAGE

    @property
    def is_repetition(self) -> bool:
        """Return whether it is a further scan, which has smaller pages: see ``PageScan.next_query``."""
        return self.per_page < PER_PAGE

    def request(self, page: int) -> Request:
        """Return the request for a page, counted from 1."""
        return next(self.requests([page]))

    def requests(self, pages: Iterable[int]) -> Iterator[Request]:
        """Yield the requests for some pages; what they have in common is written once."""
        before, after = self._filter(), ("per_page", str(self.per_page))
        return (Request(PATH, (*before, ("page", str(page)), after)) for page in pages)

    def _filter(self) -> Params:
        params = [("bank_account_id", self.account_id), *(("status[]", status) for status in self.statuses)]
        params.append(("includes[]", "vat_details"))
        if self.order:
            params.append(("sort_by", f"{self.order}_at:asc"))
            params += _bound(f"{self.order}_at_from", self.since) + _bound(f"{self.order}_at_to", self.until)
        return (*params, *_bound("updated_at_from", self.updated_since))

    def times_of(self, rows: Iterable[RawRecord]) -> list[int | None]:
        """Return the time of each row by which the query is ordered."""
        return [*map(attrgetter(self.order), rows)]

    def includes(self, rows: list[RawRecord], known: list[int]) -> bool:
        """Return whether rows match the query, with a tolerance of one second at its bounds.

        Args:
            rows: the rows.
            known: the times of those rows by which the query is ordered, except where a row does not have it.
        """
        return (
            (self.since is None or not known or min(known) >= self.since - _TOLERANCE)
            and (self.until is None or not known or max(known) <= self.until + _TOLERANCE)
            and (self.updated_since is None or all(row.updated >= self.updated_since - _TOLERANCE for row in rows))
            and {row.status for row in rows} <= {*self.statuses}
        )

    def split(self, rows: int, oldest: int, newest: int) -> list["TransactionQuery"]:
        """Return queries of about ``SLICE`` rows with the same rows together; itself alone if it cannot be split.

        Neighbours share their boundary, so that no row is lost between them, whether the bank includes its bounds or
        not. Where the query does not have a bound, the first or the last one does not have it either.

        Args:
            rows: the number of rows, as the bank counts them.
            oldest: the time of the first row, where the query does not have a lower bound.
            newest: the time of the last row or a little earlier, where the query does not have an upper bound.
        """
        first = _whole_second(oldest if self.since is None else self.since)
        last = newest if self.until is None else self.until
        if not self.order or last - first < 2 * SECOND:
            return [self]
        count = max(2, min(math.ceil(rows / SLICE), (last - first) // SECOND, _MOST_SLICES))
        cuts = [first + _whole_second((last - first) * part // count) for part in range(1, count)]
        ends: list[int | None] = [self.since, *cuts, self.until]
        return [msgspec.structs.replace(self, since=start, until=end) for start, end in pairwise(ends)]


class PageScan(msgspec.Struct):
    """One scan of a query's pages: the ids that were read, and what does not agree with the query.

    ``problem`` may not occur in another scan; ``unsupported`` says that the bank ignores the order or the bounds.
    ``is_astray`` says that further pages of this scan will not help: one had another number, or no row that is new.
    ``oldest`` and ``last`` are the times of the first and the last row that was read, ``per_page`` is how many rows
    the bank says that a page has.
    """

    query: TransactionQuery
    per_page: int = PER_PAGE
    total: int | None = None
    ids: set[str] = set()
    oldest: int | None = None
    last: int | None = None
    problem: str = ""
    unsupported: str = ""
    is_astray: bool = False

    def check(self, page: int, meta: Meta, rows: list[RawRecord]) -> None:
        """Compare a page with the query: its number, the count of all rows, their order and their filter."""
        known = len(self.ids)
        self.ids.update(row.id for row in rows)
        self.per_page = min(meta.per_page, self.query.per_page)
        if meta.current_page != page:
            self.problem = f"page {page} was asked for and page {meta.current_page} answered"
            self.is_astray = True
            return
        self.is_astray = len(self.ids) == known
        if self.total is None:
            self.total = meta.total_count
        elif meta.total_count != self.total:
            self.problem = f"the count went from {self.total} to {meta.total_count} while it was read"
        if self.query.order and rows:
            self._check_order(rows)

    def next_query(self) -> TransactionQuery:
        """Return the same query with smaller pages.

        Rows of one moment may come in another order at each request, so one of them can fall between two pages. With
        pages that end elsewhere it does not fall there again.
        """
        return msgspec.structs.replace(self.query, per_page=max(1, self.per_page * 7 // 8))

    def finish(self, seen: set[str]) -> None:
        """Compare the number of ids with the bank's count after the last page.

        Args:
            seen: the ids of earlier scans of the same query; all scans together may have the count, too.
        """
        if not self.problem and self.total not in {len(self.ids), len(self.ids | seen)}:
            self.problem = f"the bank counts {self.total} rows and sent {len(self.ids)}"

    def _check_order(self, rows: list[RawRecord]) -> None:
        times = self.query.times_of(rows)
        if self.oldest is None:
            self.oldest = times[0]
        known = [time for time in times if time is not None]
        ordered = [*known] if self.last is None else [self.last, *known]
        if ordered != sorted(ordered):
            self.unsupported = f"rows do not come in the order of {self.query.order}_at"
        if not self.query.includes(rows, known):
            self.unsupported = "rows lie outside the filter that was asked for"
        self.last = known[-1] if known else self.last


def _whole_second(value: int) -> int:
    return value - value % SECOND


def _bound(name: str, value: int | None) -> list[tuple[str, str]]:
    return [] if value is None else [(name, f"{moment(value):%Y-%m-%dT%H:%M:%S}.000Z")]
