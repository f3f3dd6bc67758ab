"""The texts of a mail in each language, and how a language writes amounts and dates. Pure.

Each language is a file in ``texts/``.
"""

from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

from primanota.core.proof_state import State

LANGUAGES = ("de", "en", "es", "fr", "it")


class _Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all texts. A file that lacks one of them, or has another one, is refused."""


class Plural(_Texts, frozen=True):
    """A text with a number, for one and for many; ``{}`` is the number."""

    one: str
    many: str


class Notation(_Texts, frozen=True):
    """How amounts and dates are written. Numbers of fewer than ``group_from`` digits have no separator."""

    colon: str
    decimal: str
    group: str
    group_from: int
    euro: str
    other: str
    day: str
    days: str


class Explanation(_Texts, frozen=True):
    """A heading, and what it means or what to do about it."""

    heading: str
    hint: str


class FailureTexts(_Texts, frozen=True):
    """One explanation for each kind of error with a hint of its own."""

    invalid_key: Explanation
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


class FindingTexts(_Texts, frozen=True):
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


class ProofWords(_Texts, frozen=True):
    """A sentence for each state of a proof; ``whole`` is proven, ``counted`` counts only, ``broken`` doubtful."""

    whole: str
    counted: str
    broken: str
    partial: str
    unread: str
    gone: str

    def of(self, state: State) -> str:
        """Return the sentence for a state."""
        names = {"proven": "whole", "counts only": "counted", "doubtful": "broken"}
        return str(getattr(self, names.get(state, state)))


class Labels(_Texts, frozen=True):
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
    unknown: str


class Sections(_Texts, frozen=True):
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


class Translation(_Texts, frozen=True):
    """All texts of a language, and its way to write numbers, amounts and dates."""

    notation: Notation
    rows: Plural
    to_review: Plural
    more: Plural
    no_rows: str
    partly_proven: str
    proof: ProofWords
    proven: ProofWords
    label: Labels
    section: Sections
    finding: FindingTexts
    failure: FailureTexts

    def number(self, number: int) -> str:
        """Return a whole number with the language's separators."""
        digits = f"{abs(number)}"
        if len(digits) >= self.notation.group_from:
            digits = f"{abs(number):,}".replace(",", self.notation.group)
        return f"-{digits}" if number < 0 else digits

    def money(self, cents: int | None, currency: str, *, symbol: bool = True) -> str:
        """Return an amount in cents, exactly; the text for an unknown one if it is None.

        Args:
            cents: the amount.
            currency: its ISO 4217 code.
            symbol: whether euros have their symbol, and not their code.
        """
        if cents is None:
            return self.label.unknown
        pattern = self.notation.euro if currency == "EUR" and symbol else self.notation.other
        amount = f"{self.number(abs(cents) // 100)}{self.notation.decimal}{abs(cents) % 100:02}"
        return ("-" if cents < 0 else "") + pattern.format(amount, currency=currency)

    def day(self, day: date) -> str:
        """Return a date."""
        return self.notation.day.format(day)

    def days(self, first: date | None, last: date | None) -> str:
        """Return a span of days, both included; empty if one is None."""
        if first is None or last is None:
            return ""
        return self.day(first) if first == last else self.notation.days.format(self.day(first), self.day(last))

    def count(self, plural: Plural, number: int) -> str:
        """Return a text with its number, in the singular or the plural."""
        return (plural.one if number == 1 else plural.many).format(self.number(number))

    def size(self, size: int) -> str:
        """Return a size in bytes as megabytes, rounded up to a tenth."""
        tenths = -(-size // 100_000)
        return f"{self.number(tenths // 10)}{self.notation.decimal}{tenths % 10}\xa0MB"


def supported_language(language: str) -> str:
    """Return the one of ``LANGUAGES`` for a language (``de`` for ``de-AT``); English for any other."""
    code = language.partition("-")[0].lower()
    return code if code in LANGUAGES else "en"


@cache
def translation(language: str) -> Translation:
    """Return the texts of a language."""
    text = (files(__package__) / "texts" / f"{supported_language(language)}.toml").read_bytes()
    return msgspec.toml.decode(text, type=Translation)
