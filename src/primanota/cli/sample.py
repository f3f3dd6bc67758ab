"""Rows to show a profile by: the user's own newest ones where there are some, else invented ones."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from primanota.adapters.settings import config
from primanota.app import sample_rows
from primanota.app.workspace import Workspace
from primanota.cli.context import open_workspace
from primanota.core.errors import FormatRuleViolated, PrimanotaError
from primanota.core.model import Statement
from primanota.profiles import Profile


class Example(NamedTuple):
    """Rows, and whether they are invented."""

    statement: Statement
    invented: bool

    @property
    def told(self) -> str:
        """Whose they are, in a sentence."""
        if self.invented:
            return "The example is invented: there is no book with rows yet."
        return f"The example is of your own book: the newest of {self.statement.account.name}."


def example(count: int) -> Example:
    """So many rows at most: of the first organisation's book that has any, else invented."""
    for session in _sessions():
        # A book that cannot be read is no reason not to show a profile.
        with suppress(PrimanotaError), session.book() as book, book.reading():
            found = sample_rows.newest(book, session.zone(book), count)
            if found:
                return Example(found, invented=False)
    return Example(sample_rows.invented(), invented=True)


def cells(profile: Profile, statement: Statement) -> list[list[str]]:
    """What the file would show of rows, headings first; also of rows that the tool would not take."""
    rows = list(statement.rows)
    with suppress(FormatRuleViolated):
        return list(profile.rows(statement))
    return [profile.headings, *([text for _, text in profile.shown(row)] for row in rows)]


def _sessions() -> Iterator[Workspace]:
    """The default organisation, then all others."""
    with suppress(PrimanotaError):
        settings = config.load()
        for login in dict.fromkeys((None, *settings.organisations)):
            with suppress(PrimanotaError):
                yield open_workspace(login, settings=settings)
