"""Rows that no file of any format could carry, since a value that each format needs cannot be read. Pure."""

from collections.abc import Iterable, Iterator

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import NO_CURRENCY, Transaction
from primanota.core.period import CREDIBLE_YEARS
from primanota.core.text import visible

_HINT = "Ask the bank to correct it. Meanwhile choose a period without it, or other accounts with --account."
# A moment outside of the credible years is read as one of their ends.
_ENDS = {CREDIBLE_YEARS.start, CREDIBLE_YEARS.stop - 1}


def writable(rows: Iterable[Transaction]) -> Iterator[Transaction]:
    """Yield the rows of a file.

    Raises:
        FormatRuleViolated: a row cannot be in any file; the sentence names it.
    """
    for row in rows:
        booked = row.booked
        if (booked and booked.year in _ENDS) or row.amount.currency == NO_CURRENCY or not row.id.isprintable():
            raise FormatRuleViolated(f"Transaction {visible(row.id)} cannot be in a file: {_missing(row)}.", _HINT)
        yield row


def _missing(row: Transaction) -> str:
    if not row.id.isprintable():
        return "its id has a character that cannot be printed"
    if row.amount.currency == NO_CURRENCY:
        return "the bank states no currency that is one"
    return "the bank states an impossible day of settlement"
