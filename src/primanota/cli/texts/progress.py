"""The texts of the progress bar."""

from functools import cache

from primanota.adapters.settings import terminal
from primanota.core.language.catalogue import Texts, load


class ProgressTexts(Texts, frozen=True):
    """The texts of the progress bar; numbers are written as the language does."""

    reading: str
    pages: str
    rows: str
    seconds_left: str
    minutes_left: str


@cache
def progress_texts() -> ProgressTexts:
    """Return the texts in the terminal's language."""
    return load("progress", terminal.language(), ProgressTexts)
