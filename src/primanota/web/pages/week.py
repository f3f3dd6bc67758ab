"""This week: what is new, what needs a person, the accounts, the last run and the last mail."""

from functools import cache, partial
from typing import NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from primanota.app.queries.overview import AccountYear, Overview, overview
from primanota.app.queries.status import AccountStatusView
from primanota.app.syncing.named_rows import NamedRows, rows_in
from primanota.book.journal import Journal
from primanota.core.language.catalogue import Plural, load
from primanota.web.charts import sparkline
from primanota.web.screens import Screen
from primanota.web.visit import Visit
from primanota.web.written import AllProvenTexts, proof_sentence, written_reason


class WeekTexts(AllProvenTexts, frozen=True):
    """The texts of this screen."""

    heading: str
    new: Plural
    nothing_new: str
    needs: Plural
    nothing_needs: str
    look: str
    accounts: str
    until: str
    never: str
    year: str
    year_of: str
    runs: str
    last_sync: str
    last_mail: str
    no_mail: str
    next_run: str
    not_scheduled: str
    scheduled: str
    not_imported: Plural
    write: str
    sync: str
    reading: str
    day: str
    balance: str
    failed: str


@cache
def week_texts(language: str) -> WeekTexts:
    """Return the texts in a language."""
    return load("page_week", language, WeekTexts)


class _Card(NamedTuple):
    """What is shown of an account: its year, its state, the line of its balances, and why it is not proven."""

    year: AccountYear
    state: AccountStatusView
    line: Markup
    reasons: list[str]


def show(visit: Visit) -> Response:
    """Show the week."""
    texts, (found, rows) = week_texts(visit.language), visit.read(partial(_found, visit))
    return visit.page(
        "week.html",
        w=texts,
        found=found,
        sentences=[*_sentences(visit, texts, found)],
        cards=[
            _Card(year, state, _line(visit, texts, year), _reasons(visit, state, rows))
            for year, state in zip(found.years, found.status.accounts, strict=True)
        ],
    )


def _found(visit: Visit, journal: Journal) -> tuple[Overview, NamedRows]:
    found = overview(visit.workspace, journal)
    return found, rows_in(journal, (reason for one in found.status.accounts for reason in one.reasons))


def _reasons(visit: Visit, state: AccountStatusView, rows: NamedRows) -> list[str]:
    return [written_reason(reason, rows, visit.language) for reason in state.reasons]


def _sentences(visit: Visit, texts: WeekTexts, found: Overview) -> list[str]:
    """Return what is new, what needs a person, and whether all is proven: each a sentence."""
    count = visit.notation.count
    return [
        count(texts.new, found.new_rows) if found.new_rows else texts.nothing_new,
        count(texts.needs, found.urgent) if found.urgent else texts.nothing_needs,
        proof_sentence(texts, (one.proven for one in found.status.accounts)),
    ]


def _line(visit: Visit, texts: WeekTexts, year: AccountYear) -> Markup:
    known = [one.cents for one in year.balances if one.cents is not None]
    if year.balances[-1].cents is None:  # the bank states no balances of this account
        return Markup("")
    first, last = (visit.notation.money(cents, year.account.currency) for cents in (known[0], known[-1]))
    description = texts.year.format(first=first, last=last)
    return sparkline(
        [one.cents for one in year.balances], texts.year_of.format(account=year.account.name), description
    )


SCREENS = (Screen("/", show),)
