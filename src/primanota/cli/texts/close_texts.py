"""The sentences of ``close``."""

from primanota.core.language.catalogue import Plural, Texts


class ClosingTexts(Texts, frozen=True):
    """What became of a month."""

    title: str
    again: str
    later_edition: str
    incomplete: str
    written: str
    sum: str
    receipts: Plural
    missing: Plural
    waiting: Plural
    later: Plural
    no_file: str
