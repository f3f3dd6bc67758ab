"""An office with a fleet: simulated organisations at one address, a mail server, a database, and worker processes."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from primanota.adapters.settings.toml_file import Mail, OrganisationSettings
from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.database import FleetDatabase
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.occasions import Occasion, OccasionTable
from primanota.fleet.timetable import Timetable
from primanota.simulator import Simulator
from primanota.simulator.rate_limits import RateLimits
from primanota.simulator.several import SeveralSimulators
from tests.support import environment
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.fleets.fleet_world import private_secret

if TYPE_CHECKING:
    from subprocess import CompletedProcess, Popen

_WEEKS = [f"2026-W{week}" for week in range(44, 54)]
# What lets a worker of a test see soon what others see in a minute.
QUICK = ("--lease", "2", "--planning", "0.2", "--pause", "0.3", "--grace", "5")


class FleetOffice(NamedTuple):
    """An office with a fleet.

    Args:
        folder: of its books, files and secrets.
        url: of the bank.
        address: of the database.
        simulators: the organisations.
        clock: of the bank and of the office.
    """

    folder: Path
    url: str
    address: str
    simulators: list[Simulator]
    clock: Clock

    @property
    def home(self) -> Path:
        """The folder of secrets."""
        return self.folder / "home"

    def files_of(self, login: str) -> Path:
        """Return the folder of a client's files."""
        return self.folder / "files" / login

    def book_of(self, login: str) -> Path:
        """Return the path of a client's book."""
        return self.folder / "books" / f"{login}.book"

    def add_clients(self, *, mail_port: int = 0) -> None:
        """Add all organisations as clients whose runs are due on Monday at 07:00, and let it be the next Monday."""
        (self.folder / "books").mkdir(exist_ok=True)
        clients = []
        for one in self.simulators:
            self.files_of(one.login).mkdir(parents=True, exist_ok=True)
            private_secret(self.home, one.login, one.secret)
            clients.append(self._client(one.login, mail_port))
        with self.database() as database:
            ClientTable(database, self.clock).put(clients)
        self.clock.now += timedelta(days=7)

    def _client(self, login: str, mail_port: int) -> FleetClient:
        to = [f"{self.files_of(login)}", *([f"mailto:{login}@example.com"] if mail_port else [])]
        mail = Mail("fleet@example.com", f"127.0.0.1:{mail_port}") if mail_port else None
        settings = OrganisationSettings(
            secret="file",
            api_url=self.url,
            profile="jsonl",
            to=tuple(to),
            book=f"shared:{self.book_of(login)}",
            mail=mail,
            connections=4,
        )
        return FleetClient(login, settings, Timetable.parse("mon 07:00", "Europe/Berlin"), "2000-01-01")

    @contextmanager
    def database(self) -> Iterator[FleetDatabase]:
        """Open the database."""
        made = FleetDatabase(Secret(self.address))
        try:
            yield made
        finally:
            made.close()

    def runs(self) -> list[Occasion]:
        """Return all runs."""
        with self.database() as database:
            return OccasionTable(database).of_weeks(_WEEKS)

    def start_worker(self, *words: str, at: datetime | None = None) -> "Popen[str]":
        """Start a worker as a process of its own, at the office's time."""
        variables = environment.plain(PRIMANOTA_HOME=str(self.home), PRIMANOTA_FLEET=self.address)
        moment = (at or self.clock.now).isoformat()
        program = [
            sys.executable,
            "-m",
            "tests.support.program_at",
            moment,
            "fleet",
            "worker",
            *QUICK,
            *words,
        ]
        return environment.start(program, variables)

    def command(self, *words: str) -> "CompletedProcess[str]":
        """Run a command of the fleet, at the office's time."""
        variables = environment.plain(PRIMANOTA_HOME=str(self.home), PRIMANOTA_FLEET=self.address)
        program = [
            sys.executable,
            "-m",
            "tests.support.program_at",
            self.clock.now.isoformat(),
            "fleet",
            *words,
        ]
        return environment.run(program, variables)

    def work(self, *words: str) -> str:
        """Run a worker until nothing is due any more; return its log."""
        process = self.start_worker("--once", *words)
        _, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
        return log


@contextmanager
def fleet_office(
    address: str,
    folder: Path,
    sizes: Sequence[int],
    *,
    faults: dict[int, Sequence[str]] | None = None,
    clock: Clock | None = None,
) -> Iterator[FleetOffice]:
    """Yield an office with an organisation for each size, behind one address; ``faults`` are by their number."""
    clock = clock or Clock()
    limits = RateLimits()
    with ExitStack() as stack:
        simulators = [
            stack.enter_context(
                Simulator(
                    size=size, seed=number + 1, clock=clock, limits=limits, faults=(faults or {}).get(number, ())
                )
            )
            for number, size in enumerate(sizes)
        ]
        url = stack.enter_context(served(SeveralSimulators(simulators)))
        database = FleetDatabase(Secret(address))
        migrations.migrate(database)
        database.close()
        yield FleetOffice(folder, url, address, simulators, clock)
