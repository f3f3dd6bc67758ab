"""The texts of the progress bar."""

from primanota.core.language.catalogue import Texts


class ProgressTexts(Texts, frozen=True):
    """The texts of the progress bar; numbers are written as the language does."""

    reading: str
    updating: str
    pages: str
    rows: str
    seconds_left: str
    minutes_left: str
