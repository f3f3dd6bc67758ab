"""What is asked and noted when a profile is learnt from a sample, in words of a language. Pure."""

from primanota.core.language.catalogue import Texts
from primanota.core.language.known_sentences import KnownSentences


class ColumnNames(Texts, frozen=True):
    """How a question names a column."""

    whole: str
    values: str
    heading: str
    bare: str


class QuestionTexts(Texts, frozen=True):
    """What a sample leaves open."""

    constant: str
    codes: str
    contains: str
    direction: str
    sign: str
    days: str
    money_in: str
    money_out: str
    amount: str
    day: str
    mark: str
    others: str
    encoding: str
    delimiter: str


class AnswerTexts(Texts, frozen=True):
    """What an answer means: the fields of a row, encodings, delimiters, and more."""

    nothing: str
    booked: str
    emitted: str
    updated: str
    amount: str
    money_in: str
    money_out: str
    balance: str
    vat_amount: str
    vat_rate: str
    currency: str
    original: str
    purpose: str
    details: str
    counterparty: str
    payer: str
    payee: str
    counterparty_account: str
    bic: str
    iban: str
    account: str
    reference: str
    id: str
    number: str
    direction: str
    operation: str
    category: str
    label: str
    member: str
    mandate: str
    card: str
    text: str
    utf_8: str
    utf_8_sig: str
    cp1252: str
    latin_1: str
    semicolon: str
    comma: str
    tab: str
    bar: str
    minus: str
    no_sign: str
    day: str


class SampleNotes(Texts, frozen=True):
    """What the sample does, and a profile cannot do."""

    line_before: str
    lines_before: str
    line_after: str
    lines_after: str
    line_uneven: str
    lines_uneven: str
    separator: str
    quotes_all: str
    quotes_needed: str
    one_row: str
    swapped: str
    notation: str
    minus_in: str
    minus_out: str
    one_side: str
    zeros: str


class AmountNotations(Texts, frozen=True):
    """Notations of amounts that a profile does not write."""

    plus: str
    currency: str
    minus_behind: str
    brackets: str
    thousands: str


class SampleSentences(Texts, frozen=True):
    """All sentences about a sample, as ``KnownSentences`` recognises them."""

    column: ColumnNames
    question: QuestionTexts
    answer: AnswerTexts
    note: SampleNotes
    notation: AmountNotations


_SENTENCES = KnownSentences("sample_sentences", SampleSentences)


def sample_sentence(sentence: str, language: str) -> str:
    """Return a question about a sample, the meaning of an answer or a note in a language; an unknown one as it is."""
    return _SENTENCES.say(sentence, language)
