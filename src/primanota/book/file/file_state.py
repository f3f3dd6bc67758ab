"""The state in which this program left a book: a note beside or with it shows whether anything else changed it since.

A file that is not as it was left, since it was edited, copied, restored or left by a kill, is verified whole before
it is used. One that is as it was left needs no verification, however large it is. A book that does not go on from the
one of the note came from elsewhere.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

_SUFFIX = "-state"


class FileState(msgspec.Struct, frozen=True):
    """Size, file number, and moments of the last change of content and of the last change of any kind, in ns."""

    size: int = -1
    number: int = 0
    modified: int = 0
    changed: int = 0


class Note(msgspec.Struct, frozen=True):
    """The note of a book: its number of versions with the hash of the last one, and the state of a file in its place.

    ``held`` is the number of versions that came from elsewhere, as in an imported book or an older copy: mails and
    files of these versions wait for a person. It is 0 for a book that was made here, or after a person let them go;
    ``withdrawn`` says that a person has decided that they stay. ``verified`` says of a remote book, which has no
    state, that it was whole when it was put.
    """

    state: FileState = FileState()
    versions: int = 0
    head: str = ""
    held: int = 0
    withdrawn: bool = False
    verified: bool = False


class Notes(Protocol):
    """Where the note of a book is kept: ``FileNotes`` or ``CopyNotes``.

    Attributes:
        note: the note; None if there is none that can be read.
        is_as_left: whether the book is as the note says.
    """

    note: Note | None
    is_as_left: bool

    def keep(self, note: Note) -> None:
        """Keep another note."""

    def leave(self, note: Note) -> None:
        """Keep the note of a book that was closed just now and that only this program has changed."""


class FileNotes:
    """The note beside a book that is opened in its place."""

    def __init__(self, book: Path) -> None:
        self._book = book
        self.note = read_note(book)
        self.is_as_left = is_as_left(book, self.note)

    def keep(self, note: Note) -> None:
        """Write another note."""
        write_note(self._book, note)
        self.note = note

    def leave(self, note: Note) -> None:
        """Write the note of a closed book, unless it is as before or another process has the book open."""
        if not is_as_left(self._book, note) and (state := left_now(self._book)):
            self.keep(msgspec.structs.replace(note, state=state))


class CopyNotes:
    """The note of a private copy of a remote book, which is put back together with the book.

    Args:
        content: the note that came with the copy; empty if there was none.
        is_as_left: whether the copy has the bytes that the note is about.
    """

    def __init__(self, content: bytes, *, is_as_left: bool) -> None:
        self.note = decoded(content)
        self.is_as_left = is_as_left and self.note is not None and self.note.verified

    def keep(self, note: Note) -> None:
        """Keep another note, until the book is put back."""
        self.note = note

    def leave(self, note: Note) -> None:
        """Keep nothing: what was not put back is lost."""


def decoded(content: bytes) -> Note | None:
    """Return a note; None if it cannot be read."""
    with suppress(ValueError):
        return msgspec.json.decode(content, type=Note)
    return None


def note_path(book: Path) -> Path:
    """Return the path of the note of a book."""
    return book.with_name(f"{book.name}{_SUFFIX}")


def read_note(book: Path) -> Note | None:
    """Return the note of a book; None if there is none that can be read."""
    with suppress(OSError):
        return decoded(note_path(book).read_bytes())
    return None


def write_note(book: Path, note: Note) -> None:
    """Write the note of a book, whole or not; a note that cannot be written costs a verification."""
    path = note_path(book)
    new = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(note))
        new.replace(path)


def is_as_left(book: Path, note: Note | None) -> bool:
    """Return whether a book that no process has open is as its note says, without SQLite's logs beside it."""
    return note is not None and not _logs(book) and _state(book) == note.state


def left_now(book: Path) -> FileState | None:
    """Return the state of a book that was closed just now; None while another process has it open."""
    if _logs(book):
        return None
    with suppress(OSError):
        # A file system's clock has ticks of milliseconds; this moment is finer, so that a change in the same tick
        # is seen as well.
        os.utime(book, ns=(book.stat().st_atime_ns, time.time_ns()))
        return _state(book)
    return None


def _logs(book: Path) -> bool:
    """Return whether SQLite has something to do before the file counts; a reader may leave an empty log."""
    log, journal = (book.with_name(f"{book.name}{suffix}") for suffix in ("-wal", "-journal"))
    try:
        return os.path.lexists(journal) or log.stat().st_size > 0
    except OSError:
        return os.path.lexists(log)


def _state(book: Path) -> FileState | None:
    try:
        found = book.stat()
    except OSError:
        return None
    return FileState(found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
