"""A progress bar on stderr, where that is a terminal: pages, rows, rate, time left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from primanota.banks.qonto.paging import Progress
from primanota.cli import output

if TYPE_CHECKING:
    from rich.progress import Progress as Display


class _Silent:
    """Hears everything and shows nothing."""

    def expect(self, pages: int) -> None:
        """Nothing to show."""

    def page(self, rows: int) -> None:
        """Nothing to show."""


@contextmanager
def bar() -> Iterator[Progress]:
    """A bar while a reading goes on; silence where nobody watches."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    console = output.console(stderr=True)
    if not console.is_interactive or console.is_dumb_terminal:  # rich would leave an empty line there
        yield _Silent()
        return
    from rich import progress  # noqa: PLC0415 - slow to load

    columns = (
        progress.TextColumn("Reading"),
        progress.BarColumn(),
        progress.TextColumn("{task.completed:.0f}/{task.total:.0f} pages · {task.fields[rows]} rows · "),
        progress.TextColumn("{task.fields[rate]:.0f} rows/s"),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=console, transient=True) as display:
        yield _Bar(display)


class _Bar:
    """Counts pages and rows into a rich progress display."""

    def __init__(self, display: "Display") -> None:
        self._display = display
        self._task = display.add_task("", total=0, rows=0, rate=0.0)
        self._pages = 0
        self._rows = 0

    def expect(self, pages: int) -> None:
        """More pages are to come."""
        self._pages += pages
        self._display.update(self._task, total=self._pages)

    def page(self, rows: int) -> None:
        """A page came."""
        self._rows += rows
        elapsed = self._display.tasks[0].elapsed or 0
        rate = self._rows / elapsed if elapsed else 0.0
        self._display.update(self._task, advance=1, rows=self._rows, rate=rate)
