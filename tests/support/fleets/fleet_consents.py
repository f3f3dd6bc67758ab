"""A fleet whose clients consent: banks that give tokens, one app, a database, and the commands of the fleet."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from primanota.adapters.settings import config
from primanota.adapters.settings.oauth_app import app
from primanota.app.workspace import Workspace
from primanota.banks.qonto.oauth.grants import renewed
from primanota.banks.qonto.oauth.renewal import TokenAccess
from primanota.cli import main
from primanota.core.oauth import Tokens
from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.client_run import run_client
from primanota.fleet.database import FleetDatabase
from primanota.fleet.egress_budget import Portion, RequestDealer
from primanota.fleet.fleet_clients import ClientTable
from primanota.fleet.oauth.fleet_tokens import FleetTokens
from primanota.fleet.oauth.token_key import FleetKeys
from primanota.fleet.outcome import AttemptResult
from primanota.fleet.refused_key_table import RefusedKeyTable
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.screens.command_line import CommandResult
from tests.support.screens.plain_browser import redirect_of


class FleetConsents(NamedTuple):
    """A fleet whose clients consent.

    Args:
        folder: of its home, books and files.
        address: of the database.
        database: the database.
        simulators: the banks, one for each client; all of them know the same app.
        urls: their addresses.
        variables: the environment.
        command: runs a command of the fleet, with a text on its stdin.
        clock: of banks and fleet.
    """

    folder: Path
    address: str
    database: FleetDatabase
    simulators: list[Simulator]
    urls: list[str]
    variables: dict[str, str]
    command: Callable[..., CommandResult]
    clock: Clock

    @property
    def home(self) -> Path:
        """The folder of settings."""
        return self.folder / "home"

    @property
    def logins(self) -> list[str]:
        """The logins of the clients."""
        return [one.login for one in self.simulators]

    def add(self, number: int = 0, login: str = "", book: str = "") -> str:
        """Add a client of a bank, and return its login."""
        login = login or self.logins[number]
        (self.folder / "books").mkdir(exist_ok=True)
        (self.folder / "files" / login).mkdir(parents=True, exist_ok=True)
        book = book or f"shared:{self.folder}/books/{login}.book"
        words = ["--book", book, "--to", f"{self.folder}/files/{login}", "--api-url", self.urls[number]]
        more = ["--secret", "oauth:fleet", "--profile", "jsonl", "--since", "2000-01-01"]
        done = self.command("add", login, *words, *more)
        assert done.code == 0, done.err
        return login

    def link(self, login: str = "", *words: str) -> str:
        """Invite a client, and return the address that it opens."""
        done = self.command("invite", login or self.logins[0], "--link", "--json", *words)
        assert done.code == 0, done.err
        return str(done.data["address"])

    def answer(self, address: str, login: str = "") -> CommandResult:
        """Open an address as a client's browser does, and bring where that ended."""
        return self.bring(redirect_of(address), login)

    def bring(self, landed: str, login: str = "") -> CommandResult:
        """Bring the address at which a browser ended."""
        return self.command("invite", login or self.logins[0], "--answer", stdin=f"{landed}\n")

    def consent(self, number: int = 0) -> str:
        """Add a client that has consented, and return its login."""
        login = self.add(number)
        done = self.answer(self.link(login), login)
        assert done.code == 0, done.err
        return login

    def state(self, login: str = "") -> dict[str, Any]:
        """Return what the fleet's list says about the consent of a client."""
        listed = self.command("list", "--json").data["clients"]
        return next(one["consent"] for one in listed if one["login"] == (login or self.logins[0]))

    def count(self, number: int = 0, path: str = "/oauth2/token") -> int:
        """Return how many requests for a path a bank has had."""
        return sum(asked == path for asked, _ in self.simulators[number].requests)

    # --- as a worker ------------------------------------------------------------------------------------------

    @property
    def settings(self) -> config.Config:
        """The settings of a machine with workers."""
        return config.load(self.variables)

    def tokens(self, login: str = "", **options: Any) -> FleetTokens:  # noqa: ANN401 - of FleetTokens
        """Return the place of a client's tokens, as a new process has it."""
        return FleetTokens(self.database, FleetKeys(self.settings), login or self.logins[0], **options)

    def renewed(self, tokens: Tokens) -> Tokens:
        """Ask the first bank for new tokens."""
        return renewed(app(self.settings, self.urls[0]), tokens, self.clock)

    def access(self, store: FleetTokens | None = None) -> TokenAccess:
        """Return the access of a new process."""
        return TokenAccess(self.logins[0], store or self.tokens(), self.renewed, self.clock)

    def run(self, login: str = "", name: str = "2026-W48") -> AttemptResult:
        """Run a client as a worker does."""
        client = ClientTable(self.database).get(login or self.logins[0])
        return run_client(
            client,
            name,
            RequestDealer(lambda wanted: Portion(wanted, 0.0)),
            at_once=1,
            refused=RefusedKeyTable(self.database, self.clock),
            tokens=partial(FleetTokens, self.database, FleetKeys(self.settings)),
            base=self.settings,
            workspaces=partial(Workspace, clock=self.clock),
        )

    def secrets(self) -> set[str]:
        """Return every code and token that the banks still know, the key, and the app's secret."""
        found = {self.simulators[0].oauth.client_secret}
        for one in self.simulators:
            found |= {*one.oauth._codes, *one.oauth._access, *one.oauth._refresh}
        with suppress(OSError):
            found |= {*(self.home / "fleet.key.secret").read_text(encoding="utf-8").split()}
        return found


@contextmanager
def fleet_consents(
    address: str,
    folder: Path,
    patch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    clients: int = 1,
    switches: Sequence[str] = (),
) -> Iterator[FleetConsents]:
    """Yield a fleet without clients, with the key of its tokens."""
    clock = Clock()
    with ExitStack() as stack:
        banks = [
            stack.enter_context(Simulator(size=40, seed=seed + 1, clock=clock, auth="oauth", switches=switches))
            for seed in range(clients)
        ]
        for one in banks:  # one app for all
            one.oauth.client_id, one.oauth.client_secret = banks[0].oauth.client_id, banks[0].oauth.client_secret
        urls = [stack.enter_context(served(one)) for one in banks]
        variables = {
            "PRIMANOTA_HOME": f"{folder / 'home'}",
            "PRIMANOTA_FLEET": address,
            "PRIMANOTA_OAUTH_CLIENT_ID": banks[0].oauth.client_id,
            "PRIMANOTA_OAUTH_CLIENT_SECRET": banks[0].oauth.client_secret,
        }
        for name, value in variables.items():
            patch.setenv(name, value)

        def command(*words: str, stdin: str = "") -> CommandResult:
            patch.setattr("sys.stdin", io.StringIO(stdin))
            code = main(["fleet", *words], partial(Workspace, clock=clock))
            return CommandResult(code, *capsys.readouterr())

        database = FleetDatabase(Secret(address), patience=2.0)
        stack.callback(database.close)
        migrations.migrate(database)
        found = FleetConsents(folder, address, database, banks, urls, variables, command, clock)
        assert command("key").code == 0
        yield found
