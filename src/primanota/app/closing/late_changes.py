"""What changed in closed months since: rows that were added, changed or removed, and that no pack has told yet."""

from collections.abc import Iterator
from typing import NamedTuple

from primanota.app.closing.months import month_period
from primanota.book.closes import Closes, settled_rows, stored_since, superseded_since
from primanota.book.journal import Journal
from primanota.book.row_history import RowHistory, RowVersion
from primanota.core.model import COMPLETED, Transaction, decimal_text
from primanota.core.month_close import ClosedAccount, LateChange, LateKind, MonthClose
from primanota.core.period import Period
from primanota.core.results import Difference
from primanota.formats.statement_fields import SHOWN
from primanota.formats.templates import Cell

_ID_LETTERS = 8

# What most files show of a row, and what an adviser looks at beside it. Receipts are named by parts of their ids.
_SHOWN: list[tuple[str, Cell]] = [
    *SHOWN,
    ("note", lambda row: row.note),
    ("vat", lambda row: ", ".join(f"{one.rate} %: {decimal_text(one.tax, '.')}" for one in row.vat)),
    ("receipts", lambda row: ", ".join(key[:_ID_LETTERS] for key in row.attachment_ids)),
]


class _Versions(NamedTuple):
    """A row as it was when its month was closed, and as it is now; None where it was not in the month."""

    was: tuple[RowVersion, Transaction] | None
    now: tuple[RowVersion, Transaction] | None


class LateChanges:
    """Finds what changed in closed months. A month of which no row has a later version costs a look at the index.

    Args:
        journal: the book.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._history = RowHistory(journal)
        self._read = journal.reader()
        self._closes = Closes(journal.book)

    def all(self) -> list[LateChange]:
        """Return the changes that no pack has told, by month, then by day; one for each row of a month."""
        told = {(one.id, one.seq) for close in self._closes.all() for one in close.later}
        found: dict[tuple[str, str], LateChange] = {}
        for close in self._closes.newest():
            for one in self.of(close):
                if (one.id, one.seq) not in told:
                    found.setdefault((one.month, one.id), one)
        return sorted(found.values(), key=lambda one: (one.month, one.day, one.id))

    def of(self, close: MonthClose) -> Iterator[LateChange]:
        """Yield the changes since an edition, by account."""
        for account in close.accounts:
            yield from self._of_account(close, account)

    def _of_account(self, close: MonthClose, closed: ClosedAccount) -> Iterator[LateChange]:
        book, account, period = self._journal.book, closed.proof.account.id, month_period(close.month)
        span = period.span(self._journal.zone)
        rows, newest = settled_rows(book, account, *span)
        if rows == closed.rows and newest <= close.seq:
            return
        ids = dict.fromkeys(stored_since(book, account, *span, close.seq))
        if rows - len(ids) < closed.rows:  # not all of the rows are as they were: some may have left
            ids |= dict.fromkeys(superseded_since(book, account, close.seq))
        for key in ids:
            versions = self._versions(key, period, close.seq)
            if change := self._change(close, account, versions):
                yield change

    def _versions(self, key: str, period: Period, seq: int) -> _Versions:
        newest = self._journal.book.newest_version
        was, now = (self._within(self._history.at(key, at), period) for at in (seq, newest))
        return _Versions(was, now)

    def _within(self, found: RowVersion | None, period: Period) -> tuple[RowVersion, Transaction] | None:
        if found is None or found.absent:
            return None
        row = self._read(found.body)
        settled_within = row.status == COMPLETED and row.booked and period.first <= row.booked.date() < period.end
        return (found, row) if settled_within else None

    def _change(self, close: MonthClose, account: str, versions: _Versions) -> LateChange | None:
        was, now = versions
        differences = tuple(_differences(was[1], now[1])) if was and now else ()
        if (was is None and now is None) or (was and now and not differences):
            return None
        kind: LateKind = "added" if was is None else "removed" if now is None else "changed"
        _, row = now or was  # type: ignore[misc] # one of them is there
        newest = self._history.at(row.id, self._journal.book.newest_version)
        return LateChange(
            month=close.month,
            edition=close.edition,
            kind=kind,
            id=row.id,
            account=account,
            seq=newest.seq if newest else 0,
            was_seq=was[0].seq if was else 0,
            day=row.day,
            cents=row.amount.cents,
            currency=row.amount.currency,
            counterparty=row.party,
            differences=differences,
        )


def _differences(was: Transaction, now: Transaction) -> Iterator[Difference]:
    """Yield what differs of a row: what most files show of it, its day, and its receipts."""
    for name, cell in _SHOWN:
        if (before := cell(was)) != (after := cell(now)):
            yield Difference(name, before, after)
