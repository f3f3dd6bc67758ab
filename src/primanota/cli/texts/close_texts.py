"""The sentences of ``close`` and ``papers``."""

from primanota.core.language.catalogue import Plural, Texts


class ClosingTexts(Texts, frozen=True):
    """What became of a month, and where a paper is."""

    title: str
    again: str
    later_edition: str
    incomplete: str
    written: str
    paper: str
    sum: str
    receipts: Plural
    missing: Plural
    waiting: Plural
    later: Plural
    no_file: str
