"""Write a zip whose bytes follow from its content alone: nothing is compressed, and every file has the same time.

Receipts are compressed already, and the texts of a month are small. What deflate makes of the same bytes depends on
the library of a machine; what is stored as it is does not.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from types import TracebackType
from typing import IO, Self
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from primanota.core.month_close import PackedFile

_FILE_MODE = 0o100644
_UNIX = 3
_FIRST_DAY = date(1980, 1, 1)


class PackZip:
    """A zip that is being written. A context manager.

    Args:
        file: a file that can be read and written, at its beginning.
        day: the day of all its files; a zip has none before 1980, and then it is the first one.
    """

    def __init__(self, file: IO[bytes], day: date) -> None:
        self._zip = ZipFile(file, "w", ZIP_STORED)
        day = max(day, _FIRST_DAY)
        self._time = (day.year, day.month, day.day, 0, 0, 0)
        self.files: list[PackedFile] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.filelist.sort(key=lambda info: info.filename)  # the order in which they are listed
        self._zip.close()

    def add(self, path: str, pieces: Iterable[bytes]) -> PackedFile:
        """Add a file, in pieces; return its hash and size."""
        info = ZipInfo(path, self._time)
        info.create_system, info.external_attr = _UNIX, _FILE_MODE << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w") as entry:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                entry.write(piece)
        packed = PackedFile(path, digest.hexdigest(), size)
        self.files.append(packed)
        return packed
