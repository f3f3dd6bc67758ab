"""Progress bars on stderr, if that is a terminal: pages, rows and time left of a reading; steps of an update.

They are shown with ``--json``, too: that document is on stdout alone.
"""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from primanota import banks
from primanota.app.progress import no_progress, no_steps
from primanota.cli import texts
from primanota.cli.terminal import output
from primanota.cli.terminal.time_left import TimeLeft
from primanota.cli.texts.language import here

if TYPE_CHECKING:
    from rich.progress import Progress as Display

# A longer time is shown in minutes.
_MOST_SECONDS = 90


@contextmanager
def bar(*, counts_pages: bool = True) -> Iterator[banks.Progress]:
    """Show a bar while the bank is read; nothing without a terminal.

    Args:
        counts_pages: whether the number of pages says something: pieces of files only fill the bar.
    """
    with _display(lambda: texts.progress().reading) as display:
        if display:
            yield _Bar(display, counts_pages=counts_pages)
            return
        with no_progress() as progress:
            yield progress


@contextmanager
def update_bar() -> Iterator[Callable[[int, int], object]]:
    """Show a bar while an older book is brought up to date; nothing without a terminal."""
    with _display(lambda: texts.progress().updating) as display:
        if display:
            task = display.add_task("", total=None)
            yield lambda done, steps: display.update(task, completed=done, total=steps)
            return
        with no_steps() as count:
            yield count


@contextmanager
def _display(doing: Callable[[], str]) -> Iterator["Display | None"]:
    """Yield an empty display of bars; None without a terminal that can draw it.

    Args:
        doing: returns what is being done, in the language of the terminal.
    """
    if not sys.stderr.isatty():
        yield None
        return
    console = output.console(stderr=True)
    if not console.is_interactive or console.is_dumb_terminal:  # rich would leave an empty line there
        yield None
        return
    from rich import progress as rich_progress

    columns = doing(), "{task.description}"
    left, right = map(rich_progress.TextColumn, columns)
    with rich_progress.Progress(left, rich_progress.BarColumn(), right, console=console, transient=True) as display:
        yield display


class _Bar:
    """Count pages and rows into a rich progress display."""

    def __init__(self, display: "Display", *, counts_pages: bool) -> None:
        self._display = display
        self._counts_pages = counts_pages
        self._task = display.add_task("", total=None)
        self._left = TimeLeft()
        self._total = self._read = self._rows = 0

    def expect(self, pages: int) -> None:
        """Add pages to those that will be read."""
        self._total += pages
        self._display.update(self._task, total=self._total, description=self._counts())

    def page(self, rows: int) -> None:
        """Count a page that was read, with its number of rows."""
        self._read += 1
        self._rows += rows
        self._left.page()
        self._display.update(self._task, completed=self._read, description=self._counts())

    def limited(self, seconds_until: Callable[[int], float]) -> None:
        """Learn how many seconds so many further pages take at least, since the bank limits its requests."""
        self._left.seconds_until = seconds_until

    def _counts(self) -> str:
        words, number = texts.progress(), here().number
        shown = (
            words.pages.format(read=number(self._read), total=number(self._total)) if self._counts_pages else "",
            words.rows.format(rows=number(self._rows)),
            time_text(self._left.seconds(self._total - self._read)),
        )
        return " · ".join(filter(None, shown))


def time_text(seconds: float | None) -> str:
    """Return a time left in words; empty if it is not known, or there is none."""
    if not seconds:
        return ""
    if seconds > _MOST_SECONDS:
        return texts.progress().minutes_left.format(minutes=here().number(math.ceil(seconds / 60)))
    return texts.progress().seconds_left.format(seconds=math.ceil(seconds))
