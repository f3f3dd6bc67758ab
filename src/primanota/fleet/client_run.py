"""Run one client: with its own settings, and its part of the request budget."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from primanota import profiles
from primanota.adapters.secrets.refused_keys import RefusedKeys
from primanota.adapters.settings.config import Config
from primanota.app.exporting.selection import first_new_day
from primanota.app.running.organisation_run import run_organisation
from primanota.app.running.run_request import RunRequest
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core import redaction
from primanota.core.errors import ConsentEnded, InvalidInput, PrimanotaError
from primanota.core.proof_state import verdict
from primanota.core.selection import New
from primanota.fleet import stored_settings
from primanota.fleet.egress_budget import ClientRequests, RequestDealer
from primanota.fleet.fleet_clients import FleetClient
from primanota.fleet.oauth.fleet_tokens import FLEET_TOKENS, FleetTokens
from primanota.fleet.outcome import AttemptResult


def run_client(
    client: FleetClient,
    name: str,
    dealer: RequestDealer,
    *,
    at_once: int,
    refused: RefusedKeys,
    tokens: Callable[[str], FleetTokens],
    base: Config,
    workspaces: Callable[..., Workspace],
) -> AttemptResult:
    """Run a client, and return what became of it: every error is a result.

    Args:
        client: the client.
        name: of the run; with the login it is the run's key in the book, so that a second attempt does nothing twice.
        dealer: deals requests.
        at_once: how many clients run at the same time, which share the connections of the process.
        refused: knows the keys that the bank refused.
        tokens: returns the place of a client's tokens, if they are in the fleet.
        base: the settings of this machine.
        workspaces: makes the workspace.

    Raises:
        GivenBack: the worker stops.
    """
    from primanota.app.bank_access import SharedAddress  # slow to import
    from primanota.app.running.run_all import with_fewer_connections

    redaction.begin()
    own = tokens(client.login) if client.settings.secret == FLEET_TOKENS else None

    def workspace_of(_: str | None, settings: Config) -> Workspace:
        address = SharedAddress(ClientRequests(dealer, client.login), refused)
        return workspaces(client.login, settings=settings, notify=lambda _: None, address=address, tokens=own)

    settings = stored_settings.config_of(client.login, client.settings, client.first_day, base)
    settings = with_fewer_connections(settings, at_once)
    run_key = f"{client.login}/{name}"
    found = run_organisation(
        client.login,
        run_key,
        lambda: workspace_of(client.login, settings),
        lambda workspace: _request(workspace, run_key),
        # The mail that reports settings with which it cannot begin is sent with the client's, not with the machine's.
        lambda login, _: workspace_of(login, settings),
    )
    if own and isinstance(found.error, ConsentEnded):
        own.end(found.error.message)
    return AttemptResult(
        found.state,
        found.rows,
        verdict(found.proof) if found.proof else None,
        type(found.error).__name__ if found.error else "",
        f"{found.error}" if found.error else "",
        _consent_end(client.login, settings),
    )


def _consent_end(login: str, settings: Config) -> datetime | None:
    """Return when a client's consent ends, UTC; None if it has an API key, or its tokens cannot be read."""
    with suppress(PrimanotaError):  # the run says why
        return store.load().refresh_end if (store := settings.tokens(login)) else None
    return None


def _request(workspace: Workspace, run_key: str) -> RunRequest:
    tool = profiles.load(workspace.config.profile(workspace.login))

    def new(book: Book) -> New:
        since = first_new_day(book, tool, None, workspace.config)
        if not since:
            raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Add the client with --since.")
        return New(since)

    return RunRequest(tool, new, workspace.destinations(), run_key)
