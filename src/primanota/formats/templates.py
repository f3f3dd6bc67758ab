"""Column templates: turn a transaction into the cells of a row, and guard them against spreadsheet formulas. Pure.

A template is a Python format string over the fields of ``Transaction`` and those below:
``{booked:%d.%m.%Y}``, ``{amount:,}``, ``{money_in}``, ``{payer}``.
"""

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from primanota.core.errors import among
from primanota.core.model import Account, Money, Original, Statement, Transaction, decimal_text
from primanota.core.sample import sample_transaction
from primanota.core.text import clean
from primanota.core.toml_validation import Mistake
from primanota.formats import moment_forms
from primanota.formats.formula_guard import guarding, guarding_each
from primanota.formats.option_errors import refuse

Cell = Callable[[Transaction], str]
# The cells of several transactions, one below the other.
Column = Callable[[Sequence[Transaction]], list[str]]


class OwnNames(NamedTuple):
    """The company's own names, and its words for money in and money out (``direction``).

    ``accounts`` has the accounts by their ids, where the rows of several are in one file.
    """

    company: str = ""
    account: str = ""
    iban: str = ""
    direction: tuple[str, str] = ("in", "out")
    accounts: Mapping[str, Account] = {}

    @classmethod
    def of(cls, statement: Statement, direction: tuple[str, str]) -> "OwnNames":
        """Return the names in a statement."""
        company, account = statement.company, statement.account
        return cls(company.name if company else "", account.name, account.iban, direction, statement.accounts)

    def name_of(self, row: Transaction) -> str:
        """Return the name of a row's account."""
        return self.accounts[row.account_id].name if row.account_id in self.accounts else self.account

    def iban_of(self, row: Transaction) -> str:
        """Return the IBAN of a row's account."""
        return self.accounts[row.account_id].iban if row.account_id in self.accounts else self.iban


def _rates(row: Transaction) -> str:
    return " ".join(f"{part.rate.normalize():f}" for part in row.vat)


# Fields of a template beside those of a transaction.
_DERIVED: dict[str, Callable[[Transaction, OwnNames], Any]] = {
    "money_in": lambda row, _: row.amount if row.amount.cents > 0 else None,
    "money_out": lambda row, _: Money(-row.amount.cents, row.amount.currency) if row.amount.cents < 0 else None,
    "money_out_signed": lambda row, _: row.amount if row.amount.cents < 0 else None,
    "unsigned": lambda row, _: Money(abs(row.amount.cents), row.amount.currency),
    "direction": lambda row, own: own.direction[row.amount.cents < 0],
    "currency": lambda row, _: row.amount.currency,
    "payer": lambda row, own: row.counterparty if row.amount.cents > 0 else own.company,
    "payee": lambda row, own: own.company if row.amount.cents > 0 else row.counterparty,
    "company": lambda _, own: own.company,
    "account": lambda row, own: own.name_of(row),
    "iban": lambda row, own: own.iban_of(row),
    "label": lambda row, _: ", ".join(row.labels),
    "vat_rate": lambda row, _: _rates(row),
    "label_ids": lambda row, _: ", ".join(row.label_ids),
    "attachment_ids": lambda row, _: ", ".join(row.attachment_ids),
    "vat_amount": lambda row, _: Money(sum(part.tax for part in row.vat)) if row.vat else None,
}
_PLAIN = tuple(name for name in Transaction.__struct_fields__ if name not in {"labels", "vat", *_DERIVED})
FIELDS: tuple[str, ...] = (*_PLAIN, *_DERIVED)
# The fields that a connector reads only when they are needed.
DETAILS = frozenset(
    (
        *("bic", "mandate", "card", "category", "label", "vat_rate", "vat_amount", "receipts"),
        *("subcategory", "subject_type", "created", "label_ids", "attachment_ids"),
    )
)
_AMOUNTS = {"amount", "balance", "money_in", "money_out", "money_out_signed", "unsigned", "vat_amount"}
MOMENTS = frozenset({"booked", "emitted", "created", "updated"})
# Written without a formula guard: a plus for money in is the tool's own word, not a formula.
_EXACT = {*_AMOUNTS, *MOMENTS, "original", "receipts", "direction"}
_FIGURES = {*_AMOUNTS, *MOMENTS, "receipts"}
# The letters of Python's and C's strftime; a flag for padding may stand before the letter: %-d.
_STRFTIME_LETTERS = frozenset("aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZf%")
# Texts are cleaned of them, the forms of days and numbers are not.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WIDTH = re.compile(r"[0-9]{1,9}")
_STRFTIME_DIRECTIVE = re.compile(r"%([-_0^#]?)(.?)", re.DOTALL)
# A width or a precision beyond this makes cells that no sheet holds, and fills memory.
_WIDEST = 1_000
_EXAMPLE = "{booked:%d.%m.%Y}, {amount:,} or {member}: {note}"


def names_in(template: str) -> set[str]:
    """Return the fields that a template shows."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def fields_of(columns: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the fields that columns, pairs of heading and template, show."""
    return frozenset(name for _, template in columns for name in names_in(template))


def is_text(template: str) -> bool:
    """Return whether a column holds texts. A column of amounts or days alone does not."""
    match list(string.Formatter().parse(template)):
        case [("", str(name), _, None)]:
            return name not in _EXACT
    return True


def is_figure(template: str) -> bool:
    """Return whether a column holds numbers or days alone."""
    match list(string.Formatter().parse(template)):
        case [("", str(name), _, None)]:
            return name in _FIGURES
    return False


def sample_cell(template: str) -> str:
    """Return the cell of an invented transaction, which has every field that may be empty."""
    return compile_cell(template)(_SAMPLE)


def check_template(template: str) -> None:
    """Refuse a template that cannot be filled in.

    Raises:
        InvalidOptions: it is not a format string, or it has unknown fields or impossible forms; with all mistakes.
    """
    refuse(_wrong_in(template))


def wrong_columns(columns: Iterable[tuple[str, str]]) -> Iterator[Mistake]:
    """Yield the mistakes in the columns of a format's options."""
    place = None
    for place, (heading, template) in enumerate(columns):
        for what, do, *_ in _wrong_in(template):
            yield Mistake(f"column “{heading}”: {what}", do, ("columns", place))
    if place is None:
        yield Mistake("there are no columns", "Write pairs of a heading and a template.", ("columns",))


def _wrong_in(template: str) -> list[Mistake]:
    try:
        parts = [part for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError:  # its message is for programmers
        return [Mistake(f"the braces in “{template}” do not match", f"Write it like {_EXAMPLE}.")]
    try:
        wrong = [one for _, name, spec, conversion in parts for one in _wrong_field(name or "", spec, conversion)]
        shown = "" if wrong else sample_cell(template)
    except (TypeError, ValueError) as error:  # the type does not have this form
        return [Mistake(str(error), f"Write it like {_EXAMPLE}.")]
    if _CONTROL.search(shown):
        return [Mistake(f"“{template}” makes a character that cannot be printed", f"Write it like {_EXAMPLE}.")]
    return wrong


def _wrong_field(name: str, spec: str | None, conversion: str | None) -> Iterator[Mistake]:
    if name not in FIELDS:
        yield Mistake(f"there is no field “{name}”", among(name, FIELDS))
    if name in _AMOUNTS and (spec or "") not in {"", ".", ","}:
        yield Mistake(f"“{spec}” is not a decimal mark", f"Write {{{name}}} or {{{name}:,}}.")
    for fill, letter in _STRFTIME_DIRECTIVE.findall(spec or "") if name in MOMENTS else ():
        if letter not in _STRFTIME_LETTERS:
            known = f"Known: {', '.join(moment_forms.DIRECTIVES)}, and the others of Python's strftime."
            yield Mistake(f"“%{fill}{letter}” is not a directive of a date", known)
    if "{" in (spec or ""):
        yield Mistake(f"“{spec}” has braces within braces", "Leave them out.")
    elif any(int(number) > _WIDEST for number in _WIDTH.findall(spec or "")):
        yield Mistake(f"“{spec}” asks for more than {_WIDEST:,} characters", "Write a smaller number.")
    if conversion:
        yield Mistake(f"“!{conversion}” has no meaning here", "Leave it out.")


def compile_cell(
    template: str,
    own: OwnNames = OwnNames(),  # noqa: B008 - frozen
    *,
    guard: str = "",
    delimiter: str = ",",
    empty: str = "",
) -> Cell:
    """Return a function that makes the cell of a transaction.

    Args:
        template: a format string over ``FIELDS``.
        own: the company's own names.
        guard: put before what a spreadsheet would take for a formula in a text. Amounts and days never get it.
        delimiter: separates the cells of the file.
        empty: stands in a cell that would be empty.
    """
    match list(string.Formatter().parse(template)):
        case [("", str(name), spec, None)] if name in _EXACT:
            return _exact_cell(_getter(name, own), _formatter(name, spec or ""), empty)
        case [("", str(name), "", None)]:
            return _text_cell(_getter(name, own), guarding(guard, delimiter), empty)
    return _text_cell(lambda row: template.format_map(_FieldValues(row, own)), guarding(guard, delimiter), empty)


def compile_column(template: str, own: OwnNames, *, guard: str = "", delimiter: str = ",", empty: str = "") -> Column:
    """Return a function that makes the cells of several transactions, as ``compile_cell`` makes each of them.

    Most texts need no change, which is faster to find for many texts at once.
    """
    match list(string.Formatter().parse(template)):
        case [("", str(name), spec, None)] if name in _AMOUNTS:
            get, mark = _getter(name, own), spec or "."
            return lambda rows: [
                empty if found is None else decimal_text(found.cents, mark) for found in map(get, rows)
            ]
        case [("", str(name), spec, None)] if name in _EXACT:
            get, show = _getter(name, own), _formatter(name, spec or "")
            return lambda rows: [empty if found is None else show(found) for found in map(get, rows)]
        case [("", str(name), "", None)]:
            get, harmless_each = _getter(name, own), guarding_each(guard, delimiter)

            def column(rows: Sequence[Transaction]) -> list[str]:
                texts = list(map(get, rows))
                texts = harmless_each(list(map(str.strip if "".join(texts).isprintable() else clean, texts)))
                return [text or empty for text in texts] if empty else texts

            return column
    cell = compile_cell(template, own, guard=guard, delimiter=delimiter, empty=empty)
    return lambda rows: list(map(cell, rows))


def _getter(name: str, own: OwnNames) -> Callable[[Transaction], Any]:
    if name not in _DERIVED:
        return attrgetter(name)
    derive = _DERIVED[name]
    return lambda row: derive(row, own)


def _exact_cell(get: Callable[[Transaction], Any], show: Callable[[Any], str], empty: str) -> Cell:
    """Return a cell of an amount or a day, which has no guard."""

    def cell(row: Transaction) -> str:
        found = get(row)
        return empty if found is None else show(found)

    return cell


def _text_cell(get: Cell, harmless: Callable[[str], str], empty: str) -> Cell:
    def cell(row: Transaction) -> str:
        return harmless(clean(get(row))) or empty

    return cell


def _formatter(name: str, spec: str) -> Callable[[Any], str]:
    """Return a function like ``format``; faster for moments."""
    return moment_forms.formatter(spec) if name in MOMENTS else lambda value: format(value, spec)


class _Empty:
    """A value that a transaction does not have: empty in every form."""

    def __format__(self, spec: str) -> str:
        return ""


class _FieldValues(dict[str, object]):
    """The values of a template's fields, each computed when it is used."""

    def __init__(self, row: Transaction, own: OwnNames) -> None:
        super().__init__()
        self._row = row
        self._own = own

    def __missing__(self, name: str) -> object:
        value = _getter(name, self._own)(self._row)
        return _EMPTY if value is None else value


_EMPTY = _Empty()
# To try templates on: it has every field that may be None.
_SAMPLE = sample_transaction(original=Original(Decimal(1), "USD"))
