"""Determine what is selected: the accounts that were named, and the day from which on rows are new for a profile."""

from collections.abc import Iterable
from datetime import date

from primanota.adapters.settings.config import Config
from primanota.book import Batches, Book
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.model import Account
from primanota.core.text import comparable
from primanota.profiles import Profile


def first_new_day(book: Book, tool: Profile, given: str | None, config: Config) -> date | None:
    """Return the local day from which on rows are new for a profile.

    This is the given day, or else the day that the book has for the profile, or else that of the settings; None if
    there is no day yet.

    Raises:
        InvalidInput: the given day, or that of the settings, is not a day.
    """
    return period.parse_day(given) if given else known_first_day(book, tool.name, config)


def known_first_day(book: Book, profile: str, config: Config) -> date | None:
    """Return the local day from which on rows are new for a profile, as the book or else the settings have it.

    Raises:
        InvalidInput: that of the settings is not a day.
    """
    day = Batches(book).first_new_day(profile) or config.since()
    return period.parse_day(day) if day else None


def choose_accounts(accounts: list[Account], wanted: Iterable[str]) -> list[Account]:
    """Return the wanted accounts, each given by name, IBAN, its last four characters, or id; all if none is given.

    Raises:
        InvalidInput: a word does not match an account, or matches several.
    """
    words = dict.fromkeys(wanted)
    return [_account(accounts, word) for word in words] if words else accounts


def _account(accounts: list[Account], word: str) -> Account:
    name = comparable(word)
    plain = name.replace(" ", "")
    found = [
        account
        for account in accounts
        if (plain and plain in {account.id.casefold(), account.iban.casefold(), account.tail.casefold()})
        or (name and name == comparable(account.name))
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"“{account.name}” ({account.tail})" for account in accounts)
    if found:
        raise InvalidInput(f"“{word}” means {len(found)} accounts.", f"Name one by its IBAN: {known}.")
    raise InvalidInput(f"There is no account “{word}”.", f"There are: {known}.")
