"""A lock for shared folders, where SQLite's locks do not work: a file next to the book, created exclusively."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from primanota.core.errors import BookConflict, BookLocked
from primanota.core.notice import Notice

STALE_SECONDS = 600
_PATIENCE_SECONDS = 60
_PAUSE_SECONDS = 0.5
# Most locks are held for less than this; a shorter wait needs no message.
_SILENT_SECONDS = 2


class Lock:
    """The lock of a file, ``NAME.lock``, held while the file is read or replaced.

    A lock older than ten minutes was left by a crash and is taken over. If two processes take it over at once, only
    one can keep it: a process that finds that it removed a valid lock puts that back, and the holder of a lock checks
    at the last moment that it is still its own.

    Args:
        path: the file.
        clock: seconds since 1970.
        sleep: waits for some seconds.
        notify: called when a lock is waited for, and when one is taken over.
        token: makes a unique word.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        notify: Callable[[Notice], None],
        token: Callable[[], str],
    ) -> None:
        self._path = path
        self._file = path.with_name(f"{path.name}.lock")
        self._clock = clock
        self._sleep = sleep
        self._notify = notify
        self._token = token

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Hold the lock within the block.

        Yields:
            A function that raises ``BookConflict`` if the lock was taken over: call it before replacing the file.

        Raises:
            BookLocked: another process held the lock for a minute.
            OSError: the folder cannot be written.
        """
        own = f"process {os.getpid()} on {socket.gethostname()} {self._token()}"
        self._acquire(own)

        def require_held() -> None:
            if self._holder() != own:
                raise BookConflict(f"The lock of {self._path} was taken over.", "Fetch the book again, and repeat.")

        try:
            yield require_held
        finally:
            with suppress(OSError):  # what was done under the lock is done; a lock that stays becomes stale
                if self._holder() == own:
                    self._remove(own)

    def _acquire(self, own: str) -> None:
        began, notified = self._clock(), False
        while True:
            try:
                descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            except FileExistsError:
                if not notified and self._clock() - began >= _SILENT_SECONDS:
                    self._notify(self._waiting())
                    notified = True
                self._wait(began + _PATIENCE_SECONDS)
                continue
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(own)
            except BaseException:  # a lock without a holder would keep every process out
                self._file.unlink(missing_ok=True)
                raise
            return

    def _waiting(self) -> Notice:
        """Return a notice that says who is waited for, since when it has the book, and how long at most."""
        told = {
            "path": f"{self._path}",
            "holder": _process(self._holder()),
            "seconds": f"{_PATIENCE_SECONDS}",
        }
        with suppress(OSError):
            since = datetime.fromtimestamp(self._file.stat().st_mtime, UTC)
            return Notice.of("lock_waiting_since", None, **told, since=f"{since:%H:%M} UTC")
        return Notice.of("lock_waiting", None, **told)

    def _wait(self, until: float) -> None:
        """Wait a moment for the holder of the lock, or take over a stale lock."""
        holder = self._holder()  # first: a lock that comes after it is young
        try:
            since = self._file.stat().st_mtime
        except FileNotFoundError:
            return
        if self._clock() - since > STALE_SECONDS:
            self._take_over(holder)
        elif self._clock() > until:
            raise BookLocked(
                f"The book {self._path} is being fetched or put back by {_process(holder)},"
                f" since {datetime.fromtimestamp(since, UTC):%H:%M} UTC.",
                "Try again later; after ten minutes the lock counts as left by a crash.",
            )
        else:
            self._sleep(_PAUSE_SECONDS)

    def _take_over(self, holder: str) -> None:
        """Remove a stale lock."""
        if self._remove(holder):
            self._notify(Notice.of("lock_taken_over", path=f"{self._path}", holder=_process(holder)))

    def _remove(self, holder: str) -> bool:
        """Remove the lock of a holder; put it back if it turns out to be another one, made since it was looked at."""
        # The name of a book may be as long as the system allows, so this one cannot contain it.
        removed = self._file.with_name(f".primanota-{self._token()}.unlocked")
        try:
            self._file.rename(removed)
        except FileNotFoundError:  # another process removed it first
            return False
        is_right = _text(removed) == holder
        if not is_right:
            with suppress(OSError):
                os.link(removed, self._file)
        removed.unlink(missing_ok=True)
        return is_right

    def _holder(self) -> str:
        return _text(self._file)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _process(holder: str) -> str:
    """Return the holder of a lock without its unique word."""
    return holder.rpartition(" ")[0] or "another process"
