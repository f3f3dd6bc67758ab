"""Rows that changed after they were exported, and how."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from primanota.book import Batches, ChangedRow
from primanota.book.journal import Journal
from primanota.core.errors import InvalidInput, PrimanotaError
from primanota.core.model import COMPLETED, Account, Transaction
from primanota.core.results import Batch, Difference
from primanota.formats.statement_fields import SHOWN
from primanota.profiles import load, parse

Shown = Callable[[Transaction], list[tuple[str, str]]]


class Change(NamedTuple):
    """A row that is no longer what its file showed: as it was exported, as it is now, and how they differ."""

    changed: ChangedRow
    batch: Batch
    row: Transaction
    differences: list[Difference]

    @property
    def status(self) -> str:
        """Return what it is now: the bank's status, or vanished."""
        return _status(self.changed.absent, self.row)


def changes(journal: Journal, profile: str) -> Iterator[Change]:
    """Yield rows that changed in a field which the profile's files showed, and that no person has accepted."""
    batches, read = Batches(journal.book), journal.reader()
    known: dict[int, tuple[Batch, Shown]] = {}
    for changed in batches.changed_rows(profile):
        if changed.batch not in known:
            batch = batches.one(changed.batch)
            known[changed.batch] = batch, _shown_by(batch, batches)
        batch, shown = known[changed.batch]
        row = read(changed.after)
        if differences := list(_differences(shown, changed, read(changed.before), row)):
            yield Change(changed, batch, row, differences)


def all_changes(journal: Journal) -> Iterator[Change]:
    """Yield the changes of every profile by which anything was exported."""
    for profile in dict.fromkeys(batch.profile for batch in Batches(journal.book).all()):
        yield from changes(journal, profile)


def changes_without_file(journal: Journal, profile: str, accounts: Iterable[Account]) -> list[Change]:
    """Return changed rows that no corrected file can hold: reversed or vanished, they are not rows of a statement."""
    ours = {account.id for account in accounts}
    return [
        change
        for change in changes(journal, profile)
        if change.status != COMPLETED and change.changed.account in ours
    ]


def accept_changes(journal: Journal, ids: Iterable[str]) -> list[Change]:
    """Accept changed rows as they are now, for every profile; inside the book's ``writing``.

    Raises:
        InvalidInput: one of them did not change since it was exported. None is accepted then.
    """
    found, wanted = list(all_changes(journal)), list(dict.fromkeys(ids))
    for key in wanted:
        if not any(change.changed.id == key for change in found):
            raise InvalidInput(f"{key} did not change since it was exported.", "Look at “primanota review”.")
    accepted = [change for change in found if change.changed.id in wanted]
    for change in accepted:
        Batches(journal.book).accept(change.changed)
    return accepted


def _shown_by(batch: Batch, batches: Batches) -> Shown:
    """Return what a batch's file shows of a row: by its profile as it was, as it is now, or what most files show."""
    with suppress(PrimanotaError):
        return parse(batch.profile, batches.profile_text(batch.digest), f"of batch {batch.number}").shown
    with suppress(PrimanotaError):
        return load(batch.origin).shown
    return lambda row: [(name, cell(row)) for name, cell in SHOWN]


def _differences(shown: Shown, changed: ChangedRow, before: Transaction, after: Transaction) -> Iterator[Difference]:
    for (name, was), (_, now) in zip(shown(before), shown(after), strict=True):
        if was != now:
            yield Difference(name, was, now)
    status = _status(changed.was_absent, before)
    if _status(changed.absent, after) != status:
        yield Difference("status", status, _status(changed.absent, after))


def _status(absent: int, row: Transaction) -> str:
    return "vanished" if absent else row.status
