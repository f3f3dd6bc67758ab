"""The progress of an import: the pieces of its files as pages, and the rows that were stored meanwhile."""

from collections.abc import Iterable
from pathlib import Path

from primanota import banks

_TIMES_READ = 2


class ProgressOfFiles:
    """Counts the pieces of files into a progress of pages.

    Args:
        progress: shows the progress.
    """

    def __init__(self, progress: banks.Progress) -> None:
        self._progress = progress
        self._rows = 0

    def expect(self, paths: Iterable[Path]) -> None:
        """Add files to those that will be read; one that is not there is refused when it is read."""
        self._progress.expect(_TIMES_READ * sum(-(-_size(path) // banks.PIECE) for path in paths))

    def piece(self) -> None:
        """Count a piece that was read."""
        self._progress.page(self._rows)
        self._rows = 0

    def rows(self, count: int) -> None:
        """Count rows that were read; they are shown with the next piece."""
        self._rows += count


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
