"""SWIFT MT 940 as German banks write it: a statement of an account, with its balances. Pure, streaming.

Sources: SWIFT User Handbook, Category 9, MT 940; Die Deutsche Kreditwirtschaft, DFÜ-Abkommen, Anlage 3, chapter 8.2.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from primanota.core.model import Money, Original, Statement, Transaction
from primanota.core.text import one_blank
from primanota.formats import Format
from primanota.formats.charsets import Fitter
from primanota.formats.fixed_width import encode_lines
from primanota.formats.german_banking import BANK_CODE, amount, kind, text_pieces
from primanota.formats.statement_fields import (
    SHOWN_WITH_OPERATION,
    balances,
    bank_name,
    counterparty_bank,
    iban,
    short_id,
    statement_number,
)
from primanota.formats.templates import Cell

_WIDTH = 65  # of a line; SWIFT does not count the tag at its beginning, some programs do
_PLAIN_WIDTH = 60  # so that the first line has room for its tag
_LINES = 6
_REFERENCE = 16
# Begins the reference of a statement whose bank is not known by name.
_OF_FILES = "STMT"
_MOST_STATEMENTS = 99_999
_AMOUNT = 15
# So many pieces of the purpose fit into six lines, with the longest text in all other subfields.
_PURPOSES = 7
# A question mark begins a subfield. The others are not in SWIFT's charset, and these are closer than a full stop.
_REPLACEMENTS = {"?": ".", ";": ",", "_": "-", "|": "/", "@": "(at)", "%": "pct"}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``structured``: field 86 has the subfields of German banks; else it is plain text."""

    structured: bool = True


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: the account has no IBAN, its balances are not known, or an amount is too long.
    """
    return encode_lines(_lines(statement, options), "ascii")


def shows(options: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    if not options.structured:
        return SHOWN_WITH_OPERATION
    return [
        *SHOWN_WITH_OPERATION,
        ("bank", lambda row: counterparty_bank(row, BANK_CODE, [])),
        ("mandate", lambda row: row.mandate),
    ]


FORMAT = Format(".sta", Options, render, shows, states_balances=True)


def _lines(statement: Statement, options: Options) -> Iterator[str]:
    opening, closing = balances(statement)
    last = statement.last
    yield f":20:{_reference(statement)}"
    yield f":25:{iban(statement.account)}"
    yield f":28C:{statement_number(statement, _MOST_STATEMENTS):05}/1"
    yield f":60F:{_balance(opening, statement.first)}"
    fitter = Fitter("swift", statement.text_changes, _REPLACEMENTS)
    details = _structured if options.structured else _plain
    for row in statement.rows:
        yield from _movement(row)
        yield from details(fitter, row)
    yield f":62F:{_balance(closing, last)}"
    yield "-"


def _reference(statement: Statement) -> str:
    source = bank_name(statement.account).upper() or _OF_FILES
    key = statement.key.upper() or f"{statement.number}"
    return f"{source if statement.proven else 'UNPROVEN'}{key}"[:_REFERENCE]


def _balance(money: Money, day: date) -> str:
    return f"{_mark(money)}{day:%y%m%d}{money.currency}{_unsigned(money)}"


def _movement(row: Transaction) -> Iterator[str]:
    """Yield field 61; its second line has the original amount in subfield 9 (Anlage 3, 8.2.3)."""
    # The end of an id is where UUIDs of all versions have their random bits.
    reference = short_id(row.id)[-16:]
    yield (f":61:{row.day:%y%m%d%m%d}{_mark(row.amount)}{_unsigned(row.amount)}N{kind(row).swift}NONREF//{reference}")
    if row.original:
        number, currency = str(Original(abs(row.original.amount), row.original.currency)).split()
        whole, _, part = number.partition(".")
        yield f"/OCMT/{currency}{whole},{part}/"


def _structured(fitter: Fitter, row: Transaction) -> list[str]:
    """Return field 86 in subfields (Anlage 3, 8.2.4). Lines break between them: programs disagree on others."""
    mandate = text_pieces(fitter, row, "mandate", row.mandate, 2, "MREF+")
    purpose = text_pieces(fitter, row, "purpose", row.purpose, _PURPOSES - len(mandate), "SVWZ+")
    subfields = {
        20: [*mandate, *purpose],
        30: [counterparty_bank(row, BANK_CODE, fitter.text_changes)],
        31: [fitter.fit(row, "account", row.counterparty_account, 34)],
        32: text_pieces(fitter, row, "counterparty", row.counterparty, 2),
    }
    code, text, _ = kind(row)
    lines = [f":86:{code}?00{text}"]
    for first, texts in subfields.items():
        for number, piece in enumerate(filter(None, texts), first):
            subfield = f"?{number}{piece}"
            if len(lines[-1]) + len(subfield) <= _WIDTH:
                lines[-1] += subfield
            else:
                lines.append(subfield)
    return lines


def _plain(fitter: Fitter, row: Transaction) -> list[str]:
    text = one_blank(f"{row.counterparty} {row.purpose} {row.counterparty_account}")
    lines = fitter.fit_lines(row, "text", text, _PLAIN_WIDTH, _LINES)
    # A colon or a hyphen at the beginning of a line would be a new field or the end of the statement.
    first, *more = [f" {line}" if line.startswith((":", "-")) else line for line in lines] or [""]
    return [f":86:{first}", *more]


def _mark(money: Money) -> str:
    return "D" if money.cents < 0 else "C"


def _unsigned(money: Money) -> str:
    return amount(Money(abs(money.cents), money.currency), _AMOUNT)
