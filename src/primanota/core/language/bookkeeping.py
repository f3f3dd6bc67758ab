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
    after_close: Explanation
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


class BatchWords(Texts, frozen=True):
    """The states of a batch; ``waits`` is one that was delivered to some of its destinations."""

    prepared: str
    delivered: str
    waits: str
    waiting: str
    failed: str
    undone: str
    imported: str

    def of(self, state: str) -> str:
        """Return the word for a state."""
        return str(getattr(self, state))


class StatusWords(Texts, frozen=True):
    """The statuses of transactions and accounts."""

    completed: str
    pending: str
    declined: str
    reversed: str
    vanished: str
    active: str
    closed: str

    def of(self, status: str) -> str:
        """Return the word for a status; one that this version does not know, as the bank wrote it."""
        return str(getattr(self, status, status)) if status in self.__struct_fields__ else status


class SelectionTexts(Texts, frozen=True):
    """Which rows were selected."""

    period: str
    new: str
    new_before: str
    changed: str


class Bookkeeping(Texts, frozen=True):
    """The shared words: a number of rows, states, statuses, kinds of findings, selections."""

    rows: Plural
    proof: ProofWords
    finding: FindingTexts
    batch: BatchWords
    status: StatusWords
    selection: SelectionTexts


@cache
def bookkeeping(language: str) -> Bookkeeping:
    """Return the shared words of a language; English for one that is not supported."""
    return load("bookkeeping", language, Bookkeeping)
