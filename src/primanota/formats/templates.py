"""From a transaction to the texts of a row: column templates, clean texts, harmless texts. Pure.

A template is a Python format string over the fields of ``Transaction`` and those below:
``{booked:%d.%m.%Y}``, ``{amount:,}``, ``{money_in}``, ``{payer}``.
"""

import re
import string
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from primanota.core.errors import among
from primanota.core.model import Money, Original, Transaction
from primanota.core.text import clean
from primanota.formats.option_errors import Wrong, refuse

Cell = Callable[[Transaction], str]


class Own(NamedTuple):
    """What the company itself is called in its files."""

    company: str = ""
    account: str = ""
    iban: str = ""
    direction: tuple[str, str] = ("in", "out")


def _rates(row: Transaction) -> str:
    return " ".join(f"{part.rate.normalize():f}" for part in row.vat)


# What a column can show beside the fields of a transaction.
_DERIVED: dict[str, Callable[[Transaction, Own], Any]] = {
    "money_in": lambda row, _: row.amount if row.amount.cents > 0 else None,
    "money_out": lambda row, _: Money(-row.amount.cents, row.amount.currency) if row.amount.cents < 0 else None,
    "unsigned": lambda row, _: Money(abs(row.amount.cents), row.amount.currency),
    "direction": lambda row, own: own.direction[row.amount.cents < 0],
    "currency": lambda row, _: row.amount.currency,
    "payer": lambda row, own: row.counterparty if row.amount.cents > 0 else own.company,
    "payee": lambda row, own: own.company if row.amount.cents > 0 else row.counterparty,
    "company": lambda _, own: own.company,
    "account": lambda _, own: own.account,
    "iban": lambda _, own: own.iban,
    "label": lambda row, _: ", ".join(row.labels),
    "vat_rate": lambda row, _: _rates(row),
    "vat_amount": lambda row, _: Money(sum(part.tax for part in row.vat)) if row.vat else None,
}
_PLAIN = tuple(name for name in Transaction.__struct_fields__ if name not in {"labels", "vat"})
FIELDS: tuple[str, ...] = (*_PLAIN, *_DERIVED)
# What the bank's words have to be read once more for (``qonto/detail.py``).
DETAILS = frozenset({"bic", "mandate", "card", "category", "label", "vat_rate", "vat_amount", "receipts"})
_AMOUNTS = {"amount", "balance", "money_in", "money_out", "unsigned", "vat_amount"}
_MOMENTS = {"booked", "emitted", "updated"}
# Whatever they begin with: a plus for money in is the tool's own word, and no formula.
_EXACT = {*_AMOUNTS, *_MOMENTS, "original", "receipts", "direction"}
_FIGURES = {*_AMOUNTS, *_MOMENTS, "receipts"}
_DIRECTIVES = {
    "%Y": ("%04d", "year"),
    "%m": ("%02d", "month"),
    "%d": ("%02d", "day"),
    "%H": ("%02d", "hour"),
    "%M": ("%02d", "minute"),
    "%S": ("%02d", "second"),
}
_DIRECTIVE = re.compile("|".join(_DIRECTIVES))
# All that Python's strftime knows, and C's; before the letter may stand how it is filled up: %-d.
_OF_DAYS = frozenset("aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZf%")
_ASKED = re.compile(r"%([-_0^#]?)(.?)", re.DOTALL)
_LIKE = "{booked:%d.%m.%Y}, {amount:,} or {member}: {note}"
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width forms included.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def names_in(template: str) -> set[str]:
    """The fields that a template shows."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def is_text(template: str) -> bool:
    """Whether a column holds texts: amounts and days alone are written as they are."""
    match list(string.Formatter().parse(template)):
        case [("", str(name), _, None)]:
            return name not in _EXACT
    return True


def is_figure(template: str) -> bool:
    """Whether a column holds nothing but numbers or days."""
    match list(string.Formatter().parse(template)):
        case [("", str(name), _, None)]:
            return name in _FIGURES
    return False


def check_template(template: str) -> None:
    """Refuse a template that could not be filled in.

    Raises:
        Impossible: it is no format string, or names an unknown field or an impossible form; with all that it names.
    """
    refuse(_wrong_in(template))


def wrong_columns(columns: Iterable[tuple[str, str]]) -> Iterator[Wrong]:
    """What is wrong with the columns that a format's options name."""
    place = None
    for place, (heading, template) in enumerate(columns):
        for what, do, *_ in _wrong_in(template):
            yield Wrong(f"column “{heading}”: {what}", do, ("columns", place))
    if place is None:
        yield Wrong("there are no columns", "Write pairs of a heading and a template.", ("columns",))


def _wrong_in(template: str) -> list[Wrong]:
    try:
        parts = [part for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError:  # Python says so in words for programmers
        return [Wrong(f"the braces in “{template}” do not match", f"Write it like {_LIKE}.")]
    try:
        wrong = [one for _, name, spec, conversion in parts for one in _wrong_field(name or "", spec, conversion)]
        if not wrong:
            compile_cell(template)(_SAMPLE)
    except (TypeError, ValueError) as error:  # what Python says of a form that a type does not have
        return [Wrong(str(error), f"Write it like {_LIKE}.")]
    return wrong


def _wrong_field(name: str, spec: str | None, conversion: str | None) -> Iterator[Wrong]:
    if name not in FIELDS:
        yield Wrong(f"there is no field “{name}”", among(name, FIELDS))
    if name in _AMOUNTS and (spec or "") not in {"", ".", ","}:
        yield Wrong(f"“{spec}” is no decimal mark", f"Write {{{name}}} or {{{name}:,}}.")
    for fill, letter in _ASKED.findall(spec or "") if name in _MOMENTS else ():
        if letter not in _OF_DAYS:
            known = f"Known: {', '.join(_DIRECTIVES)}, and the others of Python's strftime."
            yield Wrong(f"no day has “%{fill}{letter}”", known)
    if conversion:
        yield Wrong(f"“!{conversion}” has no meaning here", "Leave it out.")


def compile_cell(template: str, own: Own = Own(), *, guard: str = "", empty: str = "") -> Cell:
    """A function from transaction to cell.

    Args:
        template: a format string over ``FIELDS``.
        own: what the company is called.
        guard: put before a text that a spreadsheet would take for a formula. Amounts and days never get it.
        empty: what stands in a cell that would be empty.
    """
    match list(string.Formatter().parse(template)):
        case [("", str(name), spec, None)] if name in _EXACT:
            return _exact_cell(_getter(name, own), _formatter(name, spec or ""), empty)
        case [("", str(name), "", None)]:
            return _text_cell(_getter(name, own), guard, empty)
    return _text_cell(lambda row: template.format_map(_Shown(row, own)), guard, empty)


def _getter(name: str, own: Own) -> Callable[[Transaction], Any]:
    if name not in _DERIVED:
        return attrgetter(name)
    derive = _DERIVED[name]
    return lambda row: derive(row, own)


def _exact_cell(get: Callable[[Transaction], Any], show: Callable[[Any], str], empty: str) -> Cell:
    """For amounts and days, which are written as they are."""

    def cell(row: Transaction) -> str:
        found = get(row)
        return empty if found is None else show(found)

    return cell


def _text_cell(get: Cell, guard: str, empty: str) -> Cell:
    def cell(row: Transaction) -> str:
        text = clean(get(row))
        if guard and text.startswith(_FORMULA):
            return guard + text
        return text or empty

    return cell


def _formatter(name: str, spec: str) -> Callable[[Any], str]:
    """What ``format`` does; for days four times as fast, where the form has no directive but those files use."""
    asked = _DIRECTIVE.findall(spec)
    if name not in _MOMENTS or not asked or "%" in _DIRECTIVE.sub("", spec):
        return lambda value: format(value, spec)
    form = _DIRECTIVE.sub(lambda found: _DIRECTIVES[found[0]][0], spec)
    parts = attrgetter(*(_DIRECTIVES[directive][1] for directive in asked))
    return lambda moment: form % parts(moment)


class _Nothing:
    """What a transaction does not have is empty, whatever its form."""

    def __format__(self, spec: str) -> str:
        return ""


class _Shown(dict[str, object]):
    """The fields that a template asks for, each when it is asked for."""

    def __init__(self, row: Transaction, own: Own) -> None:
        super().__init__()
        self._row = row
        self._own = own

    def __missing__(self, name: str) -> object:
        value = _getter(name, self._own)(self._row)
        return _NOTHING if value is None else value


_NOTHING = _Nothing()
_THEN = datetime(2026, 1, 1, tzinfo=UTC)
# A transaction that has everything, to try templates on.
_SAMPLE = Transaction(
    *("",) * 5,
    amount=Money(1),
    booked=_THEN,
    emitted=_THEN,
    updated=_THEN,
    counterparty="",
    counterparty_account="",
    reference="",
    purpose="",
    details="",
    note="",
    member="",
    original=Original(Decimal(1), "USD"),
    balance=Money(1),
)
