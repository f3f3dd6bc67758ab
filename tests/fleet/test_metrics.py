"""The metrics of a worker."""

import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from primanota.core.errors import ConfigurationError
from primanota.core.secret import Secret
from primanota.fleet.database import FleetDatabase
from primanota.fleet.egress_budget import Portion, RequestDealer
from primanota.fleet.metrics import serve_metrics
from primanota.fleet.outcome import AttemptResult
from primanota.fleet.worker import FleetWorker, WorkerOptions
from tests.support.fleets.fleet_world import FleetWorld

_LINE = re.compile(r'primanota_fleet_[a-z_]+(?:\{[a-z]+="[^"]*"\})? [\d.e+-]+')


def _worker(world: FleetWorld, dealers: dict[bool, RequestDealer]) -> FleetWorker:
    options = WorkerOptions("one")
    return FleetWorker(
        world.database, world.occasions, dealers, lambda *_: AttemptResult("done"), options, world.clock
    )


def _read(port: int, path: str = "/metrics") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return str(answer.read().decode())


def test_metrics_count_what_happened(database: FleetDatabase) -> None:
    """The metrics have the runs of the fleet, and the requests and results of the worker, in Prometheus' format."""
    world = FleetWorld.of(database)
    world.add("acme-1")
    world.database.execute("INSERT INTO occasions (login, name, week, due) VALUES ('acme-1', 'x', 'x', now())")
    dealers = {first: RequestDealer(lambda wanted: Portion(wanted, 0)) for first in (False, True)}
    dealers[True].reserve("acme-1")
    worker = _worker(world, dealers)
    worker.counts.began()
    worker.counts.ended("done")
    with serve_metrics(worker, database, dealers, "default", ("127.0.0.1", 0)) as port:
        text = _read(port)
        with pytest.raises(urllib.error.HTTPError):
            _read(port, "/")
    for dealer in dealers.values():
        dealer.stop()
    assert all(line.startswith("# ") or _LINE.fullmatch(line) for line in text.splitlines())
    assert 'primanota_fleet_runs{state="waiting"} 1\n' in text
    assert 'primanota_fleet_worker_results_total{result="done"} 1\n' in text
    assert 'primanota_fleet_worker_requests_total{egress="default"} 1\n' in text
    assert "primanota_fleet_database_up 1\n" in text


def test_metrics_without_a_database(database: FleetDatabase, tmp_path: Path) -> None:
    """While the database is away, the metrics say so, and have those of the worker."""
    away = FleetDatabase(Secret(f"postgresql:///x?host={tmp_path}"), patience=0.2)
    world = FleetWorld.of(database)
    with serve_metrics(_worker(world, {}), away, {}, "default", ("127.0.0.1", 0)) as port:
        text = _read(port)
        with pytest.raises(ConfigurationError), serve_metrics(_worker(world, {}), away, {}, "x", ("127.0.0.1", port)):
            pass
    away.close()
    assert "primanota_fleet_database_up 0\n" in text
    assert "primanota_fleet_worker_jobs 0\n" in text
