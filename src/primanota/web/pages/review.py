"""Review: what a person should look at, with what changed field by field; put away, one or many, and taken back."""

from collections import defaultdict
from datetime import tzinfo
from functools import cache, partial
from typing import Any, NamedTuple

from starlette.responses import Response

from primanota.app.reviewing import accept_findings
from primanota.app.reviewing.review import Review
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.errors import InvalidInput
from primanota.core.language.catalogue import Texts, load
from primanota.core.language.field_values import written_text
from primanota.core.language.reasons import reason_text
from primanota.core.model import Account
from primanota.core.results import CAN_WAIT, KINDS, Finding
from primanota.core.text import comparable
from primanota.web.screens import Form, Screen
from primanota.web.visit import Visit

# Of each kind so many of the newest findings are shown.
_MOST = 100


class ReviewPageTexts(Texts, frozen=True):
    """The texts of this screen."""

    heading: str
    nothing: str
    every: str
    can_wait: str
    account: str
    member: str
    filter: str
    choose: str
    choose_all: str
    new: str
    reason: str
    day: str
    counterparty: str
    amount: str
    was: str
    now: str
    newest: str
    note: str
    accept: str
    accept_chosen: str
    put_away: str
    none_put_away: str
    since: str
    reopen: str
    open: str


@cache
def review_page_texts(language: str) -> ReviewPageTexts:
    """Return the texts in a language."""
    return load("page_review", language, ReviewPageTexts)


class _Queue(NamedTuple):
    """Findings to be shown, what each kind has, and the accounts and days that they are of."""

    findings: list[Finding]
    counts: dict[str, int]
    put_away: int
    accounts: list[Account]
    zone: tzinfo


def show(visit: Visit) -> Response:
    """Show the findings that the address asks for; of every kind that cannot wait, if it names none."""
    asked = {name: visit.request.query_params.get(name, "").strip() for name in ("kind", "account", "member")}
    if asked["kind"] not in {"", *KINDS}:
        raise InvalidInput("The filter in the address of this page is not valid.", "Choose again on the page.")
    queue = visit.read(partial(_queue, visit, asked))
    return visit.page("review.html", **_values(visit, queue), asked=asked, kinds=KINDS, can_wait=CAN_WAIT, most=_MOST)


def show_put_away(visit: Visit) -> Response:
    """Show what was put away, the last first, with its note."""
    return visit.page("put_away.html", **_values(visit, visit.read(partial(_put_away, visit))))


def accept(visit: Visit) -> Response:
    """Put findings away, as ``primanota review accept`` does: that of the pressed button, or the chosen ones."""
    chosen = visit.form_list("one") or visit.form_list("id")
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, _, key in (one.partition(":") for one in chosen):
        by_kind[kind].append(key)

    def work(book: Book) -> None:
        journal = visit.workspace.journal(book)
        today, ledgers = visit.workspace.today(journal), visit.workspace.ledgers()
        note = str(visit.form.get("note", "")).strip()
        for kind, keys in by_kind.items():
            accept_findings.accept(journal, keys, today, ledgers, kinds=(kind,), note=note)

    if by_kind:
        visit.workspace.transaction(work)
    return visit.see("/review")


def reopen(visit: Visit) -> Response:
    """Take back that a row's findings were put away, as ``primanota review reopen`` does."""
    key = str(visit.form.get("id", ""))

    def work(book: Book) -> None:
        journal = visit.workspace.journal(book)
        accept_findings.reopen(journal, [key], visit.workspace.today(journal), visit.workspace.ledgers())

    visit.workspace.transaction(work)
    return visit.see("/review/put-away")


def _review(visit: Visit, journal: Journal) -> Review:
    return Review(journal, visit.workspace.today(journal), None, visit.workspace.ledgers())


def _queue(visit: Visit, asked: dict[str, str], journal: Journal) -> _Queue:
    found = _review(visit, journal).newest(_MOST)
    kinds = {asked["kind"]} if asked["kind"] else {*KINDS} - CAN_WAIT
    member = comparable(asked["member"])
    shown = [
        one
        for one in reversed(found.newest)
        if one.kind in kinds
        and asked["account"] in {"", one.account.id}
        and member in comparable(one.transaction.member)
    ]
    shown.sort(key=lambda one: (not one.is_new, KINDS.index(one.kind)))
    return _Queue(shown, found.counts, found.accepted, journal.accounts(), journal.zone)


def _put_away(visit: Visit, journal: Journal) -> _Queue:
    review = _review(visit, journal)
    return _Queue([*review.accepted()], review.counts, review.accepted_count, journal.accounts(), journal.zone)


def _values(visit: Visit, queue: _Queue) -> dict[str, Any]:
    reasons = [reason_text(one.reason, visit.language) for one in queue.findings]
    return {
        "v": review_page_texts(visit.language),
        "queue": queue,
        "written": written_text,
        "rows": list(zip(queue.findings, reasons, strict=True)),
    }


SCREENS = (
    Screen("/review", show),
    Screen("/review/put-away", show_put_away),
    Form("/review/accept", accept),
    Form("/review/reopen", reopen),
)
