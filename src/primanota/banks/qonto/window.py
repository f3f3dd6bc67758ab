"""Windows over an account's transactions: which rows, in which order, and whether an answer keeps to it. Pure.

Offset pages lose rows when the set moves between two requests. So a window is ordered by a time that never
changes, with a fixed upper end: then the set can only grow past the end.
"""

import math
from itertools import pairwise

import msgspec

from primanota.banks.qonto.normalise import Meta
from primanota.banks.qonto.request import Params, Request
from primanota.core.model import RawRecord
from primanota.core.period import moment

PATH = "/v2/transactions"
PER_PAGE = 100
SECOND = 1_000_000
# Bounds are sent in whole seconds, and a bank may or may not include its bounds.
_TOLERANCE = SECOND
# A window is cut into slices before it gets longer than this: deep pages are slow, may be refused, and the ids
# of one slice are all that is ever kept in memory.
SLICE = 10_000


class TransactionQuery(msgspec.Struct, frozen=True):
    """Rows of some statuses between two moments of one of their times, in that time's order.

    Args:
        account_id: whose transactions.
        statuses: asked for together.
        order: ``created``, ``emitted`` or ``settled``; empty for the bank's own order, without bounds.
        since: first moment (microseconds UTC, a whole second), None for all.
        until: last moment (the same), None for all.
        updated_since: only rows that changed at or after this moment, None for all.
    """

    account_id: str
    statuses: tuple[str, ...]
    order: str = ""
    since: int | None = None
    until: int | None = None
    updated_since: int | None = None

    def request(self, page: int, per_page: int = PER_PAGE) -> Request:
        """The request for one of its pages."""
        return Request(PATH, (*self._fixed(), ("page", str(page)), ("per_page", str(per_page))))

    def _fixed(self) -> Params:
        params = [("bank_account_id", self.account_id), *(("status[]", status) for status in self.statuses)]
        params.append(("includes[]", "vat_details"))
        if self.order:
            params.append(("sort_by", f"{self.order}_at:asc"))
            params += _bound(f"{self.order}_at_from", self.since) + _bound(f"{self.order}_at_to", self.until)
        return (*params, *_bound("updated_at_from", self.updated_since))

    def place(self, record: RawRecord) -> int | None:
        """Where a row stands in this window's order; None where the order is the bank's own."""
        if self.order == "created":
            return record.created
        return record.emitted if self.order == "emitted" else record.settled if self.order == "settled" else None

    def holds(self, record: RawRecord) -> bool:
        """Whether the row lies inside the filter that was asked for."""
        place = self.place(record)
        return (
            (self.since is None or place is None or place >= self.since - _TOLERANCE)
            and (self.until is None or place is None or place <= self.until + _TOLERANCE)
            and (self.updated_since is None or record.updated >= self.updated_since - _TOLERANCE)
            and record.status in self.statuses
        )

    def slices(self, rows: int, oldest: int) -> list["TransactionQuery"]:
        """The same rows in several windows of about ``SLICE`` rows; itself alone where it cannot be cut.

        Neighbours share their boundary, so that no row falls between them, however the bank reads its bounds.
        """
        first = _whole(oldest if self.since is None else self.since)
        if not self.order or self.until is None or self.until - first < 2 * SECOND:
            return [self]
        count = max(2, min(math.ceil(rows / SLICE), (self.until - first) // SECOND))
        cuts = [first + _whole((self.until - first) * part // count) for part in range(1, count)]
        ends: list[int | None] = [self.since, *cuts, self.until]
        return [msgspec.structs.replace(self, since=start, until=end) for start, end in pairwise(ends)]


class PageScan(msgspec.Struct):
    """One walk through a window: the ids it met, and what did not fit.

    ``trouble`` may pass at another try; ``unordered`` says that this order or these bounds cannot be had.
    """

    window: TransactionQuery
    total: int | None = None
    ids: set[str] = set()
    oldest: int | None = None
    last: int | None = None
    trouble: str = ""
    unordered: str = ""

    def check(self, page: int, meta: Meta, entries: list[RawRecord]) -> None:
        """Note whatever does not fit: the page, the count, the order, the filter."""
        self.ids.update(record.id for record in entries)
        if meta.current_page != page:
            self.trouble = f"page {page} was asked for and page {meta.current_page} answered"
            return
        if self.total is None:
            self.total = meta.total_count
        elif meta.total_count != self.total:
            self.trouble = f"the count went from {self.total} to {meta.total_count} while it was read"
        if self.window.order and entries:
            self._check_order(entries)

    def finish(self, met_before: set[str]) -> None:
        """After the last page: unique ids must equal the bank's count, in this pass or over all of them."""
        if not self.trouble and self.total not in {len(self.ids), len(self.ids | met_before)}:
            self.trouble = f"the bank counts {self.total} rows and sent {len(self.ids)}"

    def _check_order(self, entries: list[RawRecord]) -> None:
        places = [self.window.place(record) for record in entries]
        if self.oldest is None:
            self.oldest = places[0]
        known = [place for place in (self.last, *places) if place is not None]
        if any(after < before for before, after in pairwise(known)):
            self.unordered = f"rows do not come in the order of {self.window.order}_at"
        if not all(map(self.window.holds, entries)):
            self.unordered = "rows lie outside the filter that was asked for"
        self.last = known[-1] if known else self.last


def _whole(value: int) -> int:
    return value - value % SECOND


def _bound(name: str, value: int | None) -> list[tuple[str, str]]:
    return [] if value is None else [(name, f"{moment(value):%Y-%m-%dT%H:%M:%S}.000Z")]
