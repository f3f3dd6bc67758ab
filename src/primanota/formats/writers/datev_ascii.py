"""DATEV's “ASCII-Weiterverarbeitungsdatei”: movements of a bank account, one a line of 34 fields. Pure, streaming.

Source: DATEV help centre, document 9226961. Texts are in quotation marks, numbers and days are bare.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Money, Statement, TextChange, Transaction
from primanota.formats.charsets import Fitter
from primanota.formats.exchange_rate import hundredths
from primanota.formats.fixed_width import encoded
from primanota.formats.german_banking import BANK, amount, kind, pieces
from primanota.formats.option_errors import Impossible, Wrong
from primanota.formats.statement_fields import SHOWN_KIND, iban, their_bank
from primanota.formats.templates import Cell

SUFFIX = ".csv"
_AMOUNT = 15
_PURPOSES = 14
# Not every program that reads this knows a doubled quotation mark, or a semicolon within them.
_INSTEAD = {";": ",", '"': "'"}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``encoding`` is cp1252 for DATEV; others want utf-8.

    ``bic`` is the bank's, for accounts whose IBAN is not German; a German one has the Bankleitzahl in it.
    """

    encoding: Literal["cp1252", "utf-8"] = "cp1252"
    bic: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no BIC.

        Raises:
            Impossible: it has neither 8 nor 11 capital letters and digits.
        """
        if not re.fullmatch("([A-Z0-9]{8}([A-Z0-9]{3})?)?", self.bic):
            what = f"“{self.bic}” is no BIC: that has 8 or 11 capital letters and digits"
            raise Impossible([Wrong(what, keys=("bic",))])


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole lines.

    Raises:
        FormatRuleViolated: the account has no IBAN, its bank is not known, or an amount is too long.
    """
    return encoded(map(";".join, _lines(statement, options)), options.encoding)


def shows(options: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row."""
    return [*SHOWN_KIND, ("bank", lambda row: their_bank(row, BANK, []))]


def _lines(statement: Statement, options: Options) -> Iterator[list[str]]:
    account, last = statement.account, statement.last
    # The number of the statement has four digits: the last of the year, and the day's number in it.
    beginning = [_text(_bank(account, options)), _text(iban(account)), f"{last:%y%j}"[1:], f"{last:%d.%m.%Y}"]
    fitter = Fitter(options.encoding, statement.fitted, _INSTEAD)
    for row in statement.rows:
        yield [*beginning, *_movement(fitter, row, statement.fitted)]


def _bank(account: Account, options: Options) -> str:
    number = iban(account)
    bank = number[4:12] if number.startswith("DE") else options.bic
    if not bank:
        what = f"{account.name} is not an account in Germany, so that its bank's BIC is asked for."
        raise FormatRuleViolated(what, "Write it into the profile: bic, among the options.")
    return bank


def _movement(fitter: Fitter, row: Transaction, fitted: list[TextChange]) -> list[str]:
    """Fields 5 to 34."""
    day = f"{row.day:%d.%m.%Y}"
    code, text, _ = kind(row)
    purposes = _texts(pieces(fitter, row, "purpose", row.purpose, _PURPOSES), _PURPOSES)
    return [
        *(day, day, amount(row.amount, _AMOUNT)),
        *_texts(pieces(fitter, row, "counterparty", row.counterparty, 2), 2),
        _text(their_bank(row, BANK, fitted)),
        _text(fitter.fit(row, "account", row.counterparty_account, 34)),
        *purposes[:4],
        *(_text(code), _text(row.amount.currency), _text(text)),
        *purposes[4:10],
        *_original(row, fitted),
        *("", _text(""), "", _text("")),  # the bank tells neither an equivalent nor a fee
        *purposes[10:],
    ]


def _original(row: Transaction, fitted: list[TextChange]) -> tuple[str, str]:
    """The amount in the currency in which it was spent, where two decimals can say it."""
    if row.original is None:
        return "", _text("")
    spent = hundredths(row.original)
    if spent is None:
        fitted.append(TextChange(row.id, "original amount", f"{row.original}", ""))
        return "", _text("")
    return amount(Money(spent), _AMOUNT), _text(row.original.currency)


def _texts(texts: list[str], count: int) -> list[str]:
    return [_text(text) for text in texts] + [_text("")] * (count - len(texts))


def _text(text: str) -> str:
    return f'"{text}"'
