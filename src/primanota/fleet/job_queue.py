"""The job queue: Procrastinate's tables decide when a run is tried, and that a client has one run at a time.

A job is only a trigger. What is to be done, how often it was tried and what became of it is in our own table, and
changes together with the queue, in one transaction.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from primanota.fleet.database import FleetDatabase, require_extra

if TYPE_CHECKING:
    from procrastinate import App, JobContext
    from psycopg import Connection

TASK = "run"
# First syncs have a queue of their own, so that a worker can keep places for runs that are due.
DUE, FIRST = "due", "first"
_PRIORITY = {DUE: 0, FIRST: -1}


class QueuedRun(NamedTuple):
    """A run to put into the queue: client, name, whether it is a first sync, and when (None for at once)."""

    login: str
    name: str
    first_sync: bool = False
    at: datetime | None = None


def defer(connection: "Connection[Any]", runs: Iterable[QueuedRun]) -> None:
    """Put runs into the queue, and write down their jobs, within the transaction of the connection.

    Each run takes the lock of its client. There is no queueing lock: a run that is retried would collide with it
    (Procrastinate's issue 1543); our own table knows which runs exist.
    """
    from procrastinate import App, SyncPsycopgConnector
    from procrastinate.jobs import Job

    wanted = list(runs)
    if not wanted:
        return
    jobs = [
        Job(
            id=None,
            queue=(queue := FIRST if one.first_sync else DUE),
            priority=_PRIORITY[queue],
            lock=f"client:{one.login}",
            queueing_lock=None,
            task_name=TASK,
            task_kwargs={"login": one.login, "name": one.name},
            scheduled_at=one.at,
        )
        for one in wanted
    ]
    manager = App(connector=SyncPsycopgConnector()).job_manager
    found = manager.batch_defer_jobs(jobs, connection=connection)
    connection.cursor().executemany(
        "UPDATE occasions SET job = %s, next_attempt = %s WHERE login = %s AND name = %s",
        [(job.id, one.at, one.login, one.name) for job, one in zip(found, wanted, strict=True)],
    )


def cancel(connection: "Connection[Any]", job: int) -> None:
    """Take a job out of the queue that has not begun."""
    from procrastinate.sql import queries

    connection.execute(queries["cancel_job"], {"job_id": job, "abort": False, "delete_job": True})


def put_back(connection: "Connection[Any]", jobs: Iterable[int]) -> None:
    """Put jobs back into the queue that a worker took and does not continue."""
    from procrastinate.sql import queries

    for job in jobs:
        values = dict.fromkeys(("retry_at", "new_priority", "new_queue_name", "new_lock"))
        connection.execute(queries["retry_job"], {"job_id": job, **values})


def load() -> None:
    """Import Procrastinate before threads need it: imported by two at once, one of them may see a part of it."""
    require_extra()
    from procrastinate import App, PsycopgConnector  # noqa: F401 - imported for those that come later
    from procrastinate.sql import queries  # noqa: F401 - see above


def worker_app(database: FleetDatabase, run: Callable[[int, str, str], None], connections: int) -> "App":
    """Return Procrastinate's app of a worker.

    Args:
        database: the fleet's database.
        run: is called in a thread with each job: its number, the client, and the name of the run.
        connections: at most so many connections.
    """
    require_extra()
    from procrastinate import App, PsycopgConnector
    from procrastinate.retry import RetryStrategy

    app = App(connector=PsycopgConnector(conninfo=database.address, min_size=1, max_size=connections, timeout=5))

    # An error here is one of the database: what happens in a run is recorded, and its job ends well.
    @app.task(name=TASK, queue=DUE, pass_context=True, retry=RetryStrategy(wait=5, linear_wait=5))
    def execute(context: "JobContext", login: str, name: str) -> None:
        run(context.job.id or 0, login, name)

    return app
