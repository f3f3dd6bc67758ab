"""The language of what people read in a terminal, and amounts as it writes them."""

import sys

from primanota.adapters.settings import terminal
from primanota.core.language.notation import Notation, notation
from primanota.core.model import Money


def here() -> Notation:
    """Return how the terminal's language writes amounts and days; English for one that is not supported."""
    return notation(terminal.language())


def amount_text(money: Money) -> str:
    """Return an amount with thousands marks and its currency, in characters that stdout can show."""
    written = here().money(money.cents, money.currency)
    if can_show(written):
        return written
    plain = here().money(money.cents, money.currency, symbol=False)
    return plain.replace("\u202f", " ").replace("\xa0", " ")


def can_show(text: str) -> bool:
    """Return whether stdout can show the characters of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
