"""What the German bank formats share: the kinds of transactions, and texts in pieces of 27 characters. Pure.

Source: Die Deutsche Kreditwirtschaft, DFÜ-Abkommen, Anlage 3 “Spezifikation der Datenformate”, chapter 8.2 (MT 940).
"""

import re
from typing import NamedTuple

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Transaction
from primanota.core.text import one_blank
from primanota.formats.charsets import Fitter

_PIECE = 27
# A bank's Bankleitzahl or its BIC.
BANK = re.compile("[0-9]{8}|[A-Z0-9]{8}([A-Z0-9]{3})?")


class Kind(NamedTuple):
    """What German banks call a transaction.

    ``code`` is the Geschäftsvorfallcode (Anlage 3, 8.2.6), ``text`` the posting text, ``swift`` the type that SWIFT
    has for it (MT 940, field 61, subfield 6).
    """

    code: str
    text: str
    swift: str


# By the bank's operation type. A direct debit that comes in is one that went back, and so on.
_IN = {
    "income": Kind("166", "GUTSCHRIFT", "TRF"),
    "transfer": Kind("166", "GUTSCHRIFT", "TRF"),
    "card": Kind("182", "KARTENERSTATTUNG", "MSC"),
    "card_acquirer_payout": Kind("198", "KARTENUMSAETZE", "COL"),
    "direct_debit": Kind("181", "LASTSCHRIFTRUECKGABE", "RTI"),
    "direct_debit_collection": Kind("171", "LASTSCHRIFTEINZUG", "COL"),
    "qonto_fee": Kind("808", "ENTGELTERSTATTUNG", "CHG"),
    "cheque": Kind("170", "SCHECKEINREICHUNG", "CHK"),
    "recall": Kind("159", "RUECKUEBERWEISUNG", "RTI"),
    "swift_income": Kind("202", "AUSLANDSGUTSCHRIFT", "TRF"),
    "account_remuneration": Kind("814", "ZINSEN", "INT"),
}
_OUT = {
    "transfer": Kind("116", "UEBERWEISUNG", "TRF"),
    "card": Kind("106", "KARTENZAHLUNG", "MSC"),
    "direct_debit": Kind("105", "LASTSCHRIFT", "DDT"),
    "direct_debit_collection": Kind("109", "RUECKLASTSCHRIFT", "RTI"),
    "qonto_fee": Kind("808", "ENTGELT", "CHG"),
    "cheque": Kind("183", "SCHECKRUECKGABE", "RTI"),
    "account_remuneration": Kind("814", "ZINSEN", "INT"),
}
# 835 is “sonstige Geschäftsart”: for all that German banks do not know, and for what the bank may call new one day.
_OTHER_IN = Kind("835", "GUTSCHRIFT", "MSC")
_OTHER_OUT = Kind("835", "BELASTUNG", "MSC")


def kind(row: Transaction) -> Kind:
    """What a German bank would call a row."""
    if row.amount.cents > 0:
        return _IN.get(row.operation, _OTHER_IN)
    return _OUT.get(row.operation, _OTHER_OUT)


def amount(money: Money, width: int) -> str:
    """An amount with a decimal comma, in a field of a width.

    Raises:
        FormatRuleViolated: it has more characters.
    """
    text = f"{money:,}"
    if len(text) > width:
        what = f"This format has {width} characters for an amount, too few for {money!s}."
        raise FormatRuleViolated(what, "Use a format that has more: camt-de, or a CSV.")
    return text


def pieces(fitter: Fitter, row: Transaction, field: str, text: str, count: int, keyword: str = "") -> list[str]:
    """A text over at most so many pieces of 27 characters, the first of which begins with a keyword.

    Some programs put the pieces together as they are, others with a blank between: a blank at which a text is broken
    begins the next piece, so that both read the same words. Nobody keeps one at the end of a line.
    """
    whole = fitter.fit(row, field, one_blank(text), count * _PIECE - len(keyword))
    found = _cut(keyword + whole) if whole else []
    while len(found) > count:
        whole = fitter.fit(row, field, whole, len("".join(found[:count])) - len(keyword))
        found = _cut(keyword + whole)
    return found


def _cut(text: str) -> list[str]:
    found = []
    while len(text) > _PIECE:
        place = text.rfind(" ", 1, _PIECE + 1)
        place = _PIECE if place < 0 else place
        found.append(text[:place])
        text = text[place:]
    return [*found, text]
