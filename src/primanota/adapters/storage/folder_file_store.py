"""A store of files in a folder beside a book on a disk, or on a folder that several machines share."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from primanota.adapters.storage import disk, regular_file
from primanota.adapters.storage.file_store import PIECE, FileState, IncomingFile, missing, staged_at
from primanota.core.disk_errors import disk_error
from primanota.core.errors import ConfigurationError
from primanota.core.kept_files import KeptFile

_STAGED, _STAGED_SUFFIX = ".primanota-", ".part"
# What a killed run left behind is removed after a day: another machine may be writing here.
_LEFT_AFTER = 24 * 60 * 60
_GROUP_AND_OTHERS = 0o077
_REPAIR = "Put it back, or run “primanota receipts --repair”."


class FolderFileStore:
    """Files in a folder, private to their owner, or readable by whoever may read the book.

    Args:
        folder: the folder; it is made when the first file comes.
        book: the book on a shared folder, whose permissions for others the files get; None for private files.
        token: makes a unique word.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        *,
        book: Path | None = None,
        token: Callable[[], str] = disk.new_token,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.place = str(folder)
        self._folder = folder
        self._book = book
        self._token = token
        self._clock = clock
        self._first, self._is_swept = Lock(), False

    @contextmanager
    def staged(self) -> Iterator[IncomingFile]:
        """Stage a file in the folder itself, so that it can be renamed; see ``FileStore``."""
        with self._translated_errors("written"):
            self._make(self._folder)
            self._sweep()
            with staged_at(self._folder / f"{_STAGED}{self._token()}{_STAGED_SUFFIX}") as staged:
                yield staged

    def keep(self, staged: IncomingFile, file: KeptFile) -> None:
        """Sync and rename a staged file; see ``FileStore``."""
        with self._translated_errors("written"):
            target = self._folder / file.path
            if self._state(target, file) == "whole":
                return
            staged.complete()
            self._make(target.parent)
            self._permit(staged.path)
            staged.path.replace(target)
            disk.make_durable(target.parent)

    def pieces(self, file: KeptFile) -> Iterator[bytes]:
        """Yield the bytes of a file; see ``FileStore``."""
        with self._translated_errors("read"):
            try:
                with regular_file.opened(self._folder / file.path) as content:
                    while piece := content.read(PIECE):
                        yield piece
            except FileNotFoundError:
                raise missing(file, self.place) from None

    def state(self, file: KeptFile) -> FileState:
        """Return whether a file is whole; see ``FileStore``."""
        with self._translated_errors("read"):
            return self._state(self._folder / file.path, file)

    def require_usable(self) -> None:
        """Look at the folder, its permissions and those of its folders; see ``FileStore``."""
        with self._translated_errors("read"):
            if not self._folder.is_dir():
                raise ConfigurationError(f"The folder of receipts {self.place} is missing.", _REPAIR)
            if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
                raise ConfigurationError(
                    f"The folder of receipts {self.place} cannot be written.", "Check the folder's permissions."
                )
            folders = (self._folder, *(path for path in self._folder.iterdir() if path.is_dir()))
            if any(self._is_open_to_others(path) for path in folders):
                raise ConfigurationError(
                    f"Other users of this machine can read receipts in {self.place}.",
                    f"Run “chmod -R go= {self.place}”.",
                )

    def _is_open_to_others(self, folder: Path) -> bool:
        """Return whether others may look into a private folder; on a shared one, those who may read the book do."""
        return os.name == "posix" and not self._book and bool(folder.stat().st_mode & _GROUP_AND_OTHERS)

    def _state(self, path: Path, file: KeptFile) -> FileState:
        if not disk.is_there(path):
            return "missing"
        return "whole" if disk.sha256_of(path) == file.sha256 else "changed"

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._permit(folder)
            disk.make_durable(folder.parent)

    def _permit(self, path: Path) -> None:
        """Let those read a file or a folder who may read the book; not every share has permissions."""
        if self._book:
            with suppress(OSError):
                others = self._book.stat().st_mode & _GROUP_AND_OTHERS
                path.chmod((0o700 | others | (others & 0o044) >> 2) if path.is_dir() else 0o600 | others)

    def _sweep(self) -> None:
        """Remove staged files of runs that were killed long ago; once."""
        with self._first:
            if self._is_swept:
                return
            self._is_swept = True
            for left in self._folder.glob(f"{_STAGED}*{_STAGED_SUFFIX}"):
                with suppress(OSError):
                    if left.stat().st_mtime < self._clock() - _LEFT_AFTER:
                        left.unlink()

    @contextmanager
    def _translated_errors(self, action: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            failed = ConfigurationError(
                f"The folder of receipts {self.place} cannot be {action}: {error.strerror or error}.",
                "Check the folder's permissions.",
            )
            subject = f"The folder of receipts {self.place}"
            raise disk_error(error, subject, otherwise=failed, action=action) from None
