"""DATEV's EXTF “Buchungsstapel”, format version 13: an entry on each line, of one fiscal year. Pure, streaming.

Source: developer.datev.de, DATEV-Format, “Header” and “Buchungsstapel”. The names of the columns are those of
DATEV's own example; ``datev_columns.txt`` has them, each after the word ``text`` where DATEV wants quotation marks
even around an empty text, else ``bare``.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import msgspec

from primanota.core.errors import FileLimitReached, FormatRuleViolated
from primanota.core.model import Ledger, Money, Posting, Statement, Transaction
from primanota.core.period import fiscal_year
from primanota.core.text import clean
from primanota.formats import Format, statement_fields
from primanota.formats.charsets import Fitter, is_encodable, transliterate
from primanota.formats.exchange_rate import hundredths
from primanota.formats.fixed_width import encode_lines
from primanota.formats.german_banking import amount
from primanota.formats.statement_fields import SHOWN, SHOWN_OF_FULL_POSTING, short_id
from primanota.formats.templates import Cell

_ENCODING = "cp1252"
_AMOUNT = 13  # ten digits, a comma, two digits
_HIGHEST_RATE = 9999
_MOST_ENTRIES = 99_999
# Of an account's id, which may have no letters of this file: their replacements may be longer.
_TAIL = 8
# Some readers split at every semicolon and do not know doubled quotation marks: a text could shift the columns.
_REPLACEMENTS = {";": ",", '"': "'"}
_PLAIN = str.maketrans(';"', ",'")
_YEARS = "Export each fiscal year by itself."
_SETTINGS = "Set it in the settings of the ledger, as the tax adviser says."


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``finalised`` locks the entries on import (Festschreibung).

    ``foreign``: an amount in another currency is ``noted`` beside the entry, or the entry is ``booked`` in that
    currency with its rate, where DATEV can express both.
    """

    finalised: bool = False
    foreign: Literal["noted", "booked"] = "noted"


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: the ledger is missing or lacks settings that DATEV needs, the span crosses a fiscal year,
            an amount is zero or too long, or the postings do not sum to the amount.
        FileLimitReached: there are more entries than DATEV takes in a file.
    """
    return encode_lines(map(";".join, _lines(statement, options)), _ENCODING)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [*SHOWN, ("mandate", lambda row: row.mandate), ("note", lambda row: row.note)]


FORMAT = Format(".csv", Options, render, shows, max_entries=_MOST_ENTRIES, shows_posting=SHOWN_OF_FULL_POSTING)


def _lines(statement: Statement, options: Options) -> Iterator[list[str]]:
    ledger = _ledger(statement)
    yield _header(statement, ledger, options)
    yield list(_columns())
    entries, count = _Entries(statement, ledger, options), 0
    for place, row in enumerate(statement.rows):
        made = list(entries.of(row))
        count += len(made)
        if count > _MOST_ENTRIES:
            what = f"DATEV takes {_MOST_ENTRIES} entries in a file, and these rows make more."
            raise FileLimitReached(what, "Export shorter periods.", fits=place)
        yield from made


def _text(text: str) -> str:
    return f'"{text}"'


@cache
def _columns() -> dict[str, str]:
    """Return the columns in their order, each with its empty cell."""
    table = resources.files(__package__).joinpath("datev_columns.txt").read_text(encoding="utf-8")
    columns = (line.split(" ", 1) for line in table.splitlines())
    return {name: _text("") if kind == "text" else "" for kind, name in columns}


def _header(statement: Statement, ledger: Ledger, options: Options) -> list[str]:
    first, last = statement.first, statement.last
    tail = transliterate(clean(statement.account.tail), _ENCODING).translate(_PLAIN)
    label = f"Konto {tail[:_TAIL]}" + ("" if statement.proven else " nicht bewiesen")
    # When the file was made: the last day, so that the same statement gives the same bytes.
    made = f"{last:%Y%m%d}000000000"
    return [
        *(_text("EXTF"), "700", "21", _text("Buchungsstapel"), "13", made, ""),
        *(_text("RE"), _text("Primanota"), _text("")),  # origin, exported by, imported by
        *(f"{ledger.consultant}", f"{ledger.client}", f"{fiscal_year(first, ledger.year_start)[0]:%Y%m%d}"),
        *(f"{ledger.account_length}", f"{first:%Y%m%d}", f"{last:%Y%m%d}", _text(label), _text("")),
        *("1", "0", f"{options.finalised:d}", _text(statement.account.currency)),  # bookkeeping, for all purposes
        *("", _text(""), "", "", _text(ledger.chart), "", "", _text(""), _text("")),
    ]


def _ledger(statement: Statement) -> Ledger:
    """Return the statement's ledger if it has the settings that DATEV needs."""
    ledger = statement_fields.ledger(statement)
    for what, number, low, high in (
        ("consultant's number (Beraternummer)", ledger.consultant, 1001, 9_999_999),
        ("client's number (Mandantennummer)", ledger.client, 1, 99_999),
        ("length of account numbers (Sachkontenlänge)", ledger.account_length, 4, 8),
    ):
        if not low <= number <= high:
            raise FormatRuleViolated(f"DATEV asks for a {what} from {low} to {high}, and it is {number}.", _SETTINGS)
    if not re.fullmatch("([0-9]{2})?", ledger.chart):
        raise FormatRuleViolated(
            f"“{ledger.chart}” is not a chart of accounts of DATEV: those are 03, 04 and others.", _SETTINGS
        )
    first, last = statement.first, statement.last
    if fiscal_year(first, ledger.year_start)[0] != fiscal_year(last, ledger.year_start)[0]:
        start = fiscal_year(last, ledger.year_start)[0]
        what = f"A DATEV file holds one fiscal year, and one begins on {start} between {first} and {last}."
        raise FormatRuleViolated(what, _YEARS)
    return ledger


class _Entries:
    """Makes the entries of rows, one for each posting. “Konto” is the bank's; debit and credit are those of “Konto”.

    Raises:
        FormatRuleViolated: the bank's account has a number that DATEV does not allow.
    """

    def __init__(self, statement: Statement, ledger: Ledger, options: Options) -> None:
        self._ledger = ledger
        self._ledgers = statement.ledgers
        self._options = options
        self._fitter = Fitter(_ENCODING, statement.text_changes, _REPLACEMENTS)
        self._places = {name: place for place, name in enumerate(_columns())}
        self._empty = list(_columns().values())
        # DATEV locks entries in which this cell is empty.
        self._set(self._empty, "Festschreibung", f"{options.finalised:d}")

    def of(self, row: Transaction) -> Iterator[list[str]]:
        """Yield the cells of each entry of a row."""
        about, ledger = self._about(row), self._ledgers.get(row.account_id, self._ledger)
        self._set(about, "Konto", _account(ledger.bank, ledger.account_length))
        for posting in statement_fields.postings(row, ledger):
            cells = about.copy()
            self._post(cells, row, posting)
            yield cells

    def _set(self, cells: list[str], column: str, cell: str) -> None:
        cells[self._places[column]] = cell

    def _about(self, row: Transaction) -> list[str]:
        """Return the cells that all entries of a row share."""
        fit, cells, set_cell = self._fitter.fit, self._empty.copy(), self._set
        more = {
            "Gegenpartei": fit(row, "counterparty", row.counterparty, 210),
            "IBAN": fit(row, "account", row.counterparty_account, 210),
            "Verwendungszweck": fit(row, "purpose", row.purpose, 210),
            "Originalbetrag": f"{row.original}".replace(".", ",") if row.original else "",
            "Notiz": fit(row, "note", row.note, 210),
        }
        set_cell(cells, "Belegdatum", _day_and_month(row.day))
        # The id finds the row again; a reference does not, and may have characters that this field cannot.
        set_cell(cells, "Belegfeld 1", _text(short_id(row.id)))
        if row.document:
            set_cell(cells, "Beleglink", _text(f'BEDI ""{row.document}""'))
        if row.mandate:
            set_cell(cells, "SEPA-Mandatsreferenz", _text(fit(row, "mandate", row.mandate, 35)))
        for number, kind in enumerate(filter(more.get, more), 1):
            set_cell(cells, f"Zusatzinformation - Art {number}", _text(kind))
            set_cell(cells, f"Zusatzinformation- Inhalt {number}", _text(more[kind]))
        return cells

    def _post(self, cells: list[str], row: Transaction, posting: Posting) -> None:
        """Fill in the cells of one entry."""
        set_cell, text = self._set, posting.text or f"{row.counterparty} {row.purpose}"
        set_cell(cells, "Soll/Haben-Kennzeichen", _text("S" if posting.cents > 0 else "H"))
        account = _account(posting.account, self._ledger.account_length)
        set_cell(cells, "Gegenkonto (ohne BU-Schlüssel)", account)
        set_cell(cells, "BU-Schlüssel", _text(_tax(posting.tax)))
        set_cell(cells, "Buchungstext", _text(self._fitter.fit(row, "text", text, 60)))
        set_cell(cells, "KOST1 - Kostenstelle", _text(_cost_centre(posting.cost_centre)))
        for column, cell in self._money(row, posting).items():
            set_cell(cells, column, cell)

    def _money(self, row: Transaction, posting: Posting) -> dict[str, str]:
        if not posting.cents:
            what = f"{row.title}: this would be an entry of 0.00, which DATEV does not take."
            raise FormatRuleViolated(what, "Leave such rows out: zero = “skip” among the rules of the profile.")
        booked = {
            "Umsatz (ohne Soll/Haben-Kz)": amount(Money(abs(posting.cents)), _AMOUNT),
            "WKZ Umsatz": _text(row.amount.currency),
        }
        if self._options.foreign == "booked" and posting.cents == row.amount.cents:
            return _foreign(row, booked) or booked
        return booked


def _foreign(row: Transaction, booked: dict[str, str]) -> dict[str, str]:
    """Return the cells of an entry in the original currency; empty if DATEV's fields cannot hold amount or rate.

    They hold amounts of two decimals and rates from 1 to 9999: the price of one unit of the account's currency.
    """
    spent = hundredths(row.original) if row.original else None
    if not row.original or not spent or not 1 <= (rate := Decimal(spent) / row.amount.cents) <= _HIGHEST_RATE:
        return {}
    own, currency = booked.values()
    return {
        "Umsatz (ohne Soll/Haben-Kz)": amount(Money(abs(spent)), _AMOUNT),
        "WKZ Umsatz": _text(row.original.currency),
        "Kurs": f"{rate:.6f}".replace(".", ","),
        "Basis-Umsatz": own,
        "WKZ Basis-Umsatz": currency,
    }


@lru_cache(maxsize=64)
def _day_and_month(day: date) -> str:
    return f"{day:%d%m}"


@lru_cache(maxsize=1024)
def _account(number: str, length: int) -> str:
    """Return an account's number. Customers and suppliers have one digit more than the other accounts."""
    longest = length + 1
    if re.fullmatch(rf"(?!0+$)[0-9]{{1,{longest}}}", number):
        return number
    what = f"“{number}” is not an account of DATEV: that has up to {longest} digits, not all of them zero."
    raise FormatRuleViolated(what, _SETTINGS)


@lru_cache(maxsize=1024)
def _tax(key: str) -> str:
    """Return the tax key (BU-Schlüssel): four digits, or empty."""
    if not re.fullmatch("[0-9]{0,4}", key):
        raise FormatRuleViolated(f"“{key}” is not a tax key of DATEV: that has up to four digits.", _SETTINGS)
    return key and key.zfill(4)


@lru_cache(maxsize=1024)
def _cost_centre(text: str) -> str:
    if not re.fullmatch(r"[\w ]{0,36}", text) or not is_encodable(text, _ENCODING):
        what = (
            f"“{text}” is not a cost centre of DATEV: that has up to 36 letters of Windows-1252, digits and blanks."
        )
        raise FormatRuleViolated(what, _SETTINGS)
    return text
