"""Metrics of a worker and of its fleet, in the text format of Prometheus.

A library would bring registries and process-wide state for a page of text that is made of a few numbers:
https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple

from primanota.core.errors import ConfigurationError, PrimanotaError
from primanota.fleet.database import FleetDatabase
from primanota.fleet.egress_budget import RequestDealer
from primanota.fleet.outcome import STATES
from primanota.fleet.worker import FleetWorker

_PREFIX = "primanota_fleet"
_OVERDUE = "SELECT count(*) FROM clients WHERE NOT paused AND next_due < now() - interval '1 hour'"
_LATE = "SELECT count(*) FROM occasions WHERE state IN ('waiting', 'running') AND due < now() - interval '6 hours'"
_BY_STATE = "SELECT state, count(*) FROM occasions WHERE due > now() - interval '7 days' GROUP BY state"


class Metric(NamedTuple):
    """A metric: its name behind the common prefix, its kind, what it means, and its values by their labels."""

    name: str
    kind: str
    meaning: str
    values: dict[str, float]


def metrics_text(metrics: list[Metric]) -> str:
    """Return metrics in the text format of Prometheus."""
    lines = []
    for one in metrics:
        name = f"{_PREFIX}_{one.name}"
        lines += [f"# HELP {name} {one.meaning}", f"# TYPE {name} {one.kind}"]
        lines += [f"{name}{f'{{{labels}}}' if labels else ''} {value:g}" for labels, value in one.values.items()]
    return "".join(f"{line}\n" for line in lines)


def collect(
    worker: FleetWorker, database: FleetDatabase, dealers: Mapping[bool, RequestDealer], egress: str
) -> list[Metric]:
    """Return the present metrics: those of the worker always, those of the fleet if the database answers."""
    counts = worker.counts
    of_egress = f'egress="{egress}"'
    dealt, waited = sum(one.dealt for one in dealers.values()), sum(one.waited for one in dealers.values())
    found = [
        Metric("worker_jobs", "gauge", "Clients that run in this worker.", {"": counts.running}),
        Metric(
            "worker_results_total",
            "counter",
            "Results of this worker's runs; later means tried again.",
            {f'result="{kind}"': number for kind, number in counts.results.items()},
        ),
        Metric("worker_planned_total", "counter", "Runs that this worker put into the queue.", {"": counts.planned}),
        Metric("worker_reaped_total", "counter", "Runs that this worker put back.", {"": counts.reaped}),
        Metric("worker_requests_total", "counter", "Requests to the bank of this worker.", {of_egress: dealt}),
        Metric("worker_request_wait_seconds_total", "counter", "Waited for the budget.", {of_egress: waited}),
    ]
    try:
        states: dict[str, int] = {row[0]: row[1] for row in database.fetch(_BY_STATE)}
        overdue, late = database.fetch(_OVERDUE)[0][0], database.fetch(_LATE)[0][0]
    except PrimanotaError:
        return [*found, Metric("database_up", "gauge", "Whether the database answers.", {"": 0})]
    by_state: dict[str, float] = {f'state="{state}"': states.get(state, 0) for state in STATES}
    return [
        *found,
        Metric("database_up", "gauge", "Whether the database answers.", {"": 1}),
        Metric("runs", "gauge", "Runs that were due in the last seven days, of the whole fleet.", by_state),
        Metric("runs_late", "gauge", "Open runs that were due more than six hours ago.", {"": late}),
        Metric(
            "clients_overdue",
            "gauge",
            "Clients without a run an hour after it was due.",
            {"": overdue},
        ),
    ]


@contextmanager
def serve_metrics(
    worker: FleetWorker,
    database: FleetDatabase,
    dealers: Mapping[bool, RequestDealer],
    egress: str,
    address: tuple[str, int],
) -> Iterator[int]:
    """Serve the metrics at an address, and yield the port.

    Raises:
        ConfigurationError: the port cannot be opened.
    """

    class MetricsPage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = metrics_text(collect(worker, database, dealers, egress)).encode()
            self.send_response(200 if self.path == "/metrics" else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.end_headers()
            if self.path == "/metrics":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: each look would be a line."""

    try:
        server = ThreadingHTTPServer(address, MetricsPage)
    except OSError as error:
        raise ConfigurationError(
            f"The metrics cannot be served at {address[0]}, port {address[1]}: {error.strerror}.",
            "Choose another port.",
        ) from None
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
