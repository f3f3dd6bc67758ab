"""The kinds of routes that a screen has: one that reads, and one that changes."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from primanota.core.errors import PrimanotaError
from primanota.web.error_screen import error_of
from primanota.web.page_visit import PageSite, PageVisit

_MOST_FIELDS, _LARGEST_FIELD, _MOST_FILES = 2_000, 5_000_000, 1
_Visit = TypeVar("_Visit", bound=PageVisit)


class Screen(NamedTuple, Generic[_Visit]):
    """A screen that is read."""

    path: str
    show: Callable[[_Visit], Response]

    def route(self, site: PageSite[_Visit]) -> BaseRoute:
        """Return its route."""

        def answer(request: Request) -> Response:
            return _shown(self.show, site, request)

        return Route(self.path, answer, methods=["GET"])


class Form(NamedTuple, Generic[_Visit]):
    """A form that is sent. Without ``--write`` it is refused, unless it ``only_reads``."""

    path: str
    make: Callable[[_Visit], Response]
    only_reads: bool = False

    def route(self, site: PageSite[_Visit]) -> BaseRoute:
        """Return its route, which takes forms of this page alone."""

        async def answer(request: Request) -> Response:
            async with request.form(
                max_fields=_MOST_FIELDS, max_files=_MOST_FILES, max_part_size=_LARGEST_FIELD
            ) as form:
                if not site.access.is_own_form(form.get("form_token")):
                    return PlainTextResponse("This form did not come from this page.", 403)
                if not (self.only_reads or site.access.can_write):
                    return PlainTextResponse("Start the page with --write to change something.", 403)
                return await run_in_threadpool(_shown, self.make, site, request, form)

        return Route(self.path, answer, methods=["POST"])


def _shown(
    screen: Callable[[_Visit], Response], site: PageSite[_Visit], request: Request, form: FormData | None = None
) -> Response:
    """Return the answer of a screen; what a disk does, and a mistake of this program, is an error as others are."""
    try:
        return screen(site.visit(request, form))
    except PrimanotaError:
        raise
    except Exception as error:
        raise error_of(error) from error
