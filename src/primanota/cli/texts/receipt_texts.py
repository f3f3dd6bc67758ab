"""The sentences of ``receipts`` and ``statements``."""

from primanota.core.language.catalogue import Plural, Texts


class ReceiptTexts(Texts, frozen=True):
    """What was fetched, what is missing, and how statements compare with the book."""

    nothing: str
    no_statements: str
    summary: str
    none_missing: str
    not_stated: str
    without_member: str
    month: str
    stated_opening: str
    stated_closing: str
    witness: str
    agrees: str
    differs: str
    unread: str
    unknown: str
    no_text: str
    not_found: str
    unclear: str
    receipts: Plural
    sealed: Plural
    statements: Plural
    waiting: Plural
    left: Plural
    handed_out: Plural
    repaired: Plural
    missing: Plural
