"""Preview: a profile's file before it is written, the bank's row beside the tool's line; and its button."""

from functools import cache, partial
from typing import NamedTuple

from starlette.responses import Response

from primanota import profiles
from primanota.app.exporting.selection import known_first_day
from primanota.app.exporting.side_by_side import PairedFile, paired_files
from primanota.app.running.run import execute_run
from primanota.app.running.run_request import RunRequest
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.language.catalogue import Plural, Texts, load
from primanota.core.language.tool_rules import tool_rule
from primanota.core.selection import New
from primanota.export.select import Export
from primanota.profiles import Profile
from primanota.web.screens import Form, Screen
from primanota.web.visit import Visit

_MOST = 50
# How a text begins that a spreadsheet would take for a formula, with the sign that stands before it.
_GUARDED = ("'=", "'+", "'-", "'@")


class PreviewTexts(Texts, frozen=True):
    """The texts of this screen."""

    heading: str
    profile: str
    since: str
    show: str
    nothing: str
    new: Plural
    first: Plural
    bank: str
    tool: str
    day: str
    counterparty: str
    amount: str
    changed: str
    guarded: str
    rules: str
    kept: str
    broken: str
    write: str
    learn: str
    learn_hint: str


@cache
def preview_texts(language: str) -> PreviewTexts:
    """Return the texts in a language."""
    return load("page_preview", language, PreviewTexts)


class _NewFiles(NamedTuple):
    """The new rows for a profile as files, and the day from which on they are new."""

    selection: New
    files: list[PairedFile]


def show(visit: Visit) -> Response:
    """Show the files that the profile of the address would get."""
    tool = _tool(visit, visit.request.query_params.get("profile", ""))
    found = visit.read(partial(_preview, visit, tool, visit.request.query_params.get("since", "")))
    return visit.page(
        "preview.html",
        p=preview_texts(visit.language),
        tool=tool,
        rules=[tool_rule(one, visit.language) for one in tool.rules.in_words()],
        names=profiles.names(),
        found=found,
        rows=sum(file.rows for file in found.files),
        guarded=_GUARDED,
        is_broken=any(file.broken for file in found.files),
    )


def write(visit: Visit) -> Response:
    """Write the files, as ``primanota export PROFILE --new`` does, and show the batches."""
    tool = _tool(visit, str(visit.form.get("profile", "")))

    def selected(book: Book) -> New:
        return _selection(visit, visit.workspace.journal(book), tool, str(visit.form.get("since", "")))

    request = RunRequest(tool, selected, visit.workspace.destinations(), reads_bank=False)
    report = execute_run(visit.workspace, request)
    report.raise_if_failed()
    return visit.see("/batches")


def _tool(visit: Visit, name: str) -> Profile:
    return profiles.load(name or visit.workspace.config.profile(visit.workspace.login))


def _selection(visit: Visit, journal: Journal, tool: Profile, since: str) -> New:
    calendar = visit.workspace.calendar(journal)
    known = known_first_day(journal.book, tool.name, visit.workspace.config)
    return New(calendar.first(since) if since else known or calendar.today.replace(day=1))


def _preview(visit: Visit, tool: Profile, since: str, journal: Journal) -> _NewFiles:
    selection = _selection(visit, journal, tool, since)
    request = Export(journal, tool, selection, visit.workspace.ledgers())
    return _NewFiles(selection, [*paired_files(request, journal.accounts(), _MOST)])


SCREENS = (Screen("/preview", show), Form("/preview", write))
