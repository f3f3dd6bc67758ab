"""Write files whole or not at all, readable by their owner alone.

A delivery that must be recoverable has two steps: the file is staged under a temporary name that is known beforehand,
then renamed. As long as the staged file exists, the delivery is not finished.
"""

import errno
import hashlib
import os
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from primanota.core.disk_errors import disk_error, unnameable
from primanota.core.errors import DeliveryFailed, InvalidInput, PrimanotaError

# A file system rounds each file up to its blocks.
_LEAST_ROOM = 1 << 14
_LEFT_AFTER = 24 * 60 * 60
_BINARY = getattr(os, "O_BINARY", 0)
# What a file system says that has no hard links, as many shared folders and memory cards.
NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}
_ELSEWHERE = "Name another place with --to."


def path_of(word: str) -> Path:
    """Return the path that a person wrote, with a home in place of ``~``.

    Raises:
        InvalidInput: the home is that of an unknown user, or no file can have the name.
    """
    if "\0" in word:
        raise InvalidInput("A path has a NUL in its name.", "Write it without.")
    try:
        return Path(word).expanduser()
    except RuntimeError:
        what = f"“{word}” names the home of a user that this system does not have."
        raise InvalidInput(what, "Write the whole path.") from None


def new_token() -> str:
    """Return a word that no other process makes: staged files of two copies of a book never share a name."""
    return secrets.token_hex(8)


def write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file under a temporary name next to its own, sync it to the disk, and rename it.

    An error that ``chunks`` raises passes through, and nothing is left behind.

    Raises:
        DeliveryFailed: the file cannot be written. No part of it is left.
    """
    key = f"{os.getpid()}-{threading.get_ident()}"
    stage(path, key, chunks)
    finish(path, key)


def staged(path: Path, key: str) -> Path:
    """Return the temporary path of a file, under a key that tells it from other stagings of the same file."""
    # A file name may be as long as the system allows, so the temporary one cannot contain it.
    name = hashlib.sha256(path.name.encode(errors="replace")).hexdigest()[:12]
    return path.with_name(f".primanota-{name}-{key}.part")


def stage(path: Path, key: str, chunks: Iterable[bytes]) -> None:
    """Write a file whole under its temporary name, and sync it to the disk.

    Raises:
        DeliveryFailed: the file cannot be written. No part of it is left.
    """
    temporary = staged(path, key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # left by an export that was killed before it was recorded
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    except (OSError, ValueError) as error:
        raise unusable_place(path, error) from None
    try:
        _write_chunks(descriptor, chunks)
        make_durable(path.parent)
    except BaseException as error:
        discard(path, key)
        if isinstance(error, OSError):
            raise _delivery_failed(path, error) from None
        raise


@contextmanager
def staging(path: Path, key: str) -> Iterator[IO[bytes]]:
    """Yield a file under the temporary name of another one, to be written and read; sync it to the disk at the end.

    What a killed process staged under a key that begins alike is removed after a day.

    Raises:
        DeliveryFailed: the file cannot be written. No part of it is left.
    """
    temporary = staged(path, key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path, key)
        file = os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "w+b")
    except (OSError, ValueError) as error:
        raise unusable_place(path, error) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        make_durable(path.parent)
    except BaseException as error:
        discard(path, key)
        if isinstance(error, OSError):
            raise _delivery_failed(path, error) from None
        raise


def name_staged(staged_for: Path, key: str, path: Path) -> bool:
    """Give a staged file a name that no file has; return whether it was free. If not, the staged file is removed.

    Args:
        staged_for: the path for which it is staged, in the same folder.
        key: the key under which it is staged.
        path: its name.

    Raises:
        DeliveryFailed: it cannot be renamed. The staged file is removed.
    """
    try:
        _move_to_new(staged(staged_for, key), path)
    except FileExistsError:
        return False
    except OSError as error:
        raise _delivery_failed(path, error) from None
    finally:
        discard(staged_for, key)
    make_durable(path.parent)
    return True


def _sweep(path: Path, key: str) -> None:
    """Remove what was staged for a file a day ago or more, under keys that begin as this one does."""
    word = key.partition("-")[0]
    for left in path.parent.glob(staged(path, f"{word}-*").name):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - _LEFT_AFTER:
                left.unlink()


def finish(path: Path, key: str, replaces: str | None = None) -> None:
    """Rename a staged file to its own name.

    Args:
        path: the file.
        key: the key under which it is staged.
        replaces: the SHA-256 of the file that it may replace; empty if no file may have its name; None for any file.

    Raises:
        FileExistsError: another file has its name than the one that it may replace. The staged file stays.
        FileNotFoundError: there is no staged file, with ``replaces``.
        DeliveryFailed: it cannot be renamed. The staged file is removed.
        OSError: it is not known whether it was renamed, as the disk cannot be read either.
    """
    source = staged(path, key)
    try:
        if replaces == "":
            _move_to_new(source, path)
        elif replaces is not None and sha256_of(path) != replaces:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), f"{path}")
        else:
            source.replace(path)
    except OSError as error:
        if replaces is not None and (isinstance(error, FileExistsError) or not is_there(source)):
            raise
        # A system may have done what it reports as failed, as a shared folder whose answer is lost.
        if not _is_same(source, path):
            discard(path, key)
            raise _delivery_failed(path, error) from None
    discard(path, key)
    make_durable(path.parent)


def _is_same(source: Path, path: Path) -> bool:
    try:
        return source.samefile(path)
    except FileNotFoundError:
        return False


def _move_to_new(source: Path, path: Path) -> None:
    """Rename a file to a name that no file has: a link is refused where one has it, a rename would replace it."""
    if os.name == "nt":  # there a rename is refused as well
        source.rename(path)
        return
    try:
        os.link(source, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), f"{path}") from None
        source.rename(path)


def is_there(path: Path) -> bool:
    """Return whether a path exists; ``Path.exists`` of newer Pythons takes an error of the disk for a missing file.

    Raises:
        OSError: that cannot be known.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a regular file; empty if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolved(place: Path) -> Path:
    """Return a place for files with a link followed, if it is one.

    Raises:
        DeliveryFailed: it is a pipe, a device or a socket; or a link that leads nowhere, or to what this user does
            not own.
    """
    place = place.absolute()
    try:
        status = place.stat()
        found = place.resolve() if place.is_symlink() else place
    except FileNotFoundError:
        if place.is_symlink():
            raise DeliveryFailed(f"{place} is a link that leads nowhere.", _ELSEWHERE) from None
        return place
    except NotADirectoryError:  # the error that follows names it
        return place
    except (OSError, ValueError) as error:
        raise unusable_place(place, error) from None
    is_device = not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode)
    if is_device or (found != place and _is_descriptor(place)):
        message = f"{place} is a pipe, a device or a socket, not a file or a folder."
        raise DeliveryFailed(message, "Name a file or a folder; “--to -” writes to standard output.")
    if found != place and hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise DeliveryFailed(f"{place} is a link to {found}, which another user owns.", "Name the place itself.")
    return found


def _is_descriptor(place: Path) -> bool:
    """Return whether a link names an open file of this process, such as /dev/stdout: a shell may have made it."""
    folder = place.parent.resolve()
    return folder == Path("/dev") or Path("/proc") in folder.parents


def unusable_place(place: Path, error: Exception) -> PrimanotaError:
    """Return the error for a place whose name or way the operating system does not take."""
    if isinstance(error, OSError) and error.strerror:
        return _delivery_failed(place, error)
    if isinstance(error, UnicodeEncodeError):
        return unnameable(error)
    return DeliveryFailed(f"{place} cannot be the name of a file.", _ELSEWHERE)


def require_room(place: Path) -> None:
    """Refuse a file or folder that cannot be written: nothing is created.

    Raises:
        DeliveryFailed: this user has no right to the folder, or its disk is full or read-only; or the place cannot
            have files.
    """
    place = resolved(place)
    folder = next((one for one in (place, *place.parents) if one.is_dir()), None)
    if folder is None:
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        code = errno.EROFS if _is_read_only(folder) else errno.EACCES
        raise _delivery_failed(place, OSError(code, os.strerror(code)))
    with suppress(OSError):
        room = shutil.disk_usage(folder)
        # Some file systems, such as those of networks, do not know their size: then it is 0.
        if room.total and room.free < _LEAST_ROOM:
            raise _delivery_failed(place, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def _is_read_only(folder: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def discard(path: Path, key: str) -> None:
    """Remove a staged file, if there is one."""
    with suppress(OSError, ValueError):  # a name with a NUL was never a file
        staged(path, key).unlink(missing_ok=True)


def _write_chunks(descriptor: int, chunks: Iterable[bytes]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def make_durable(folder: Path) -> None:
    """Sync the names in a folder to the disk."""
    # Not every system can sync a folder; the files themselves are synced by then.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _delivery_failed(path: Path, error: OSError) -> PrimanotaError:
    message = f"{path} cannot be written: {error.strerror or error}."
    return disk_error(error, path, otherwise=DeliveryFailed(message, _ELSEWHERE))
