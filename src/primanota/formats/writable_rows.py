"""Rows that no file of any format could carry, since a value that each format needs cannot be read. Pure."""

from collections.abc import Iterable, Iterator
from itertools import filterfalse, islice, takewhile

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import NO_CURRENCY, Transaction
from primanota.core.period import CREDIBLE_YEARS
from primanota.core.short_ids import beginning

_HINT = "Ask the bank to correct it. Meanwhile choose a period without it, or other accounts with --account."
# Rows are read and checked so many at once; few enough that the first of them hardly fill a tool's file.
ROWS_AT_ONCE = 100
# A moment outside of the credible years is read as one of their ends.
_ENDS = {CREDIBLE_YEARS.start, CREDIBLE_YEARS.stop - 1}


def writable(rows: Iterable[Transaction]) -> Iterator[Transaction]:
    """Yield the rows of a file.

    Raises:
        FormatRuleViolated: a row cannot be in any file; the sentence names it.
    """
    rows = iter(rows)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        ids, currencies = "".join([row.id for row in some]), {row.amount.currency for row in some}
        years = {row.booked.year for row in some if row.booked}
        if NO_CURRENCY in currencies or not ids.isprintable() or not years.isdisjoint(_ENDS):
            yield from takewhile(_is_writable, some)
            row = next(filterfalse(_is_writable, some))
            raise FormatRuleViolated(f"Transaction {beginning(row.id)} cannot be in a file: {_missing(row)}.", _HINT)
        yield from some


def _is_writable(row: Transaction) -> bool:
    ends = row.booked is not None and row.booked.year in _ENDS
    return not ends and row.amount.currency != NO_CURRENCY and row.id.isprintable()


def _missing(row: Transaction) -> str:
    if not row.id.isprintable():
        return "its id has a character that cannot be printed"
    if row.amount.currency == NO_CURRENCY:
        return "the bank states no currency that is one"
    return "the bank states an impossible day of settlement"
