"""One request of the page of a book: its workspace, and how its rows are named."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from primanota import banks
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.language.bookkeeping import Bookkeeping, bookkeeping
from primanota.core.language.field_names import field_name
from primanota.core.language.purposes import operation_word
from primanota.core.language.selections import selection_text
from primanota.core.model import Transaction
from primanota.web.access import Access
from primanota.web.page_visit import PageVisit, ScreenLink

_T = TypeVar("_T")


class Site(NamedTuple):
    """What all requests share; without a ``language`` it is that of the browser, and one at a time reads the bank."""

    workspaces: Callable[[], Workspace]
    access: Access
    language: str
    reading_bank: Lock

    def visit(self, request: Request, form: FormData | None = None) -> "Visit":
        """Return a request with its workspace; ``form`` has the fields of a change."""
        return Visit(self, request, form)


class Visit(PageVisit):
    """One request of the page of a book.

    Args:
        site: what all requests share.
        request: the request.
        form: the fields of a change; empty for a request that reads.
    """

    def __init__(self, site: Site, request: Request, form: FormData | None = None) -> None:
        super().__init__(site.access, site.language, request, form)
        self.site = site
        self.workspace = site.workspaces()

    @property
    def words(self) -> Bookkeeping:
        """The words of bookkeeping."""
        return bookkeeping(self.language)

    @property
    def company(self) -> str:
        """The login of the organisation."""
        return self.workspace.login

    @property
    def screens(self) -> Sequence[ScreenLink]:
        """The screens of a book."""
        names = self.texts.screen
        return (
            ScreenLink("/", names.week, "w"),
            ScreenLink("/review", names.review, "r"),
            ScreenLink("/proof", names.proof, "p"),
            ScreenLink("/rows", names.rows, "s"),
            ScreenLink("/preview", names.preview, "v"),
            ScreenLink("/batches", names.batches, "b"),
            ScreenLink("/flows", names.flows, "f"),
            ScreenLink("/doctor", names.doctor, "d"),
        )

    @property
    def search_path(self) -> str:
        """The search of the rows."""
        return "/rows#search"

    def read(self, work: Callable[[Journal], _T]) -> _T:
        """Call ``work`` with the book as it is at one moment."""

        def reading(book: Book) -> _T:
            book.publish()
            journal = self.workspace.journal(book)
            journal.bring_up_to_date(banks.Silent())  # a book of an older version; not possible while it is read
            with book.reading():
                return work(journal)

        return self.workspace.transaction(reading)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - what a template takes
        """Return a screen, with the words of bookkeeping and without secrets."""
        return super().page(template, status, words=self.words, **values)

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
