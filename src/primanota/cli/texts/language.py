"""The language of what people read in a terminal, and how days, amounts and numbers are written on a stream.

A person reads them as the language writes them; a program, behind a pipe, as 2026-10-05, -1234.50 and 1234.
The catalogue is loaded when a text is written, as start-up time counts.
"""

import sys
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from primanota.adapters.settings import terminal
from primanota.core.model import Money

if TYPE_CHECKING:
    from primanota.core.language.catalogue import Plural
    from primanota.core.language.notation import Notation


def spoken() -> str:
    """Return the terminal's language, one of those of the catalogue."""
    from primanota.core.language.catalogue import supported_language

    return supported_language(terminal.language())


def here() -> "Notation":
    """Return how the terminal's language writes amounts and days; English for one that is not supported."""
    from primanota.core.language.notation import notation

    return notation(spoken())


class Writing(NamedTuple):
    """How days, amounts and numbers are written: for people, or else for programs."""

    people: bool

    def day(self, day: date) -> str:
        """Return a day."""
        return here().day(day) if self.people else f"{day:%Y-%m-%d}"

    def moment(self, moment: datetime) -> str:
        """Return a day and a time of day."""
        return here().moment(moment) if self.people else f"{moment:%Y-%m-%d %H:%M}"

    def amount(self, money: Money) -> str:
        """Return an amount with its currency."""
        return amount_text(money) if self.people else str(money)

    def amounts(self, several: Iterable[Money]) -> str:
        """Return amounts of several currencies."""
        return "; ".join(map(self.amount, several))

    def number(self, number: int) -> str:
        """Return a whole number."""
        return here().number(number) if self.people else f"{number}"

    def counted(self, plural: "Plural", number: int, /, **values: object) -> str:
        """Return a text with its number, in the singular or the plural, and with the values of its placeholders."""
        form = plural.one if number == 1 else plural.many
        return form.format(self.number(number), **values)


def on_stdout() -> Writing:
    """Return how days, amounts and numbers are written to stdout."""
    return Writing(sys.stdout is not None and sys.stdout.isatty())


def on_stderr() -> Writing:
    """Return how days, amounts and numbers are written to stderr."""
    return Writing(sys.stderr is not None and sys.stderr.isatty())


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
