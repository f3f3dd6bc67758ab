"""The page of a fleet: its screens, and what their requests share."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request

from primanota.fleet.database import FleetDatabase
from primanota.web.access import Access
from primanota.web.page_visit import PageVisit, ScreenLink


class FleetSite(NamedTuple):
    """What all requests share; without a ``language`` it is that of the browser."""

    database: FleetDatabase
    clock: Callable[[], datetime]
    access: Access
    language: str

    def visit(self, request: Request, form: FormData | None = None) -> "FleetVisit":
        """Return a request with the fleet; ``form`` has the fields of a change."""
        return FleetVisit(self, request, form)


class FleetVisit(PageVisit):
    """One request of the page of a fleet.

    Args:
        site: what all requests share.
        request: the request.
        form: the fields of a change; empty for a request that reads.
    """

    def __init__(self, site: FleetSite, request: Request, form: FormData | None = None) -> None:
        super().__init__(site.access, site.language, request, form)
        self.database = site.database
        self.clock = site.clock

    @property
    def company(self) -> str:
        """The word for a fleet."""
        return self.texts.fleet

    @property
    def screens(self) -> Sequence[ScreenLink]:
        """The screens of a fleet."""
        return (ScreenLink("/", self.texts.screen.clients, "c"),)

    @property
    def search_path(self) -> str:
        """The search of the clients."""
        return "/#search"
