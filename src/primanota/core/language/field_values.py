"""Values of a row's fields, as a language writes them. Pure."""

import re
from datetime import date, datetime
from decimal import Decimal

from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.language.notation import notation
from primanota.core.model import Money, Original, Vat

_DAY, _MONEY = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"(-?)(\d+)\.(\d\d) ([A-Z]{3})")
# The fields of a file without columns, whose days and amounts are written as programs read them.
_PLAIN = {"day", "amount", "original amount"}


def written_value(name: str, value: object, language: str) -> str:  # noqa: PLR0911 - one for each kind of value
    """Return the value of a field of a transaction; empty for an unknown one."""
    notes = notation(language)
    match value:
        case None:
            return ""
        case Money():
            return notes.money(value.cents, value.currency)
        case Original():
            amount = f"{value}".removesuffix(f" {value.currency}").replace(".", notes.decimal)
            return notes.other.format(amount, currency=value.currency)
        case Vat():
            return f"{_decimal(value.rate, notes.decimal)}\u00a0%"
        case datetime():
            return notes.moment(value)
        case date():
            return notes.day(value)
        case int():
            return notes.number(value)
        case tuple():
            return ", ".join(written_value(name, one, language) for one in value)
        case _:
            return bookkeeping(language).status.of(f"{value}") if name == "status" else f"{value}"


def written_text(name: str, text: str, language: str) -> str:
    """Return what a file showed in a field: a column of a tool as the tool has it, other fields in the language."""
    if name == "status":
        return bookkeeping(language).status.of(text)
    if name in _PLAIN and _DAY.fullmatch(text):
        return notation(language).day(date.fromisoformat(text))
    if name in _PLAIN and (found := _MONEY.fullmatch(text)):
        sign, whole, part, currency = found.groups()
        return notation(language).money(int(f"{sign}{whole}{part}"), currency)
    return text


def _decimal(number: Decimal, mark: str) -> str:
    return f"{number.normalize():f}".replace(".", mark)
