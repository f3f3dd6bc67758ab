"""Clients of a fleet, for tests: their settings, their place in the table, and what became of their runs."""

from pathlib import Path
from typing import NamedTuple

from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.fleet import planner
from primanota.fleet.database import FleetDatabase
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.occasions import Begun, Occasion, OccasionTable
from primanota.fleet.timetable import Timetable
from tests.support.clock import Clock

_WEEKS = [f"2026-W{week}" for week in range(40, 54)]


def client(login: str = "acme-1", schedule: str = "mon 07:00", **settings: object) -> FleetClient:
    """Return a client whose runs are due on Mondays."""
    given: dict[str, object] = {"book": f"shared:/nowhere/{login}.book", "to": ("/nowhere",), **settings}
    found = OrganisationSettings(**given)  # type: ignore[arg-type] # the test knows their types
    return FleetClient(login, found, Timetable.parse(schedule, "Europe/Berlin"), "2026-11-01")


class FleetWorld(NamedTuple):
    """A fleet without workers: a test does step by step what they do."""

    database: FleetDatabase
    clock: Clock
    table: ClientTable
    occasions: OccasionTable

    @classmethod
    def of(cls, database: FleetDatabase, *, first_pause: float = 60.0) -> "FleetWorld":
        """Return the fleet of a database, on a Monday at noon."""
        clock = Clock()
        occasions = OccasionTable(database, first_pause=first_pause, chance=lambda: 0.5)
        made = cls(database, clock, ClientTable(database, clock), occasions)
        made.restart_server(86_400)
        return made

    def add(self, *logins: str, schedule: str = "mon 07:00") -> None:
        """Add clients."""
        self.table.put([client(login, schedule) for login in logins])

    def plan(self) -> int:
        """Put what is due into the queue."""
        return planner.plan(self.database, self.clock())

    def run(self, login: str = "acme-1") -> Occasion:
        """Return the latest run of a client."""
        return [one for one in self.occasions.of_weeks(_WEEKS) if one.login == login][-1]

    def job(self, login: str = "acme-1") -> int:
        """Return the job of the latest run of a client."""
        query = "SELECT job FROM occasions WHERE login = %s ORDER BY due DESC LIMIT 1"
        return int(self.database.fetch(query, login)[0][0])

    def fetch_job(self) -> int | None:
        """Take a job as a worker of the queue does; return its number, or None if there is none to take."""
        query = "SELECT id FROM procrastinate_fetch_job_v2(NULL, NULL)"
        found = self.database.fetch(query)[0][0]
        return int(found) if found else None

    def begin(self, login: str = "acme-1", *, holder: str = "one", lease: float = 30.0) -> Begun | None:
        """Take and begin the latest run of a client."""
        return self.occasions.begin(login, self.run(login).name, self.job(login), holder, lease)

    def jobs(self, status: str = "todo") -> int:
        """Return how many jobs the queue has in a state."""
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status::text = %s"
        return int(self.database.fetch(query, status)[0][0])

    def pass_time(self, seconds: float) -> None:
        """Let what was written down be older: when workers were heard of, when jobs began and may begin."""
        self.database.execute("UPDATE occasions SET alive = alive - make_interval(secs => %s)", seconds)
        self.database.execute("UPDATE occasions SET ended = ended - make_interval(secs => %s)", seconds)
        self.database.execute("UPDATE procrastinate_events SET at = at - make_interval(secs => %s)", seconds)
        query = "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - make_interval(secs => %s)"
        self.database.execute(query, seconds)

    def restart_server(self, seconds: float) -> None:
        """Let the database server have begun so many seconds ago."""
        self.database.execute(
            "CREATE OR REPLACE FUNCTION server_began() RETURNS timestamptz LANGUAGE sql AS"
            f" 'SELECT now() - make_interval(secs => {seconds})'"
        )


def private_secret(home: Path, login: str, secret: str) -> None:
    """Write the secret of a client where the reference “file” finds it."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / f"{login}.secret"
    path.write_text(secret)
    path.chmod(0o600)
