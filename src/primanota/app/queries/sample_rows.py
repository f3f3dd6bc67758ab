"""Sample rows for showing a profile: the newest rows of the user's own book, or else invented rows."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from primanota.adapters.settings import config
from primanota.app.workspace import Workspace
from primanota.book.journal import Journal
from primanota.core.errors import FormatRuleViolated, PrimanotaError
from primanota.core.model import Account, Money, Organisation, Original, Statement
from primanota.core.sample import SAMPLE_MOMENT, sample_transaction
from primanota.profiles import Profile

_ACCOUNT = Account("account-1", "Main account", "DE89370400440532013000")
_COMPANY = Organisation("1", "example-1", "Example Bicycles Ltd", "DE")


class SampleRows(NamedTuple):
    """A statement of sample rows; ``invented`` is true if they are not from a book."""

    statement: Statement
    invented: bool

    @property
    def origin(self) -> str:
        """Return the source of the rows, as a sentence."""
        if self.invented:
            return "The example is invented: there is no book with rows yet."
        return f"The example is of your own book: the newest of {self.statement.account.name}."


def sample_rows(count: int) -> SampleRows:
    """Return at most ``count`` rows of the first organisation's book that has rows, else three invented rows."""
    for workspace in _workspaces():
        # A profile is shown even if a book cannot be read.
        with suppress(PrimanotaError), workspace.book() as book, book.reading():
            if found := newest(workspace.journal(book), count):
                return SampleRows(found, invented=False)
    return SampleRows(invented(), invented=True)


def cells(profile: Profile, statement: Statement) -> list[list[str]]:
    """Return the cells of the profile's file for the rows, headings first; also for rows that break its rules."""
    rows = list(statement.rows)
    with suppress(FormatRuleViolated):
        return list(profile.rows(statement))
    return [profile.headings, *([text for _, text in profile.shown(row)] for row in rows)]


def newest(journal: Journal, count: int) -> Statement | None:
    """Return the newest completed rows of the account that was booked on last; None if no account has rows.

    Args:
        journal: the book.
        count: the number of rows at most.
    """
    last = [(account, deque(journal.book.booked_rows(account.id), count)) for account in journal.accounts()]
    account, rows = max(last, key=lambda one: one[1][-1].settled if one[1] else 0, default=(_ACCOUNT, None))
    if not rows:
        return None
    bodies = journal.book.completed(account.id, rows[0].settled, rows[-1].settled + 1)
    newest_rows = list(map(journal.reader(), bodies))[-count:]
    first, last_day = newest_rows[0].day, newest_rows[-1].day
    return Statement(account, newest_rows, first, last_day, company=journal.find_organisation())


def invented() -> Statement:
    """Return three rows of a company that does not exist: paid in euros, paid in dollars, received."""
    paid = sample_transaction()
    abroad = sample_transaction(
        id="00000000-0000-7000-8000-000000000002",
        number="acme-1-transaction-2",
        operation="card",
        amount=Money(-12_34),
        booked=SAMPLE_MOMENT + timedelta(days=1),
        counterparty="Café Crème",
        counterparty_account="",
        reference="",
        purpose="card Ada Lovelace",
        details="14.50 USD lunch",
        note="lunch",
        original=Original(Decimal("-14.50"), "USD"),
        balance=Money(4_987_66),
    )
    received = sample_transaction(
        id="00000000-0000-7000-8000-000000000003",
        number="acme-1-transaction-3",
        operation="income",
        amount=Money(1_200_00),
        booked=SAMPLE_MOMENT + timedelta(days=2),
        counterparty="Łódź Rowery s.c.",
        counterparty_account="PL61109010140000071219812874",
        reference="RE-2026-031",
        purpose="RE-2026-031",
        member="",
        balance=Money(6_187_66),
    )
    opening = Money(6_234_50)
    return Statement(
        _ACCOUNT, [paid, abroad, received], paid.day, received.day, opening, received.balance, company=_COMPANY
    )


def _workspaces() -> Iterator[Workspace]:
    """Yield the default organisation's workspace, then those of all organisations of the settings."""
    with suppress(PrimanotaError):
        settings = config.load()
        for login in dict.fromkeys((None, *settings.organisations)):
            with suppress(PrimanotaError):
                yield Workspace(login, settings=settings)
