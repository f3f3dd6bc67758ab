"""Progress of reading pages: shown by nothing, or reported to by several threads."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Protocol

from primanota import banks


class ShowProgress(Protocol):
    """Shows the progress of a reading."""

    def __call__(self, *, counts_pages: bool = True) -> AbstractContextManager[banks.Progress]:
        """Return a context manager that shows it.

        Args:
            counts_pages: whether the number of pages says something: pieces of files only say how far the reading is.
        """


# Returns a context manager of a function that shows how many steps of how many are done.
ShowSteps = Callable[[], AbstractContextManager[Callable[[int, int], object]]]

Silent = banks.Silent


def no_progress(*, counts_pages: bool = True) -> AbstractContextManager[banks.Progress]:  # noqa: ARG001 - ShowProgress
    """Show no progress: for a run without a terminal."""
    return nullcontext(Silent())


def no_steps() -> AbstractContextManager[Callable[[int, int], object]]:
    """Show no steps: for a program without a terminal."""
    return nullcontext(lambda _done, _steps: None)


class SharedProgress:
    """A progress that several threads report to, one at a time.

    Args:
        progress: shows the progress.
    """

    def __init__(self, progress: banks.Progress) -> None:
        self._progress = progress
        self._lock = Lock()

    def expect(self, pages: int) -> None:
        """Add a number of pages to those that are expected."""
        with self._lock:
            self._progress.expect(pages)

    def page(self, rows: int) -> None:
        """Count a page that was read, with its number of rows."""
        with self._lock:
            self._progress.page(rows)

    def limited(self, seconds_until: Callable[[int], float]) -> None:
        """Pass on the bank's limit."""
        with self._lock:
            self._progress.limited(seconds_until)
