"""The language of what people read in a terminal, and amounts as it writes them."""

import sys
from functools import cache

from primanota.adapters.mail.translations import Translation, translation
from primanota.adapters.settings import terminal
from primanota.core.model import Money


def texts() -> Translation:
    """Return the texts of the terminal's language; English for one that is not known."""
    return _translation(terminal.language())


@cache
def _translation(language: str) -> Translation:
    return translation(language)


def amount_text(money: Money) -> str:
    """Return an amount with thousands marks and its currency, in characters that stdout can show."""
    written = texts().money(money.cents, money.currency)
    if can_show(written):
        return written
    plain = texts().money(money.cents, money.currency, symbol=False)
    return plain.replace("\u202f", " ").replace("\xa0", " ")


def can_show(text: str) -> bool:
    """Return whether stdout can show the characters of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
