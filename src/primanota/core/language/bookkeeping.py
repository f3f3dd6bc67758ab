"""The words of bookkeeping that mails, tables and prompts share, in each language. Pure."""

from functools import cache

from primanota.core.language.catalogue import Explanation, Plural, Texts, load
from primanota.core.proof_state import State


class FindingTexts(Texts, frozen=True):
    """One explanation for each kind of finding (``KINDS``)."""

    pending: Explanation
    declined: Explanation
    reversed: Explanation
    vanished: Explanation
    changed: Explanation
    unknown_status: Explanation
    unknown_operation: Explanation
    receipt: Explanation
    vat: Explanation

    def of(self, kind: str) -> Explanation:
        """Return the explanation of a kind."""
        found: Explanation = getattr(self, kind.replace("-", "_"))
        return found


class ProofWords(Texts, frozen=True):
    """A text for each state of a proof; ``whole`` is proven, ``counted`` counts only, ``broken`` doubtful."""

    whole: str
    counted: str
    broken: str
    partial: str
    unread: str
    gone: str

    def of(self, state: State) -> str:
        """Return the text for a state."""
        return str(getattr(self, field_of(state)))


def field_of(state: State) -> str:
    """Return the name of the texts for a state of a proof."""
    return {"proven": "whole", "counts only": "counted", "doubtful": "broken"}.get(state, state)


class Bookkeeping(Texts, frozen=True):
    """The shared words: a number of rows, the states of a proof, the kinds of findings."""

    rows: Plural
    proof: ProofWords
    finding: FindingTexts


@cache
def bookkeeping(language: str) -> Bookkeeping:
    """Return the shared words of a language; English for one that is not supported."""
    return load("bookkeeping", language, Bookkeeping)
