"""The rows that a program asks an export for."""

from datetime import date

from primanota.app.exporting.selection import known_first_day
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core.errors import InvalidInput
from primanota.core.period import Days, parse_days
from primanota.core.selection import Changed, New, Selection
from primanota.profiles import Profile


def selection_of(
    workspace: Workspace,
    book: Book,
    tool: Profile,
    days: Days | None,
    *,
    new: bool,
    since: date | None,
    changed: bool,
) -> Selection:
    """Return the selection: a period, new rows, or changed ones.

    Raises:
        InvalidInput: not exactly one of them is asked for, or the first day of new rows is not known.
    """
    if [days is not None, new, changed].count(True) != 1 or (since and not new):
        raise InvalidInput(
            "An export is of a period, of new rows, or of changed ones.", "Give days, new=True or changed=True."
        )
    if since is not None and not isinstance(since, date):
        raise InvalidInput(f"{since!r} is not a day.", "Give a datetime.date as since.")
    if days is not None:
        return parse_days(days, *workspace.calendar(workspace.journal(book)))
    if changed:
        return Changed()
    first = since or known_first_day(book, tool.name, workspace.config)
    if first is None:
        raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Give since, once.")
    return New(first)
