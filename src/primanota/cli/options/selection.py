"""The options that select rows: of a period, new ones (--new), or changed ones (--changed)."""

import sys
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import click

from primanota.app.exporting.new_rows import NewRows, count_new
from primanota.app.exporting.selection import choose_accounts, known_first_day
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import texts
from primanota.cli.options import period as period_options
from primanota.cli.options.groups import option_group
from primanota.cli.options.period import PeriodOptions
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import sums_text
from primanota.cli.texts.language import on_stderr
from primanota.core import period
from primanota.core.errors import InvalidInput
from primanota.core.period import Calendar, fiscal_year
from primanota.core.selection import Changed, New, Selection
from primanota.export.select import Export
from primanota.profiles import Profile


class SelectionOptions(NamedTuple):
    """The values of the options, as given; ``is_asked`` is false if nothing can be asked about one organisation."""

    period: str | None
    since: str | None
    until: str | None
    new: bool = False
    changed: bool = False
    yes: bool = False
    is_asked: bool = True

    @property
    def given(self) -> bool:
        """Whether an option that selects rows was given."""
        return any((self.period, self.since, self.until, self.new, self.changed))

    def check(self, calendar: Calendar) -> None:
        """Refuse options that cannot select rows, before a book is read.

        Raises:
            InvalidInput: the options do not name days, or contradict each other.
        """
        if self.changed and any((self.period, self.since, self.until, self.new)):
            raise InvalidInput("--changed finds rows of all days.", "Use it alone.")
        if self.new and self.period:
            raise InvalidInput("--new finds rows of all days.", "Leave --period out.")
        since = self.since or (self.until if self.new else None)  # the book may know the first new day
        if since or self.until or self.period:
            PeriodOptions(self.period, since, self.until).resolve(calendar)

    def resolve(
        self, workspace: Workspace, book: Book, tool: Profile, wanted: Sequence[str] = (), *, fixes_day: bool = True
    ) -> Selection:
        """Return the selection; in a terminal, ask for the first day of new rows if it is not known.

        Args:
            workspace: the organisation.
            book: its book.
            tool: the profile of the export.
            wanted: the accounts of the export, as given; all if there are none.
            fixes_day: whether the export fixes the first day of new rows, so that a person confirms it.

        Raises:
            InvalidInput: the options do not select rows, or contradict each other; or the first day was declined.
        """
        journal = workspace.journal(book)
        calendar = workspace.calendar(journal)
        self.check(calendar)
        if self.changed:
            return Changed()
        if not self.new:
            return PeriodOptions(self.period, self.since, self.until).resolve(calendar)
        known = known_first_day(book, tool.name, workspace.config)
        until = calendar.last(self.until) if self.until else None
        is_asked = self.is_asked and sys.stdin.isatty()
        asks = fixes_day and not self.yes and is_asked
        preview = _Preview(Export(journal, tool, Changed(), workspace.ledgers()), wanted)
        if not self.since:
            if known:
                return _new(known, until)
            if not is_asked:
                raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Add --since DAY, once.")
            return _ask_new(workspace, preview, calendar, until, asks=asks)
        new = _new(calendar.first(self.since), until)
        if asks and new.since != known and not preview.confirmed(new):
            raise InvalidInput(
                f"--new of {tool.name} does not begin on {new.since}.", "Give another day with --since."
            )
        return new


options = option_group(
    "options",
    SelectionOptions,
    {
        **period_options.OPTIONS,
        "new": click.option("--new", is_flag=True, help="Rows that are in no batch of the profile yet, of any age."),
        "changed": click.option(
            "--changed", is_flag=True, help="Rows that changed since their export, as they are now."
        ),
        "yes": click.option("--yes", is_flag=True, help="Do not ask before the first day of --new is fixed."),
    },
)


def ask(calendar: Calendar) -> SelectionOptions:
    """Ask for the first and the last day in the terminal."""
    return SelectionOptions(*period_options.ask(calendar))


def _new(since: date, until: date | None) -> New:
    return New(since, period.between(since, until).end if until else None)


def _ask_new(workspace: Workspace, preview: "_Preview", calendar: Calendar, until: date | None, *, asks: bool) -> New:
    """Ask for the first day of new rows, until a person confirms it.

    On Enter it is the first day of the fiscal year, or of the month where the settings do not know the year.
    """
    name, found = preview.request.profile.name, workspace.accounting()
    year = fiscal_year(calendar.today, found[0].fiscal_year_start()) if found else None
    default = year[0] if year else calendar.today.replace(day=1)
    output.info(texts.prompts().new.beginning.format(profile=name))
    while True:
        answer = period_options.ask_day(texts.prompts().day.first, calendar.first, default)
        new = _new(calendar.first(answer), until)
        if not asks or preview.confirmed(new):
            return new


class _Preview(NamedTuple):
    """An export whose first day of new rows is not fixed yet, and its accounts, as given."""

    request: Export
    wanted: Sequence[str]

    def confirmed(self, new: New) -> bool:
        """Say which rows will be exported from the first day on, and ask whether it is right."""
        name, accounts = self.request.profile.name, self.request.journal.accounts()
        found = count_new(self.request._replace(selection=new), choose_accounts(accounts, self.wanted))
        words, writing = texts.prompts().new, on_stderr()
        output.info(_found_text(found, name, new.since))
        return output.confirm(words.confirm.format(profile=name, day=writing.day(new.since)))


def _found_text(found: NewRows, profile: str, since: date) -> str:
    """Return which rows are new from a day on, in a sentence."""
    words, writing = texts.prompts().new, on_stderr()
    if not found.first or not found.last:
        return words.none.format(since=writing.day(since), profile=profile)
    values = {"since": writing.day(since), "profile": profile, "money": sums_text(found.sums, writing)}
    if found.first == found.last:
        return writing.counted(words.of_day, found.rows, day=writing.day(found.first), **values)
    days = {"first": writing.day(found.first), "last": writing.day(found.last)}
    return words.of_days.format(rows=writing.number(found.rows), **days, **values)
