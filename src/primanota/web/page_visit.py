"""One request of a page, whatever the page is of: its language, its form, and its answer."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from primanota.core.language.catalogue import LANGUAGES, supported_language
from primanota.core.language.notation import Notation, notation
from primanota.core.redaction import redacted
from primanota.web.access import Access
from primanota.web.texts import PageTexts, page_texts

_Visit_co = TypeVar("_Visit_co", bound="PageVisit", covariant=True)


class ScreenLink(NamedTuple):
    """A link of the navigation: its path, its name, and the letter that opens it after ``g``."""

    path: str
    name: str
    key: str


class PageSite(Protocol[_Visit_co]):
    """What all requests of a page share: its secrets, and its language; without one it is that of the browser."""

    @property
    def access(self) -> Access:
        """The secrets of the page."""

    @property
    def language(self) -> str:
        """The language of its texts; empty for that of the browser."""

    def visit(self, request: Request, form: FormData | None = None) -> _Visit_co:
        """Return a request with what its screen needs; ``form`` has the fields of a change."""


class PageVisit:
    """One request, and what every screen needs.

    Args:
        access: the secrets of the page.
        language: the language that was chosen; empty for that of the browser.
        request: the request.
        form: the fields of a change; empty for a request that reads.
    """

    def __init__(self, access: Access, language: str, request: Request, form: FormData | None = None) -> None:
        self.access = access
        self.request = request
        self.form = FormData() if form is None else form
        self.language = supported_language(language) if language else _accepted(request)

    @property
    def texts(self) -> PageTexts:
        """The texts that all screens share."""
        return page_texts(self.language)

    @property
    def notation(self) -> Notation:
        """How numbers, amounts and days are written."""
        return notation(self.language)

    @property
    def company(self) -> str:
        """Whose page it is."""
        return ""

    @property
    def screens(self) -> Sequence[ScreenLink]:
        """The links of the navigation; the first one is the way back from an error."""
        return ()

    @property
    def search_path(self) -> str:
        """Where ``/`` leads on a screen without a field to search in."""
        return "/"

    def page(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - what a template takes
        """Return a screen, without secrets."""
        known = {
            "visit": self,
            "t": self.texts,
            "notation": self.notation,
            "language": self.language,
            "access": self.access,
            "path": self.request.url.path,
        }
        text = _environment().get_template(template).render(known | values)
        return HTMLResponse(redacted(text), status)

    def see(self, path: str) -> Response:
        """Return the way to another screen, after a change."""
        return RedirectResponse(path, 303)

    def file(self, name: str, content: bytes) -> Response:
        """Return a file to keep; a browser never shows it as a page."""
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    def number(self, name: str) -> int:
        """Return a whole number of the address; 0 if it has none."""
        found = self.request.query_params.get(name, "")
        return int(found) if found.isascii() and found.isdigit() else 0

    def form_list(self, name: str) -> list[str]:
        """Return every value of a field of the form."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]


def _accepted(request: Request) -> str:
    """Return the first of the browser's languages that is supported; English if it has none."""
    wanted = request.headers.get("accept-language", "")
    codes = (one.partition(";")[0].strip().partition("-")[0].lower() for one in wanted.split(","))
    return next((code for code in codes if code in LANGUAGES), "en")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("primanota.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
