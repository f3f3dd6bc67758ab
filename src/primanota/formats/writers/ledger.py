"""Ledger: plain text, double entry. Pure, streaming.

Source: Ledger 3 manual, “Keeping a Journal”: a transaction has a payee and, below it, notes, of which those that are
``key: value`` are metadata. Two blanks and a semicolon end a payee.
"""

from collections.abc import Iterator

from primanota.core.model import Statement
from primanota.formats import double_entry, plain_text_journal
from primanota.formats.templates import Cell

SUFFIX = ".ledger"
_DIALECT = plain_text_journal.Dialect(
    banned_in_head={";": ","},
    banned_in_facts={},
    purpose="",
    named="note",
)

Options = double_entry.Options


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole entries.

    Raises:
        FormatRuleViolated: no ledger, two accounts of one name, or postings that are not a row's amount.
    """
    return plain_text_journal.render(statement, options, _DIALECT)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row."""
    return double_entry.SHOWN
