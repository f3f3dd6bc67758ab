"""The words of a language, and how it writes amounts and days. Each language is a file in ``words/``. Pure."""

from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

LANGUAGES = ("de", "en", "es", "fr", "it")


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All languages say the same things: a file that lacks one, or says one more, cannot be read."""


class Counted(_Words, frozen=True):
    """How a number of things is said; ``{}`` is the number."""

    one: str
    many: str


class Form(_Words, frozen=True):
    """How amounts and days are written. Numbers of fewer than ``group_from`` digits have no separator in them."""

    colon: str
    decimal: str
    group: str
    group_from: int
    euro: str
    other: str
    day: str
    days: str


class Failure(_Words, frozen=True):
    """What happened, as a heading, and what a person must do."""

    heading: str
    do: str


class Failures(_Words, frozen=True):
    """One for each kind of error that has advice of its own."""

    key: Failure
    forbidden: Failure
    refused: Failure
    unreachable: Failure
    unproven: Failure
    rule: Failure
    left: Failure
    place: Failure
    held: Failure
    moved: Failure
    book: Failure
    config: Failure
    bug: Failure


class Kind(_Words, frozen=True):
    """A kind of finding: its heading, and what it means."""

    heading: str
    hint: str


class Kinds(_Words, frozen=True):
    """Those of ``primanota.app.review.KINDS``."""

    pending: Kind
    declined: Kind
    reversed: Kind
    vanished: Kind
    changed: Kind
    unknown_status: Kind
    unknown_operation: Kind
    receipt: Kind
    vat: Kind


class ProofWords(_Words, frozen=True):
    """Whether everything is there: proven by the balances, only counted, or broken."""

    whole: str
    counted: str
    broken: str

    def of(self, proven: bool | None) -> str:
        """The words for an answer."""
        return self.counted if proven is None else self.whole if proven else self.broken


class Labels(_Words, frozen=True):
    """What stands before a value."""

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


class Sections(_Words, frozen=True):
    """Headings, and the sentences below them."""

    do: str
    detail: str
    quiet: str
    review: str
    clean: str
    files: str
    attached: str
    linked: str
    in_book: str
    notes: str
    foot: str


class Words(_Words, frozen=True):
    """A language."""

    form: Form
    rows: Counted
    look: Counted
    more: Counted
    nothing: str
    partly: str
    proof: ProofWords
    proven: ProofWords
    label: Labels
    section: Sections
    kind: Kinds
    failure: Failures

    def number(self, number: int) -> str:
        """A whole number."""
        digits = f"{abs(number)}"
        sign = "-" if number < 0 else ""
        return sign + (
            f"{abs(number):,}".replace(",", self.form.group) if len(digits) >= self.form.group_from else digits
        )

    def money(self, cents: int | None, currency: str) -> str:
        """An amount, exactly; the word for an unknown one where there is none."""
        if cents is None:
            return self.label.unknown
        pattern = self.form.euro if currency == "EUR" else self.form.other
        amount = f"{self.number(abs(cents) // 100)}{self.form.decimal}{abs(cents) % 100:02}"
        return ("-" if cents < 0 else "") + pattern.format(amount, currency=currency)

    def day(self, day: date) -> str:
        """A day."""
        return self.form.day.format(day)

    def days(self, first: date | None, last: date | None) -> str:
        """From one day to another; empty where they are not known."""
        if first is None or last is None:
            return ""
        return self.day(first) if first == last else self.form.days.format(self.day(first), self.day(last))

    def count(self, counted: Counted, number: int) -> str:
        """So many of something."""
        return (counted.one if number == 1 else counted.many).format(self.number(number))

    def size(self, size: int) -> str:
        """A file's size in megabytes, upwards to a tenth."""
        tenths = -(-size // 100_000)
        return f"{self.number(tenths // 10)}{self.form.decimal}{tenths % 10}\xa0MB"


def spoken(language: str) -> str:
    """The one of ``LANGUAGES`` that is meant (``de-AT`` is ``de``), else English: a mail is always written."""
    word = language.partition("-")[0].lower()
    return word if word in LANGUAGES else "en"


@cache
def words(language: str) -> Words:
    """The words of a language."""
    text = (files(__package__) / "words" / f"{spoken(language)}.toml").read_bytes()
    return msgspec.toml.decode(text, type=Words)
