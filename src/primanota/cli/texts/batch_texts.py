"""The sentences of ``batches``."""

from primanota.core.language.catalogue import Plural, Texts


class UndoTexts(Texts, frozen=True):
    """What undoing a batch does, before and after."""

    will_be: str
    done: str
    none_new: str
    new_of_day: Plural
    new_of_days: str
    staying: Plural
    others: str
    do_not_import: str
    was_imported: str
    takes_back: str
    question: str


class BatchTexts(Texts, frozen=True):
    """The sentences about batches."""

    none: str
    head: str
    file: str
    arrived: str
    not_arrived: str
    not_arrived_because: str
    imported_on: str
    because: str
    again: Plural
    redone: Plural
    imported: str
    not_imported: str
    undo: UndoTexts
