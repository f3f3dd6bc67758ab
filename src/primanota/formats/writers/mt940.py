"""SWIFT MT 940 as German banks write it: one statement of an account, with its balances. Pure, streaming.

Sources: SWIFT User Handbook, Category 9, MT 940; Die Deutsche Kreditwirtschaft, DFÜ-Abkommen, Anlage 3, chapter 8.2.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from primanota.core.model import Money, Original, Statement, Transaction
from primanota.core.text import one_blank
from primanota.formats.charsets import Fitter
from primanota.formats.fixed_width import encoded
from primanota.formats.german_banking import BANK, amount, kind, pieces
from primanota.formats.statement_fields import SHOWN_KIND, balances, iban, short_id, their_bank
from primanota.formats.templates import Cell

SUFFIX = ".sta"
_WIDTH = 65  # of a line; SWIFT does not count the tag at its beginning, some programs do
_PLAIN_WIDTH = 60  # so that the first line has room for its tag
_LINES = 6
_AMOUNT = 15
# With the longest text in all other subfields, as many purposes fit into six lines.
_PURPOSES = 7
# A question mark begins a subfield. For the others SWIFT has no character, and a full stop would say less.
_INSTEAD = {"?": ".", ";": ",", "_": "-", "|": "/", "@": "(at)", "%": "pct"}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``structured`` is whether field 86 has the subfields of German banks; else it is plain text."""

    structured: bool = True


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole lines.

    Raises:
        FormatRuleViolated: the account has no IBAN, its balances are not known, or an amount is too long.
    """
    return encoded(_lines(statement, options), "ascii")


def shows(options: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row."""
    if not options.structured:
        return SHOWN_KIND
    return [*SHOWN_KIND, ("bank", lambda row: their_bank(row, BANK, [])), ("mandate", lambda row: row.mandate)]


def _lines(statement: Statement, options: Options) -> Iterator[str]:
    opening, closing = balances(statement)
    last = statement.last
    yield f":20:{'QONTO' if statement.proven else 'UNPROVEN'}{last:%y%m%d}"
    yield f":25:{iban(statement.account)}"
    yield f":28C:{last:%y%j}/1"
    yield f":60F:{_balance(opening, statement.first)}"
    fitter = Fitter("swift", statement.fitted, _INSTEAD)
    details = _structured if options.structured else _plain
    for row in statement.rows:
        yield from _movement(row)
        yield from details(fitter, row)
    yield f":62F:{_balance(closing, last)}"
    yield "-"


def _balance(money: Money, day: date) -> str:
    return f"{_mark(money)}{day:%y%m%d}{money.currency}{_unsigned(money)}"


def _movement(row: Transaction) -> Iterator[str]:
    """Field 61; its second line is the original amount, where Anlage 3, 8.2.3 has a place for it (subfield 9)."""
    # The end of an id is where UUIDs of all versions have their random bits.
    reference = short_id(row.id)[-16:]
    yield (f":61:{row.day:%y%m%d%m%d}{_mark(row.amount)}{_unsigned(row.amount)}N{kind(row).swift}NONREF//{reference}")
    if row.original:
        number, currency = str(Original(abs(row.original.amount), row.original.currency)).split()
        whole, _, part = number.partition(".")
        yield f"/OCMT/{currency}{whole},{part}/"


def _structured(fitter: Fitter, row: Transaction) -> list[str]:
    """Field 86 in subfields (Anlage 3, 8.2.4), broken between them, since programs disagree on breaks within."""
    mandate = pieces(fitter, row, "mandate", row.mandate, 2, "MREF+")
    purpose = pieces(fitter, row, "purpose", row.purpose, _PURPOSES - len(mandate), "SVWZ+")
    subfields = {
        20: [*mandate, *purpose],
        30: [their_bank(row, BANK, fitter.fitted)],
        31: [fitter.fit(row, "account", row.counterparty_account, 34)],
        32: pieces(fitter, row, "counterparty", row.counterparty, 2),
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
    lines = fitter.lines(row, "text", text, _PLAIN_WIDTH, _LINES)
    # A colon or a hyphen at the beginning of a line would be a new field or the end of the statement.
    first, *more = [f" {line}" if line.startswith((":", "-")) else line for line in lines] or [""]
    return [f":86:{first}", *more]


def _mark(money: Money) -> str:
    return "D" if money.cents < 0 else "C"


def _unsigned(money: Money) -> str:
    return amount(Money(abs(money.cents), money.currency), _AMOUNT)
