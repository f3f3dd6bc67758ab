"""Workers as processes of their own: what is due runs once, whatever is killed."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest
from aiosmtpd.smtp import SMTP
from psycopg_pool import AsyncConnectionPool

from primanota.fleet import job_queue
from primanota.fleet import worker as worker_module
from primanota.fleet.database import FleetDatabase
from primanota.fleet.occasions import OccasionTable
from primanota.fleet.worker import FleetWorker, WorkerOptions
from primanota.simulator import Simulator
from tests.support.clock import Clock
from tests.support.fleets.fleet_office import FleetOffice, fleet_office
from tests.support.fleets.fleet_truth import letters, wrong_rows
from tests.support.fleets.postgres import PostgresForTests
from tests.support.servers.smtp_server import MailHandler, listening

if TYPE_CHECKING:
    from subprocess import Popen

_SIZES = (60, 40, 0, 150)


def _states(office: FleetOffice) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in office.runs():
        found[one.state] = found.get(one.state, 0) + 1
    return found


def _all_is_right(office: FleetOffice) -> None:
    for one in office.simulators:
        assert wrong_rows(one, office.files_of(one.login), office.book_of(one.login)) == {}


def _at_request(office: FleetOffice, number: int, act: Callable[[], object]) -> threading.Event:
    """Do something once, when the bank gets a request by its number; return the event that this has happened."""
    counted, done = itertools.count(1), threading.Event()

    def look(_: Simulator, __: str) -> None:
        if next(counted) == number:
            act()
            done.set()

    for one in office.simulators:
        one.before_request = look
    return done


def _require(event: threading.Event, worker: "Popen[str]") -> None:
    """Wait for an event that a worker brings about; if it does not, fail with the worker's log."""
    if not event.wait(60):
        worker.kill()
        pytest.fail(worker.communicate()[1])


@contextmanager
def _post(office: MailHandler) -> Iterator[int]:
    with listening(lambda: SMTP(office, enable_SMTPUTF8=True)) as port:
        yield port


def test_a_worker_runs_what_is_due(empty_database: str, tmp_path: Path) -> None:
    """A worker runs each client that is due; one with a broken key needs somebody, and its key is asked once."""
    with fleet_office(empty_database, tmp_path, _SIZES, faults={3: ["key-revoked"]}) as office:
        office.add_clients()
        office.work()
        assert _states(office) == {"done": 3, "person": 1}
        broken = office.simulators.pop()
        _all_is_right(office)
        person = next(one for one in office.runs() if one.state == "person")
        assert (person.login, person.error_kind) == (broken.login, "InvalidApiKey")

        asked = broken.requests.count
        assert office.command("retry", broken.login).returncode == 0
        office.work()
        assert broken.requests.count == asked
        assert [one.attempts for one in office.runs() if one.login == broken.login] == [2]


def test_weeks_follow_each_other(empty_database: str, tmp_path: Path) -> None:
    """In the next week each client's new rows are in a new file, and earlier ones are not repeated."""
    with fleet_office(empty_database, tmp_path, (60, 40)) as office:
        office.add_clients()
        for _ in range(2):
            office.work()
            for one in office.simulators:
                one.bank.arrive(3)
            office.clock.advance(days=7)
        office.work()
        _all_is_right(office)
        assert [one.name for one in office.runs()] == ["2026-W49", "2026-W50", "2026-W51"] * 2


def test_a_worker_that_is_killed(empty_database: str, tmp_path: Path) -> None:
    """What a killed worker held is taken over by another one: each row is in one file, each letter is sent once."""
    post = MailHandler()
    with _post(post) as port, fleet_office(empty_database, tmp_path, (300, 200, 100)) as office:
        office.add_clients(mail_port=port)
        first = office.start_worker()
        _require(_at_request(office, 12, first.kill), first)
        first.communicate(timeout=30)
        office.clock.advance(hours=1)  # a letter that it may have been sending is claimed for some minutes
        log = office.work()
        assert _states(office) == {"done": 3}, log
        _all_is_right(office)
        found = letters(post.mails)
        assert len(found) == 3
        assert set(found.values()) == {1}


def test_postgres_is_killed(empty_database: str, postgres: PostgresForTests, tmp_path: Path) -> None:
    """A worker outlives a killed and restarted PostgreSQL: what ran is recorded when it is back, once."""
    post = MailHandler()
    with _post(post) as port, fleet_office(empty_database, tmp_path, (300, 200, 100)) as office:
        office.add_clients(mail_port=port)
        worker = office.start_worker("--once")
        _require(_at_request(office, 12, postgres.kill), worker)
        postgres.start()
        _, log = worker.communicate(timeout=90)
        assert worker.returncode == 0, log
        assert _states(office) == {"done": 3}, log
        _all_is_right(office)
        assert set(letters(post.mails).values()) == {1}


def test_worker_and_postgres_are_killed(empty_database: str, postgres: PostgresForTests, tmp_path: Path) -> None:
    """After worker and PostgreSQL were killed at once, each row is in one file, each letter is sent once."""
    post = MailHandler()
    with _post(post) as port, fleet_office(empty_database, tmp_path, (300, 200, 100)) as office:
        office.add_clients(mail_port=port)
        first = office.start_worker()

        def kill_both() -> None:
            first.kill()
            postgres.kill()

        _require(_at_request(office, 20, kill_both), first)
        first.communicate(timeout=30)
        postgres.start()
        office.clock.advance(hours=1)
        log = office.work()
        assert _states(office) == {"done": 3}, log
        _all_is_right(office)
        assert set(letters(post.mails).values()) == {1}


def test_a_worker_finishes_what_runs(empty_database: str, tmp_path: Path) -> None:
    """A worker that is asked to stop takes no more clients, and finishes those that run."""
    with fleet_office(empty_database, tmp_path, (300, 200, 100)) as office:
        office.add_clients()
        worker = office.start_worker("--jobs", "1")
        _require(_at_request(office, 3, worker.terminate), worker)
        _, log = worker.communicate(timeout=60)
        assert worker.returncode == 0, log
        assert _states(office) == {"done": 1, "waiting": 2}, log


def test_a_worker_gives_back_what_it_cannot_finish(empty_database: str, tmp_path: Path) -> None:
    """What a stopping worker cannot finish in time is no failure, and another worker runs it at once."""
    with fleet_office(empty_database, tmp_path, (2_000,)) as office:
        office.add_clients()
        for one in office.simulators:
            one._state.latency = 0.3
        worker = office.start_worker("--grace", "0.2")
        _require(_at_request(office, 3, worker.terminate), worker)
        _, log = worker.communicate(timeout=60)
        assert worker.returncode == 0, log
        assert "given back" in log
        assert [(one.state, one.error_kind) for one in office.runs()] == [("waiting", "")]
        for one in office.simulators:
            one._state.latency = 0
        office.work()
        _all_is_right(office)


def test_two_workers_share_the_work(empty_database: str, tmp_path: Path) -> None:
    """Two workers run each client once between them."""
    with fleet_office(empty_database, tmp_path, (40,) * 6) as office:
        office.add_clients()
        workers = [office.start_worker("--once", "--jobs", "2") for _ in range(2)]
        logs = [worker.communicate(timeout=90)[1] for worker in workers]
        assert _states(office) == {"done": 6}, logs
        assert {one.attempts for one in office.runs()} == {1}
        _all_is_right(office)


def test_a_worker_without_work_ends(empty_database: str, tmp_path: Path) -> None:
    """With ``--once`` a worker that finds nothing due ends at once, each time."""
    with fleet_office(empty_database, tmp_path, (0,)) as office:
        for _ in range(4):
            assert "ended" in office.work()


def test_a_mistake_where_jobs_are_taken_ends_the_worker(
    database: FleetDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that can take no jobs ends with the error, instead of waiting for ever."""
    monkeypatch.setattr(job_queue, "worker_app", Mock(side_effect=ImportError("one half is missing")))
    worker = FleetWorker(database, OccasionTable(database), {}, Mock(), WorkerOptions("one"), Clock())
    with pytest.raises(ImportError, match="one half"):
        worker.work()


def test_a_cancellation_that_is_lost(database: FleetDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker ends also if what takes jobs did not hear that it was cancelled."""
    worker = FleetWorker(database, OccasionTable(database), {}, Mock(), WorkerOptions("one"), Clock())

    async def deaf(**_: object) -> None:
        worker._stopping.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    app = MagicMock(run_worker_async=deaf, close_async=AsyncMock())
    monkeypatch.setattr(job_queue, "worker_app", Mock(return_value=app))
    worker.work()
    assert not worker.counts.running


def test_the_queue_is_loaded_before_threads_need_it(database: FleetDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue's library is imported by one thread: two at the same time may each see a part of it."""
    threads = Mock(side_effect=RuntimeError("threads begin"))
    monkeypatch.setattr(worker_module, "Thread", threads)
    monkeypatch.setattr(job_queue, "load", load := Mock())
    worker = FleetWorker(database, OccasionTable(database), {}, Mock(), WorkerOptions("one"), Clock())
    with pytest.raises(RuntimeError, match="threads begin"):
        worker.work()
    load.assert_called_once_with()


def test_a_worker_that_stops_while_it_connects(database: FleetDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes jobs leaves nothing behind when it is cancelled while it connects, so that the worker can end."""
    worker = FleetWorker(database, OccasionTable(database), {}, Mock(), WorkerOptions("one"), Clock())

    async def left_behind() -> set[str]:
        connecting = asyncio.Event()

        async def never(*_: object, **__: object) -> None:
            connecting.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(AsyncConnectionPool, "wait", never)
        task = asyncio.create_task(worker._take_jobs(["due"], 1))
        await connecting.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return {one.get_name() for one in asyncio.all_tasks() if one is not asyncio.current_task()}

    assert asyncio.run(left_behind()) == set()
