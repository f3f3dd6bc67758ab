"""DATEV's “ASCII-Weiterverarbeitungsdatei”: a bank movement on each line, in 34 fields. Pure, streaming.

Source: DATEV help centre, document 9226961. Texts are in quotation marks, numbers and days are bare.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Money, Statement, TextChange, TextChanges, Transaction
from primanota.core.toml_validation import Mistake
from primanota.formats import Format
from primanota.formats.charsets import Fitter
from primanota.formats.exchange_rate import hundredths
from primanota.formats.fixed_width import encode_lines
from primanota.formats.german_banking import BANK_CODE, amount, kind, text_pieces
from primanota.formats.option_errors import InvalidOptions
from primanota.formats.statement_fields import SHOWN_WITH_OPERATION, counterparty_bank, iban
from primanota.formats.templates import Cell

_AMOUNT = 15
_PURPOSES = 14
# Some programs that read this do not know doubled quotation marks, or a semicolon between them.
_REPLACEMENTS = {";": ",", '"': "'"}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``encoding`` is cp1252 for DATEV; other tools want utf-8.

    ``bic`` is the bank's, for accounts whose IBAN is not German; a German one has the Bankleitzahl in it.
    """

    encoding: Literal["cp1252", "utf-8"] = "cp1252"
    bic: str = ""

    def __post_init__(self) -> None:
        """Refuse an invalid BIC.

        Raises:
            InvalidOptions: it does not have 8 or 11 capital letters and digits.
        """
        if not re.fullmatch("([A-Z0-9]{8}([A-Z0-9]{3})?)?", self.bic):
            what = f"“{self.bic}” is not a BIC: that has 8 or 11 capital letters and digits"
            raise InvalidOptions([Mistake(what, keys=("bic",))])


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: the account has no IBAN, its bank is not known, or an amount is too long.
    """
    return encode_lines(map(";".join, _lines(statement, options)), options.encoding)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [*SHOWN_WITH_OPERATION, ("bank", lambda row: counterparty_bank(row, BANK_CODE, []))]


FORMAT = Format(".csv", Options, render, shows)


def _lines(statement: Statement, options: Options) -> Iterator[list[str]]:
    account, last = statement.account, statement.last
    # The number of the statement has four digits: the last of the year, and the day's number in it.
    beginning = [_text(_bank(account, options)), _text(iban(account)), f"{last:%y%j}"[1:], f"{last:%d.%m.%Y}"]
    fitter = Fitter(options.encoding, statement.text_changes, _REPLACEMENTS)
    for row in statement.rows:
        yield [*beginning, *_movement(fitter, row, statement.text_changes)]


def _bank(account: Account, options: Options) -> str:
    number = iban(account)
    bank = number[4:12] if number.startswith("DE") else options.bic
    if not bank:
        what = f"{account.name} is not an account in Germany, so the file needs the BIC of its bank."
        raise FormatRuleViolated(what, "Write it into the profile: bic, among the options.")
    return bank


def _movement(fitter: Fitter, row: Transaction, text_changes: TextChanges) -> list[str]:
    """Return the fields 5 to 34."""
    day = f"{row.day:%d.%m.%Y}"
    code, text, _ = kind(row)
    purposes = _texts(text_pieces(fitter, row, "purpose", row.purpose, _PURPOSES), _PURPOSES)
    return [
        *(day, day, amount(row.amount, _AMOUNT)),
        *_texts(text_pieces(fitter, row, "counterparty", row.counterparty, 2), 2),
        _text(counterparty_bank(row, BANK_CODE, text_changes)),
        _text(fitter.fit(row, "account", row.counterparty_account, 34)),
        *purposes[:4],
        *(_text(code), _text(row.amount.currency), _text(text)),
        *purposes[4:10],
        *_original(row, text_changes),
        *("", _text(""), "", _text("")),  # the bank states neither an equivalent nor a fee
        *purposes[10:],
    ]


def _original(row: Transaction, text_changes: TextChanges) -> tuple[str, str]:
    """Return original amount and currency; empty if the amount has more than two decimals."""
    if row.original is None:
        return "", _text("")
    spent = hundredths(row.original)
    if spent is None:
        text_changes.append(TextChange(row.id, "original amount", f"{row.original}", ""))
        return "", _text("")
    return amount(Money(spent), _AMOUNT), _text(row.original.currency)


def _texts(texts: list[str], count: int) -> list[str]:
    return [_text(text) for text in texts] + [_text("")] * (count - len(texts))


def _text(text: str) -> str:
    return f'"{text}"'
