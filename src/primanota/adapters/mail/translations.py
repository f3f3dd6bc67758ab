"""The texts of a mail in each language. Pure."""

from functools import cache
from typing import NamedTuple

from primanota.core.language.bookkeeping import Bookkeeping, ProofWords, bookkeeping, field_of
from primanota.core.language.catalogue import Explanation, Plural, Texts, load
from primanota.core.language.notation import Notation, notation
from primanota.core.proof_state import State


class FailureTexts(Texts, frozen=True):
    """One explanation for each kind of error with a hint of its own."""

    invalid_key: Explanation
    consent_ended: Explanation
    access_denied: Explanation
    refused: Explanation
    unavailable: Explanation
    not_proven: Explanation
    format_rule: Explanation
    already_exported: Explanation
    delivery: Explanation
    book_locked: Explanation
    book_conflict: Explanation
    book_unusable: Explanation
    book_damaged: Explanation
    disk_full: Explanation
    no_rights: Explanation
    disk_failed: Explanation
    configuration: Explanation
    bug: Explanation


class RowsByProof(Texts, frozen=True):
    """A headline for a number of rows by the state of their proof; ``mixed`` if only some accounts have balances."""

    whole: Plural
    counted: Plural
    mixed: Plural
    gone: Plural
    broken: Plural
    partial: Plural
    unread: Plural

    def of(self, state: State) -> Plural:
        """Return the headline for a state."""
        found: Plural = getattr(self, field_of(state))
        return found


class IdleByProof(Texts, frozen=True):
    """A headline for a run without rows: what is to be done by the state of the proof, or that nothing is."""

    whole: str
    broken: str
    partial: str
    unread: str

    def of(self, state: State) -> str:
        """Return the headline for a state; that for ``proven`` where nothing is to be done."""
        return str(getattr(self, field_of(state), self.whole))


class Headlines(Texts, frozen=True):
    """What is to be done, then what is so, in a few words."""

    rows: RowsByProof
    idle: IdleByProof


class Todo(Texts, frozen=True):
    """What a person has to do after a run, each in a sentence."""

    heading: str
    nothing: str
    broken: str
    partial: str
    unread: str
    review: Plural
    file: Plural
    receipts: Plural
    vat: Plural

    def before_import(self, state: State) -> str:
        """Return what is to be done before a file is imported; empty if nothing is."""
        return str(getattr(self, field_of(state), ""))


class Labels(Texts, frozen=True):
    """The labels of values."""

    tool: str
    days: str
    selection: str
    made: str
    rows: str
    sum_in: str
    sum_out: str
    opening: str
    closing: str
    proven: str
    file: str
    batch: str
    account: str
    balance: str


class Sections(Texts, frozen=True):
    """Headings of sections, and the sentences in them."""

    hint: str
    detail: str
    idle: str
    review: str
    clean: str
    files: str
    attached: str
    linked: str
    in_book: str
    notes: str
    foot: str


class MailTexts(Texts, frozen=True):
    """The texts that only a mail has."""

    to_review: Plural
    more: Plural
    headline: Headlines
    todo: Todo
    proven: ProofWords
    label: Labels
    section: Sections
    failure: FailureTexts


class Translation(NamedTuple):
    """What a mail needs of a language: its notation, the shared words, and the mail's own texts."""

    notation: Notation
    words: Bookkeeping
    texts: MailTexts


@cache
def translation(language: str) -> Translation:
    """Return what a mail needs of a language; English for one that is not supported."""
    return Translation(notation(language), bookkeeping(language), load("mail", language, MailTexts))
