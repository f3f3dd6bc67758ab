"""Read a file whole, if it is a regular one of a bounded size: a pipe or a device may never end, and fill memory."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_SIZE_UNITS = 1 << 20


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file for reading.

    Raises:
        OSError: it cannot be opened, or is not a regular file; ``strerror`` says why.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe is not waited for
    try:
        descriptor = os.open(path, flags)
    except ValueError:  # a NUL, or half a character
        raise OSError(errno.EINVAL, "no file can have this name", f"{path}") from None
    with os.fdopen(descriptor, "rb") as file:
        _require_regular(descriptor, path)
        yield file


def read(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: the file.
        most: the most bytes that it may have.

    Raises:
        OSError: it cannot be read, is not a regular file, or has more bytes; ``strerror`` says why.
    """
    with opened(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {most // _SIZE_UNITS} MB", f"{path}")
    return content


def _require_regular(descriptor: int, path: Path) -> None:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), f"{path}")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a pipe, a device or a socket", f"{path}")
