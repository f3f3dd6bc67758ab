"""hledger: plain text, double entry. Pure, streaming.

Source: hledger manual, “Journal”: a description is ``payee | note``, a semicolon in it begins a comment, and a comma
ends the value of a tag. A comment to a posting that has ``[2026-01-31]`` sets its day, and is refused where that is
no day (tried with hledger 1.25).
"""

from collections.abc import Iterator

from primanota.core.model import Statement
from primanota.formats import double_entry, plain_text_journal
from primanota.formats.templates import Cell

SUFFIX = ".journal"
_DIALECT = plain_text_journal.Dialect(
    banned_in_head={";": ",", "|": "/"},
    banned_in_facts={",": ";", "[": "(", "]": ")"},
    purpose=" | ",
    named=";",
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
