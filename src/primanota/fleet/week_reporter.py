"""Mail the firm each week's report by itself: once, whichever worker is killed.

The letter is written into the database when its week is due, and sent from there: see ``letter_outbox``.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from primanota.adapters.settings.config import Config
from primanota.app.running.firm_mail import FirmLetter, send_firm_letter
from primanota.core.errors import InvalidInput, PrimanotaError
from primanota.fleet.client_grid import ending_consents
from primanota.fleet.database import FleetDatabase
from primanota.fleet.letter_outbox import ClaimedLetter, LetterOutbox
from primanota.fleet.occasions import Occasion, OccasionTable
from primanota.fleet.overview import weeks_until
from primanota.fleet.timetable import Timetable
from primanota.fleet.weekly_mail import week_letter

WHEN_DONE = "done"
# A week with runs, none of which is open but those of paused clients, and before whose end no further run is due.
_IS_DONE = """
SELECT count(*) > 0 AND NOT bool_or(state IN ('waiting', 'running') AND NOT paused)
    AND NOT EXISTS (SELECT FROM clients WHERE NOT paused AND next_due < %s)
    FROM occasions JOIN clients USING (login) WHERE week = %s
"""


class WeekReporter:
    """Writes the letters of weeks that are due, and sends those that wait.

    Args:
        database: the fleet's database.
        settings: those of this machine, with the firm's.
        when: ``done``, for when the last client of a week has ended; or a local time like ``fri 18:00``.
        name: of this worker, which no other process has.
        clock: returns the present, aware.
        send: sends a letter.

    Raises:
        InvalidInput: ``when`` is neither, or the settings name nobody for the firm's mail.
        ConfigurationError: the firm's table has a mistake, or lacks a sender.
    """

    def __init__(
        self,
        database: FleetDatabase,
        settings: Config,
        when: str,
        name: str,
        clock: Callable[[], datetime],
        send: Callable[[Config, FirmLetter], None] = send_firm_letter,
    ) -> None:
        self._database = database
        self._settings = settings
        self._zone = settings.zone("", "")
        self._at = None if when.casefold() == WHEN_DONE else Timetable.parse(when, self._zone.key)
        self._name = name
        self._clock = clock
        self._send = send
        self._letters = LetterOutbox(database)
        self._sent: list[ClaimedLetter] = []  # what the database does not know yet
        self._log = logging.getLogger(__name__)
        if week_letter(settings, "", [], clock(), {}) is None:
            raise InvalidInput("The settings name nobody for the firm's mail.", "Write a table [firm] with “to”.")

    def post(self) -> None:
        """Write what is due, and send what waits. What fails is logged, and tried again later.

        Raises:
            ServiceUnavailable: the database cannot be reached.
        """
        self._record_sent()
        now = self._clock()
        for week in [*self._due(now)]:
            runs = OccasionTable(self._database).of_weeks([week])
            if runs and (letter := self._letter(week, runs, now)):
                self._letters.put(week, letter)
        while claimed := self._letters.claim(self._name):
            try:
                self._send(self._settings, claimed.letter)
            except PrimanotaError as error:
                self._letters.record_failed(claimed, self._name, f"{error}")
                self._log.warning("the report of %s was not sent (%s)", claimed.week, type(error).__name__)
                continue
            self._log.info("the report of %s was sent, attempt %d", claimed.week, claimed.attempt)
            self._sent.append(claimed)
            self._record_sent()

    def _letter(self, week: str, runs: list[Occasion], now: datetime) -> FirmLetter | None:
        return week_letter(self._settings, week, runs, now, ending_consents(self._database, now))

    def _record_sent(self) -> None:
        while self._sent:
            self._letters.record_sent(self._sent[0], self._name)
            self._sent.pop(0)

    def _due(self, now: datetime) -> Iterator[str]:
        """Yield the weeks whose letter is to be written."""
        if self._at:
            week = self._at.week(self._at.latest(now))
            if not self._letters.has(week):
                yield week
            return
        local = now.astimezone(self._zone)
        for back, week in enumerate(reversed(weeks_until(local, 2))):
            monday = local.date() + timedelta(days=7 - local.weekday() - 7 * back)
            end = datetime.combine(monday, time(), self._zone)
            if not self._letters.has(week) and self._database.fetch(_IS_DONE, end, week)[0][0]:
                yield week
