"""Find rows that changed after they were exported, and compare them with what their files show."""

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
    """A row that differs from what its file shows: the batch, the row as it is now, and the differences."""

    changed: ChangedRow
    batch: Batch
    row: Transaction
    differences: list[Difference]

    @property
    def status(self) -> str:
        """Return the present status: that of the bank, or ``vanished``."""
        return _status(self.changed.absent, self.row)


def changes(journal: Journal, profile: str) -> Iterator[Change]:
    """Yield rows that changed in a field that the profile's files show, unless the user accepted the change."""
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
    """Yield the changes of every profile that was used for an export."""
    for profile in dict.fromkeys(batch.profile for batch in Batches(journal.book).all()):
        yield from changes(journal, profile)


def changes_without_file(journal: Journal, profile: str, accounts: Iterable[Account]) -> list[Change]:
    """Return changed rows that cannot be in a corrected file, since they were reversed or vanished."""
    ours = {account.id for account in accounts}
    return [
        change
        for change in changes(journal, profile)
        if change.status != COMPLETED and change.changed.account in ours
    ]


def accept_changes(journal: Journal, ids: Iterable[str]) -> list[Change]:
    """Accept changed rows as they are now, for every profile; inside the book's ``writing``.

    Raises:
        InvalidInput: one of them did not change since it was exported; then no row is accepted.
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
    """Return the function that gives the fields of a row that a batch's file shows.

    It uses the profile's text as it was; if that cannot be read, the present one, else the fields of most formats.
    """
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
