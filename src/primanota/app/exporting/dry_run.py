"""Rehearse a run: everything that it would do up to its files, with a copy of the book that is thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core.errors import NoBookYet
from primanota.core.period import microseconds


@contextmanager
def thrown_away(workspace: Workspace) -> Iterator[Book]:
    """Yield a copy of the book, of an empty one if there is none yet; it is removed at the end, with its changes."""
    with TemporaryDirectory(prefix="primanota-") as folder:
        path = Path(folder) / "dry-run.book"
        try:
            workspace.transaction(lambda book: book.copy_to(path))
        except NoBookYet:
            path.unlink(missing_ok=True)
        with Book(path, lambda: microseconds(workspace.clock())) as copy:
            yield copy
