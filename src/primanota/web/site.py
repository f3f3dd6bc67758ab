"""The page as an ASGI application: its screens behind its gate, and its errors as a screen."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from primanota.core.errors import BankRefused, BookLocked, InvalidInput, PrimanotaError, ServiceUnavailable
from primanota.core.redaction import redacted_error
from primanota.web.gate import Gate
from primanota.web.pages import batches, doctor, flows, learn, preview, proof, review, rows, sync, week
from primanota.web.visit import Site, Visit

_PAGES = (week, sync, review, proof, rows, preview, learn, batches, flows, doctor)
SCREENS = tuple(screen for page in _PAGES for screen in page.SCREENS)
_STATUS: dict[type[PrimanotaError], int] = {
    InvalidInput: 400,
    BookLocked: 503,
    BankRefused: 502,
    ServiceUnavailable: 502,
}


def application(
    site: Site, seen: Callable[[], None] = lambda: None, lifespan: Lifespan[Starlette] | None = None
) -> Gate:
    """Return the page.

    Args:
        site: what all requests share.
        seen: is called for each request that passes the gate.
        lifespan: what begins and ends with the page.
    """
    assets = StaticFiles(directory=str(files(__package__) / "static"))
    routes = [*(screen.route(site) for screen in SCREENS), Mount("/static", assets)]

    def failed(request: Request, error: Exception) -> Response:
        return _failed(Visit(site, request), error)

    handlers: dict[Any, Any] = {PrimanotaError: failed, HTTPException: failed}
    return Gate(Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan), site.access, seen)


def _failed(visit: Visit, error: Exception) -> Response:
    """Return the screen of an error: what happened, and what to do."""
    if not isinstance(error, PrimanotaError):
        return visit.page("error.html", getattr(error, "status_code", 500), message=visit.texts.not_found, hint="")
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return visit.page("error.html", status, message=redacted_error(error.message), hint=redacted_error(error.hint))
