"""Bytes to where they belong: a file, whole or not at all, readable by its owner alone.

What must be known to have arrived goes in two steps: staged under a temporary name that is known beforehand, then
finished. As long as the temporary file is there, the other one is not.
"""

import hashlib
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from primanota.core.errors import DeliveryFailed


def write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file under a temporary name beside its own, make it safe on the disk, and rename it.

    Whatever ``chunks`` raises passes through, and nothing is left behind.

    Raises:
        DeliveryFailed: the place cannot be written. Nothing half written is left.
    """
    mark = f"{os.getpid()}-{threading.get_ident()}"
    stage(path, mark, chunks)
    finish(path, mark)


def staged(path: Path, mark: str) -> Path:
    """Where the bytes for a file wait, under a mark that tells them from all others."""
    name = hashlib.sha256(path.name.encode(errors="replace")).hexdigest()[
        :12
    ]  # a name may be as long as names can be
    return path.with_name(f".primanota-{name}-{mark}.part")


def stage(path: Path, mark: str, chunks: Iterable[bytes]) -> None:
    """Write everything, safe on the disk, but not yet under its name.

    Raises:
        DeliveryFailed: the place cannot be written. Nothing half written is left.
    """
    temporary = staged(path, mark)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # a leaving that was killed before anybody knew of it
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise _cannot(path, error) from None
    try:
        _fill(descriptor, chunks)
        make_durable(path.parent)
    except BaseException as error:
        discard(path, mark)
        if isinstance(error, OSError):
            raise _cannot(path, error) from None
        raise


def finish(path: Path, mark: str) -> None:
    """Give what was staged its name.

    Raises:
        DeliveryFailed: that cannot be. What was staged is gone.
    """
    try:
        staged(path, mark).replace(path)
        make_durable(path.parent)
    except OSError as error:
        discard(path, mark)
        raise _cannot(path, error) from None


def discard(path: Path, mark: str) -> None:
    """Leave nothing of what was staged."""
    with suppress(OSError):
        staged(path, mark).unlink(missing_ok=True)


def _fill(descriptor: int, chunks: Iterable[bytes]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def make_durable(folder: Path) -> None:
    """Make the names in a folder safe on the disk."""
    # Not every system can sync a folder; the file itself is safe by then.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot(path: Path, error: OSError) -> DeliveryFailed:
    return DeliveryFailed(f"{path} cannot be written: {error.strerror or error}.", "Name another place with --to.")
