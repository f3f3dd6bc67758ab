"""``primanota fleet worker``: run the clients that are due."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from primanota.adapters.settings import config
from primanota.cli.commands.fleet.database import FleetOptions, clock, fleet_options_without_summary
from primanota.cli.options.context import workspace_factory

if TYPE_CHECKING:
    from primanota.fleet.oauth.fleet_tokens import FleetTokens

_CONNECTIONS = 6
# Renewals of tokens have connections of their own, which each keeps while the bank is asked.
_RENEWALS, _RENEWAL_PATIENCE = 4, 60.0
_ADDRESS = "127.0.0.1"


@click.command()
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="So many clients at once.")
@click.option("--egress", metavar="NAME", default="default", show_default=True, help="The address of its requests.")
@click.option("--grace", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds to finish in.")
@click.option("--lease", type=click.FloatRange(1), default=30.0, show_default=True, help="Seconds of silence.")
@click.option(
    "--planning", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds between plans."
)
@click.option("--pause", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds to the second try.")
@click.option("--once", is_flag=True, help="End when nothing is due any more.")
@click.option(
    "--report", metavar="WHEN", help="Mail the firm each week: “done” after its last run, or at a time: “fri 18:00”."
)
@click.option("--metrics", type=click.IntRange(1, 65535), metavar="PORT", help="Serve metrics for Prometheus there.")
@click.option("--metrics-address", metavar="IP", default=_ADDRESS, show_default=True, help="Where that port is.")
@fleet_options_without_summary
def worker(  # noqa: PLR0913 - the options of one command
    *,
    jobs: int,
    egress: str,
    grace: float,
    lease: float,
    planning: float,
    pause: float,
    once: bool,
    report: str | None,
    metrics: int | None,
    metrics_address: str,
    where: FleetOptions,
) -> None:
    """Run the clients that are due, several at once, until it is asked to stop (SIGTERM, Ctrl-C).

    Start as many workers as you like, on one or several machines. Workers that ask the bank from one address share
    its request budget; give workers behind another address another --egress. A worker that is asked to stop takes no
    more clients, finishes what runs, and after --grace seconds gives the rest back. If it is killed, others take its
    clients over after --lease seconds. With --report one of the workers mails the firm each week's report.

    Example: primanota fleet worker --jobs 8
    """
    if where.as_json:
        raise click.UsageError("A worker has no summary; its log is on stderr.")
    from primanota.app.bank_access import RATES
    from primanota.fleet.client_run import run_client
    from primanota.fleet.egress_budget import EgressBudget, RequestDealer
    from primanota.fleet.metrics import serve_metrics
    from primanota.fleet.occasions import OccasionTable
    from primanota.fleet.refused_key_table import RefusedKeyTable
    from primanota.fleet.week_reporter import WeekReporter
    from primanota.fleet.worker import FleetWorker, WorkerOptions
    from primanota.fleet.worker_log import begin_log

    base = config.load()
    factory = workspace_factory()  # the threads have no context of click
    with ExitStack() as stack:
        database = stack.enter_context(where.opened(connections=_CONNECTIONS))
        budget = EgressBudget(database, egress, RATES)
        dealers = {first: RequestDealer(partial(budget.take, first_sync=first)) for first in (False, True)}
        refused = RefusedKeyTable(database, clock())
        tokens = stack.enter_context(_tokens(where, base))
        begin_log()
        name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        reporter = WeekReporter(database, base, report, name, clock()) if report else None
        made = FleetWorker(
            database,
            OccasionTable(database, first_pause=pause),
            dealers,
            partial(run_client, at_once=jobs, refused=refused, tokens=tokens, base=base, workspaces=factory),
            WorkerOptions(name, jobs, lease, planning, grace, once),
            clock(),
            reporter.post if reporter else None,
        )
        if metrics:
            stack.enter_context(serve_metrics(made, database, dealers, egress, (metrics_address, metrics)))
        made.work()


@contextmanager
def _tokens(where: FleetOptions, base: config.Config) -> Iterator[Callable[[str], "FleetTokens"]]:
    """Yield what returns the tokens of a client, by connections of their own."""
    from primanota.fleet.oauth.fleet_tokens import FleetTokens
    from primanota.fleet.oauth.token_key import FleetKeys

    with where.opened(connections=_RENEWALS, patience=_RENEWAL_PATIENCE) as database:
        yield partial(FleetTokens, database, FleetKeys(base))
