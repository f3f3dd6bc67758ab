"""Read an account's transactions page by page, side by side, and check that no row is missing.

Pages are read in the order of a time that never changes (see ``window.py``) and compared with the bank's count. What
a scan cannot confirm is added to ``doubts``: the rows that it yielded are genuine, but may be incomplete.
"""

from collections.abc import Collection, Generator, Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from primanota.banks.base import Progress
from primanota.banks.qonto.decoding.answers import TransactionsPage
from primanota.banks.qonto.decoding.checked_rows import Unreadable, record
from primanota.banks.qonto.http.rates import BANK_RATES
from primanota.banks.qonto.http.sent_requests import SentRequests
from primanota.banks.qonto.reading.counts import STATUSES, Group, StatusFilters
from primanota.banks.qonto.reading.empty_lists import CANNOT, UNPROCESSABLE
from primanota.banks.qonto.reading.slices import First, Pages, SlicePages, is_short, other_pages, page_count
from primanota.banks.qonto.reading.window import PER_PAGE, SLICE, PageScan, TransactionQuery
from primanota.core.errors import BankRefused
from primanota.core.model import RawRecord

if TYPE_CHECKING:  # an export reads only the book: it need not load an HTTP client
    from primanota.banks.qonto.http.client import Client

# Times of a transaction that never change, the best first.
_FIXED_TIMES = ("created", "emitted")
_ATTEMPTS = 4
_READ_AHEAD = 64
# As many rows the bank sends before its first rate is used up. What has more is read at that rate, which a few pages
# at the same time reach even if each takes a third of a second.
_ROWS_IN_A_BURST = PER_PAGE * BANK_RATES[0].requests
_AHEAD_OF_LONG = 32
# A query that is refused as too large is split; so often in a row, until even hours are refused, size is not why.
_MOST_REFUSALS = 16
# So many requests an account may take beside those that are answered with a full page: a bank that contradicts itself
# each time, as a cache may that mixes answers up, would be asked for hours.
_MOST_VAIN = 1_000
# Older than any account at the bank, which opened in 2017: the lower bound where a query without one is split.
_BEFORE_ALL = 1_451_606_400_000_000  # 2016-01-01T00:00:00Z

Rows = Iterator[list[RawRecord]]


class _Unsupported(Exception):
    """The bank ignored or refused the order or the bounds of a query: another order must be tried."""


class AccountReader:
    """Reads one account's transactions of every status that the bank can filter by.

    Args:
        client: the bank's API.
        account_id: the account.
        now: the bank's clock before its first request was sent, or a little earlier (microseconds UTC, whole second).
        progress: receives the pages.
        filters: which statuses the bank can filter by.
        sent: has requests of this account that were sent already.
    """

    def __init__(
        self,
        client: "Client",
        account_id: str,
        now: int,
        progress: Progress,
        filters: StatusFilters,
        sent: SentRequests,
    ) -> None:
        self.doubts: list[str] = []
        self.now = now
        self.ahead: int | None = None
        self.takes_long = False
        self._client = client
        self._account_id = account_id
        self._progress = progress
        self._announced = 0  # pages that were reported, and are not being read yet
        self._filters = filters
        self._sent = sent
        self._explores = False  # whether to find out anew what the bank can do
        self._vain = 0  # requests, those of pages that were asked for ahead included, less those with a full page
        self._refused = 0  # how many queries were refused since the last one that was answered

    def restarted(self, now: int) -> "AccountReader":
        """Return a reader of the same account without doubts, which finds out anew what the bank can do."""
        sent = SentRequests(self._client)
        again = AccountReader(self._client, self._account_id, now, self._progress, self._filters, sent)
        again.ahead, again._vain, again._explores = self.ahead, self._vain, True
        return again

    def everything(self) -> Rows:
        """Yield every row of the account that existed when the scan began, possibly more."""
        return self._scan_by_fixed_time(everything_until(self._account_id, self.now, STATUSES))

    def updated_since(self, since: int) -> Rows:
        """Yield every row that was created or changed at or after a moment; more where the bank cannot filter so."""
        return self._scan_by_fixed_time(changed_since(self._account_id, since, STATUSES))

    def of_statuses(self, statuses: Collection[str]) -> Rows:
        """Yield every row of some statuses, one status after the other."""
        known = (status for group in self._groups() for status in group)
        groups = tuple((status,) for status in known if status in statuses)
        return self._scan_by_fixed_time(TransactionQuery(self._account_id, STATUSES), groups)

    def settled_between(self, since: int, until: int) -> Rows:
        """Yield completed rows by their settlement, both ends included."""
        query = TransactionQuery(self._account_id, ("completed",), "settled", since, min(until, self.now))
        try:
            yield from self._scan_until_complete(query)
        except _Unsupported as unsupported:
            self.doubts.append(str(unsupported))

    def _groups(self) -> tuple[Group, ...]:
        """Return which statuses are requested together, after finding it out where it is not known."""
        if self._explores or self._filters.groups is None:
            self._filters.explore(self._account_id, self._sent, self.now)
            self._explores = False
        return self._filters.groups or (STATUSES,)

    def _scan_by_fixed_time(self, query: TransactionQuery, groups: tuple[Group, ...] | None = None) -> Rows:
        """Scan in the order of the best time that the bank supports; each group of statuses separately.

        Args:
            query: which rows, of any order and of all statuses.
            groups: the statuses that are requested together; None for all statuses.
        """
        groups = self._groups() if groups is None else groups
        ordered = [replace(query, order=order) for order in _FIXED_TIMES]
        # If the bank supports neither: all rows in its own order, until the scans agree with its count.
        for attempt in (*ordered, TransactionQuery(self._account_id, STATUSES)):
            with suppress(_Unsupported):
                for statuses in groups:
                    yield from self._scan_until_complete(replace(attempt, statuses=statuses))
                return

    def _scan_until_complete(
        self, query: TransactionQuery, first: First | None = None, rest: Pages | None = None
    ) -> Rows:
        """Scan a query again until all its rows were read; in slices if it has, or may have, too many.

        Args:
            query: which rows.
            first: its first page, if it has been read already, or why the bank refused it.
            rest: its other pages, if they have been requested already.
        """
        seen: set[str] = set()
        for _ in range(_ATTEMPTS):
            scan = PageScan(query)
            slices = yield from self._scan(scan, first, rest)
            if slices:
                yield from self._scan_slices(slices, scan.total)
                return
            scan.finish(seen)
            if not scan.problem:
                return
            seen |= scan.ids
            query, first, rest = scan.next_query(), None, None
        self.doubts.append(scan.problem)

    def _scan_slices(self, slices: list[TransactionQuery], total: int | None) -> Rows:
        """Scan one slice after another; their pages are requested in one stream.

        Args:
            slices: the slices of a query.
            total: how many rows the bank counts in all of them; None if it did not tell.
        """
        counted = 0
        for query, first, rest in SlicePages(self._client, self._sent, slices, self._may_be_ahead):
            if self._vain > _MOST_VAIN:
                self.doubts.append(f"the bank was asked {_MOST_VAIN} times in vain")
                return
            counted += 0 if isinstance(first, BankRefused) else first.meta.total_count
            if total is not None and counted > total + SLICE:  # neighbours share few rows: such counts mean nothing
                self.doubts.append(f"the bank counts {total} rows, and {counted} in parts of them")
                return
            yield from self._scan_until_complete(query, first, rest)

    def _scan(
        self, scan: PageScan, first: First | None, rest: Pages | None
    ) -> Generator[list[RawRecord], None, list[TransactionQuery]]:
        """Read every page of a query once. Return smaller queries instead if it has too many rows."""
        query = scan.query
        if self._vain > _MOST_VAIN:
            scan.problem = f"the bank was asked {_MOST_VAIN} times in vain"
            return []
        try:
            self._vain += 1
            if isinstance(first, BankRefused):
                raise first
            first = first or self._sent.get(query.request(1), TransactionsPage)
            self._refused = 0
            rows = self._accepted_rows(scan, 1, first)
            if is_short(first.meta, len(first.transactions), query.per_page):
                scan.problem = (
                    f"the bank counts {first.meta.total_count} rows and sends {len(rows)} on the first page"
                )
                yield rows
                return []
            self.takes_long = self.takes_long or first.meta.total_count > _ROWS_IN_A_BURST
            if scan.oldest is not None and first.meta.total_count > SLICE:
                slices = query.split(first.meta.total_count, scan.oldest, self.now)
                if len(slices) > 1:
                    self._announce(page_count(first.meta))
                    return slices
            pages = page_count(first.meta)
            self._vain += min(pages, _READ_AHEAD) - 1
            self._announce(pages)
            self._announced -= pages
            self._progress.page(len(rows))
            yield rows
            shared = rest is not None
            rest = rest or self._client.get_many(other_pages(query, first.meta), TransactionsPage, self._may_be_ahead)
            for number, page in enumerate(islice(rest, pages - 1), 2):
                self._vain -= len(page.transactions) >= page.meta.per_page
                rows = self._accepted_rows(scan, number, page)
                self._progress.page(len(rows))
                yield rows
                if scan.is_astray and not shared:  # pages that were requested together are read to the end
                    break
        except BankRefused as refusal:
            if not scan.ids and self._filters.empty.has_refused(refusal, self._sent):
                scan.total = 0
                return []
            self._refused += 1
            return _split_refused(refusal, scan, self.now, is_too_large=self._refused < _MOST_REFUSALS)
        return []

    def _may_be_ahead(self) -> int | None:
        """Return how many pages may be requested before they are taken; None for the client's usual number."""
        return _AHEAD_OF_LONG if self.ahead is None and self.takes_long else self.ahead

    def _announce(self, pages: int) -> None:
        """Report pages that will be read, except those that were reported with the query of which this is a slice."""
        if more := max(0, pages - self._announced):
            self._progress.expect(more)
            self._announced += more

    def _accepted_rows(self, scan: PageScan, number: int, page: TransactionsPage) -> list[RawRecord]:
        """Return the rows of a page that can be booked to this account; each other row is a problem of the scan.

        Raises:
            _Unsupported: the bank ignored the order or the bounds.
        """
        try:
            rows = [*map(record, page.transactions)]
        except Unreadable:
            rows = [*_readable(scan, page)]
        for row in rows:
            if row.account != self._account_id and row.account:
                scan.problem = f"transaction {row.id} belongs to another account"
        rows = [row for row in rows if row.account == self._account_id or not row.account]
        scan.check(number, page.meta, rows)
        if scan.unsupported:
            raise _Unsupported(scan.unsupported)
        return rows


def _readable(scan: PageScan, page: TransactionsPage) -> Iterator[RawRecord]:
    """Yield the rows of a page that can be read; each other one is a problem of the scan."""
    for raw in page.transactions:
        try:
            yield record(raw)
        except Unreadable as unreadable:
            scan.problem = str(unreadable)


def everything_until(account_id: str, now: int, statuses: Group) -> TransactionQuery:
    """Return the query of every row of an account that exists now, in the order of the best time."""
    return TransactionQuery(account_id, statuses, _FIXED_TIMES[0], until=now)


def changed_since(account_id: str, since: int, statuses: Group) -> TransactionQuery:
    """Return the query of every row that is new or changed since a moment, in the order of the best time."""
    return TransactionQuery(account_id, statuses, _FIXED_TIMES[0], updated_since=since)


def _split_refused(refusal: BankRefused, scan: PageScan, now: int, *, is_too_large: bool) -> list[TransactionQuery]:
    """Return smaller queries where the bank refused a page because the query is too large; else note the problem.

    Args:
        refusal: the bank's error.
        scan: the scan of the query, as far as it came.
        now: the bank's clock.
        is_too_large: whether the size of the query may be the reason.

    Raises:
        _Unsupported: the bank refused the order or the bounds.
        BankRefused: the bank refused the page for another reason.
    """
    if refusal.status not in CANNOT:
        raise refusal
    if scan.query.is_repetition:  # the first scan was not refused, so the query is not too large
        scan.problem = refusal.message
        return []
    slices = scan.query.split(2 * SLICE, _BEFORE_ALL if scan.oldest is None else scan.oldest, now)
    if is_too_large and len(slices) > 1 and (refusal.status == UNPROCESSABLE or scan.ids):
        return slices
    if scan.query.order and not scan.ids:
        raise _Unsupported(str(refusal))
    scan.problem = refusal.message
    return []
