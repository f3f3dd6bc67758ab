"""Findings that a person has put away. They are stored as versions, so that the hash chain covers them.

There is one record for each row: which of its findings were put away, and in which version of the row. For a change
after an export that version also is the one with which the row is compared from then on (``Batches.changed_rows``).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from primanota.book.batches import ACCEPTED
from primanota.book.records.index import NEWEST
from primanota.book.records.records import Book
from primanota.book.rows.open_rows import OpenRow, kinds_of
from primanota.core.model import RawRecord
from primanota.core.period import moment
from primanota.core.reasons import Acceptance

CHANGED = "changed"


class _Stored(msgspec.Struct, frozen=True):
    """What is stored of a row: ``seq`` and ``as_of`` are those of a change that was accepted, else 0.

    Books of older programs have nothing but these two, or only the first.
    """

    seq: int = 0
    as_of: int | None = None
    findings: tuple[Acceptance, ...] | None = None


class AcceptedRow(NamedTuple):
    """A row as it is now, of which kinds it is, and those of its findings that were put away at some time."""

    row: OpenRow
    kinds: tuple[str, ...]
    findings: tuple[Acceptance, ...]


class Acceptances:
    """The findings of a book that were put away. Methods that write are called inside the book's ``writing``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> Iterator[AcceptedRow]:
        """Yield the rows of which a finding was put away, also where that does not hold any more."""
        for key, version, body, started, account, seq, settled, *facts in self._book.rows(_ALL):
            if findings := _findings(_read(body, version), started):
                yield AcceptedRow(OpenRow(settled, key, account, seq), kinds_of(*facts), findings)

    def add(self, key: str, accepted: Iterable[Acceptance]) -> None:
        """Store that findings of a row are put away, beside those that are already."""
        accepted = tuple(accepted)
        stored, started = self._of(key)
        kinds = {one.kind for one in accepted}
        others = tuple(one for one in _findings(stored, started) if one.kind not in kinds)
        change = next((one for one in accepted if one.kind == CHANGED), None)
        seq, as_of = (change.seq, self._book.newest_version) if change else (stored.seq, stored.as_of or 0)
        self._store(key, _Stored(seq, as_of, (*others, *accepted)))

    def withdraw(self, key: str) -> None:
        """Store that no finding of a row is put away any more; a change is compared with its export again."""
        self._store(key, _Stored(0, 0, ()))

    def _of(self, key: str) -> tuple[_Stored, int]:
        """Return what is stored of a row, and when that run began."""
        for version, body, started in self._book.rows(_OF_ONE, key):
            return _read(body, version), started
        return _Stored(0, 0, ()), 0

    def _store(self, key: str, stored: _Stored) -> None:
        self._book.append(ACCEPTED, [RawRecord(key, msgspec.json.encode(stored))])


def _read(body: bytes, version: int) -> _Stored:
    stored = msgspec.json.decode(body, type=_Stored)
    return msgspec.structs.replace(stored, as_of=version) if stored.as_of is None else stored


def _findings(stored: _Stored, started: int) -> tuple[Acceptance, ...]:
    """Return the findings that were put away; an older program knew one kind alone, and the run says when."""
    if stored.findings is None:
        return (Acceptance(CHANGED, stored.seq, moment(started)),)
    return stored.findings


# Every statement consists of constants. CROSS JOIN keeps the order: they are few.
_RUN = "CROSS JOIN run r ON r.number = v.run"
_ALL = f"""SELECT a.id, a.seq, v.body, r.started, l.account, l.seq, ifnull(l.settled, l.emitted),
                  l.absent, l.status, l.lacks
           FROM latest a CROSS JOIN version v ON v.seq = a.seq {_RUN}
           CROSS JOIN latest l ON l.kind = 'transaction' AND l.id = a.id
           WHERE a.kind = '{ACCEPTED}'"""
_OF_ONE = f"SELECT l.seq, v.body, r.started {NEWEST} {_RUN} WHERE l.kind = '{ACCEPTED}' AND l.id = ?"
