"""A worker of the fleet: one process that runs clients, several at once, until it is asked to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Lock, Thread
from typing import NamedTuple, TypeVar

from primanota.core.errors import PrimanotaError, ServiceUnavailable
from primanota.fleet import job_queue, planner
from primanota.fleet.database import FleetDatabase
from primanota.fleet.egress_budget import GivenBack, RequestDealer
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.occasions import Begun, OccasionTable
from primanota.fleet.outcome import AttemptResult

_T = TypeVar("_T")
_CANCELLED_AGAIN = 0.5  # seconds
_LONGEST_PAUSE = 15.0
_POLL = 5.0
_POOL = 3  # connections for each of the two sets of places, besides the one that listens


class WorkerOptions(NamedTuple):
    """How a worker works. Times are in seconds.

    Args:
        name: of this process, which no other process has.
        jobs: so many runs at once; at most half of them, but at least one, may be first syncs.
        lease: after so many seconds a silent worker has lost its runs.
        planning: between two looks at what is due.
        grace: how long runs may go on after the worker was asked to stop; then they are given back.
        until_idle: end as soon as nothing is due and nothing runs.
    """

    name: str
    jobs: int = 8
    lease: float = 30.0
    planning: float = 10.0
    grace: float = 60.0
    until_idle: bool = False


class WorkerCounts:
    """What a worker has done since it began, for its metrics."""

    def __init__(self) -> None:
        self.results: dict[str, int] = {"done": 0, "later": 0, "person": 0}
        self.running = 0
        self.reaped = 0
        self.planned = 0
        self._lock = Lock()

    def began(self) -> None:
        """Count a run that began."""
        with self._lock:
            self.running += 1

    def ended(self, kind: str | None) -> None:
        """Count a run that ended; None if it was given back or taken over."""
        with self._lock:
            self.running -= 1
            if kind:
                self.results[kind] += 1


class FleetWorker:
    """A worker.

    Args:
        database: the fleet's database.
        occasions: the runs that were due.
        dealers: deal requests, for a first sync (True) and for every other run.
        run: runs a client under the name of the run.
        options: how it works.
        clock: returns the present, aware: what is due.
        report: mails the firm what is due, from time to time.
    """

    def __init__(
        self,
        database: FleetDatabase,
        occasions: OccasionTable,
        dealers: Mapping[bool, RequestDealer],
        run: Callable[[FleetClient, str, RequestDealer], AttemptResult],
        options: WorkerOptions,
        clock: Callable[[], datetime],
        report: Callable[[], None] | None = None,
    ) -> None:
        self._report = report
        self._database = database
        self._occasions = occasions
        self._clients = ClientTable(database)
        self._dealers = dealers
        self._run = run
        self.options = options
        self.counts = WorkerCounts()
        self._clock = clock
        self._stopping = Event()
        self._ended = Event()
        self._given_back = False
        self._held: set[str] = set()  # the clients that run
        self._log = logging.getLogger(__name__)

    def work(self) -> None:
        """Work until the process gets SIGTERM or SIGINT, or until nothing is left with ``until_idle``."""
        job_queue.load()
        self._log.info("%s: begins, %d runs at once", self.options.name, self.options.jobs)
        duties = [(self._keep, self.options.lease / 3), (self._look, self.options.planning)]
        if self._report:
            duties.append((self._report, self.options.planning))
        threads = [Thread(target=self._repeat, args=duty, daemon=True) for duty in duties]
        for thread in threads:
            thread.start()
        try:
            asyncio.run(self._serve())
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()
        if self._report and self.options.until_idle:
            self._report()  # what the last run made due
        self._log.info("%s: ended", self.options.name)

    # --- the queue ------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.options.jobs + 2, "run"))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ask_to_stop)
        shared = max(1, self.options.jobs // 2)
        places = [([job_queue.DUE, job_queue.FIRST], shared)]
        if own := self.options.jobs - shared:
            places.append(([job_queue.DUE], own))
        tasks = [asyncio.create_task(self._take_jobs(*one)) for one in places]
        asked = asyncio.create_task(asyncio.to_thread(self._stopping.wait))
        await asyncio.wait([asked, *tasks], return_when=asyncio.FIRST_COMPLETED)
        self._stopping.set()  # also if a task has ended by itself, which is a mistake
        await self._end(tasks)
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _end(self, tasks: "list[asyncio.Task[None]]") -> None:
        """Cancel what takes jobs; Procrastinate then waits for those that run. After the grace they are given back.

        It is cancelled again while nothing runs: before Python 3.12 a cancellation that meets the end of a wait is
        lost (bpo-37658).
        """
        loop = asyncio.get_running_loop()
        late, end = {*tasks}, loop.time() + self.options.grace
        for task in late:
            task.cancel()
        while late:
            _, late = await asyncio.wait(late, timeout=_CANCELLED_AGAIN)
            if late and loop.time() > end and not self._given_back:
                self._give_all_back()
            for task in () if self._held else late:
                task.cancel()

    async def _take_jobs(self, queues: list[str], at_once: int) -> None:
        """Take jobs from queues, so many at once. After an error, which is one of the database, begin again."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            app = job_queue.worker_app(self._database, self._execute, _POOL)
            try:
                async with app.open_async():
                    await app.run_worker_async(
                        queues=queues,
                        concurrency=at_once,
                        install_signal_handlers=False,
                        delete_jobs="always",
                        fetch_job_polling_interval=min(_POLL, self.options.planning),
                        update_heartbeat_interval=min(_POLL, self.options.lease / 3),
                        stalled_worker_timeout=10 * self.options.lease,
                    )
            except Exception as error:  # noqa: BLE001 - the worker outlives its database
                self._log.warning("the database is away (%s)", type(error).__name__)
            finally:
                await app.close_async()  # a pool that was cancelled while it opened has tasks that would never end
            if self._stopping.is_set():
                return
            is_new = asyncio.get_running_loop().time() - began > _LONGEST_PAUSE
            failures = 1 if is_new else failures + 1
            await asyncio.sleep(min(0.2 * 2**failures, _LONGEST_PAUSE))

    def _execute(self, job: int, login: str, name: str) -> None:
        """Execute a job, in a thread: run the client, unless that was done, and record the result."""
        options = self.options
        begun = self._occasions.begin(login, name, job, options.name, options.lease)
        if not begun:
            return
        self._held.add(login)
        self.counts.began()
        kind = None
        try:
            result = self._result(login, name, begun)
            state = self._patiently(lambda: self._occasions.record(login, name, options.name, result))
            kind = result.kind if state else None
            self._log.info("%s %s: %s%s", login, name, state or "taken over", _told(result))
        except GivenBack:
            self._patiently(lambda: self._occasions.give_back(login, name, options.name))
            self._log.info("%s %s: given back", login, name)
        finally:
            self._held.discard(login)
            self.counts.ended(kind)

    def _result(self, login: str, name: str, begun: Begun) -> AttemptResult:
        try:
            client = self._patiently(lambda: self._clients.get(login))
        except PrimanotaError as error:
            return AttemptResult("person", error_kind=type(error).__name__, sentence=f"{error}")
        if client is None:
            raise GivenBack
        return self._run(client, name, self._dealers[begun.first_sync])

    def _patiently(self, write: Callable[[], _T]) -> _T | None:
        """Write into the database as soon as that is possible; None if the worker ends first.

        Then the run is done again by another worker, which finds in the book that everything was done.
        """
        failures = 0
        while True:
            try:
                return write()
            except ServiceUnavailable:
                failures += 1
                if self._given_back:
                    return None
                self._ended.wait(min(0.1 * 2**failures, _LONGEST_PAUSE))

    # --- what it does from time to time ---------------------------------------------------------------------------

    def _repeat(self, duty: Callable[[], None], seconds: float) -> None:
        failures = 0
        while not self._ended.is_set():
            try:
                duty()
                failures = 0
            except ServiceUnavailable:  # the database is away
                failures += 1
            except Exception as error:  # noqa: BLE001 - without this thread, nothing would be planned or kept
                self._log.error("a mistake of the program (%s)", type(error).__name__)
                failures += 1
            self._ended.wait(min(seconds * 2 ** min(failures, 2), max(seconds, _LONGEST_PAUSE)))

    def _keep(self) -> None:
        self._occasions.keep(self.options.name, [*self._held])

    def _look(self) -> None:
        """Plan what is due, and put back what a dead worker held."""
        self.counts.reaped += planner.reap(self._database, self.options.lease)
        if self._stopping.is_set():
            return
        self.counts.planned += planner.plan(self._database, self._clock())
        if self.options.until_idle and planner.is_idle(self._database):
            self._stopping.set()

    # --- its end --------------------------------------------------------------------------------------------------

    def _ask_to_stop(self) -> None:
        """Take no more jobs; asked a second time, give back what runs."""
        if self._stopping.is_set():
            self._give_all_back()
        self._log.info("%s: stops", self.options.name)
        self._stopping.set()

    def _give_all_back(self) -> None:
        self._given_back = True
        for dealer in self._dealers.values():
            dealer.stop()


def _told(result: AttemptResult) -> str:
    if result.error_kind:
        return f" ({result.error_kind})"
    return f", {result.rows} rows" + (
        "" if result.proven is None else ", proven" if result.proven else ", not proven"
    )
