"""Why a person should look at a row, in each language. Pure."""

from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load
from primanota.core.language.notation import notation
from primanota.core.reasons import Reason


class ReasonTexts(Texts, frozen=True):
    """A text for each name of a ``Reason``."""

    pending: str
    pending_for: Plural
    declined: str
    reversed: str
    reversed_uncharged: str
    released: str
    vanished: str
    vanished_pending: str
    changed: str
    closed_added: str
    closed_changed: str
    closed_removed: str
    unknown_status: str
    unknown_operation: str
    unreadable: str
    receipt: str
    vat: str
    vat_no_rate: str


@cache
def _texts(language: str) -> ReasonTexts:
    return load("reasons", language, ReasonTexts)


def reason_text(reason: Reason, language: str = "en") -> str:
    """Return a reason in a language; in English for one that is not supported."""
    text: str | Plural = getattr(_texts(language), reason.name)
    if isinstance(text, Plural):
        return notation(language).count(text, reason.number)
    return text.format(batch=reason.number, word=reason.word)
