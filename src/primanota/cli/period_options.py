"""The options that name a period (--period, --since, --until), and the questions that ask for one."""

from datetime import date
from typing import NamedTuple

import click

from primanota.cli import output
from primanota.cli.completions import PERIOD
from primanota.cli.option_groups import option_group
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.period import Period


class PeriodOptions(NamedTuple):
    """The values of the options, as given."""

    period: str | None
    since: str | None
    until: str | None

    @property
    def given(self) -> bool:
        """Whether an option was given."""
        return any(self)

    def resolve(self, today: date) -> Period:
        """Return the period that the options name; ``today`` is the organisation's local day.

        Raises:
            InvalidInput: the options do not name days, or not a period.
        """
        if self.period and (self.since or self.until):
            raise InvalidInput("--period and --since/--until exclude each other.", "Use one of them.")
        if self.period:
            return period.parse(self.period, today)
        if not self.since:
            raise InvalidInput("Which days?", f"Add --since DAY, or --period with one of {period.EXAMPLES}.")
        until = period.parse_day(self.until) if self.until else max(today, period.parse_day(self.since))
        return period.between(period.parse_day(self.since), until)


OPTIONS = {
    "period": click.option("--period", type=PERIOD, metavar="PERIOD", help=f"{period.EXAMPLES}."),
    "since": click.option("--since", metavar="DAY", help="First day, as 2026-10-05 or 20261005."),
    "until": click.option("--until", metavar="DAY", help="Last day, included. Default: today."),
}
options = option_group("options", PeriodOptions, OPTIONS)


def ask() -> PeriodOptions:
    """Ask for the first and the last day in the terminal, until both are valid; the last day is optional."""
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
    """Ask for a day until the answer is valid; an optional one may be empty."""
    while True:
        answer = output.ask(question, default="" if optional else None)
        if not answer and optional:
            return ""
        try:
            period.parse_day(answer)
        except InvalidInput as error:
            output.info(str(error))
        else:
            return answer
