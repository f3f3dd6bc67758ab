"""FEC (fichier des écritures comptables): entries that French accounting software imports. Pure, streaming.

It is the bank's journal in the layout of the FEC, for an import. It is not a company's legal FEC, which has all
journals. Source: article A47 A-1 of the livre des procédures fiscales (VI lines and separators, VII columns, IX name,
XII characters, days and amounts) and BOI-CF-IOR-60-40-20 (§ 40 numbering).
"""

import re
from collections.abc import Iterator
from itertools import count
from typing import Literal, NamedTuple

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Ledger, Money, Statement, Transaction
from primanota.core.period import fiscal_year
from primanota.core.text import clean
from primanota.core.toml_validation import Mistake
from primanota.formats import Format, statement_fields
from primanota.formats.charsets import Fitter, transliterate
from primanota.formats.fixed_width import encode_lines
from primanota.formats.option_errors import InvalidOptions
from primanota.formats.templates import Cell

COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum"),
    *("CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet"),
    *("ValidDate", "Montantdevise", "Idevise"),
)
# A FEC has no quoting: the delimiter, and a character that programs take for a quote, are replaced.
_BANNED = {"|": "/", '"': "'"}
_TRANSLATED = str.maketrans(_BANNED)
_ACCOUNT = re.compile("[0-9]{3}[0-9A-Za-z]*")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings that the article of law does not determine.

    ``journal_name`` is the name of the ledger's journal. ``validated`` says whether entries are validated on their
    own day, or are drafts without such a day.
    """

    delimiter: Literal["\t", "|"] = "\t"
    encoding: Literal["iso-8859-15", "utf-8", "ascii"] = "iso-8859-15"
    journal_name: str = "Banque"
    validated: bool = True

    def __post_init__(self) -> None:
        """Refuse a journal without a name.

        Raises:
            InvalidOptions: the journal's name is empty.
        """
        if not clean(self.journal_name):
            raise InvalidOptions([Mistake("the journal must have a name", "Write one.", ("journal_name",))])


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: the statement has no ledger; the days are in two fiscal years; a row's amount is zero, or
            its postings do not sum to it; an account does not begin with three digits; the journal has no code.
    """
    return encode_lines(_lines(statement, options), options.encoding)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row, beside its postings."""
    return [
        ("day", lambda row: f"{row.day}"),
        ("amount", lambda row: f"{row.amount}"),
        ("counterparty", lambda row: row.counterparty),
        ("purpose", lambda row: row.purpose),
        ("number", lambda row: row.number),
        ("original amount", lambda row: f"{row.original or ''}"),
    ]


FORMAT = Format(".txt", Options, render, shows, shows_posting=statement_fields.SHOWN_OF_POSTING, numbers_entries=True)


class _Side(NamedTuple):
    """A line of an entry: cents in the debit if positive, in the credit if negative."""

    account: str
    cents: int
    text: str = ""
    amount: str = ""
    currency: str = ""


def _lines(statement: Statement, options: Options) -> Iterator[str]:
    ledger = _ledger(statement)
    fit = Fitter(options.encoding, statement.text_changes, _BANNED).fit
    names = {account: _plain(name, options) for account, name in ledger.names.items()}
    journal = (_plain(ledger.journal, options), _plain(options.journal_name, options))
    yield options.delimiter.join(COLUMNS)
    numbers = count(1) if statement.entry_numbers is None else iter(statement.entry_numbers)
    for row in statement.rows:
        number = next(numbers)
        day = f"{row.day:%Y%m%d}"
        piece = fit(row, "number", row.number) or statement_fields.short_id(row.id)
        label = fit(row, "text", f"{row.counterparty} {row.purpose}") or fit(row, "operation", row.operation) or piece
        for side in _sides(row, statement.ledgers.get(row.account_id, ledger)):
            account = _checked(side.account)
            cells = (
                *(*journal, f"{number}", day, account, names.get(account) or account, "", "", piece, day),
                fit(row, "text", side.text) or label,
                *(f"{Money(max(side.cents, 0)):,}", f"{Money(max(-side.cents, 0)):,}", "", ""),
                *(day if options.validated else "", side.amount, side.currency),
            )
            yield options.delimiter.join(cells)


def _ledger(statement: Statement) -> Ledger:
    ledger = statement_fields.ledger(statement)
    if statement.last > fiscal_year(statement.first, ledger.year_start)[1]:
        what = f"{statement.first} and {statement.last} are in two fiscal years, and a FEC has one."
        raise FormatRuleViolated(what, "Export each fiscal year by itself.")
    if not clean(ledger.journal):
        what = "A FEC states the code of its journal, and the settings of the ledger leave it empty."
        raise FormatRuleViolated(what, "Write one there, such as journal = “BQ”.")
    return ledger


def _sides(row: Transaction, ledger: Ledger) -> Iterator[_Side]:
    cents = row.amount.cents
    if not cents:
        what = f"{row.title}: an entry of 0.00 has neither debit nor credit."
        raise FormatRuleViolated(what, "Leave such rows out: zero = “skip” among the profile's rules.")
    postings = statement_fields.postings(row, ledger)
    # “-99.00 USD”: with as many decimals as its currency has.
    amount, currency = f"{row.original}".replace(".", ",").split() if row.original else ("", "")
    yield _Side(ledger.bank, cents, amount=amount, currency=currency)
    yield from (_Side(posting.account, -posting.cents, posting.text) for posting in postings if posting.cents)


def _checked(account: str) -> str:
    if not _ACCOUNT.fullmatch(account):
        what = f"The account “{account}” does not begin with three digits of the plan comptable général."
        raise FormatRuleViolated(what, "Correct it in the settings of the ledger.")
    return account


def _plain(text: str, options: Options) -> str:
    return transliterate(clean(text), options.encoding).translate(_TRANSLATED)
