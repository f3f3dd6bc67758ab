"""Put the runs that are due into the queue, each once; and put back what a dead worker held.

Each worker does both from time to time; an advisory lock lets one at a time. Neither is a job of the queue: a job
that looks for stalled jobs stalls with them (Procrastinate's issue 1408).
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from primanota.fleet import job_queue
from primanota.fleet.database import FleetDatabase
from primanota.fleet.job_queue import QueuedRun
from primanota.fleet.timetable import Timetable

if TYPE_CHECKING:
    from psycopg import Connection

_PLANNING, _REAPING = 7_268_114_906, 7_268_114_907  # advisory locks
_AT_ONCE = 500


def plan(database: FleetDatabase, now: datetime) -> int:
    """Put the runs that are due into the queue; return how many.

    Of the runs that a client missed while no worker ran, only the latest is put. A client whose earlier run is still
    open has to wait until that has ended.
    """
    total = 0
    while True:
        with database.transaction() as connection:
            if not _locked(connection, _PLANNING):
                return total
            put, looked_at = _plan_some(connection, now)
        total += put
        if looked_at < _AT_ONCE:
            return total


def _plan_some(connection: "Connection[Any]", now: datetime) -> tuple[int, int]:
    """Plan some clients; return how many runs were put, and how many clients were looked at."""
    due = connection.execute(
        "SELECT login, schedule, zone FROM clients WHERE NOT paused AND next_due <= %s AND NOT EXISTS"
        " (SELECT FROM occasions WHERE occasions.login = clients.login AND state IN ('waiting', 'running'))"
        " ORDER BY next_due LIMIT %s FOR UPDATE SKIP LOCKED",
        (now, _AT_ONCE),
    ).fetchall()
    put = []
    for login, schedule, zone in due:
        timetable = Timetable.parse(schedule, zone)
        latest = timetable.latest(now)
        name = timetable.occasion(latest)
        connection.execute("UPDATE clients SET next_due = %s WHERE login = %s", (timetable.after(now), login))
        row = connection.execute(
            "INSERT INTO occasions (login, name, week, due, first_sync) VALUES (%s, %s, %s, %s,"
            " NOT EXISTS (SELECT FROM occasions WHERE login = %s AND state = 'done'))"
            " ON CONFLICT DO NOTHING RETURNING first_sync",
            (login, name, timetable.week(latest), latest, login),
        ).fetchone()
        if row:
            put.append(QueuedRun(login, name, row[0]))
    job_queue.defer(connection, put)
    return len(put), len(due)


def reap(database: FleetDatabase, lease: float) -> int:
    """Put back what no worker continues; return how many runs that were.

    A worker says every few seconds that it still works at its runs. Procrastinate's own heartbeats would not do: they
    end while a worker that was asked to stop finishes its jobs, and go on when the end of a job could not be written
    because the database was away. After a restart of the database everybody has a lease's time to be heard of.

    Args:
        database: the fleet's database.
        lease: after so many seconds a silent worker has lost its runs.
    """
    with database.transaction() as connection:
        if not _locked(connection, _REAPING):
            return 0
        since = "now() - make_interval(secs => %(lease)s)"
        stalled = connection.execute(
            "SELECT jobs.id FROM procrastinate_jobs AS jobs LEFT JOIN occasions"
            " ON occasions.login = jobs.args->>'login' AND occasions.name = jobs.args->>'name'"
            f" WHERE jobs.status = 'doing' AND server_began() < {since}"
            " AND NOT coalesce(occasions.state = 'running' AND occasions.job = jobs.id"
            f" AND occasions.alive > {since}, false)"
            # Its run has just ended, and its own end is about to be written.
            f" AND NOT coalesce(occasions.ended > {since}, false)"
            " AND NOT EXISTS (SELECT FROM procrastinate_events AS events"
            f" WHERE events.job_id = jobs.id AND events.type = 'started' AND events.at > {since})"
            " FOR UPDATE OF jobs SKIP LOCKED",
            {"lease": lease},
        ).fetchall()
        job_queue.put_back(connection, [row[0] for row in stalled])
        without_job = connection.execute(
            "SELECT login, name, first_sync FROM occasions WHERE state IN ('waiting', 'running') AND NOT EXISTS"
            " (SELECT FROM procrastinate_jobs WHERE id = job AND status IN ('todo', 'doing')) AND NOT"
            " (SELECT paused FROM clients WHERE clients.login = occasions.login) FOR UPDATE SKIP LOCKED"
        ).fetchall()
        job_queue.defer(connection, [QueuedRun(*row) for row in without_job])
    return len(stalled) + len(without_job)


def _locked(connection: "Connection[Any]", lock: int) -> bool:
    """Return whether this transaction alone has an advisory lock, until its end."""
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (lock,)).fetchone()
    return bool(row and row[0])


def is_idle(database: FleetDatabase) -> bool:
    """Return whether no run is waiting to be tried at once, and none is running."""
    query = (
        "SELECT EXISTS (SELECT FROM occasions WHERE state = 'running' OR state = 'waiting' AND next_attempt IS NULL)"
    )
    return not database.fetch(query)[0][0]
