"""The options that select rows: of a period, new ones (--new), or changed ones (--changed)."""

import sys
from datetime import date
from typing import NamedTuple

import click

from primanota.app.selection import first_new_day
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import output, period_options
from primanota.cli.option_groups import option_group
from primanota.cli.period_options import PeriodOptions
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.selection import Changed, New, Selection
from primanota.profiles import Profile


class SelectionOptions(NamedTuple):
    """The values of the options, as given."""

    period: str | None
    since: str | None
    until: str | None
    new: bool = False
    changed: bool = False

    @property
    def given(self) -> bool:
        """Whether an option was given."""
        return any(self)

    def check(self, today: date) -> None:
        """Refuse options that cannot select rows, before a book is read; ``today`` is a local day.

        Raises:
            InvalidInput: the options do not name days, or contradict each other.
        """
        if self.changed and any((self.period, self.since, self.until, self.new)):
            raise InvalidInput("--changed finds rows of all days.", "Use it alone.")
        if self.new and self.period:
            raise InvalidInput("--new finds rows of all days.", "Leave --period out.")
        since = self.since or (self.until if self.new else None)  # the book may know the first new day
        if since or self.until or self.period:
            PeriodOptions(self.period, since, self.until).resolve(today)

    def resolve(self, workspace: Workspace, book: Book, tool: Profile) -> Selection:
        """Return the selection; in a terminal, ask for the first day of new rows if it is not known.

        Raises:
            InvalidInput: the options do not select rows, or contradict each other.
        """
        today = workspace.today(workspace.journal(book))
        self.check(today)
        if self.changed:
            return Changed()
        if not self.new:
            return PeriodOptions(self.period, self.since, self.until).resolve(today)
        since = first_new_day(book, tool, self.since, workspace.config) or _ask_first_day(tool)
        return New(since, period.between(since, period.parse_day(self.until)).end if self.until else None)


options = option_group(
    "options",
    SelectionOptions,
    {
        **period_options.OPTIONS,
        "new": click.option("--new", is_flag=True, help="Rows that are in no batch of the profile yet, of any age."),
        "changed": click.option(
            "--changed", is_flag=True, help="Rows that changed since their export, as they are now."
        ),
    },
)


def ask() -> SelectionOptions:
    """Ask for the first and the last day in the terminal."""
    return SelectionOptions(*period_options.ask())


def _ask_first_day(tool: Profile) -> date:
    if not sys.stdin.isatty():
        raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Add --since DAY, once.")
    output.info(f"This is the first --new for {tool.name}: rows older than the first day stay out.")
    return period.parse_day(period_options.ask_day("First day (2026-10-05 or 20261005)"))
