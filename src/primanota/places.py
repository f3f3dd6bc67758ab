"""Bytes to where they belong: a file, whole or not at all, readable by its owner alone."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from primanota.errors import Undeliverable


def write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file under a temporary name beside its own, make it safe on the disk, and rename it.

    Whatever ``chunks`` raises passes through, and nothing is left behind.

    Raises:
        Undeliverable: the place cannot be written. Nothing half written is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".primanota-", suffix=".part", dir=path.parent)
    except OSError as error:
        raise _cannot(path, error) from None
    try:
        _fill(descriptor, chunks)
        Path(temporary).replace(path)
        _make_durable(path.parent)
    except OSError as error:
        raise _cannot(path, error) from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _fill(descriptor: int, chunks: Iterable[bytes]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def _make_durable(folder: Path) -> None:
    # Not every system can sync a folder; the file itself is safe by then.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot(path: Path, error: OSError) -> Undeliverable:
    return Undeliverable(f"{path} cannot be written: {error.strerror or error}.", "Name another place with --to.")
