"""A lock that works where SQLite's do not: a file beside the book, which only one can make."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from primanota.core.errors import BookConflict, BookLocked

STALE_SECONDS = 600
_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 0.5
# Two who meet are done with each other in a moment, which nobody need hear of.
_SILENT_SECONDS = 2


class Lock:
    """The lock of a file, ``NAME.lock``, held for the moments in which the file is read or replaced.

    A lock older than ten minutes was left by a crash and is taken over. Two who take it over at once cannot both
    keep it: whoever finds that it removed a living lock puts that back, and whoever holds one looks, in the last
    moment, whether it is still its own.

    Args:
        path: the file.
        clock: seconds since 1970.
        sleep: waits for some seconds.
        tell: hears who is waited for, and of a lock that was taken over.
        token: a word that nobody else says.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        tell: Callable[[str], None],
        token: Callable[[], str],
    ) -> None:
        self._path = path
        self._file = path.with_name(f"{path.name}.lock")
        self._clock = clock
        self._sleep = sleep
        self._tell = tell
        self._token = token

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Hold it.

        Returns:
            What raises ``BookConflict`` if the lock is not ours any more: to be asked before anything is replaced.

        Raises:
            BookLocked: somebody else held it for a minute.
            OSError: the folder cannot be written.
        """
        ours = f"process {os.getpid()} on {socket.gethostname()} {self._token()}"
        self._make(ours)

        def still_ours() -> None:
            if self._holder() != ours:
                raise BookConflict(f"The lock of {self._path} was taken over.", "Fetch the book again, and repeat.")

        try:
            yield still_ours
        finally:
            if self._holder() == ours:
                self._file.unlink(missing_ok=True)

    def _make(self, ours: str) -> None:
        began, told = self._clock(), False
        while True:
            try:
                descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            except FileExistsError:
                if not told and self._clock() - began >= _SILENT_SECONDS:
                    self._tell(f"The book {self._path} is being used by {_person(self._holder())}: waiting for it.")
                    told = True
                self._wait(began + _PATIENCE_SECONDS)
                continue
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(ours)
            except BaseException:  # a lock that names nobody would keep everybody out
                self._file.unlink(missing_ok=True)
                raise
            return

    def _wait(self, until: float) -> None:
        """Wait a little for whoever holds it, or take it over."""
        holder = self._holder()  # first: if another lock comes in between, it is young
        try:
            since = self._file.stat().st_mtime
        except FileNotFoundError:
            return
        if self._clock() - since > STALE_SECONDS:
            self._take(holder)
        elif self._clock() > until:
            raise BookLocked(
                f"The book {self._path} is being fetched or put back by {_person(holder)},"
                f" since {datetime.fromtimestamp(since, UTC):%H:%M} UTC.",
                "Try again in a while; after ten minutes it counts as left by a crash.",
            )
        else:
            self._sleep(_PAUSE_SECONDS)

    def _take(self, holder: str) -> None:
        """Move a dead lock away; if it turns out to be a living one, put it back."""
        aside = self._file.with_name(f"{self._file.name}-{self._token()}")
        try:
            self._file.rename(aside)
        except FileNotFoundError:  # another one was quicker
            return
        if _text(aside) == holder:
            self._tell(f"The lock of {self._path}, left by {_person(holder)}, was taken over.")
        else:
            with suppress(OSError):
                os.link(aside, self._file)
        aside.unlink(missing_ok=True)

    def _holder(self) -> str:
        return _text(self._file)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _person(holder: str) -> str:
    """Who holds a lock, without the word that tells it from others."""
    return holder.rpartition(" ")[0] or "somebody"
