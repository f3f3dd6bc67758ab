"""A row of the book: its versions as the bank stated them, where it was exported, and why it is not in a file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from primanota.app.exporting.selection import known_first_day
from primanota.app.workspace import Workspace
from primanota.book import Batches
from primanota.book.journal import Journal
from primanota.book.records.exported_rows import places_of
from primanota.book.records.index import TRANSACTION
from primanota.core.errors import InvalidInput
from primanota.core.model import COMPLETED, Account, Transaction, account_of
from primanota.core.period import moment
from primanota.core.results import Batch

# Why a row is in no file that counts: ``not_completed``, ``vanished``, before the ``first_day`` of the profile, or
# ``new``: it will be in the next one. Empty where it is in one.
Reason = Literal["", "not_completed", "vanished", "first_day", "new"]


class FieldChange(NamedTuple):
    """A field of ``Transaction`` that differs from the version before: its name, and both values."""

    name: str
    was: object
    now: object


class StatedVersion(NamedTuple):
    """What the bank stated of a row. ``stored`` is local time; ``changes`` are against the version before."""

    stored: datetime
    is_absent: bool
    row: Transaction
    changes: list[FieldChange]
    body: str


class ExportedLine(NamedTuple):
    """Where a row was exported: a batch, the line of its file, and whether that was the present version."""

    batch: Batch
    line: int
    is_current: bool


class RowTrace(NamedTuple):
    """A row, with its versions newest first, the lines in which it was exported, and why it is in no file."""

    account: Account
    versions: list[StatedVersion]
    lines: list[ExportedLine]
    reason: Reason

    @property
    def row(self) -> Transaction:
        """The row as it is now."""
        return self.versions[0].row


def row_trace(workspace: Workspace, journal: Journal, key: str) -> RowTrace:
    """Return a row of the book.

    Raises:
        InvalidInput: there is no such row.
    """
    versions = [*_versions(journal, key)][::-1]
    if not versions:
        raise InvalidInput(f"There is no row {key} in the book.", "Look for it with “primanota list”.")
    batches = Batches(journal.book)
    lines = [ExportedLine(batches.one(one.batch), one.line, one.current) for one in places_of(journal.book, key)]
    account = account_of(versions[0].row.account_id, journal.accounts())
    return RowTrace(account, versions, lines, _reason(workspace, journal, versions[0], lines))


def _versions(journal: Journal, key: str) -> Iterator[StatedVersion]:
    read, before = journal.reader(), list[Transaction]()
    for _, started, absent, body in journal.book.version_log(TRANSACTION, key):
        row = read(body)
        changes = [change for earlier in before for change in _changes(earlier, row)]
        when = moment(started).astimezone(journal.zone)
        yield StatedVersion(when, bool(absent), row, changes, _shown(body))
        before = [row]


def _changes(before: Transaction, now: Transaction) -> Iterator[FieldChange]:
    """Yield the fields that differ, as the bank's words are read."""
    for name in before.__struct_fields__:
        was, became = getattr(before, name), getattr(now, name)
        if was != became and name != "updated":
            yield FieldChange(name, was, became)


def _reason(workspace: Workspace, journal: Journal, now: StatedVersion, lines: list[ExportedLine]) -> Reason:
    if any(one.batch.is_active for one in lines):
        return ""
    if now.is_absent:
        return "vanished"
    if now.row.status != COMPLETED:
        return "not_completed"
    first = known_first_day(journal.book, workspace.config.profile(workspace.login), workspace.config)
    return "first_day" if first and now.row.day < first else "new"


def _shown(body: bytes) -> str:
    """Return a body as a person reads it: JSON with indents, XML as it is."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except msgspec.DecodeError:
        return body.decode()
