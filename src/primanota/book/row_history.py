"""What a row was in each of its versions: whether a finding is still the one that it was."""

from collections.abc import Iterator
from typing import NamedTuple

from primanota.book.journal import Journal
from primanota.book.records.index import TRANSACTION
from primanota.book.rows.open_rows import kinds_of
from primanota.core.model import LACKS


class RowVersion(NamedTuple):
    """A version of a row: its number, whether the bank no longer showed the row then, and the bank's JSON."""

    seq: int
    absent: int
    body: bytes


class RowHistory:
    """The versions of rows. Only rows that are asked for are decoded.

    Args:
        journal: the book.
    """

    def __init__(self, journal: Journal) -> None:
        self._book = journal.book
        self._connector = journal.connector
        self._open_points = journal.open_points()

    def has_stayed(self, kind: str, key: str, since: int) -> bool:
        """Return whether a finding of a row has been the same one ever since a moment, and was there before it.

        It is another one if the row was of another kind meanwhile, or if what a person has seen of it changed: its
        status, amount or day, or what it lacks. Another text, member or label leaves it the same.

        Args:
            kind: the kind of the finding.
            key: the id of the row.
            since: the moment, as the number of the version that was the book's newest then.
        """
        versions = list(self._versions(key))
        before = [version for version in versions if version.seq <= since][-1:]
        after = [version for version in versions if version.seq > since]
        states = {self._state(kind, version) for version in (*before, *after)}
        return bool(before) and len(states) == 1 and None not in states

    def at(self, key: str, since: int) -> RowVersion | None:
        """Return the version of a row that was its newest at a moment; None if the book did not have it then."""
        return next((one for one in reversed(list(self._versions(key))) if one.seq <= since), None)

    def _state(self, kind: str, version: RowVersion) -> tuple[object, ...] | None:
        """Return what a finding of a kind is about in a version; None if the row was not of that kind."""
        record = self._connector.record(version.body)
        if kind not in kinds_of(version.absent, record.status, record.lacks):
            return None
        if kind not in LACKS:
            return record.status, record.amount, record.emitted, record.settled
        return record.amount, *(one.reason for one in self._open_points(version.body) if one.kind == kind)

    def _versions(self, key: str) -> Iterator[RowVersion]:
        for one in self._book.version_log(TRANSACTION, key):
            yield RowVersion(one.seq, one.absent, one.body)
