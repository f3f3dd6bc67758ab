"""The firm's letters of weeks: written before they are sent, claimed while they are sent, as a book's letters are."""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from primanota.app.running.firm_mail import FirmLetter
from primanota.fleet.database import FleetDatabase

# As in a book: longer than any attempt lasts. A letter that is claimed for longer was left by a killed worker.
CLAIM = timedelta(minutes=16)
_PAUSE = timedelta(minutes=5)


class ClaimedLetter(NamedTuple):
    """A letter that this worker sends: its week, and which attempt it is."""

    week: str
    letter: FirmLetter
    attempt: int


class LetterState(msgspec.Struct, frozen=True):
    """What became of the letter of a week: ``waiting``, ``sending`` or ``sent``; times are UTC.

    After more than one attempt it may have arrived more than once, with the same Message-ID.
    """

    state: str
    attempts: int
    sent: datetime | None
    to: tuple[str, ...]
    reason: str


class LetterOutbox:
    """The table of the firm's letters.

    Args:
        database: the fleet's database.
    """

    def __init__(self, database: FleetDatabase) -> None:
        self._database = database

    def has(self, week: str) -> bool:
        """Return whether the letter of a week was written."""
        return bool(self._database.fetch("SELECT FROM letters WHERE week = %s", week))

    def put(self, week: str, letter: FirmLetter) -> bool:
        """Write the letter of a week, unless there is one; return whether this one was written."""
        query = (
            "INSERT INTO letters (week, sender, recipients, message) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
        )
        return bool(self._database.execute(query, week, letter.sender, [*letter.to], letter.message))

    def claim(self, holder: str) -> ClaimedLetter | None:
        """Claim the oldest letter that waits, or that a killed worker was sending; None if there is none."""
        for week, sender, to, message, attempt in self._database.fetch(
            "UPDATE letters SET state = 'sending', holder = %s, claimed = now(), attempts = attempts + 1"
            " WHERE week = (SELECT week FROM letters WHERE state = 'waiting' AND next_attempt <= now()"
            " OR state = 'sending' AND claimed < now() - %s ORDER BY week LIMIT 1 FOR UPDATE SKIP LOCKED)"
            " RETURNING week, sender, recipients, message, attempts",
            *(holder, CLAIM),
        ):
            return ClaimedLetter(week, FirmLetter(sender, tuple(to), bytes(message)), attempt)
        return None

    def record_sent(self, claimed: ClaimedLetter, holder: str) -> None:
        """Record that a letter was sent."""
        query = "UPDATE letters SET state = 'sent', sent = now(), reason = ''"
        self._database.execute(f"{query} WHERE week = %s AND holder = %s AND state = 'sending'", claimed.week, holder)

    def record_failed(self, claimed: ClaimedLetter, holder: str, reason: str) -> None:
        """Let a letter that could not be sent wait for the next attempt."""
        query = "UPDATE letters SET state = 'waiting', next_attempt = now() + %s, reason = %s"
        where = "WHERE week = %s AND holder = %s AND state = 'sending'"
        self._database.execute(f"{query} {where}", _PAUSE, reason, claimed.week, holder)

    def state(self, week: str) -> LetterState | None:
        """Return what became of the letter of a week; None if there is none."""
        query = "SELECT state, attempts, sent, recipients, reason FROM letters WHERE week = %s"
        for state, attempts, sent, to, reason in self._database.fetch(query, week):
            return LetterState(state, attempts, sent, tuple(to), reason)
        return None
