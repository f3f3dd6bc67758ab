"""What the address of a screen asks for: an account and a period, as people write it."""

from primanota.app.proving.account_proof import first_day
from primanota.book.journal import Journal
from primanota.core.errors import InvalidInput
from primanota.core.model import Account
from primanota.core.period import Period, between
from primanota.web.visit import Visit


def asked_text(visit: Visit, name: str) -> str:
    """Return a text of the address; empty if it has none."""
    return visit.request.query_params.get(name, "").strip()


def asked_account(visit: Visit, accounts: list[Account]) -> Account:
    """Return the account that the address names; the first one if it names none.

    Raises:
        InvalidInput: the book has no such account, or none at all.
    """
    key = asked_text(visit, "account")
    for account in accounts:
        if key in {"", account.id}:
            return account
    raise InvalidInput("The book has no such account.", "Choose one in the form.")


def asked_period(visit: Visit, journal: Journal, account: Account, *, takes_word: bool = True) -> Period | None:
    """Return the period that the address names: a word, or two days; None if it names none.

    Without a last day it ends today, without a first one it begins with the account's first row.

    Args:
        visit: the request.
        journal: the book.
        account: the account.
        takes_word: whether a word stands for it; if not, only two days do.

    Raises:
        InvalidInput: the words are no period, or no days.
    """
    calendar = visit.workspace.calendar(journal)
    word, since, until = (asked_text(visit, name) for name in ("month", "since", "until"))
    if word and takes_word:
        return calendar.period(word)
    if since:
        first = calendar.first(since)
        return between(first, calendar.last(until) if until else max(calendar.today, first))
    if until:
        last = calendar.last(until)
        return between(min(first_day(journal, account) or last, last), last)
    return None
