"""Read a book for the completion of words: quickly, and without locking, creating or changing anything."""

from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

from primanota.book.file.other_books import unlocked

_SECONDS = 0.25
_STEPS = 2_000  # of SQLite's machine, between two looks at the clock
_RECORDS = """SELECT body FROM latest JOIN version USING (seq) WHERE latest.kind = ? AND latest.absent = 0
            ORDER BY seq DESC LIMIT 1000"""
# Rows that have a newer version than the one that was exported, that are not settled, or that lack something.
_CHANGED = """SELECT DISTINCT e.id FROM earlier_version e CROSS JOIN sent s ON s.seq = e.seq
            WHERE e.kind = 'transaction' AND e.id >= ?1 AND e.id < ?1 || char(1114111) LIMIT 100"""
_OPEN = """SELECT id FROM latest WHERE kind = 'transaction' AND (absent = 1 OR status <> 'completed' OR lacks)
            AND id >= ?1 AND id < ?1 || char(1114111) LIMIT 100"""
_ACCEPTED = """SELECT id FROM latest WHERE kind = 'accepted' AND id >= ?1 AND id < ?1 || char(1114111) LIMIT 100"""


def records(path: Path, kind: str) -> list[bytes]:
    """Return the newest records of a kind, such as ``account`` or ``batch``.

    Raises:
        OSError: there is no such file.
        Error: SQLite's, if it is not a book, or reading took too long.
    """
    return [body for (body,) in _read(path, _RECORDS, kind)]


def found_ids(path: Path, begin: str) -> list[str]:
    """Return ids of rows that a review may show, and that begin so; errors as above."""
    found = (key for select in (_CHANGED, _OPEN) for (key,) in _read(path, select, begin))
    return [*dict.fromkeys(found)]


def accepted_ids(path: Path, begin: str) -> list[str]:
    """Return ids of rows of which a finding was put away, and that begin so; errors as above."""
    return [key for (key,) in _read(path, _ACCEPTED, begin)]


def _read(path: Path, select: str, *values: str) -> list[Any]:
    if not path.stat().st_size:
        return []
    end = monotonic() + _SECONDS
    with closing(unlocked(path)) as connection:
        connection.set_progress_handler(lambda: monotonic() > end, _STEPS)
        return connection.execute(select, values).fetchall()
