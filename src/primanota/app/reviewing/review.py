"""Review the book: find rows that are not settled, changed after an export, or incomplete.

What a person has put away is left out as long as that holds; ``put_away`` decides it. What was not there when a
person last looked is new.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter

from primanota.app.closing.late_changes import LateChanges
from primanota.app.progress import Silent
from primanota.app.reviewing.put_away import AFTER_CLOSE, PutAway
from primanota.book import Book
from primanota.book.file.last_look import last_look
from primanota.book.journal import Journal
from primanota.book.row_history import RowHistory
from primanota.book.rows.open_rows import OpenRow, OpenRows
from primanota.book.rows.row_ids import RowIds
from primanota.core.errors import BookDamaged
from primanota.core.model import LACKS, PENDING, Transaction
from primanota.core.month_close import LateKind
from primanota.core.period import Period, moment
from primanota.core.reasons import Acceptance, Reason, ReasonName
from primanota.core.results import CAN_WAIT, KINDS, Finding, Findings, urgent
from primanota.export.changes import Change, Changes
from primanota.export.ledgers import Ledgers, no_ledger

_CHANGED = "changed"
_NAMES: dict[str, ReasonName] = {
    "pending": "pending",
    "declined": "declined",
    "reversed": "reversed",
    "vanished": "vanished",
}

_LATE: dict[LateKind, ReasonName] = {
    "added": "closed_added",
    "changed": "closed_changed",
    "removed": "closed_removed",
}


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
        self._rows = journal.open_rows(period)
        self._accounts = {account.id: account for account in journal.accounts()}
        self._read = journal.reader()
        self._open_points = journal.open_points()
        self._changes = Changes(journal, ledger_of)
        self._history = RowHistory(journal)
        self._put_away = PutAway(journal, self._history)
        self._seen = last_look(journal.book)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind that has any, in the order of ``KINDS``."""
        return self._counted(self._rows, {_CHANGED: len(self._changed), AFTER_CLOSE: len(self._after_close)})

    @cached_property
    def urgent_by_account(self) -> Counter[str]:
        """How many findings each account has of kinds that cannot wait, by its id."""
        found = Counter(one.account.id for one in self._changed)
        for kind in {*self.counts} - CAN_WAIT - {_CHANGED}:
            found.update(row.account for row in self._rows.of(kind) if not self._put_away.has(kind, row.id))
        return found

    def findings(self) -> Iterator[Finding]:
        """Yield all findings; the rows of one local day and kind are in memory at once."""
        for kind in self.counts:
            yield from self._of(kind)

    def of_kind(self, kind: str) -> Iterator[Finding]:
        """Yield the findings of a kind, by their days."""
        return self._of(kind)

    def newest(self, limit: int | None = None) -> Findings:
        """Return the counts, and of each kind as many of its newest findings; all of them without a limit."""
        newest = (reversed(list(islice(self._newest(kind), limit))) for kind in self.counts)
        shown = [finding for found in newest for finding in found]
        return Findings(self.counts, tuple(shown), self.accepted_count, short_ids(self._journal.book, shown))

    def count_other_days(self) -> int:
        """Return how many findings there are on days outside of the period, of kinds that cannot wait."""
        if self._period is None:
            return 0
        late = [one for one in self._late if one.accepted is None]
        compared = {_CHANGED: len(self._changed_on_all_days), AFTER_CLOSE: len(late)}
        all_days = self._counted(self._journal.open_rows(), compared)
        return urgent(all_days) - urgent(self.counts)

    def of_row(self, key: str) -> list[Finding]:
        """Return the findings of one row, whatever the period, in the order of ``KINDS``."""
        compared = (*self._changed_on_all_days, *(one for one in self._late if one.accepted is None))
        changes = [finding for finding in compared if finding.transaction.id == key]
        found = self._journal.open_rows().one(key)
        kinds = [kind for kind in found[1] if not self._put_away.has(kind, key)] if found else []
        others = [self._finding(kind, found[0]) for kind in kinds] if found else []
        return sorted((*others, *changes), key=lambda finding: KINDS.index(finding.kind))

    @property
    def accepted_count(self) -> int:
        """How many findings of the period were put away, and would be shown otherwise."""
        return (
            sum(self._put_away.counts(self._rows).values())
            + len(self._put_away.changes(self._rows, self._differing))
            + len(self._within(one for one in self._late if one.accepted))
        )

    def accepted(self) -> Iterator[Finding]:
        """Yield the findings of the period that were put away, with how, those of the last word first."""
        found = [
            *((kind, row, accepted) for kind, row, accepted in self._put_away.of(self._rows)),
            *((_CHANGED, row, accepted) for row, accepted in self._put_away.changes(self._rows, self._differing)),
        ]
        shown = [(accepted.made, row.id, self._finding(kind, row, accepted)) for kind, row, accepted in found]
        late = self._within(one for one in self._late if one.accepted)
        shown += [(one.accepted.made, one.transaction.id, one) for one in late if one.accepted]
        yield from (one for _, _, one in sorted(shown, key=itemgetter(0, 1), reverse=True))

    def _counted(self, rows: OpenRows, compared: Mapping[str, int]) -> dict[str, int]:
        counts = {**(Counter(rows.counts) - self._put_away.counts(rows)), **compared}
        return {kind: counts[kind] for kind in KINDS if counts.get(kind)}

    def _newest(self, kind: str) -> Iterator[Finding]:
        """Yield the findings of a kind, the newest first; where it cannot wait, first those that are new."""
        if kind in self._compared:
            found = self._compared[kind]
            yield from (one for one in reversed(found) if one.is_new)
            yield from (one for one in reversed(found) if not one.is_new)
            return
        new = {} if kind in CAN_WAIT or not self._seen else self._new[kind]
        yield from (self._finding(kind, row) for row in self._by_day(new.values(), newest_first=True))
        yield from self._of(kind, newest_first=True, without=new)

    def _of(self, kind: str, *, newest_first: bool = False, without: Iterable[str] = ()) -> Iterator[Finding]:
        if kind in self._compared:
            yield from self._compared[kind]
            return
        for row in self._by_day(self._rows.of(kind, newest_first=newest_first), newest_first=newest_first):
            if row.id not in without and not self._put_away.has(kind, row.id):
                yield self._finding(kind, row)

    def _by_day(self, rows: Iterable[OpenRow], *, newest_first: bool) -> Iterator[OpenRow]:
        """Yield rows that come in the order of their moments; those of one local day in the order of their ids."""
        for _, same_day in groupby(rows, self._day):
            yield from sorted(same_day, key=lambda row: row.id, reverse=newest_first)

    def _day(self, row: OpenRow) -> date:
        return moment(row.moment).astimezone(self._journal.zone).date()

    @cached_property
    def _new(self) -> dict[str, dict[str, OpenRow]]:
        """The rows of each kind that are new, the newest first, by id; only rows of newer versions are looked at."""
        found: dict[str, dict[str, OpenRow]] = {kind: {} for kind in KINDS}
        for row, kinds in sorted(self._rows.stored_after(self._seen), reverse=True):
            for kind in kinds:
                if not self._put_away.has(kind, row.id) and self._is_new(kind, row):
                    found[kind][row.id] = row
        return found

    def _is_new(self, kind: str, row: OpenRow) -> bool:
        """Return whether a finding was not there, or was another one, when a person last looked."""
        return self._seen == 0 or (row.seq > self._seen and not self._history.has_stayed(kind, row.id, self._seen))

    def _finding(self, kind: str, row: OpenRow, accepted: Acceptance | None = None) -> Finding:
        make = self._accepted_change if kind == _CHANGED else self._lacking if kind in LACKS else self._unsettled
        account, (transaction, reason) = self._accounts[row.account], make(kind, row)
        is_new = accepted is None and self._is_new(kind, row)
        return Finding(
            account=account, transaction=transaction, kind=kind, reason=reason, is_new=is_new, accepted=accepted
        )

    def _unsettled(self, kind: str, found: OpenRow) -> tuple[Transaction, Reason]:
        row = self._read(self._rows.body(found))
        if kind == "reversed" and not row.booked and not self._journal.was_completed(row.id):
            return row, Reason("released" if row.operation == "card" else "reversed_uncharged")
        return row, _reason(kind, row, self._today)

    def _lacking(self, kind: str, found: OpenRow) -> tuple[Transaction, Reason]:
        for point in self._open_points(self._rows.body(found)):
            if point.kind == kind:
                return point.transaction, point.reason
        raise BookDamaged(
            f"The book {self._journal.book.path} is damaged: the index entry of transaction {found.id} is wrong.",
            "Run “primanota book reindex”.",
        )

    def _accepted_change(self, _: str, found: OpenRow) -> tuple[Transaction, Reason]:
        return self._read(self._rows.body(found)), Reason("changed", self._put_away.batch_of(found.id))

    @property
    def _compared(self) -> dict[str, list[Finding]]:
        """The findings of the period that are found by comparing versions, by their kinds."""
        return {_CHANGED: self._changed, AFTER_CLOSE: self._after_close}

    @cached_property
    def _changed(self) -> list[Finding]:
        return self._within(self._changed_on_all_days)

    @cached_property
    def _after_close(self) -> list[Finding]:
        return self._within(one for one in self._late if one.accepted is None)

    @cached_property
    def _late(self) -> list[Finding]:
        """What changed in closed months, on all days, also where it was put away."""
        found = [
            Finding(
                account=self._accounts[change.account],
                transaction=self._journal.row(change.id),
                kind=AFTER_CLOSE,
                reason=Reason(_LATE[change.kind], word=change.month),
                is_new=change.seq > self._seen,
                accepted=self._put_away.after_close(change.id, change.seq),
            )
            for change in LateChanges(self._journal).all()
        ]
        return sorted(found, key=lambda finding: (finding.day, finding.transaction.id))

    def _within(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings of the period."""
        period = self._period
        return [one for one in findings if period is None or period.first <= one.day < period.end]

    @cached_property
    def _changed_on_all_days(self) -> list[Finding]:
        found = [
            Finding(
                account=self._accounts[change.changed.account],
                transaction=change.row,
                kind=_CHANGED,
                reason=Reason("changed", change.batch.number),
                batch=change.batch.number,
                profile=change.batch.profile,
                changes=change.differences,
                is_new=self._is_new_change(change),
            )
            for change in self._changes.all()
        ]
        return sorted(found, key=lambda finding: (finding.day, finding.transaction.id))

    def _is_new_change(self, change: Change) -> bool:
        """Return whether a row did not differ as it does, when a person last looked."""
        if self._seen == 0 or self._changes.named_at(change.changed) > self._seen:
            return True
        is_newer = change.changed.seq > self._seen
        return is_newer and self._changes.began_after(change, self._history.at(change.changed.id, self._seen))

    @cached_property
    def _differing(self) -> frozenset[str]:
        return frozenset(finding.transaction.id for finding in self._changed_on_all_days)


def short_ids(book: Book, findings: Iterable[Finding]) -> dict[str, str]:
    """Return the shortest clear beginnings of the ids of some findings' rows, by id."""
    ids = RowIds(book)
    return {key: ids.short(key) for key in {finding.transaction.id for finding in findings}}


def _reason(kind: str, row: Transaction, today: date) -> Reason:
    if kind == "unknown-status":
        return Reason("unknown_status", word=row.status)
    if kind == "vanished" and row.status == PENDING:
        return Reason("vanished_pending")
    if kind == "pending" and (days := (today - row.emitted.date()).days) > 0:
        return Reason("pending_for", days)
    return Reason(_NAMES[kind])
