"""The runs that were due: begin one, keep it, record what became of it, and ask for it again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import random
from typing import NamedTuple

from primanota.core.errors import InvalidInput
from primanota.fleet import job_queue
from primanota.fleet.database import FleetDatabase
from primanota.fleet.job_queue import QueuedRun
from primanota.fleet.outcome import AttemptResult, State

_MOST_TRIES = 12
_LONGEST_PAUSE = 3_600.0


class Occasion(NamedTuple):
    """A run that was due: the client, its name (week or month), and what became of it. All moments are UTC."""

    login: str
    name: str
    week: str
    due: datetime
    state: State
    first_sync: bool
    attempts: int
    begun: datetime | None
    ended: datetime | None
    next_attempt: datetime | None
    error_kind: str
    sentence: str
    rows: int
    proven: bool | None


COLUMNS = Occasion._fields
_COLUMNS = ", ".join(COLUMNS)


class Begun(NamedTuple):
    """A run that this worker has begun: whether it is a first sync, and how often it was tried."""

    first_sync: bool
    tries: int


class OccasionTable:
    """The table of the runs that were due.

    Args:
        database: the fleet's database.
        first_pause: seconds before the second try; they double up to an hour, and are spread by a half.
        chance: spreads the pauses.
    """

    def __init__(
        self,
        database: FleetDatabase,
        *,
        first_pause: float = 60.0,
        chance: Callable[[], float] = random,
    ) -> None:
        self._database = database
        self._first_pause = first_pause
        self._chance = chance

    def begin(self, login: str, name: str, job: int, holder: str, lease: float) -> Begun | None:
        """Begin a run; return None if there is nothing to do: it has ended, is paused, or another job tries it.

        Args:
            login: the client.
            name: the run.
            job: the job that tries it.
            holder: this worker.
            lease: after so many seconds a silent worker has lost its runs.
        """
        found = self._database.fetch(
            "UPDATE occasions SET state = 'running', holder = %s, alive = now(), begun = now(), ended = NULL,"
            " next_attempt = NULL, attempts = attempts + 1, tries = tries + 1"
            " WHERE login = %s AND name = %s AND job = %s"
            " AND (state = 'waiting' OR state = 'running' AND alive < now() - make_interval(secs => %s))"
            " AND NOT (SELECT paused FROM clients WHERE clients.login = occasions.login)"
            " RETURNING first_sync, tries",
            *(holder, login, name, job, lease),
        )
        return Begun(*found[0]) if found else None

    def keep(self, holder: str, logins: list[str]) -> None:
        """Say that a worker still works at its runs of some clients."""
        query = "UPDATE occasions SET alive = now() WHERE holder = %s AND state = 'running' AND login = ANY(%s)"
        self._database.execute(query, holder, logins)

    def record(self, login: str, name: str, holder: str, result: AttemptResult) -> State | None:
        """Record what became of a run, and put the next try into the queue if there is one.

        Returns:
            The state; None if another worker has taken the run over, or this was recorded already.
        """
        with self._database.transaction() as connection:
            mine = "login = %s AND name = %s AND holder = %s AND state = 'running'"
            query = f"SELECT tries, first_sync, now() FROM occasions WHERE {mine} FOR UPDATE"
            row = connection.execute(query, (login, name, holder)).fetchone()
            if not row:
                return None
            tries, first_sync, now = row
            state = _state(result, tries)
            connection.execute(
                f"UPDATE occasions SET state = %s, ended = now(), holder = '', alive = NULL, rows = %s, proven = %s,"
                f" error_kind = %s, sentence = %s WHERE {mine}",
                (state, result.rows, result.proven, result.error_kind, result.sentence, login, name, holder),
            )
            query = "UPDATE clients SET consent_end = %s WHERE login = %s AND consent_end IS DISTINCT FROM %s"
            connection.execute(query, (result.consent_end, login, result.consent_end))
            if state == "waiting":
                pause = timedelta(seconds=self._pause(tries))
                job_queue.defer(connection, [QueuedRun(login, name, first_sync, now + pause)])
        return state

    def give_back(self, login: str, name: str, holder: str) -> None:
        """Let another worker run what this one has begun, at once; that does not count as a try."""
        with self._database.transaction() as connection:
            found = connection.execute(
                "UPDATE occasions SET state = 'waiting', holder = '', alive = NULL, tries = tries - 1"
                " WHERE login = %s AND name = %s AND holder = %s AND state = 'running' RETURNING first_sync",
                (login, name, holder),
            ).fetchone()
            if found:
                job_queue.defer(connection, [QueuedRun(login, name, found[0])])

    def retry(self, login: str) -> Occasion:
        """Put the latest run of a client into the queue again, at once, with all of its tries.

        Raises:
            InvalidInput: the client has no run, or the latest one is done or running.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, job FROM occasions WHERE login = %s ORDER BY due DESC LIMIT 1 FOR UPDATE",
                (login,),
            ).fetchone()
            if not row:
                raise InvalidInput(f"{login} has no run yet.", "The first one is put at its next time.")
            found, job = Occasion(*row[:-1]), row[-1]
            if found.state in {"done", "running"}:
                raise InvalidInput(f"The run {found.name} of {login} is {found.state}.", "There is nothing to retry.")
            if found.state == "waiting" and job:
                job_queue.cancel(connection, job)
            connection.execute(
                "UPDATE occasions SET state = 'waiting', tries = 0, ended = NULL WHERE login = %s AND name = %s",
                (login, found.name),
            )
            job_queue.defer(connection, [QueuedRun(login, found.name, found.first_sync)])
        return found

    def of_weeks(self, weeks: list[str]) -> list[Occasion]:
        """Return the runs of some ISO weeks, by client and time."""
        query = f"SELECT {_COLUMNS} FROM occasions WHERE week = ANY(%s) ORDER BY login, due"
        return [Occasion(*row) for row in self._database.fetch(query, weeks)]

    def of_client(self, login: str, number: int) -> list[Occasion]:
        """Return the last runs of a client, the newest first."""
        query = f"SELECT {_COLUMNS} FROM occasions WHERE login = %s ORDER BY due DESC LIMIT %s"
        return [Occasion(*row) for row in self._database.fetch(query, login, number)]

    def _pause(self, tries: int) -> float:
        """Return the seconds before the next try."""
        return float(min(self._first_pause * 2.0 ** (tries - 1), _LONGEST_PAUSE) * (0.5 + self._chance()))


def _state(result: AttemptResult, tries: int) -> State:
    if result.kind == "later":
        return "waiting" if tries < _MOST_TRIES else "failed"
    return result.kind
