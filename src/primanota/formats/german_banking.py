"""What the German bank formats share: codes of transaction kinds, and texts in pieces of 27 characters. Pure.

Source: Die Deutsche Kreditwirtschaft, DFÜ-Abkommen, Anlage 3 “Spezifikation der Datenformate”, chapter 8.2 (MT 940).
"""

import re
from typing import NamedTuple

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Transaction
from primanota.core.text import one_blank
from primanota.formats.charsets import Fitter

_PIECE = 27
# The code of a bank: a Bankleitzahl or a BIC.
BANK_CODE = re.compile("[0-9]{8}|[A-Z0-9]{8}([A-Z0-9]{3})?")


class BankingKind(NamedTuple):
    """The kind of a transaction, as German banks name it.

    ``code`` is the Geschäftsvorfallcode (Anlage 3, 8.2.6), ``text`` the posting text, ``swift`` the type in SWIFT
    messages (MT 940, field 61, subfield 6).
    """

    code: str
    text: str
    swift: str


# By the bank's operation type. A direct debit with money in is a returned one, and so on.
_IN = {
    "income": BankingKind("166", "GUTSCHRIFT", "TRF"),
    "transfer": BankingKind("166", "GUTSCHRIFT", "TRF"),
    "card": BankingKind("182", "KARTENERSTATTUNG", "MSC"),
    "card_acquirer_payout": BankingKind("198", "KARTENUMSAETZE", "COL"),
    "direct_debit": BankingKind("181", "LASTSCHRIFTRUECKGABE", "RTI"),
    "direct_debit_collection": BankingKind("171", "LASTSCHRIFTEINZUG", "COL"),
    "fee": BankingKind("808", "ENTGELTERSTATTUNG", "CHG"),
    "qonto_fee": BankingKind("808", "ENTGELTERSTATTUNG", "CHG"),
    "cheque": BankingKind("170", "SCHECKEINREICHUNG", "CHK"),
    "recall": BankingKind("159", "RUECKUEBERWEISUNG", "RTI"),
    "swift_income": BankingKind("202", "AUSLANDSGUTSCHRIFT", "TRF"),
    "account_remuneration": BankingKind("814", "ZINSEN", "INT"),
}
_OUT = {
    "transfer": BankingKind("116", "UEBERWEISUNG", "TRF"),
    "card": BankingKind("106", "KARTENZAHLUNG", "MSC"),
    "direct_debit": BankingKind("105", "LASTSCHRIFT", "DDT"),
    "direct_debit_collection": BankingKind("109", "RUECKLASTSCHRIFT", "RTI"),
    "fee": BankingKind("808", "ENTGELT", "CHG"),
    "qonto_fee": BankingKind("808", "ENTGELT", "CHG"),
    "cheque": BankingKind("183", "SCHECKRUECKGABE", "RTI"),
    "account_remuneration": BankingKind("814", "ZINSEN", "INT"),
}
# 835 is “sonstige Geschäftsart”: for operation types that have no code, and for future ones.
_OTHER_IN = BankingKind("835", "GUTSCHRIFT", "MSC")
_OTHER_OUT = BankingKind("835", "BELASTUNG", "MSC")


def kind(row: Transaction) -> BankingKind:
    """Return the kind of a row."""
    if row.amount.cents > 0:
        return _IN.get(row.operation, _OTHER_IN)
    return _OUT.get(row.operation, _OTHER_OUT)


def amount(money: Money, width: int) -> str:
    """Return an amount with a decimal comma, for a field of a width.

    Raises:
        FormatRuleViolated: the amount has more characters than the field.
    """
    text = f"{money:,}"
    if len(text) > width:
        what = f"This format has {width} characters for an amount, too few for {money!s}."
        raise FormatRuleViolated(what, "Use a format that has more: camt-de, or a CSV.")
    return text


def text_pieces(fitter: Fitter, row: Transaction, field: str, text: str, count: int, keyword: str = "") -> list[str]:
    """Return a text as at most ``count`` pieces of 27 characters, the first of which begins with the keyword.

    Some programs join the pieces as they are, others with a blank between: a blank at which a text is broken begins
    the next piece, so that both read the same words. A blank at the end of a line would be lost in all of them.
    """
    whole = fitter.fit(row, field, one_blank(text), count * _PIECE - len(keyword))
    found = _split(keyword + whole) if whole else []
    while len(found) > count:
        whole = fitter.fit(row, field, whole, len("".join(found[:count])) - len(keyword))
        found = _split(keyword + whole)
    return found


def _split(text: str) -> list[str]:
    found = []
    while len(text) > _PIECE:
        place = text.rfind(" ", 1, _PIECE + 1)
        place = _PIECE if place < 0 else place
        found.append(text[:place])
        text = text[place:]
    return [*found, text]
