"""A book that lies elsewhere, at hand for a while: in a private folder, and put back when it is said."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from primanota.adapters.storage.remote_book import BookStore
from primanota.core.errors import BookLocked, ConfigurationError

private_folder = partial(tempfile.TemporaryDirectory, prefix="primanota-", ignore_cleanup_errors=True)


class Checkout:
    """A book at hand.

    Args:
        shelf: where it lies.
        path: where its copy is.
        mark: which book was fetched; empty where there was none.
    """

    def __init__(self, shelf: BookStore, path: Path, mark: str) -> None:
        self.path = path
        self._shelf = shelf
        self._mark = mark
        self._known = _digest(path)

    def publish(self, settle: Callable[[], None]) -> bool:
        """Put the copy back if it changed since it was fetched or last put; as often as there is something new.

        Args:
            settle: makes the copy whole: all that SQLite still keeps beside it comes into the file itself.

        Returns:
            Whether anything was put.

        Raises:
            BookConflict: somebody else changed the book meanwhile. This copy is of no use any more.
            BookLocked: something still reads the copy, so that it cannot be made whole.
            ConfigurationError: it cannot be put back. Nothing of it is there; it can be tried again.
        """
        settle()
        beside = self.path.with_name(f"{self.path.name}-wal")
        if beside.exists() and beside.stat().st_size:
            raise BookLocked(f"The copy of the book, {self.path}, is still being read.", "Wait until it is done.")
        present = _digest(self.path)
        if present == self._known:
            return False
        self._mark = self._shelf.upload(self.path, self._mark)
        self._known = present
        return True


@contextmanager
def checked_out(
    shelf: BookStore, name: str, *, begin: bool, folder: Callable[[], AbstractContextManager[str]] = private_folder
) -> Iterator[Checkout]:
    """Fetch a book into a private folder, which is gone afterwards, with whatever was not published.

    Args:
        shelf: where it lies.
        name: what the copy is called, since errors name it.
        begin: whether a book may be begun where none is; a book that vanished must not be made anew unasked.
        folder: makes a folder that only we can read, and removes it.

    Raises:
        ConfigurationError: the book cannot be fetched, or there is none and none may be begun.
    """
    with folder() as private:
        path = Path(private) / name
        mark = shelf.fetch(path)
        if not mark and not begin:
            raise ConfigurationError(
                f"There is no book at {shelf}.", "Look whether its name is right and it was not deleted."
            )
        yield Checkout(shelf, path, mark)


def _digest(path: Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
