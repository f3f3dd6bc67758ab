"""What is due is planned once, tried again, and taken over from a dead worker."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from primanota.core.errors import InvalidInput
from primanota.fleet import planner
from primanota.fleet.database import FleetDatabase
from primanota.fleet.outcome import AttemptResult
from tests.support.fleets.fleet_world import FleetWorld, client

DONE = AttemptResult("done", 12, proven=True)
LATER = AttemptResult("later", error_kind="ServiceUnavailable", sentence="The bank did not answer.")
PERSON = AttemptResult("person", error_kind="InvalidApiKey", sentence="The key was revoked.")


@pytest.fixture
def world(database: FleetDatabase) -> FleetWorld:
    """Return a fleet with one client whose first run is due."""
    made = FleetWorld.of(database)
    made.add("acme-1")
    made.clock.advance(days=7)
    return made


def test_a_run_is_planned_once(world: FleetWorld) -> None:
    """A run that is due is put into the queue once, however often and however many plan."""
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: world.plan(), range(8))) == 1
    world.clock.advance(hours=1)
    assert world.plan() == 0
    assert world.jobs() == 1
    assert (world.run().name, world.run().due) == ("2026-W49", datetime(2026, 11, 30, 6, tzinfo=UTC))


def test_a_client_is_not_due_before_its_time(database: FleetDatabase) -> None:
    """A client that was just added is first run at the next time of its timetable."""
    world = FleetWorld.of(database)
    world.add("acme-1")
    assert world.plan() == 0
    world.clock.advance(days=6, hours=17)  # Monday at 05:00 UTC, an hour too early
    assert world.plan() == 0
    world.clock.advance(hours=1)
    assert world.plan() == 1


def test_only_the_latest_missed_run_is_made_up_for(world: FleetWorld) -> None:
    """After weeks without a worker, each client has one run: the latest one."""
    world.clock.advance(days=21)
    assert world.plan() == 1
    assert world.run().name == "2026-W52"


def test_a_paused_client_has_no_runs(world: FleetWorld) -> None:
    """A paused client is not planned; when it is resumed, it has the latest run that it missed."""
    world.table.pause("acme-1", paused=True)
    assert world.plan() == 0
    world.clock.advance(days=14)
    world.table.pause("acme-1", paused=False)
    assert world.plan() == 1
    assert world.run().name == "2026-W51"


def test_a_run_that_was_planned_waits_while_its_client_is_paused(world: FleetWorld) -> None:
    """A run that is in the queue already does not begin while its client is paused, and does when it is resumed."""
    world.plan()
    world.table.pause("acme-1", paused=True)
    assert world.begin() is None
    world.database.execute("DELETE FROM procrastinate_jobs")  # the queue's job came to its end
    assert planner.reap(world.database, 30) == 0
    world.table.pause("acme-1", paused=False)
    assert planner.reap(world.database, 30) == 1
    assert world.begin()


def test_a_client_has_one_open_run(world: FleetWorld) -> None:
    """The run of a week waits until that of the week before has ended."""
    world.plan()
    world.begin()
    world.clock.advance(days=7)
    assert world.plan() == 0
    world.occasions.record("acme-1", "2026-W49", "one", DONE)
    assert world.plan() == 1
    assert world.run().name == "2026-W50"


def test_a_first_sync_has_a_queue_of_its_own(world: FleetWorld) -> None:
    """A client whose book was never read waits in the queue of first syncs; afterwards, in that of due runs."""
    world.plan()
    queue = "SELECT queue_name, priority FROM procrastinate_jobs"
    assert world.database.fetch(queue) == [("first", -1)]
    assert world.begin() == (True, 1)
    world.occasions.record("acme-1", "2026-W49", "one", DONE)
    world.database.execute("DELETE FROM procrastinate_jobs")
    world.clock.advance(days=7)
    world.plan()
    assert world.database.fetch(queue) == [("due", 0)]


def test_what_passes_is_tried_again_after_growing_pauses(world: FleetWorld) -> None:
    """A run that failed for a reason that passes is tried again, after pauses that double up to an hour."""
    world.plan()
    pauses = []
    for _ in range(9):
        world.begin()
        assert world.occasions.record("acme-1", "2026-W49", "one", LATER) == "waiting"
        run = world.run()
        assert run.next_attempt
        assert run.ended
        pauses.append(round((run.next_attempt - run.ended).total_seconds()))
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert run.sentence == "The bank did not answer."


def test_the_last_try_fails(world: FleetWorld) -> None:
    """After twelve tries a run is shown as failed, with its reason."""
    world.plan()
    states = []
    for _ in range(12):
        world.begin()
        states.append(world.occasions.record("acme-1", "2026-W49", "one", LATER))
    assert states == ["waiting"] * 11 + ["failed"]
    assert world.begin() is None
    assert world.run().attempts == 12


def test_what_a_person_must_mend_is_not_tried_again(world: FleetWorld) -> None:
    """A run that a person must mend is shown, not tried again; retry puts it back into the queue."""
    world.plan()
    world.fetch_job()
    world.begin()
    assert world.occasions.record("acme-1", "2026-W49", "one", PERSON) == "person"
    world.database.execute("DELETE FROM procrastinate_jobs")
    assert planner.reap(world.database, 30) == 0
    assert world.jobs() == 0
    world.occasions.retry("acme-1")
    assert (world.run().state, world.jobs()) == ("waiting", 1)
    assert world.begin() == (True, 1)


def test_retry_does_not_wait_for_the_pause(world: FleetWorld) -> None:
    """Retry takes the place of the next try: the run is tried at once, and once."""
    world.plan()
    world.fetch_job()
    world.begin()
    world.occasions.record("acme-1", "2026-W49", "one", LATER)
    world.database.execute("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    assert world.fetch_job() is None
    world.occasions.retry("acme-1")
    assert world.jobs() == 1
    assert world.fetch_job() == world.job()


@pytest.mark.parametrize("state", ["done", "running"])
def test_what_is_done_or_runs_is_not_retried(world: FleetWorld, state: str) -> None:
    """Retry refuses a run that is done, and one that runs."""
    world.plan()
    world.begin()
    if state == "done":
        world.occasions.record("acme-1", "2026-W49", "one", DONE)
    with pytest.raises(InvalidInput, match=state):
        world.occasions.retry("acme-1")


def test_a_client_without_a_run_is_not_retried(world: FleetWorld) -> None:
    """Retry says that a new client has no run yet."""
    with pytest.raises(InvalidInput, match="no run yet"):
        world.occasions.retry("acme-1")


# --- a worker dies --------------------------------------------------------------------------------------------------


def test_a_dead_worker_loses_its_run(world: FleetWorld) -> None:
    """What a silent worker held is put back after the lease, and not before; another worker then runs it."""
    world.plan()
    world.fetch_job()
    world.begin(holder="dead")
    assert planner.reap(world.database, 30) == 0
    assert world.begin(holder="other") is None
    world.pass_time(31)
    assert planner.reap(world.database, 30) == 1
    assert world.fetch_job() == world.job()
    assert world.begin(holder="other")
    assert world.occasions.record("acme-1", "2026-W49", "dead", PERSON) is None
    assert world.occasions.record("acme-1", "2026-W49", "other", DONE) == "done"


def test_a_worker_that_is_heard_of_keeps_its_run(world: FleetWorld) -> None:
    """A run may take longer than the lease, as long as its worker is heard of."""
    world.plan()
    world.fetch_job()
    world.begin()
    world.pass_time(31)
    world.occasions.keep("one", ["acme-1"])
    assert planner.reap(world.database, 30) == 0
    world.pass_time(31)
    world.occasions.keep("one", [])  # the worker lives, and does not run it
    assert planner.reap(world.database, 30) == 1


def test_a_worker_that_died_before_it_began(world: FleetWorld) -> None:
    """A job that was taken, and whose run never began, is put back after the lease."""
    world.plan()
    world.fetch_job()
    assert planner.reap(world.database, 30) == 0
    world.pass_time(31)
    assert planner.reap(world.database, 30) == 1
    assert world.fetch_job() == world.job()


def test_a_job_whose_end_was_not_written(world: FleetWorld) -> None:
    """A job that was done, and whose end was lost with the connection, runs nothing again and blocks nothing."""
    world.plan()
    job = world.fetch_job()
    world.begin()
    world.occasions.record("acme-1", "2026-W49", "one", LATER)
    world.pass_time(31)
    assert planner.reap(world.database, 30) == 1
    assert world.fetch_job() == job
    assert world.occasions.begin("acme-1", "2026-W49", job or 0, "other", 30) is None


def test_a_job_that_is_about_to_end(world: FleetWorld) -> None:
    """A job that took longer than the lease is left alone while its end is being written."""
    world.plan()
    world.fetch_job()
    world.begin()
    world.pass_time(31)
    world.occasions.record("acme-1", "2026-W49", "one", DONE)
    assert planner.reap(world.database, 30) == 0


def test_a_job_that_ends_while_it_is_looked_at(world: FleetWorld) -> None:
    """A job that another process is changing at the same moment is left to that."""
    world.plan()
    world.fetch_job()
    world.pass_time(31)
    with world.database.transaction() as other:
        other.execute("SELECT * FROM procrastinate_jobs FOR UPDATE")
        assert planner.reap(world.database, 30) == 0


def test_a_restarted_database_gives_time(world: FleetWorld) -> None:
    """After a restart of the database each worker has a lease's time to be heard of, before it loses its runs."""
    world.plan()
    world.fetch_job()
    world.begin()
    world.pass_time(3600)
    world.restart_server(29)
    assert planner.reap(world.database, 30) == 0
    world.restart_server(31)
    assert planner.reap(world.database, 30) == 1


def test_a_run_that_is_given_back(world: FleetWorld) -> None:
    """A run that a stopping worker gives back is tried at once, and that was no try."""
    world.plan()
    world.fetch_job()
    world.begin()
    world.occasions.give_back("acme-1", "2026-W49", "one")
    world.database.execute("DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    assert world.fetch_job() == world.job()
    assert world.begin(holder="other") == (True, 1)


def test_two_jobs_of_a_client_do_not_run_at_once(world: FleetWorld) -> None:
    """The queue gives no second job of a client out while one is running."""
    world.plan()
    assert world.fetch_job()
    world.begin()
    world.occasions.record("acme-1", "2026-W49", "one", PERSON)
    world.occasions.retry("acme-1")
    assert world.jobs() == 1
    assert world.fetch_job() is None


def test_many_clients_are_planned_in_portions(database: FleetDatabase) -> None:
    """Thousands of clients are planned in one look."""
    world = FleetWorld.of(database)
    world.table.put([client(f"client-{number}") for number in range(1_200)])
    world.clock.advance(days=7)
    assert world.plan() == 1_200
    assert world.jobs() == 1_200
