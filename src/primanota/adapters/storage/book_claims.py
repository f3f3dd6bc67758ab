"""Claims on the revisions of a book on a shared folder: a revision has one successor, whoever sleeps meanwhile.

A lock cannot promise that: a process may sleep between its last look at the lock and the renaming of its file, until
the lock is stale. So a process first claims the revision that it follows. Only one process can make the claim, a hard
link whose name is made of the revision. The claim names the staged file, which can be renamed only once, and stays,
so that no other process claims the same revision later.
"""

import glob
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from primanota.adapters.storage import disk

_MARK = 24
_NAME = re.compile(rf"[0-9a-f]{{{_MARK}}}")
# No process sleeps for so long between two steps, twice in a row, and goes on.
_SECONDS = 86_400


class Claims:
    """The claims beside a book.

    Args:
        book: the path of the book.
        present: returns the revision of the book that is in place; empty if there is none.
        clock: seconds since 1970.
    """

    def __init__(self, book: Path, present: Callable[[], str], clock: Callable[[], float]) -> None:
        self._book = book
        self._present = present
        self._clock = clock

    def replace(self, token: str, revision: str) -> None:
        """Replace a revision of the book by the file that is staged under a token.

        Raises:
            FileExistsError: another process claimed the revision.
            OSError: the folder cannot be written.
        """
        claim = self._path(revision)
        disk.stage(claim, token, [token.encode()])
        staged = disk.staged(claim, token)
        try:
            with suppress(OSError):  # whoever may read the book must be able to complete it
                shutil.copymode(self._book, staged)
            os.link(staged, claim)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in disk.NO_LINKS:
                raise
            disk.finish(self._book, token)  # without links, the lock alone guards the book
            return
        finally:
            disk.discard(claim, token)
        with suppress(FileNotFoundError):  # another process has completed it
            disk.staged(self._book, token).replace(self._book)
        disk.make_durable(self._book.parent)

    def complete(self) -> None:
        """Put the book in place whose process claimed the present revision, and ended or sleeps since."""
        revision = self._present()
        claim = self._path(revision)
        try:
            token = claim.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return
        try:
            disk.staged(self._book, token).replace(self._book)
        except FileNotFoundError:
            if self._present() == revision:  # it was not put in place, or a person put an older book back since
                claim.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove claims that are so old that no process can still be about to make or to complete them."""
        for path in self._book.parent.glob(f".{glob.escape(self._book.name)}.after-*"):
            with suppress(OSError):
                age = self._clock() - path.stat().st_mtime
                if age > _SECONDS and _NAME.fullmatch(path.name.rpartition("-")[2]):
                    path.unlink(missing_ok=True)

    def _path(self, revision: str) -> Path:
        mark = hashlib.sha256(revision.encode()).hexdigest()[:_MARK]
        return self._book.with_name(f".{self._book.name}.after-{mark}")
