"""Find rows that changed after they were exported, and compare them with what their files show.

What a file shows of a row includes the postings that the ledger settings make of it. Both sides are compared by the
same settings, those of the export, because a change of the settings is not a change of the row. A label counts with
its name: a renamed one is a change. A renamed member is the same person, so that it counts only where another posting
follows from it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from primanota.book import Batches, ChangedRow
from primanota.book.journal import Journal
from primanota.book.row_history import RowVersion
from primanota.core.errors import PrimanotaError
from primanota.core.model import COMPLETED, Account, Transaction, account_of
from primanota.core.results import Batch, Difference
from primanota.export.ledgers import Assign, Ledgers, assign_of, no_ledger
from primanota.formats.statement_fields import SHOWN
from primanota.profiles import Profile, load, parse

_Shown = list[tuple[str, str]]
_Read = Callable[[bytes], Transaction]


class Change(NamedTuple):
    """A row that differs from what its file shows: the batch, the row as it is now, and the differences."""

    changed: ChangedRow
    batch: Batch
    row: Transaction
    differences: list[Difference]

    @property
    def status(self) -> str:
        """Return the present status: that of the bank, or ``vanished``."""
        return _status(self.changed.absent, self.row)


class Changes:
    """Finds the rows that changed in what their files show.

    Args:
        journal: the book.
        ledger_of: returns an account's present ledger, for batches whose ledger settings the book does not have.
    """

    def __init__(self, journal: Journal, ledger_of: Ledgers = no_ledger) -> None:
        self._journal = journal
        self._ledger_of = ledger_of
        self._batches = Batches(journal.book)
        self._names = journal.names()
        self._renamed = self._names.renamed
        self._read = journal.reader()
        self._earlier: dict[int, tuple[_Read, _Read]] = {}
        self._views: dict[int, _View] = {}

    def of(self, profile: str) -> Iterator[Change]:
        """Yield rows that changed in what the profile's files show, unless the user accepted the change."""
        newest = max(self._renamed.values(), default=0)
        for changed in filter(self._may_differ, self._batches.changed_rows(profile, newest)):
            row = self._read(changed.after)
            if differences := self._differences(changed, row):
                yield Change(changed, self._view(changed.batch).batch, row, differences)

    def all(self) -> Iterator[Change]:
        """Yield the changes of every profile that was used for an export."""
        for profile in dict.fromkeys(batch.profile for batch in self._batches.all()):
            yield from self.of(profile)

    def began_after(self, change: Change, at: RowVersion | None) -> bool:
        """Return whether a row did not differ at an earlier moment as it does now.

        Args:
            change: how it differs now.
            at: the version of the row that was its newest at that moment; None if the book did not have it then.
        """
        if at is None:
            return True
        then = change.changed._replace(after=at.body, absent=at.absent)
        return self._differences(then, self._read(at.body)) != change.differences

    def named_at(self, changed: ChangedRow) -> int:
        """Return the moment from which on the members and labels of a row have their present names."""
        return max((self._renamed.get(key, 0) for key in self._journal.connector.name_ids(changed.after)), default=0)

    @cached_property
    def _accounts(self) -> list[Account]:
        return self._journal.accounts()

    def _may_differ(self, changed: ChangedRow) -> bool:
        """Return whether there is a newer version of a row, or a member or label in it has a newer name."""
        named = () if changed.newer else self._journal.connector.name_ids(changed.before)
        return bool(changed.newer) or any(self._renamed.get(key, 0) > changed.as_of for key in named)

    def _differences(self, changed: ChangedRow, row: Transaction) -> list[Difference]:
        return list(self._each_difference(self._view(changed.batch), changed, row))

    def _each_difference(self, view: "_View", changed: ChangedRow, row: Transaction) -> Iterator[Difference]:
        if changed.as_of not in self._earlier:
            self._earlier[changed.as_of] = self._journal.earlier_readers(self._names, changed.as_of)
        read, read_for_postings = self._earlier[changed.as_of]
        before = read(changed.before)
        yield from _differing(view.shown(before), view.shown(row))
        if view.assign:
            posted = read_for_postings(changed.before)
            yield from _differing(view.shown_postings(posted), view.shown_postings(row))
        status = _status(changed.was_absent, before)
        if _status(changed.absent, row) != status:
            yield Difference("status", status, _status(changed.absent, row))

    def _view(self, number: int) -> "_View":
        if number not in self._views:
            batch, assign = self._batches.one(number), None
            profile = _profile_of(batch, self._batches)
            if profile and profile.shows_postings:
                assign = assign_of(batch, self._batches, account_of(batch.account, self._accounts), self._ledger_of)
            self._views[number] = _View(batch, profile, assign)
        return self._views[number]


class _View(NamedTuple):
    """What a batch's file shows of a row; without a profile, the fields of most formats.

    ``assign`` returns the postings of a row; None for a file without entries, or if they are not known.
    """

    batch: Batch
    profile: Profile | None
    assign: Assign | None

    def shown(self, row: Transaction) -> _Shown:
        return self.profile.shown(row) if self.profile else [(name, cell(row)) for name, cell in SHOWN]

    def shown_postings(self, row: Transaction) -> _Shown:
        return self.profile.shown_postings(self.assign(row)) if self.profile and self.assign else []


def changes_without_file(
    journal: Journal, profile: str, accounts: Iterable[Account], ledger_of: Ledgers = no_ledger
) -> list[Change]:
    """Return changed rows that cannot be in a corrected file, since they were reversed or vanished."""
    ours = {account.id for account in accounts}
    found = Changes(journal, ledger_of).of(profile)
    return [change for change in found if change.status != COMPLETED and change.changed.account in ours]


def _profile_of(batch: Batch, batches: Batches) -> Profile | None:
    """Return the profile of a batch by its text as it was; if that cannot be read, the present one, or None."""
    with suppress(PrimanotaError):
        return parse(batch.profile, batches.profile_text(batch.digest), f"of batch {batch.number}")
    with suppress(PrimanotaError):
        return load(batch.origin)
    return None


def _differing(before: _Shown, after: _Shown) -> Iterator[Difference]:
    for (name, was), (_, now) in zip(before, after, strict=True):
        if was != now:
            yield Difference(name, was, now)


def _status(absent: int, row: Transaction) -> str:
    return "vanished" if absent else row.status
