"""The months of which runs make packs: what is to be done and what was done, each stored as a version.

A month is recorded as due, then as decided, with the edition of its pack and the places that get it, before anything
is delivered. So a run that is killed is completed by the next one, and no place gets a month twice.
"""

from datetime import datetime

import msgspec

from primanota.book.records.records import Book
from primanota.core.model import RawRecord
from primanota.core.results import Delivery

DUE_MONTH = "due-month"


class DueMonth(msgspec.Struct, frozen=True, kw_only=True):
    """A month (``2026-10``) of which runs make a pack.

    ``since`` is the moment of its present state, UTC. ``edition``, ``name`` and ``sha256`` are those of the pack that
    was decided, 0 and empty before. ``deliveries`` are the places that get it, as the settings named them then.
    """

    month: str
    since: datetime
    edition: int = 0
    name: str = ""
    sha256: str = ""
    deliveries: tuple[Delivery, ...] = ()

    @property
    def is_decided(self) -> bool:
        """Return whether its pack was recorded."""
        return bool(self.edition)

    @property
    def pending(self) -> tuple[str, ...]:
        """Return the places that do not have the pack yet."""
        return tuple(one.destination for one in self.deliveries if not one.delivered)

    @property
    def is_done(self) -> bool:
        """Return whether every place has the pack."""
        return self.is_decided and not self.pending

    def delivered_to(self, destination: str, now: datetime) -> "DueMonth":
        """Return the same month with the pack delivered to one of its places."""
        news = (Delivery(destination, now) if one.destination == destination else one for one in self.deliveries)
        return msgspec.structs.replace(self, deliveries=tuple(news), since=now)


class DueMonths:
    """The due months of a book. Methods that write are called inside the book's ``writing``."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[DueMonth]:
        """Return every month, the first one first."""
        return sorted(map(_decode, self._book.bodies(DUE_MONTH).values()), key=lambda one: one.month)

    def not_held(self) -> list[DueMonth]:
        """Return the months, without those whose pack was decided in a book from elsewhere: a person decides."""
        held = self._book.held_ids(DUE_MONTH)
        return [one for one in self.all() if one.month not in held or not one.is_decided]

    def save(self, month: DueMonth) -> None:
        """Save a month's new state."""
        self._book.append(DUE_MONTH, [RawRecord(month.month, msgspec.json.encode(month))])


_decode = msgspec.json.Decoder(DueMonth).decode
