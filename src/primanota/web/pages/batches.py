"""Batches: what left when, for which tool, to where; the same bytes again, undo, and what was imported."""

from functools import cache, partial
from typing import NamedTuple

from starlette.responses import Response

from primanota.app.exporting import batches as use_cases
from primanota.app.exporting.batches import UndoPlan
from primanota.app.exporting.selection import known_first_day
from primanota.app.queries import book_views
from primanota.app.queries.book_views import BatchRowView, BatchView
from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.core.language.catalogue import Plural, Texts, load
from primanota.core.results import Batch
from primanota.web.screens import Form, Screen
from primanota.web.visit import Visit

_AT_ONCE = 100


class ExportedTexts(Texts, frozen=True):
    """The texts of these screens."""

    heading: str
    one: str
    empty: str
    number: str
    made: str
    tool: str
    account: str
    selection: str
    rows: str
    sum_in: str
    sum_out: str
    opening: str
    closing: str
    proof: str
    state: str
    file: str
    place: str
    arrived: str
    waits: str
    imported: str
    imported_on: str
    not_imported: str
    mark: str
    take_back: str
    download: str
    undo: str
    redo: str
    line: str
    day: str
    counterparty: str
    amount: str
    reference: str
    newer: str
    more: str
    undo_heading: str
    undo_again: Plural
    undo_staying: Plural
    undo_others: str
    undo_advice: str


@cache
def batch_texts(language: str) -> ExportedTexts:
    """Return the texts in a language."""
    return load("page_batches", language, ExportedTexts)


class _Shown(NamedTuple):
    """A batch and some of its rows; ``more`` is the line after which further rows come, 0 if there are none."""

    batch: BatchView
    rows: list[BatchRowView]
    more: int


def show_all(visit: Visit) -> Response:
    """Show all batches, the newest first."""

    def read(journal: Journal) -> list[BatchView]:
        accounts = journal.accounts()
        return [book_views.batch_view(one, accounts, journal.zone) for one in Batches(journal.book).all()]

    return visit.page("batches.html", b=batch_texts(visit.language), batches=visit.read(read)[::-1])


def show_one(visit: Visit) -> Response:
    """Show a batch, and its rows as they were exported."""
    found = visit.read(partial(_one, number=_number(visit), after=visit.number("after")))
    return visit.page("batch.html", b=batch_texts(visit.language), found=found)


def download(visit: Visit) -> Response:
    """Return the file of a batch, byte for byte as it was exported."""

    def read(journal: Journal) -> tuple[Batch, bytes]:
        batches = Batches(journal.book)
        batch = batches.one(_number(visit))
        return batch, batches.content(batch)

    batch, content = visit.read(read)
    return visit.file(batch.name, content)


def ask_undo(visit: Visit) -> Response:
    """Show what undoing a batch would do."""
    plan: UndoPlan = visit.read(partial(_plan, visit))
    return visit.page("undo.html", b=batch_texts(visit.language), plan=plan)


def undo(visit: Visit) -> Response:
    """Undo a batch, as ``primanota batches undo`` does."""
    number = _number(visit)
    visit.workspace.transaction(lambda book: use_cases.undo(book, number))
    return visit.see(f"/batches/{number}")


def redo(visit: Visit) -> Response:
    """Take back that a batch was undone, as ``primanota batches redo`` does."""
    number = _number(visit)
    visit.workspace.transaction(lambda book: use_cases.redo(book, number))
    return visit.see(f"/batches/{number}")


def mark(visit: Visit) -> Response:
    """Note that the file of a batch was imported, or take the note back, as ``primanota batches imported`` does."""
    number = _number(visit)

    def note(book: Book) -> None:
        journal = visit.workspace.journal(book)
        today = visit.workspace.today(journal)
        day = None if visit.form.get("take_back") else today
        use_cases.mark_imported(book, [number], day, today, journal.zone)

    visit.workspace.transaction(note)
    return visit.see(f"/batches/{number}")


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])


def _one(journal: Journal, number: int, after: int) -> _Shown:
    batch, rows = use_cases.exported_rows(journal, number, after, _AT_ONCE + 1)
    views = [book_views.batch_row_view(row) for row in rows]
    shown = book_views.batch_view(batch, journal.accounts(), journal.zone)
    return _Shown(shown, views[:_AT_ONCE], views[_AT_ONCE - 1].line if len(views) > _AT_ONCE else 0)


def _plan(visit: Visit, journal: Journal) -> UndoPlan:
    number, book = _number(visit), journal.book
    profile = Batches(book).one(number).profile
    return use_cases.plan_undo(journal, number, known_first_day(book, profile, visit.workspace.config))


SCREENS = (
    Screen("/batches", show_all),
    Screen("/batches/{number:int}", show_one),
    Screen("/batches/{number:int}/file", download),
    Screen("/batches/{number:int}/undo", ask_undo),
    Form("/batches/{number:int}/undo", undo),
    Form("/batches/{number:int}/redo", redo),
    Form("/batches/{number:int}/imported", mark),
)
