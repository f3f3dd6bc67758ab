"""Why an account is not proven, in words of a language. Pure."""

from primanota.core.language.catalogue import Texts
from primanota.core.language.known_sentences import KnownSentences


class ProofReasons(Texts, frozen=True):
    """The text of each reason, as ``KnownSentences`` recognises it."""

    gap: str
    statement_hole: str
    statement_differs: str
    counts: str
    late_start: str
    sums: str
    asked_in_vain: str
    counts_in_parts: str
    other_account: str
    id_of_other_account: str
    other_page: str
    counts_while_read: str
    counts_and_sent: str
    short_page: str
    more_flaws: str
    never_read: str
    gone_unproven: str
    gone_and: str


_REASONS = KnownSentences("proof_reasons", ProofReasons)


def proof_reason(reason: str, language: str, *, plain: bool = False) -> str:
    """Return a reason in a language; the same text where it is not known, or for English.

    Args:
        reason: the English text, as the book has it.
        language: the language, such as ``de``.
        plain: whether amounts and numbers stay as programs read them.
    """
    return _REASONS.say(reason, language, plain=plain)
