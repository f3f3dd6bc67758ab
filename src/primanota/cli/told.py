"""Notices, and the reasons of a proof, in the language of the terminal.

In a terminal, days and amounts are written as its language does; elsewhere as programs read them.
"""

from typing import TYPE_CHECKING, TextIO

from primanota.adapters.settings import terminal

if TYPE_CHECKING:
    from primanota.core.notice import Notice


def sentence(one: "Notice", stream: TextIO) -> str:
    """Return a notice as a sentence for a stream."""
    from primanota.core.language.notices import notice_text  # here: it takes time to import, and most need none

    return notice_text(one, terminal.language(), plain=not stream.isatty())


def reason(text: str, stream: TextIO) -> str:
    """Return why an account is not proven, for a stream; as the book has it where it is not known."""
    from primanota.core.language.proof_reasons import proof_reason

    return proof_reason(text, terminal.language(), plain=not stream.isatty())
