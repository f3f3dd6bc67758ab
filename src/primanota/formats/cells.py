"""From a transaction to the texts of a row: column templates, clean texts, harmless texts. Pure.

A template is a Python format string over the fields of ``Transaction``: ``{booked:%d.%m.%Y}``, ``{amount:,}``.
"""

import re
import string
from collections.abc import Callable
from operator import attrgetter
from typing import get_type_hints

from primanota.model import Transaction

Cell = Callable[[Transaction], str]

FIELDS: tuple[str, ...] = Transaction.__struct_fields__
_TEXTS = {name for name, hint in get_type_hints(Transaction).items() if hint is str}
# Line breaks, tabs and control characters break a row; zero-width and direction marks deceive its reader.
_BREAKING = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width forms included.
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def clean(text: str) -> str:
    """A text on one line, without control characters, without blanks at its ends."""
    if not text.isprintable():
        text = _BREAKING.sub(" ", _INVISIBLE.sub("", text))
    return text.strip()


def fields_of(template: str) -> list[str]:
    """The fields that a template names.

    Raises:
        ValueError: it is no format string, or names no or an unknown field; the sentence says which.
    """
    names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    for name in names:
        if name not in FIELDS:
            raise ValueError(f"there is no field “{name}”; there are {', '.join(FIELDS)}")
    return names


def compile_cell(template: str, *, guard: str = "", empty: str = "") -> Cell:
    """A function from transaction to cell.

    Args:
        template: a format string over the fields of a transaction.
        guard: put before a text that a spreadsheet would take for a formula. Amounts and days never get it.
        empty: what stands in a cell that would be empty.
    """
    value = _value(template)
    names = fields_of(template)
    if names and names[0] not in _TEXTS and template.startswith("{"):
        return value if not empty else lambda row: value(row) or empty
    return _text_cell(value, guard, empty)


def _text_cell(value: Cell, guard: str, empty: str) -> Cell:
    def cell(row: Transaction) -> str:
        text = clean(value(row))
        if not text:
            return empty
        return guard + text if guard and text.startswith(_FORMULA) else text

    return cell


def _value(template: str) -> Cell:
    match list(string.Formatter().parse(template)):
        case [("", str(name), spec, None)]:
            return _single(name, spec or "")
    return lambda row: template.format(**{name: _shown(getattr(row, name)) for name in FIELDS})


def _single(name: str, spec: str) -> Cell:
    get = attrgetter(name)
    if name in _TEXTS and not spec:
        return get
    return lambda row: "" if (found := get(row)) is None else format(found, spec)


class _Nothing:
    """What a transaction does not have is empty, whatever its form."""

    def __format__(self, spec: str) -> str:
        return ""


def _shown(value: object) -> object:
    return _Nothing() if value is None else value
