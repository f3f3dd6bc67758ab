"""The sentences of ``import``."""

from primanota.core.language.catalogue import Plural, Texts


class ImportTexts(Texts, frozen=True):
    """What was new in a file."""

    known: str
    no_bank: str
    rows: Plural
