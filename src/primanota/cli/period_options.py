"""WHEN: the options that say which days are meant, and the questions that ask for them."""

from datetime import date
from typing import NamedTuple

import click

from primanota.cli import output
from primanota.cli.option_groups import option_group
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.period import Period


class PeriodOptions(NamedTuple):
    """The words as they were given."""

    period: str | None
    since: str | None
    until: str | None

    @property
    def said(self) -> bool:
        """Whether any word was given."""
        return any(self)

    def resolve(self, today: date) -> Period:
        """The days that are meant; ``today`` is the local day.

        Raises:
            InvalidInput: no days, or days that make no period.
        """
        if self.period and (self.since or self.until):
            raise InvalidInput("--period and --since/--until say the same thing twice.", "Use one of them.")
        if self.period:
            return period.parse(self.period, today)
        if not self.since:
            raise InvalidInput("Which days?", f"Add --since DAY, or --period with one of {period.EXAMPLES}.")
        until = period.parse_day(self.until) if self.until else max(today, period.parse_day(self.since))
        return period.between(period.parse_day(self.since), until)


WORDS = {
    "period": click.option("--period", metavar="PERIOD", help=f"{period.EXAMPLES}."),
    "since": click.option("--since", metavar="DAY", help="First day, as 2026-10-05 or 20261005."),
    "until": click.option("--until", metavar="DAY", help="Last day, included. Left out: up to today."),
}
options = option_group("asked", PeriodOptions, WORDS)


def ask() -> PeriodOptions:
    """Ask for the first and the last day in the terminal, until both make sense; the last one is optional."""
    since = ask_day("Start date (2026-10-05 or 20261005)")
    while True:
        until = ask_day("End date (empty: until today)", optional=True)
        try:
            if until:
                period.between(period.parse_day(since), period.parse_day(until))
        except InvalidInput as error:
            output.info(str(error))
        else:
            return PeriodOptions(None, since, until)


def ask_day(question: str, *, optional: bool = False) -> str:
    """Ask for a day until it is one; where it is optional, it may be empty."""
    while True:
        answer: str = click.prompt(question, default="" if optional else None, show_default=False, err=True)
        if not answer and optional:
            return ""
        try:
            period.parse_day(answer)
        except InvalidInput as error:
            output.info(str(error))
        else:
            return answer
