"""Findings that a person has put away, as long as that holds: until the row is another case than it was then."""

from collections import Counter
from collections.abc import Collection, Iterator

from primanota.book.acceptances import CHANGED, Acceptances
from primanota.book.journal import Journal
from primanota.book.records import exported_rows
from primanota.book.row_history import RowHistory
from primanota.book.rows.open_rows import OpenRow, OpenRows
from primanota.core.reasons import Acceptance

AFTER_CLOSE = "after-close"
# Kinds of findings that are found by comparing versions of a row, and not by the index.
_COMPARED = frozenset((CHANGED, AFTER_CLOSE))


class PutAway:
    """What was put away and holds. It costs what was put away, not what the book has.

    Args:
        journal: the book.
        history: tells whether a finding is still the one that was put away.
    """

    def __init__(self, journal: Journal, history: RowHistory) -> None:
        self._book = journal.book
        self._found: dict[str, dict[str, tuple[OpenRow, Acceptance]]] = {}
        for row, kinds, findings in Acceptances(journal.book).all():
            for one in findings:
                if one.kind in _COMPARED or (one.kind in kinds and _holds(one, row, history)):
                    self._found.setdefault(one.kind, {})[row.id] = row, one

    def has(self, kind: str, key: str) -> bool:
        """Return whether a finding of a row is put away; not for those that are compared."""
        return key in self._found.get(kind, ())

    def counts(self, rows: OpenRows) -> Counter[str]:
        """Return how many findings of some days are put away, by kind, without those compared."""
        return Counter(kind for kind, _, _ in self.of(rows))

    def of(self, rows: OpenRows) -> Iterator[tuple[str, OpenRow, Acceptance]]:
        """Yield what is put away of the findings of some days, without those compared."""
        for kind, found in self._found.items():
            yield from (
                (kind, row, one) for row, one in found.values() if kind not in _COMPARED and rows.includes(row)
            )

    def changes(self, rows: OpenRows, differing: Collection[str]) -> list[tuple[OpenRow, Acceptance]]:
        """Return the changes of rows of some days that were accepted, and that no later export has.

        Args:
            rows: the days.
            differing: the ids of the rows that changed again.
        """
        found = (pair for key, pair in self._found.get(CHANGED, {}).items() if key not in differing)
        return [(row, one) for row, one in found if rows.includes(row) and self._last_sent(row.id) < one.seq]

    def after_close(self, key: str, seq: int) -> Acceptance | None:
        """Return how a change after a close was put away; None if it was not, or the row has a newer version."""
        found = self._found.get(AFTER_CLOSE, {}).get(key)
        return found[1] if found and found[1].seq >= seq else None

    def batch_of(self, key: str) -> int:
        """Return the number of the newest batch that has a row."""
        return exported_rows.last_batch_of(self._book, key)

    def _last_sent(self, key: str) -> int:
        """Return the newest version of a row that was exported."""
        return exported_rows.last_version_sent(self._book, key)


def _holds(accepted: Acceptance, row: OpenRow, history: RowHistory) -> bool:
    """Return whether a finding is still the one that was put away."""
    return row.seq == accepted.seq or history.has_stayed(accepted.kind, row.id, accepted.seq)
