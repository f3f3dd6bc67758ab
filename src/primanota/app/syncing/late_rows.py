"""Since when a sync asks for changed rows: long enough before the last one to find rows that the bank shows late.

A row that the bank shows up to a day late is found by the next thorough reading, which begins a day before the last
one. A sync that follows a thorough one within hours begins only minutes before the one before it, so that it does not
read the rows of a whole day again and again. A late row that moves the balance or a count is found at once all the
same: then the account is not proven, and what is read again begins as far back as a thorough reading.
"""

from contextlib import suppress

import msgspec

from primanota.book import Book
from primanota.core.model import RawRecord
from primanota.core.proof_state import CLOCK_TOLERANCE

_MINUTE = 60 * 1_000_000
_HOUR = 60 * _MINUTE
# The bank shows a row at most so long after the moment that it states.
_LATE = 24 * _HOUR
# It may state the moment at which it began to write a row; and its clocks may differ.
_WRITING = 15 * _MINUTE
# So long after a thorough reading another one is not needed; less than a day, so that each daily sync is thorough.
_FRESH = 20 * _HOUR
_KEY = "thorough readings"


class _Thorough(msgspec.Struct, frozen=True, array_like=True):
    """The bank's clock before a thorough reading, and this machine's, which tells how long ago it was."""

    moment: int
    ours: int


class LateRows:
    """When each account was read thoroughly: kept as a record of the book. Moments are microseconds UTC.

    Args:
        book: the book.
        kind: the kind of the record.
    """

    def __init__(self, book: Book, kind: str) -> None:
        self._book = book
        self._kind = kind
        self._thorough: dict[str, _Thorough] = {}
        with suppress(msgspec.DecodeError):
            kept = book.bodies(kind).get(_KEY, b"{}")
            self._thorough = msgspec.json.decode(kept, type=dict[str, _Thorough])
        self._was = {**self._thorough}

    def since(self, account: str, now: int) -> int | None:
        """Return since when changed rows are read; None if all rows must be read.

        All must be read if the account was never read whole, or if the bank's clock ran ahead then.

        Args:
            account: the id of the account.
            now: the bank's clock.
        """
        mark = self._book.watermark(account)
        if mark is None or mark > now + CLOCK_TOLERANCE:
            return None
        last = self._thorough.get(account)
        is_fresh = last is not None and last.moment <= mark and 0 <= self._book.clock() - last.ours < _FRESH
        return mark - _WRITING if is_fresh else self.thoroughly(account, mark)

    def thoroughly(self, account: str, before: int) -> int:
        """Return since when changed rows are read by a thorough reading.

        Args:
            account: the id of the account.
            before: up to when the account was read by the last reading, or when it is read for the first time.
        """
        last = self._thorough.get(account)
        return (min(before, last.moment) if last else before) - _LATE

    def meanwhile(self, started: int) -> int:
        """Return since when changed rows are read after all rows were read.

        Args:
            started: the bank's clock before that.
        """
        return started - _WRITING

    def note(self, account: str, moment: int) -> None:
        """Note that an account was read thoroughly.

        Args:
            account: the id of the account.
            moment: the bank's clock before the reading.
        """
        self._thorough[account] = _Thorough(moment, self._book.clock())

    def store(self) -> None:
        """Store what was noted; inside ``writing``."""
        if self._thorough != self._was:
            self._book.append(self._kind, [RawRecord(_KEY, msgspec.json.encode(self._thorough, order="sorted"))])
