"""Ledger: plain text, double entry. Pure, streaming.

Source: Ledger 3 manual, “Keeping a Journal”: a transaction has a payee and, below it, notes, of which those that are
``key: value`` are metadata. Two blanks and a semicolon end a payee.
"""

from collections.abc import Iterator

from primanota.formats import entries, journal
from primanota.formats.cells import Cell
from primanota.model import Statement

SUFFIX = ".ledger"
_DIALECT = journal.Dialect(
    banned_in_head={";": ","},
    banned_in_facts={},
    purpose="",
    named="note",
)

Options = entries.Options


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole entries.

    Raises:
        RuleBroken: no ledger, two accounts of one name, or postings that are not a row's amount.
    """
    return journal.render(statement, options, _DIALECT)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row."""
    return entries.SHOWN
