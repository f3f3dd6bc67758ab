"""Notices, and the reasons of a proof, in the language of the terminal.

In a terminal, days and amounts are written as its language does; elsewhere as programs read them.
"""

from typing import TYPE_CHECKING, TextIO

from primanota.adapters.settings import terminal
from primanota.cli.texts.row_texts import row_values

if TYPE_CHECKING:
    from primanota.app.syncing.named_rows import NamedRows
    from primanota.core.notice import Notice

_ROW = "{id} ({day}, {counterparty}, {amount})"


def sentence(one: "Notice", stream: TextIO) -> str:
    """Return a notice as a sentence for a stream."""
    from primanota.core.language.notices import notice_text  # here: it takes time to import, and most need none

    return notice_text(one, terminal.language(), plain=not stream.isatty())


def reason(text: str, stream: TextIO, rows: "NamedRows") -> str:
    """Return why an account is not proven, for a stream; as the book has it where it is not known.

    Args:
        text: the reason in English.
        stream: where it is written.
        rows: the rows that it names, which are said by day, counterparty and amount.
    """
    from primanota.core.language.proof_reasons import proof_reason

    said = proof_reason(text, terminal.language(), plain=not stream.isatty())
    for key, (short_id, row) in rows.items():
        said = said.replace(key, _ROW.format(**row_values(row, short_id)))
    return said
