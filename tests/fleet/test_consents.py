"""Clients that have consented (OAuth): they run as others do, and the fleet knows when their consents end."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from primanota.app.workspace import Workspace
from primanota.fleet import stored_settings
from primanota.fleet.client_grid import client_grid
from primanota.fleet.client_run import run_client
from primanota.fleet.database import FleetDatabase
from primanota.fleet.egress_budget import Portion, RequestDealer
from primanota.fleet.oauth.fleet_tokens import FleetTokens
from primanota.fleet.oauth.token_key import FleetKeys
from primanota.fleet.outcome import AttemptResult
from primanota.fleet.refused_key_table import RefusedKeyTable
from tests.support.banks.consent_world import API, ConsentWorld, consent_world
from tests.support.clock import Clock
from tests.support.fleets.fleet_world import FleetWorld, client


def _run(world: FleetWorld, bank: ConsentWorld, folder: Path) -> AttemptResult:
    """Run the client as a worker does."""
    login = bank.simulator.login

    def workspaces(login: str, **options: Any) -> Workspace:  # noqa: ANN401 - of Workspace
        return Workspace(login, clock=bank.clock, transport=bank.simulator.transport(), **options)

    made = client(login, secret="oauth:file", api_url=API, book=f"shared:{folder}/a.book", to=(f"{folder}",))
    stored_settings.check(login, made.settings, bank.settings)
    world.table.put([made], replace=True)
    dealer = RequestDealer(lambda wanted: Portion(wanted, 0.0))
    refused = RefusedKeyTable(world.database, bank.clock)
    tokens = partial(FleetTokens, world.database, FleetKeys(bank.settings))
    return run_client(
        made,
        "2026-W48",
        dealer,
        at_once=1,
        refused=refused,
        tokens=tokens,
        base=bank.settings,
        workspaces=workspaces,
    )


def _recorded(world: FleetWorld, login: str, result: AttemptResult) -> None:
    world.clock.advance(days=7)
    world.plan()
    assert world.begin(login)
    world.occasions.record(login, world.run(login).name, "one", result)


def test_the_end_of_a_consent_is_known(database: FleetDatabase, tmp_path: Path) -> None:
    """A client that has consented is run with its tokens; afterwards the fleet has the end of its consent."""
    world, bank = FleetWorld.of(database), consent_world(tmp_path / "home", Clock())
    end = bank.log_in().refresh_end
    result = _run(world, bank, tmp_path)
    assert (result.kind, result.error_kind, result.consent_end) == ("done", "", end)
    login = bank.simulator.login
    _recorded(world, login, result)
    for days, needs in ((15, False), (14, True)):
        (found,) = client_grid(database, ["2026-W49"], end - timedelta(days=days))
        assert (found.consent_end, found.needs, found.lacks_access) == (end, needs, needs)
    _recorded(world, login, AttemptResult("done"))  # it has an API key now
    (found,) = client_grid(database, ["2026-W49"], end)
    assert (found.consent_end, found.warning) == (None, None)


def test_a_consent_without_tokens(database: FleetDatabase, tmp_path: Path) -> None:
    """A client whose tokens are not where its worker runs needs somebody, and the reason names the login again."""
    world, bank = FleetWorld.of(database), consent_world(tmp_path / "home", Clock())
    result = _run(world, bank, tmp_path)
    assert (result.kind, result.consent_end) == ("person", None)
    assert "login --oauth" in result.sentence
