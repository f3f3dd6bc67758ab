"""WHICH: the options that say which rows are to leave: of some days, new ones, or changed ones."""

import sys
from datetime import date
from typing import NamedTuple

import click

from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.cli import output, period_options
from primanota.cli.option_groups import option_group
from primanota.cli.period_options import PeriodOptions
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.selection import Changed, New, Selection
from primanota.profiles import Profile


class SelectionOptions(NamedTuple):
    """The words as they were given."""

    period: str | None
    since: str | None
    until: str | None
    new: bool = False
    changed: bool = False

    @property
    def said(self) -> bool:
        """Whether any word was given."""
        return any(self)

    @property
    def days(self) -> PeriodOptions:
        """The words that name days."""
        return PeriodOptions(self.period, self.since, self.until)

    def check(self, today: date) -> None:
        """Refuse words that can mean no rows, before anything is read; ``today`` is the machine's day.

        Raises:
            InvalidInput: no days, or words that contradict each other.
        """
        if self.changed and any((self.period, self.since, self.until, self.new)):
            raise InvalidInput("--changed finds rows of all days.", "Use it alone.")
        if self.new and self.period:
            raise InvalidInput("--new finds rows of all days, whatever their age.", "Leave --period out.")
        since = self.since or (self.until if self.new else None)  # the first new day may be known to the book
        if since or self.until or self.period:
            PeriodOptions(self.period, since, self.until).resolve(today)

    def resolve(self, session: Workspace, book: Book, tool: Profile) -> Selection:
        """The rows that are meant.

        Raises:
            InvalidInput: no rows, or words that contradict each other.
        """
        today = session.today(session.zone(book))
        self.check(today)
        if self.changed:
            return Changed()
        if self.new:
            return self._new(session, book, tool)
        return self.days.resolve(today)

    def _new(self, session: Workspace, book: Book, tool: Profile) -> New:
        start = Batches(book).start(tool.name)
        since = period.parse_day(self.since or start or session.config.since() or _ask_start(tool))
        end = period.between(since, period.parse_day(self.until)).end if self.until else None
        return New(since, end)


_NEW = "What is in no batch of the profile yet, however old."
options = option_group(
    "asked",
    SelectionOptions,
    {
        **period_options.WORDS,
        "new": click.option("--new", is_flag=True, help=_NEW),
        "changed": click.option("--changed", is_flag=True, help="What changed since it left, as it is now."),
    },
)


def ask() -> SelectionOptions:
    """Ask for the first and the last day in the terminal."""
    return SelectionOptions(*period_options.ask())


def _ask_start(tool: Profile) -> str:
    if not sys.stdin.isatty():
        raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Say it once, with --since DAY.")
    output.info(f"--new of {tool.name} is used for the first time: what is older than a day you name stays out.")
    return period_options.ask_day("First day (2026-10-05 or 20261005)")
