"""One request of the page: its workspace, its language, and its answer."""

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.language.bookkeeping import Bookkeeping, bookkeeping
from primanota.core.language.catalogue import LANGUAGES, supported_language
from primanota.core.language.field_names import field_name
from primanota.core.language.notation import Notation, notation
from primanota.core.language.purposes import operation_word
from primanota.core.language.selections import selection_text
from primanota.core.model import Transaction
from primanota.core.redaction import redacted
from primanota.web.access import Access
from primanota.web.texts import PageTexts, page_texts

_T = TypeVar("_T")


class Site(NamedTuple):
    """What all requests share; without a ``language`` it is that of the browser, and one at a time reads the bank."""

    workspaces: Callable[[], Workspace]
    access: Access
    language: str
    reading_bank: Lock


class Visit:
    """One request, and what its screen needs.

    Args:
        site: what all requests share.
        request: the request.
        form: the fields of a change; empty for a request that reads.
    """

    def __init__(self, site: Site, request: Request, form: FormData | None = None) -> None:
        self.site = site
        self.request = request
        self.form = FormData() if form is None else form
        self.language = supported_language(site.language) if site.language else _accepted(request)
        self.workspace = site.workspaces()

    @property
    def texts(self) -> PageTexts:
        """The texts that all screens share."""
        return page_texts(self.language)

    @property
    def words(self) -> Bookkeeping:
        """The words of bookkeeping."""
        return bookkeeping(self.language)

    @property
    def notation(self) -> Notation:
        """How numbers, amounts and days are written."""
        return notation(self.language)

    def read(self, work: Callable[[Journal], _T]) -> _T:
        """Call ``work`` with the book as it is at one moment."""

        def reading(book: Book) -> _T:
            book.publish()
            with book.reading():
                return work(self.workspace.journal(book))

        return self.workspace.transaction(reading)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - what a template takes
        """Return a screen, without secrets."""
        known = {
            "visit": self,
            "t": self.texts,
            "words": self.words,
            "notation": self.notation,
            "language": self.language,
            "access": self.site.access,
            "path": self.request.url.path,
            "company": self.workspace.login,
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

    def party(self, row: Transaction) -> str:
        """Return what a person knows the other side of a row by."""
        return row.counterparty or row.reference or self.operation(row.operation, row.amount.cents)

    def operation(self, operation: str, cents: int) -> str:
        """Return the word for an operation type."""
        return operation_word(operation, cents, self.language)

    def field(self, name: str) -> str:
        """Return the name of a row's field."""
        return field_name(name, self.language)

    def selected(self, selection: str) -> str:
        """Return which rows a batch was to have."""
        return selection_text(selection, self.words.selection, self.notation.day)


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
