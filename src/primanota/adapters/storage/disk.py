"""Write files whole or not at all, readable by their owner alone.

A delivery that must be recoverable has two steps: the file is staged under a temporary name that is known beforehand,
then renamed. As long as the staged file exists, the delivery is not finished.
"""

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from primanota.core.disk_errors import disk_error
from primanota.core.errors import DeliveryFailed, PrimanotaError

# A file system rounds each file up to its blocks.
_LEAST_ROOM = 1 << 14


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
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise _delivery_failed(path, error) from None
    try:
        _write_chunks(descriptor, chunks)
        make_durable(path.parent)
    except BaseException as error:
        discard(path, key)
        if isinstance(error, OSError):
            raise _delivery_failed(path, error) from None
        raise


def finish(path: Path, key: str) -> None:
    """Rename a staged file to its own name.

    Raises:
        DeliveryFailed: it cannot be renamed. The staged file is removed.
    """
    try:
        staged(path, key).replace(path)
        make_durable(path.parent)
    except OSError as error:
        discard(path, key)
        raise _delivery_failed(path, error) from None


def require_room(place: Path) -> None:
    """Refuse a file or folder that cannot be written: nothing is created.

    Raises:
        DeliveryFailed: this user has no right to the folder, or its disk is full or read-only.
    """
    folder = next((one for one in (place.absolute(), *place.absolute().parents) if one.is_dir()), None)
    if folder is None:
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        code = errno.EROFS if _is_read_only(folder) else errno.EACCES
        raise _delivery_failed(place, OSError(code, os.strerror(code)))
    with suppress(OSError):
        if shutil.disk_usage(folder).free < _LEAST_ROOM:
            raise _delivery_failed(place, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def _is_read_only(folder: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def discard(path: Path, key: str) -> None:
    """Remove a staged file, if there is one."""
    with suppress(OSError):
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
    return disk_error(error, path, otherwise=DeliveryFailed(message, "Name another place with --to."))
