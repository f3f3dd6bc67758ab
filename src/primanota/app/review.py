"""Review the book: find rows that are not settled, changed after an export, or incomplete."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from operator import attrgetter

from primanota.app.progress import Silent
from primanota.book.journal import Journal
from primanota.book.open_rows import OpenRow
from primanota.core.errors import BookDamaged
from primanota.core.model import LACKS, PENDING, Transaction
from primanota.core.period import Period, moment
from primanota.core.results import KINDS, Finding, Findings, urgent
from primanota.export.changes import Change, Changes, accept_changes
from primanota.export.ledgers import Ledgers, no_ledger


class Review:
    """The rows that the user should look at, in the order of ``KINDS``, then of local days, then of ids.

    They are counted and found in the index; only rows that are shown are decoded.

    Args:
        journal: the book.
        today: the local day from which ages are counted.
        period: the local days on which a row settled, or was emitted if it has not settled; None for all.
        ledger_of: returns an account's present ledger, for batches whose ledger settings the book does not have.
    """

    def __init__(
        self, journal: Journal, today: date, period: Period | None = None, ledger_of: Ledgers = no_ledger
    ) -> None:
        journal.bring_up_to_date(Silent())
        self._journal = journal
        self._today = today
        self._period = period
        self._ledger_of = ledger_of
        self._rows = journal.open_rows(period)
        self._accounts = {account.id: account for account in journal.accounts()}
        self._read = journal.reader()
        self._open_points = journal.open_points()

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind that has any, in the order of ``KINDS``."""
        return _in_order({**self._rows.counts, "changed": len(self._changed)})

    def findings(self) -> Iterator[Finding]:
        """Yield all findings; the rows of one local day and kind are in memory at once."""
        for kind in self.counts:
            yield from self._of(kind)

    def newest(self, limit: int | None = None) -> Findings:
        """Return the counts, and of each kind as many of its newest findings; all of them without a limit."""
        newest = (list(islice(self._of(kind, newest_first=True), limit)) for kind in self.counts)
        return Findings(self.counts, tuple(finding for found in newest for finding in reversed(found)))

    def count_other_days(self) -> int:
        """Return how many findings there are on days outside of the period, of kinds that cannot wait."""
        if self._period is None:
            return 0
        all_days = {**self._journal.open_rows().counts, "changed": len(self._changed_on_all_days)}
        return urgent(all_days) - urgent(self.counts)

    def _of(self, kind: str, *, newest_first: bool = False) -> Iterator[Finding]:
        if kind == "changed":
            yield from reversed(self._changed) if newest_first else self._changed
            return
        for _, same_day in groupby(self._rows.of(kind, newest_first=newest_first), self._day):
            for row in sorted(same_day, key=attrgetter("id"), reverse=newest_first):
                yield self._lacking(kind, row) if kind in LACKS else self._unsettled(kind, row)

    def _day(self, row: OpenRow) -> date:
        return moment(row.moment).astimezone(self._journal.zone).date()

    def _unsettled(self, kind: str, found: OpenRow) -> Finding:
        row = self._read(self._rows.body(found))
        reason = _reason(kind, row, self._today)
        if kind == "reversed" and not row.booked and not self._journal.was_completed(row.id):
            reason = "released, never charged" if row.operation == "card" else "reversed, never charged"
        return Finding(account=self._accounts[found.account], transaction=row, kind=kind, reason=reason)

    def _lacking(self, kind: str, found: OpenRow) -> Finding:
        for point in self._open_points(self._rows.body(found)):
            if point.kind == kind:
                account = self._accounts[found.account]
                return Finding(account=account, transaction=point.transaction, kind=kind, reason=point.reason)
        raise BookDamaged(
            f"The book {self._journal.book.path} is damaged: the index entry of transaction {found.id} is wrong.",
            "Run “primanota book reindex”.",
        )

    @cached_property
    def _changed(self) -> list[Finding]:
        period = self._period
        return [one for one in self._changed_on_all_days if period is None or period.first <= one.day < period.end]

    @cached_property
    def _changed_on_all_days(self) -> list[Finding]:
        found = [
            Finding(
                account=self._accounts[change.changed.account],
                transaction=change.row,
                kind="changed",
                reason=f"changed since batch {change.batch.number}",
                batch=change.batch.number,
                profile=change.batch.profile,
                changes=change.differences,
            )
            for change in Changes(self._journal, self._ledger_of).all()
        ]
        return sorted(found, key=lambda finding: (finding.day, finding.transaction.id))


def _in_order(counts: dict[str, int]) -> dict[str, int]:
    return {kind: counts[kind] for kind in KINDS if counts.get(kind)}


def accept(journal: Journal, ids: Iterable[str], ledger_of: Ledgers = no_ledger) -> list[Change]:
    """Accept changed rows as they are now, for every profile by which they were exported.

    Raises:
        InvalidInput: one of them did not change since it was exported. Then no row is accepted.
    """
    with journal.book.run("review accept"), journal.book.writing():
        return accept_changes(journal, ids, ledger_of)


def _reason(kind: str, row: Transaction, today: date) -> str:
    if kind == "unknown-status":
        return f"unknown status “{row.status}”"
    if kind == "vanished" and row.status == PENDING:
        return "no longer pending, never charged"
    if kind == "pending" and (days := (today - row.emitted.date()).days) > 0:
        return f"pending for {days} day{'s' if days > 1 else ''}"
    return kind
