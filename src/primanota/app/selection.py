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
    day = given or Batches(book).first_new_day(tool.name) or config.since()
    return period.parse_day(day) if day else None
