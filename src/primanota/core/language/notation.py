"""How a language writes numbers, amounts and dates. Pure."""

from datetime import date, datetime
from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load


class Notation(Texts, frozen=True):
    """How amounts and dates are written. Numbers of fewer than ``group_from`` digits have no separator."""

    colon: str
    decimal: str
    group: str
    group_from: int
    euro: str
    other: str
    day_form: str
    days_form: str
    weekdays: tuple[str, str, str, str, str, str, str]
    unknown: str

    def number(self, number: int) -> str:
        """Return a whole number with the language's separators."""
        digits = f"{abs(number)}"
        if len(digits) >= self.group_from:
            digits = f"{abs(number):,}".replace(",", self.group)
        return f"-{digits}" if number < 0 else digits

    def money(self, cents: int | None, currency: str, *, symbol: bool = True) -> str:
        """Return an amount in cents, exactly; the text for an unknown one if it is None.

        Args:
            cents: the amount.
            currency: its ISO 4217 code.
            symbol: whether euros have their symbol, and not their code.
        """
        if cents is None:
            return self.unknown
        pattern = self.euro if currency == "EUR" and symbol else self.other
        amount = f"{self.number(abs(cents) // 100)}{self.decimal}{abs(cents) % 100:02}"
        return ("-" if cents < 0 else "") + pattern.format(amount, currency=currency)

    def day(self, day: date) -> str:
        """Return a date."""
        return self.day_form.format(day)

    def moment(self, moment: datetime) -> str:
        """Return a day and a time of day, to the minute."""
        return f"{self.day(moment)} {moment:%H:%M}"

    def weekday(self, day: date) -> str:
        """Return the name of a date's day of the week."""
        return self.weekdays[day.weekday()]

    def days(self, first: date | None, last: date | None) -> str:
        """Return a span of days, both included; empty if one is None."""
        if first is None or last is None:
            return ""
        return self.day(first) if first == last else self.days_form.format(self.day(first), self.day(last))

    def count(self, plural: Plural, number: int, **values: str) -> str:
        """Return a text with its number and other values, in the singular or the plural."""
        return (plural.one if number == 1 else plural.many).format(self.number(number), **values)

    def size(self, size: int) -> str:
        """Return a size in bytes as megabytes, rounded up to a tenth."""
        tenths = -(-size // 100_000)
        return f"{self.number(tenths // 10)}{self.decimal}{tenths % 10}\xa0MB"


@cache
def notation(language: str) -> Notation:
    """Return how a language writes numbers, amounts and dates; English for one that is not supported."""
    return load("notation", language, Notation)
