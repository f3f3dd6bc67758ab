"""Paging that loses nothing: an account's transactions, read side by side over what cannot move, and checked.

What a reading cannot make sure of is said in ``doubts``: the rows it did get are genuine, but may not be all.
"""

import math
from collections.abc import Generator, Iterator
from contextlib import suppress
from itertools import chain, islice, starmap
from typing import TYPE_CHECKING, Protocol

import msgspec

from primanota.banks.qonto.counts import CANNOT, STATUSES, UNPROCESSABLE, Totals, count_everything
from primanota.banks.qonto.normalise import Meta, TransactionsPage, Unreadable, record
from primanota.banks.qonto.request import Request
from primanota.banks.qonto.window import SLICE, PageScan, TransactionQuery
from primanota.core.errors import BankRefused
from primanota.core.model import RawRecord

if TYPE_CHECKING:  # who only reads the book need not load what speaks HTTP
    from primanota.banks.qonto.client import Client

# Times of a transaction that never change, the best first.
_IMMOVABLE = ("created", "emitted")
_ATTEMPTS = 4
_SLICES_AT_ONCE = 4
# Older than any account at the bank, which opened in 2017: where a window without a lower end is cut.
_BEFORE_ALL = 1_451_606_400_000_000  # 2016-01-01T00:00:00Z


Pages = Iterator[TransactionsPage]


class Progress(Protocol):
    """Hears how a reading goes on."""

    def expect(self, pages: int) -> None:
        """So many pages more are to come."""

    def page(self, rows: int) -> None:
        """A page came, with so many rows."""


class _Unordered(Exception):
    """The bank ignored or refused the order or the bounds: another order must be tried."""


class AccountReader:
    """Reads one account's transactions of every status that can be asked for.

    Args:
        client: the bank.
        account_id: whose transactions.
        now: the bank's clock (microseconds UTC, a whole second).
        progress: hears of pages.
        totals: what the bank counts, from ``counts.count_everything``; None to ask when it is needed.
        first: the first page of everything (:func:`everything_until`), where that has been fetched already.
    """

    def __init__(
        self,
        client: "Client",
        account_id: str,
        now: int,
        progress: Progress,
        totals: Totals | None,
        first: TransactionsPage | None = None,
    ) -> None:
        self.doubts: list[str] = []
        self._client = client
        self._account_id = account_id
        self._now = now
        self._progress = progress
        self._totals = totals
        self._first = first

    def anew(self, now: int) -> "AccountReader":
        """A reader of the same account that begins again, without doubts, and counts afresh."""
        return AccountReader(self._client, self._account_id, now, self._progress, None)

    def everything(self) -> Iterator[list[RawRecord]]:
        """Every row of the account that existed when the reading began, at least."""
        return self._read(everything_until(self._account_id, self._now), self._first)

    def moved(self, since: int) -> Iterator[list[RawRecord]]:
        """Every row that changed or arrived at or after a moment; more where the bank cannot tell."""
        return self._read(TransactionQuery(self._account_id, STATUSES, updated_since=since))

    def settled(self, since: int, until: int) -> Iterator[list[RawRecord]]:
        """Completed rows by their settlement, both ends included: a doubtful window, read again."""
        window = TransactionQuery(self._account_id, ("completed",), "settled", since, min(until, self._now))
        try:
            yield from self._whole(window)
        except _Unordered as unordered:
            self.doubts.append(str(unordered))

    def _read(self, window: TransactionQuery, first: TransactionsPage | None = None) -> Iterator[list[RawRecord]]:
        if self._totals is None:
            self._totals = count_everything(self._client, [self._account_id])[self._account_id]
        groups, empty = _groups(self._totals)
        if empty:
            return
        for order in _IMMOVABLE:
            with suppress(_Unordered):
                fetched = first if order == window.order else None
                yield from self._groupwise(groups, msgspec.structs.replace(window, order=order), fetched)
                return
        # No order holds: everything, in the bank's own order, until the walks agree with its count.
        yield from self._groupwise(groups, TransactionQuery(self._account_id, STATUSES))

    def _groupwise(
        self, groups: list[tuple[str, ...]], window: TransactionQuery, first: TransactionsPage | None = None
    ) -> Iterator[list[RawRecord]]:
        for statuses in groups:
            fetched = first if statuses == window.statuses else None
            yield from self._whole(msgspec.structs.replace(window, statuses=statuses), fetched)

    def _whole(
        self, window: TransactionQuery, first: TransactionsPage | None = None, rest: Pages | None = None
    ) -> Iterator[list[RawRecord]]:
        """A window until its rows are all there; smaller windows where it is, or is said to be, too large.

        Args:
            window: which rows.
            first: its first page, where that has been fetched already.
            rest: where its other pages come from, where they are under way already.
        """
        met: set[str] = set()
        for _ in range(_ATTEMPTS):
            walk = PageScan(window)
            slices = yield from self._walk(walk, first, rest)
            if len(slices) > 1:
                yield from self._each(slices)
                return
            walk.finish(met)
            if not walk.trouble:
                return
            met |= walk.ids
            first = rest = None
        self.doubts.append(walk.trouble)

    def _each(self, slices: list[TransactionQuery]) -> Iterator[list[RawRecord]]:
        """Slice after slice, the pages of a few of them fetched side by side."""
        for start in range(0, len(slices), _SLICES_AT_ONCE):
            yield from self._together(slices[start : start + _SLICES_AT_ONCE])

    def _together(self, slices: list[TransactionQuery]) -> Iterator[list[RawRecord]]:
        try:
            firsts = [*self._client.get_many([part.request(1) for part in slices], TransactionsPage)]
        except BankRefused as refusal:
            if refusal.status not in CANNOT:
                raise
            for part in slices:
                yield from self._whole(part)
            return
        parts = list(zip(slices, firsts, strict=True))
        fitting = [(part, first) for part, first in parts if first.meta.total_count <= SLICE]
        rest = self._client.get_many(chain.from_iterable(starmap(_other_pages, fitting)), TransactionsPage)
        for part, first in parts:
            yield from self._whole(part, first, rest if first.meta.total_count <= SLICE else None)

    def _walk(
        self, walk: PageScan, first: TransactionsPage | None, rest: Pages | None
    ) -> Generator[list[RawRecord], None, list[TransactionQuery]]:
        """Once through a window, page after page; or the slices that it should be cut into."""
        window = walk.window
        try:
            first = first or self._client.get(window.request(1), TransactionsPage)
            entries = self._accept(walk, 1, first)
            if walk.oldest is not None and first.meta.total_count > SLICE:
                slices = window.slices(first.meta.total_count, walk.oldest)
                if len(slices) > 1:
                    return slices
            pages = _pages(first.meta)
            self._progress.expect(pages)
            yield self._counted(entries)
            rest = rest or self._client.get_many(_other_pages(window, first), TransactionsPage)
            for number, page in enumerate(islice(rest, pages - 1), 2):
                yield self._counted(self._accept(walk, number, page))
        except BankRefused as refusal:
            return self._after(refusal, walk)
        return []

    def _after(self, refusal: BankRefused, walk: PageScan) -> list[TransactionQuery]:
        """What a refused page means: no such order, or too large a window; all else is the caller's."""
        if refusal.status not in CANNOT:
            raise refusal
        slices = walk.window.slices(2 * SLICE, _BEFORE_ALL if walk.oldest is None else walk.oldest)
        if len(slices) > 1 and (refusal.status == UNPROCESSABLE or walk.ids):
            return slices
        if walk.window.order and not walk.ids:
            raise _Unordered(str(refusal))
        walk.trouble = refusal.message
        return []

    def _accept(self, walk: PageScan, number: int, page: TransactionsPage) -> list[RawRecord]:
        """The rows of a page that can be booked to this account; what cannot is trouble."""
        entries = []
        for raw in page.transactions:
            try:
                row = record(raw)
            except Unreadable as unreadable:
                walk.trouble = str(unreadable)
                continue
            if row.account in {"", self._account_id}:
                entries.append(row)
            else:
                walk.trouble = f"transaction {row.id} belongs to another account"
        walk.check(number, page.meta, entries)
        if walk.unordered:
            raise _Unordered(walk.unordered)
        return entries

    def _counted(self, entries: list[RawRecord]) -> list[RawRecord]:
        self._progress.page(len(entries))
        return entries


def everything_until(account_id: str, now: int) -> TransactionQuery:
    """Every row of an account that exists now, in the best of the orders that do not move."""
    return TransactionQuery(account_id, STATUSES, _IMMOVABLE[0], until=now)


def _groups(totals: Totals) -> tuple[list[tuple[str, ...]], bool]:
    """Which statuses can be asked for together, and whether there is no row at all.

    Sources disagree whether several ``status[]`` give the union: only if the counts add up they do.
    """
    each = [totals[status,] for status in STATUSES]
    known = [total for total in each if total is not None]
    together = len(known) == len(STATUSES) and totals[STATUSES] == sum(known)
    return [STATUSES] if together else [(status,) for status in STATUSES], together and not totals[STATUSES]


def _pages(meta: Meta) -> int:
    return max(1, math.ceil(meta.total_count / max(1, meta.per_page)))


def _other_pages(window: TransactionQuery, first: TransactionsPage) -> Iterator[Request]:
    return (window.request(number) for number in range(2, _pages(first.meta) + 1))
