"""Remove a client from a fleet: its timetable, runs, queued jobs and tokens. Its book and its files stay."""

from typing import NamedTuple

from primanota.core.errors import InvalidInput
from primanota.fleet import job_queue
from primanota.fleet.database import FleetDatabase

# A worker gives a sign of life every few seconds: after so many without one nobody finishes a run.
_SILENCE = 600.0


class RemovedClient(NamedTuple):
    """What was removed with a client: how many queued jobs, and whether it had tokens."""

    jobs: int
    had_tokens: bool


def has_live_tokens(database: FleetDatabase, login: str) -> bool:
    """Return whether the fleet has tokens of a client that the bank takes, as far as is known."""
    return bool(database.fetch("SELECT FROM client_tokens WHERE login = %s AND ended = ''", login))


def remove_client(database: FleetDatabase, login: str) -> RemovedClient:
    """Remove a client with all that the database has of it: all of it, or nothing.

    Raises:
        InvalidInput: there is no such client, or a worker runs it.
    """
    with database.transaction() as connection:
        # Runs are locked before clients, as whoever records a result does it.
        running = connection.execute(
            "SELECT coalesce(state = 'running' AND alive > now() - make_interval(secs => %s), false)"
            " FROM occasions WHERE login = %s FOR UPDATE",
            (_SILENCE, login),
        ).fetchall()
        if (True,) in running:
            raise InvalidInput(
                f"A worker runs {login}.", f"Wait for its end: “primanota fleet status {login}” shows it."
            )
        had_tokens = bool(connection.execute("SELECT FROM client_tokens WHERE login = %s", (login,)).fetchall())
        if not connection.execute("DELETE FROM clients WHERE login = %s", (login,)).rowcount:
            raise InvalidInput(f"There is no client “{login}” in the fleet.", "“primanota fleet list” lists them.")
        # Behind the client, for whom nothing more can be put into the queue. A job that was taken ends by itself.
        jobs = connection.execute(
            "SELECT id FROM procrastinate_jobs WHERE args->>'login' = %s AND status = 'todo'", (login,)
        ).fetchall()
        for (job,) in jobs:
            job_queue.cancel(connection, job)
    return RemovedClient(len(jobs), had_tokens)
