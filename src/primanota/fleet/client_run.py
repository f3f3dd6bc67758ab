"""Run one client: with its own settings, and its part of the request budget."""

from collections.abc import Callable

from primanota import profiles
from primanota.adapters.settings.config import Config
from primanota.app.run import execute_run
from primanota.app.run_report import RunReport
from primanota.app.run_request import RunRequest
from primanota.app.selection import first_new_day
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core import redaction
from primanota.core.disk_errors import system_error
from primanota.core.errors import (
    BookConflict,
    BookLocked,
    DeliveryFailed,
    DiskFull,
    InvalidInput,
    NoRights,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
    mistake,
)
from primanota.core.selection import New
from primanota.fleet import stored_settings
from primanota.fleet.egress_budget import ClientRequests, RequestDealer
from primanota.fleet.fleet_clients import FleetClient
from primanota.fleet.outcome import AttemptResult

# What may have passed when it is tried again. A full disk and missing rights do not pass by themselves.
_PASSING = (ServiceUnavailable, BookConflict, BookLocked, NotProven, DeliveryFailed)
_LASTING = (DiskFull, NoRights)


def run_client(
    client: FleetClient, name: str, dealer: RequestDealer, base: Config, workspaces: Callable[..., Workspace]
) -> AttemptResult:
    """Run a client, and return what became of it: every error is a result.

    Args:
        client: the client.
        name: of the run; with the login it is the run's key in the book, so that a second attempt does nothing twice.
        dealer: deals requests.
        base: the settings of this machine.
        workspaces: makes the workspace.

    Raises:
        GivenBack: the worker stops.
    """
    redaction.begin()
    try:
        settings = stored_settings.config_of(client.login, client.settings, client.first_day, base)
        workspace = workspaces(
            client.login, settings=settings, notify=lambda _: None, budget=ClientRequests(dealer, client.login)
        )
        report = execute_run(workspace, _request(workspace, f"{client.login}/{name}"))
    except PrimanotaError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - a mistake in one client's run must not end the worker
        return _failed(system_error(error) or mistake(error))
    return _result(report)


def _request(workspace: Workspace, run_key: str) -> RunRequest:
    tool = profiles.load(workspace.config.profile(workspace.login))

    def new(book: Book) -> New:
        since = first_new_day(book, tool, None, workspace.config)
        if not since:
            raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Add the client with --since.")
        return New(since)

    return RunRequest(tool, new, workspace.destinations(), run_key)


def _result(report: RunReport) -> AttemptResult:
    error = next((one for one in (report.failure, *report.unsent) if one), None)
    proven = all(one.found.state == "proven" for one in report.synced) if report.synced else None
    found = _failed(error) if error else AttemptResult("done")
    return found._replace(rows=report.rows, proven=proven)


def _failed(error: PrimanotaError) -> AttemptResult:
    passes = isinstance(error, _PASSING) and not isinstance(error, _LASTING)
    return AttemptResult("later" if passes else "person", error_kind=type(error).__name__, sentence=f"{error}")
