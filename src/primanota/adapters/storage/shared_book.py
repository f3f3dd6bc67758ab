"""A book on a folder that several machines share."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from primanota.adapters.storage import disk, lock_file, regular_file
from primanota.adapters.storage.book_claims import Claims
from primanota.adapters.storage.book_place import PIECE, StoredNote, conflict, digest_of, gone, write_pieces
from primanota.core.disk_errors import disk_error, place_error
from primanota.core.errors import BookUnusable, ConfigurationError, DeliveryFailed, PrimanotaError
from primanota.core.notice import Notice

SHARED = "shared:"
_SQLITE_SUFFIXES = ("-wal", "-journal")
_NOTE_SUFFIX = "-note"
_LONGEST_NOTE = 1 << 12


class SharedFolderBookStore:
    """A book on a folder that several machines share. Its revision is its SHA-256 in base 64.

    Args:
        path: the book. A note is kept beside it, as ``NAME-note``.
        clock: seconds since 1970.
        sleep: waits for some seconds.
        notify: called with notices for the user.
        token: makes a unique word.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        notify: Callable[[Notice], None] = lambda _: None,
        token: Callable[[], str] = disk.new_token,
    ) -> None:
        self._path = path
        self._token = token
        self.note = StoredNote()
        self._claims = Claims(path, self._present, clock)
        self._lock = lock_file.Lock(path, clock=clock, sleep=sleep, notify=notify, token=token)

    def __str__(self) -> str:
        return f"{SHARED}{self._path}"

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file; see ``BookStore``."""
        with self._translated_errors(), self._lock.held():
            self._claims.complete()
            if not disk.is_there(self._path):
                return ""
            if in_use := [
                suffix for suffix in _SQLITE_SUFFIXES if disk.is_there(self._path.with_name(self._path.name + suffix))
            ]:
                raise BookUnusable(
                    f"The book {self._path} is open in its place: {self._path.name}{in_use[0]} is next to it.",
                    f"Close what opened it, or after a crash open it once more, without {SHARED}",
                )
            with regular_file.opened(self._path) as book:
                fetched = write_pieces(iter(lambda: book.read(PIECE), b""), to)
            self.note = self._read_note(fetched)
            return fetched

    def upload(self, source: Path, revision: str, note: bytes = b"") -> str:
        """Put a book back; see ``BookStore``."""
        token = self._token()
        with self._translated_errors():
            with source.open("rb") as book:
                disk.stage(self._path, token, iter(lambda: book.read(PIECE), b""))
            try:
                with self._lock.held() as require_held:
                    self._claims.complete()
                    self._compare(revision)
                    with suppress(OSError):  # its permissions stay; not every share has permissions
                        shutil.copymode(self._path, disk.staged(self._path, token))
                    self._claims.forget()
                    require_held()
                    try:
                        self._claims.replace(token, revision)
                    except FileExistsError:
                        raise conflict(self._path) from None
                    put = digest_of(source)
                    self._write_note(token, put, note)
            finally:
                disk.discard(self._path, token)
        return put

    @property
    def _note_path(self) -> Path:
        return self._path.with_name(f"{self._path.name}{_NOTE_SUFFIX}")

    def _read_note(self, revision: str) -> StoredNote:
        """Return the note beside the book, whose first line is the revision that it is about."""
        try:
            about, _, content = regular_file.read(self._note_path, _LONGEST_NOTE).partition(b"\n")
        except OSError:
            return StoredNote()
        return StoredNote(content, is_current=about == revision.encode())

    def _write_note(self, token: str, revision: str, note: bytes) -> None:
        """Write the note beside the book; one that cannot be written costs a verification."""
        with suppress(OSError, PrimanotaError):
            disk.stage(self._note_path, token, [revision.encode(), b"\n", note])
            with suppress(OSError):  # whoever may read the book may read its note
                shutil.copymode(self._path, disk.staged(self._note_path, token))
            disk.finish(self._note_path, token)

    def _present(self) -> str:
        """Return the revision of the book that is in place; empty if there is none."""
        try:
            return digest_of(self._path)
        except FileNotFoundError:
            return ""

    def _compare(self, revision: str) -> None:
        present = self._present()
        if present != revision:
            raise conflict(self._path) if present else gone(self._path)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Translate the errors of the operating system within the block."""
        if not self._path.parent.is_dir():
            raise ConfigurationError(
                f"The folder of the book {self._path} does not exist.", "Check whether it is mounted."
            )
        try:
            yield
        except DeliveryFailed as error:
            raise place_error(error) from None
        except OSError as error:
            message = f"The book {self._path} cannot be reached: {error.strerror or error}."
            failed = ConfigurationError(message, "Check the folder's permissions.")
            raise disk_error(error, f"The book {self._path}", otherwise=failed, action="reached") from None
