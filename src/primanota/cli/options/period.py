"""The options that name a period (--period, --since, --until), and the questions that ask for one."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import click

from primanota.cli import texts
from primanota.cli.options.completions import PERIOD
from primanota.cli.options.groups import option_group
from primanota.cli.terminal import output
from primanota.cli.texts.language import on_stderr
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.period import Calendar, Period


class PeriodOptions(NamedTuple):
    """The values of the options, as given."""

    period: str | None
    since: str | None
    until: str | None

    @property
    def given(self) -> bool:
        """Whether an option was given."""
        return any(self)

    def resolve(self, calendar: Calendar) -> Period:
        """Return the period that the options name, in the organisation's calendar.

        Raises:
            InvalidInput: the options do not name days, or not a period.
        """
        if self.period and (self.since or self.until):
            raise InvalidInput("--period and --since/--until exclude each other.", "Use one of them.")
        if self.period:
            return calendar.period(self.period)
        if not self.since:
            raise InvalidInput("Which days?", f"Add --since DAY, or --period with one of {period.EXAMPLES}.")
        since = calendar.first(self.since)
        return period.between(since, calendar.last(self.until) if self.until else max(calendar.today, since))


OPTIONS = {
    "period": click.option("--period", type=PERIOD, metavar="PERIOD", help=f"{period.EXAMPLES}."),
    "since": click.option("--since", metavar="DAY", help=f"First day, as {period.DAY_EXAMPLES}."),
    "until": click.option(
        "--until", metavar="DAY", help="Last day, included; of a month or a period its last. Default: today."
    ),
}
options = option_group("options", PeriodOptions, OPTIONS)


def ask(calendar: Calendar) -> PeriodOptions:
    """Ask for the first and the last day in the terminal, until both are valid.

    On Enter, the first day is that of the present month, the last day today.
    """
    words, this_month = texts.prompts().day, calendar.today.replace(day=1)
    since = ask_day(words.first, calendar.first, this_month)
    while True:
        until = ask_day(words.last, calendar.last, calendar.today, words.today)
        answer = PeriodOptions(None, since, None if until == f"{calendar.today}" else until)
        try:
            answer.resolve(calendar)
        except InvalidInput as error:
            output.info(str(error))
        else:
            return answer


def ask_day(question: str, read: Callable[[str], date], default: date, word: str = "") -> str:
    """Ask for a day until the answer can be read, and return it as it was written; Enter takes the default.

    Args:
        question: the question.
        read: reads an answer.
        default: the day that Enter means.
        word: how the default is called; as a day by default.
    """
    written = word or on_stderr().day(default)
    while True:
        answer = output.ask(question, default=written, show_default=True)
        if answer == written:  # how a language writes a day may mean another one in the company's country
            return f"{default}"
        try:
            read(answer)
        except InvalidInput as error:
            output.info(str(error))
        else:
            return answer
