"""A file into which a ZIP archive is written, on a disk that may become full meanwhile.

An archive of Python that cannot be written completes itself when it is deleted, fails again, and Python prints that
with a traceback. So this file takes everything, keeps the first error of the disk, and raises it in the end.
"""

import io
from pathlib import Path


class ArchiveFile:
    """A new file for an archive.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._place = 0
        self._error: OSError | None = None

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: the disk took not all of it.
        """
        try:
            self._file.close()
        except OSError as error:
            self._error = self._error or error
        if self._error:
            raise self._error

    def write(self, data: bytes) -> int:
        """Write some bytes; after the first error they are only counted."""
        if not self._error and not self._file.closed:
            try:
                self._file.seek(self._place)
                self._file.write(data)
            except OSError as error:
                self._error = error
        self._place += len(data)
        return len(data)

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._place

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place, counted from the beginning of the file."""
        assert whence == io.SEEK_SET  # noqa: S101 - an archive needs no other
        self._place = place
        return place

    def flush(self) -> None:
        """Do nothing: the file is written when it is closed."""
