"""What a bookkeeper sees first on Monday: the state of the book, the balances of a year, the last run and mail."""

from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from primanota import profiles
from primanota.app.proving.balances import BalanceAtEnd, balances_at_ends, week_ends
from primanota.app.queries.status import StatusView
from primanota.app.queries.status import status as read_status
from primanota.app.reviewing.review import Review
from primanota.app.workspace import Workspace
from primanota.book import Letter, Letters
from primanota.book.file.run_log import LoggedRun, last_runs
from primanota.book.journal import Journal
from primanota.core.model import Account
from primanota.core.period import moment
from primanota.core.results import urgent

_WEEKS = 52


class AccountYear(NamedTuple):
    """An account, its balances at the ends of the weeks of a year, and how many findings it has that cannot wait.

    The last balance is that of now.
    """

    account: Account
    balances: list[BalanceAtEnd]
    urgent: int


class Overview(NamedTuple):
    """The state of a book at one glance; ``last_run`` is the last sync or import, ``since`` when it began."""

    status: StatusView
    tool: str
    new_rows: int
    urgent: int
    years: list[AccountYear]
    last_run: LoggedRun | None
    since: datetime | None
    letter: Letter | None


def overview(workspace: Workspace, journal: Journal) -> Overview:
    """Return what is seen first; inside the book's ``reading``."""
    book = journal.book
    review = Review(journal, workspace.today(journal), None, workspace.ledgers())
    found, days = read_status(workspace, book, review=review), week_ends(workspace.today(journal), _WEEKS)
    default = workspace.config.profile(workspace.login)
    runs = (*last_runs(book, 1, "sync"), *last_runs(book, 1, "import"))
    run = max(runs, key=attrgetter("number"), default=None)
    letters = Letters(book).all()
    return Overview(
        status=found,
        tool=profiles.load(default).title,
        new_rows=next((one.rows or 0 for one in found.new if one.profile == default), 0),
        urgent=urgent(review.counts),
        years=[
            AccountYear(one, balances_at_ends(journal, one.id, days), review.urgent_by_account[one.id])
            for one in journal.accounts()
        ],
        last_run=run,
        since=moment(run.started).astimezone(journal.zone) if run else None,
        letter=letters[-1] if letters else None,
    )
