"""The text by which a member is asked for the receipts that are missing, in the company's language. Pure."""

from collections.abc import Sequence
from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load
from primanota.core.language.notation import notation
from primanota.core.model import Transaction
from primanota.core.text import one_blank


class ReceiptLetter(Texts, frozen=True):
    """The parts of the text."""

    greeting: str
    greeting_without_name: str
    line: str
    thanks: str
    ask: Plural
    please: Plural


def receipt_letter(name: str, rows: Sequence[Transaction], company: str, language: str) -> str:
    """Return the text that asks for the receipts of some rows.

    Args:
        name: the name of the member; empty if it is not known.
        rows: the rows.
        company: the name of the company.
        language: the language; English for one that is not supported.
    """
    words, notes, is_one = _words(language), notation(language), len(rows) == 1
    ask, please = ((plural.one if is_one else plural.many) for plural in (words.ask, words.please))
    lines = [
        words.line.format(
            day=notes.day(row.day),
            counterparty=one_blank(row.party),
            amount=notes.money(row.amount.cents, row.amount.currency),
        )
        for row in rows
    ]
    greeting = words.greeting.format(name=one_blank(name)) if name else words.greeting_without_name
    thanks = words.thanks.format(company=one_blank(company))
    return "\n\n".join((greeting, ask.format(notes.number(len(rows))), "\n".join(lines), please, thanks))


@cache
def _words(language: str) -> ReceiptLetter:
    return load("receipt_letter", language, ReceiptLetter)
