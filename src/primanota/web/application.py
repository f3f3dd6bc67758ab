"""A page as an ASGI application: its screens behind its gate, and its errors as a screen."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from primanota.web.access import Access
from primanota.web.error_screen import SHOWN, error_screen
from primanota.web.gate import Gate
from primanota.web.page_visit import PageSite, PageVisit


class Pages(NamedTuple):
    """The pages of a site, and what their requests share."""

    site: PageSite[PageVisit]
    routes: list[BaseRoute]


# Makes the pages, once their secrets are known.
MakePages = Callable[[Access], Pages]


def application(
    pages: Pages, seen: Callable[[], None] = lambda: None, lifespan: Lifespan[Starlette] | None = None
) -> Gate:
    """Return the pages behind their gate.

    Args:
        pages: the pages.
        seen: is called for each request that passes the gate.
        lifespan: what begins and ends with them.
    """
    assets = StaticFiles(directory=str(files(__package__) / "static"))

    def failed(request: Request, error: Exception) -> Response:
        return error_screen(pages.site, request, error)

    handlers: dict[Any, Any] = dict.fromkeys(SHOWN, failed)
    app = Starlette(routes=[*pages.routes, Mount("/static", assets)], exception_handlers=handlers, lifespan=lifespan)
    return Gate(app, pages.site.access, seen)
