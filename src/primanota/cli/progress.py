"""A progress bar on stderr, if that is a terminal: pages, rows, rows per second, time left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from primanota import banks
from primanota.app.progress import no_progress
from primanota.cli import output, texts

if TYPE_CHECKING:
    from rich.progress import Progress as Display

# The placeholders of the texts, as rich fills them in.
_PAGES = {"done": "{task.completed:.0f}", "expected": "{task.total:.0f}", "rows": "{task.fields[rows]}"}


@contextmanager
def bar() -> Iterator[banks.Progress]:
    """Show a bar while the bank is read; nothing without a terminal."""
    if not sys.stderr.isatty():
        with no_progress() as progress:
            yield progress
        return
    console = output.console(stderr=True)
    if not console.is_interactive or console.is_dumb_terminal:  # rich would leave an empty line there
        with no_progress() as progress:
            yield progress
        return
    from rich import progress as rich_progress

    words = texts.prompts().progress
    columns = (
        rich_progress.TextColumn(words.reading),
        rich_progress.BarColumn(),
        rich_progress.TextColumn(f"{words.pages.format(**_PAGES)} · "),
        rich_progress.TextColumn(words.rate.format(rows="{task.fields[rate]:.0f}")),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=console, transient=True) as display:
        yield _Bar(display)


class _Bar:
    """Count pages and rows into a rich progress display."""

    def __init__(self, display: "Display") -> None:
        self._display = display
        self._task = display.add_task("", total=0, rows=0, rate=0.0)
        self._pages = 0
        self._rows = 0

    def expect(self, pages: int) -> None:
        """Add pages to those that will be read."""
        self._pages += pages
        self._display.update(self._task, total=self._pages)

    def page(self, rows: int) -> None:
        """Count a page that was read, with its number of rows."""
        self._rows += rows
        elapsed = self._display.tasks[0].elapsed or 0
        rate = self._rows / elapsed if elapsed else 0.0
        self._display.update(self._task, advance=1, rows=self._rows, rate=rate)
