"""The meaning of a column: what may be answered, and the question for it. Pure."""

from collections.abc import Iterable

from primanota.core.errors import among
from primanota.formats.templates import FIELDS
from primanota.profiles.learning.columns import Column
from primanota.profiles.learning.questions import Answer, Questions, read_template

NOTHING = "-"
# Begins an answer that is a text, the same in every row.
TEXT = "="
_SAID = {
    NOTHING: "nothing: the cells stay empty",
    "booked": "the day on which money moved",
    "emitted": "the day on which it was initiated",
    "updated": "the day of the last change",
    "amount": "the amount",
    "money_in": "money in",
    "money_out": "money out",
    "balance": "the balance after it",
    "vat_amount": "the VAT",
    "vat_rate": "the rate of VAT",
    "currency": "the currency of the amount",
    "original": "the amount in a foreign currency",
    "purpose": "the purpose",
    "details": "the amount in a foreign currency, and the note",
    "counterparty": "the name of the counterparty",
    "payer": "who pays: with money out it is your company",
    "payee": "who is paid: with money in it is your company",
    "counterparty_account": "the counterparty's account number",
    "bic": "the BIC of the counterparty's bank",
    "iban": "the IBAN of your account",
    "account": "the name of your account",
    "reference": "the reference alone",
    "id": "the bank's id of the transaction",
    "number": "the bank's number of the transaction",
    "direction": "the word for money in or out",
    "operation": "the operation type, such as card or transfer",
    "category": "the category in Qonto",
    "label": "the labels in Qonto",
    "member": "the member who initiated it",
    "mandate": "the mandate of a direct debit",
    "card": "the last digits of the card",
}


def ask_meaning(column: Column, guesses: Iterable[str], questions: Questions, asked: str = "") -> str:
    """Return what a column contains, as answered or guessed: a field, a template, a text, or nothing.

    Args:
        column: the column; nothing settled its meaning.
        guesses: the most likely answers, the best first.
        questions: where the question is opened.
        asked: the question behind the name of the column.
    """
    answers = [Answer(guess, _said(guess)) for guess in dict.fromkeys(guesses)]
    text = f"{column.shown}: {asked or 'what does it contain?'}"
    return questions.decide(column.topic, text, answers, read_meaning, doubt=True)


def read_meaning(word: str) -> str:
    """Return an answer about a column, if it is one.

    Raises:
        ValueError: the word is not an answer; the message says what is wrong and what to do.
    """
    if word == NOTHING or word in FIELDS or word.startswith(TEXT):
        return word
    if "{" not in word:
        raise ValueError(f"There is no field “{word}”. {among(word, FIELDS)}")
    return read_template(word)


def literal(answer: str) -> str:
    """Return the template of an answer that is not a field: nothing, a text, or a template."""
    if answer == NOTHING:
        return ""
    return answer[1:].replace("{", "{{").replace("}", "}}") if answer.startswith(TEXT) else answer


def _said(guess: str) -> str:
    return "this text in every row" if guess.startswith(TEXT) else _SAID.get(guess, "")
