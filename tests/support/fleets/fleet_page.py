"""A fleet with some of everything, for its page: clients that are done, late, failed, paused, and whose access ends.

``make screens`` draws its picture, and writes down its words: python -m tests.support.fleets.fleet_page
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.database import FleetDatabase
from primanota.fleet.fleet_clients import ClientTable
from primanota.fleet.occasions import OccasionTable
from primanota.fleet.overview import weeks_until
from primanota.web.fleet_pages import fleet_pages
from tests.support.clock import Clock
from tests.support.fleets.fleet_world import FleetWorld
from tests.support.screens.browser import browser, new_page
from tests.support.screens.page_pictures import DOCS, SIZE, WORDS
from tests.support.screens.page_server import PageClient, serving

PICTURE, PATH = "clients", "/?weeks=8"
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)  # a Monday; the runs were due at 07:00 in Berlin
LOGINS = (
    *("acme-metallbau-1021", "atelier-duval-1187", "baeckerei-sommer-2310", "cafe-central-2544"),
    *("edelweiss-yoga-3102", "fjord-software-3377", "gaertnerei-moos-4015", "hofladen-brandt-4420"),
    *("kanzlei-nord-5301", "morgenrot-fahrradbau-4711", "osteria-bruno-6118", "studio-lumen-7002"),
)
_NO_ANSWER = "The mail server smtp.firm.example does not answer. Look whether it runs."
_REFUSED = "The bank refused this API key. Renew it in Qonto (Integrations and Partnerships → API key)."
# What became of the runs of the present week that are not done.
_PRESENT = {
    "atelier-duval-1187": ("failed", "ServiceUnavailable", _NO_ANSWER),
    "edelweiss-yoga-3102": ("person", "InvalidApiKey", _REFUSED),
    "kanzlei-nord-5301": ("waiting", "", ""),
    "morgenrot-fahrradbau-4711": ("running", "", ""),
}
_EARLIER = {
    ("cafe-central-2544", 2): "failed",
    ("edelweiss-yoga-3102", 1): "person",
    ("studio-lumen-7002", 5): "failed",
}


def fleet_with_everything(database: FleetDatabase) -> FleetWorld:
    """Return a fleet whose clients are in every state, on a Monday at noon."""
    clock = Clock(NOON)
    world = FleetWorld(database, clock, ClientTable(database, clock), OccasionTable(database))
    world.add(*LOGINS)
    for back, week in enumerate(reversed(weeks_until(NOON, 8))):
        for login in LOGINS:
            if login != "studio-lumen-7002" or back < 6:
                _add_run(world, login, week, back)
    world.table.pause("hofladen-brandt-4420", paused=True)
    database.execute("UPDATE clients SET consent_end = '2026-12-06 10:00Z' WHERE login = 'gaertnerei-moos-4015'")
    return world


def _add_run(world: FleetWorld, login: str, week: str, back: int) -> None:
    state, kind, sentence = _PRESENT.get(login, ("done", "", "")) if not back else ("done", "", "")
    state = _EARLIER.get((login, back), state)
    due = NOON - timedelta(weeks=back, hours=7 if login == "kanzlei-nord-5301" else 6)
    world.database.execute(
        "INSERT INTO occasions (login, name, week, due, state, attempts, error_kind, sentence, rows, proven)"
        " VALUES (%s, %s, %s, %s, %s, 1, %s, %s, 12, %s)",
        *(login, week, week, due, state, kind, sentence, True if state == "done" else None),
    )


@contextmanager
def fleet_page(world: FleetWorld, *, can_write: bool = False, language: str = "en") -> Iterator[PageClient]:
    """Serve the page of a fleet until the end of the block; yield a client that has not entered."""
    with serving(fleet_pages(world.database, world.clock, language), can_write=can_write) as client:
        yield client


@contextmanager
def shown(database: FleetDatabase, started: Browser) -> Iterator[Page]:
    """Open the page of the fleet in a browser, as it is pictured."""
    world = fleet_with_everything(database)
    with (
        fleet_page(world, can_write=True) as client,
        new_page(started, base_url=client.access.origin, viewport=SIZE) as page,
    ):
        page.goto(client.access.address)
        page.goto(PATH)
        yield page


def _draw(database: FleetDatabase) -> None:
    with browser() as started, shown(database, started) as page:
        (WORDS / f"{PICTURE}.txt").write_text(f"{page.locator('body').inner_text().strip()}\n", encoding="utf-8")
        page.screenshot(path=DOCS / f"page-{PICTURE}.png")


def _main() -> None:
    from tests.support.fleets.postgres import PostgresForTests

    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = PostgresForTests(Path(folder, "data"))
        with server.fresh_database() as address:
            database = FleetDatabase(Secret(address))
            migrations.migrate(database)
            _draw(database)
            database.close()
        server.stop()


if __name__ == "__main__":
    _main()
