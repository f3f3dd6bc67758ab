"""What makes the page of a fleet."""

from collections.abc import Callable
from datetime import datetime

from primanota.fleet.database import FleetDatabase
from primanota.web.access import Access
from primanota.web.application import MakePages, Pages
from primanota.web.fleet_site import FleetSite
from primanota.web.pages.clients import SCREENS


def fleet_pages(database: FleetDatabase, clock: Callable[[], datetime], language: str = "") -> MakePages:
    """Return what makes the page of a fleet.

    Args:
        database: the fleet's database.
        clock: returns the present, aware.
        language: the language of its texts; empty for that of the browser.
    """

    def pages(access: Access) -> Pages:
        site = FleetSite(database, clock, access, language)
        return Pages(site, [screen.route(site) for screen in SCREENS])

    return pages
