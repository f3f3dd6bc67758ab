"""A private copy of a remote book, put back when its user publishes it."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from primanota.adapters.storage import disk
from primanota.adapters.storage.book_place import BookStore, StoredNote
from primanota.core.errors import BookConflict, BookLocked, ConfigurationError

private_folder = partial(tempfile.TemporaryDirectory, prefix="primanota-", ignore_cleanup_errors=True)


class Checkout:
    """A private copy of a remote book.

    Args:
        store: the place of the book.
        path: the copy.
        revision: what was fetched; empty if there was no book.

    Attributes:
        note: the note that was fetched with the book.
    """

    def __init__(self, store: BookStore, path: Path, revision: str) -> None:
        self.path = path
        self.note: StoredNote = store.note
        self._store = store
        self._revision = revision
        self._published = _digest(path)
        self._lost: BookConflict | None = None

    def publish(self, checkpoint: Callable[[], bytes]) -> bool:
        """Upload the copy if it changed since it was fetched or last published.

        Args:
            checkpoint: writes into the file what SQLite keeps beside it (its write-ahead log), and returns the note
                that is kept with the book.

        Returns:
            Whether anything was uploaded.

        Raises:
            BookConflict: another process changed the book meanwhile. This copy cannot be published any more.
            BookLocked: the copy is still being read, so that the log cannot be written into it.
            ConfigurationError: the upload failed. Nothing was written; it can be tried again.
        """
        if self._lost:
            raise self._lost
        note = checkpoint()
        log = self.path.with_name(f"{self.path.name}-wal")
        if disk.is_there(log) and log.stat().st_size:
            raise BookLocked(f"The copy of the book, {self.path}, is still being read.", "Wait until that ends.")
        present = _digest(self.path)
        if present == self._published:
            return False
        try:
            self._revision = self._store.upload(self.path, self._revision, note)
        except BookConflict as error:
            self._lost = error
            raise
        self._published = present
        return True


@contextmanager
def checked_out(
    store: BookStore, name: str, *, create: bool, folder: Callable[[], AbstractContextManager[str]] = private_folder
) -> Iterator[Checkout]:
    """Fetch a book into a private folder. The folder is removed afterwards, with everything not published.

    Args:
        store: the place of the book.
        name: the file name of the copy, which errors name.
        create: whether a new book may be begun; a book that vanished must not be begun again unasked.
        folder: makes a folder that only its owner can read, and removes it.

    Raises:
        ConfigurationError: the book cannot be fetched, or does not exist and may not be begun.
    """
    with folder() as private:
        path = Path(private) / name
        revision = store.fetch(path)
        if not revision and not create:
            raise ConfigurationError(f"There is no book at {store}.", "Check its name, and whether it was deleted.")
        yield Checkout(store, path, revision)


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; empty if it does not exist."""
    if not disk.is_there(path):
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
