"""A book out of plain files: the very same, or none."""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec

from primanota.adapters.storage.disk import make_durable
from primanota.book.backup.layout import CONTENT, DAMAGED, MANIFEST, TABLES, Content, Line, Manifest
from primanota.book.records import Book
from primanota.core.errors import BookUnusable, DeliveryFailed
from primanota.core.model import RawRecord

_Line = TypeVar("_Line", bound=Line)


@contextmanager
def restored(
    folder: Path, manifest: Manifest, path: Path, clock: Callable[[], int], read: Callable[[bytes], RawRecord]
) -> Iterator[Book]:
    """A book made of an exported one, to be looked at; when nothing is raised it gets its place, else it is gone.

    Args:
        folder: the exported book.
        manifest: what it says of itself.
        path: the book's place.
        clock: the present in microseconds UTC.
        read: makes an entry of a transaction's body.

    Raises:
        BookUnusable: a file is not what was exported; the sentence says which one, and where.
        DeliveryFailed: there is a book in that place, or it cannot be written.
    """
    try:
        _refuse_taken(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix=".primanota-", dir=path.parent) as temporary:
            made = Path(temporary) / path.name
            with Book(made, clock) as book:
                _fill(book, folder, manifest, read)
                yield book
                # Closing would do that too, but would not say if it could not.
                list(book.rows("PRAGMA wal_checkpoint(TRUNCATE)"))
            _refuse_taken(path)
            made.replace(path)
            make_durable(path.parent)
    except OSError as error:
        raise DeliveryFailed(f"{path} cannot be written: {error.strerror or error}.", "Look at its folder.") from None


def _refuse_taken(path: Path) -> None:
    # A journal that was left behind would be taken for the new book's own.
    for taken in (path, path.with_name(f"{path.name}-wal")):
        if taken.exists():
            raise DeliveryFailed(
                f"There is a book already: {taken}.", f"Move {path.name}, {path.name}-wal and -shm away first."
            )


def _fill(book: Book, folder: Path, manifest: Manifest, read: Callable[[bytes], RawRecord]) -> None:
    with book.writing():
        for table in TABLES:
            lines = _lines(folder, table.file, table.line, manifest)
            book.execute_each(table.insert, (line.columns() for line in lines))
        book.execute_each("INSERT INTO file (sha256, content) VALUES (?, ?)", _files(folder, manifest))
        book.reindex(read)


def _files(folder: Path, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    for line in _lines(folder, CONTENT, Content, manifest):
        file = folder / line.file
        try:
            content = file.read_bytes()
        except OSError as error:
            raise _unreadable(file, error) from None
        if hashlib.sha256(content).hexdigest() != line.sha256 or len(content) != line.size:
            raise BookUnusable(f"{file} was changed: its SHA-256 or its size is not the one in {CONTENT}.", DAMAGED)
        yield line.sha256, zlib.compress(content, 1)


def _lines(folder: Path, name: str, kind: type[_Line], manifest: Manifest) -> Iterator[_Line]:
    """The lines of a file, which must be in order, and all of those that were exported."""
    file, part = folder / name, manifest.files.get(name)
    if part is None:
        raise BookUnusable(f"{folder / MANIFEST} does not list {name}.", DAMAGED)
    number, before, digest, decoder = 0, None, hashlib.sha256(), msgspec.json.Decoder(kind)
    for number, text in enumerate(_read(file), 1):
        digest.update(text)
        try:
            line = decoder.decode(text)
            complaint = line.complaint(before)
        except ValueError as error:
            complaint = str(error)
        if complaint:
            raise BookUnusable(f"{file}, line {number}: {complaint}.", DAMAGED)
        yield line
        before = line
    if number != part.rows:
        raise BookUnusable(f"{file} has {number} lines, and {MANIFEST} says {part.rows}.", DAMAGED)
    if digest.hexdigest() != part.sha256:
        raise BookUnusable(f"{file} was changed: its SHA-256 is not the one in {MANIFEST}.", DAMAGED)


def _read(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise _unreadable(file, error) from None


def _unreadable(file: Path, error: OSError) -> BookUnusable:
    return BookUnusable(f"{file} cannot be read: {error.strerror or error}.", DAMAGED)
