"""A page as an ASGI application: its screens behind its gate, and its errors as a screen."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from primanota.core.errors import BankRefused, BookLocked, InvalidInput, PrimanotaError, ServiceUnavailable
from primanota.core.redaction import redacted_error
from primanota.web.access import Access
from primanota.web.gate import Gate
from primanota.web.page_visit import PageSite, PageVisit

_STATUS: dict[type[PrimanotaError], int] = {
    InvalidInput: 400,
    BookLocked: 503,
    BankRefused: 502,
    ServiceUnavailable: 502,
}


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
        return _failed(pages.site.visit(request), error)

    handlers: dict[Any, Any] = {PrimanotaError: failed, HTTPException: failed}
    app = Starlette(routes=[*pages.routes, Mount("/static", assets)], exception_handlers=handlers, lifespan=lifespan)
    return Gate(app, pages.site.access, seen)


def _failed(visit: PageVisit, error: Exception) -> Response:
    """Return the screen of an error: what happened, and what to do."""
    if not isinstance(error, PrimanotaError):
        return visit.page("error.html", getattr(error, "status_code", 500), message=visit.texts.not_found, hint="")
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return visit.page("error.html", status, message=redacted_error(error.message), hint=redacted_error(error.hint))
