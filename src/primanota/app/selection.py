"""Determine the day from which on rows are new for a profile."""

from datetime import date

from primanota.adapters.settings.config import Config
from primanota.book import Batches, Book
from primanota.core import period
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
