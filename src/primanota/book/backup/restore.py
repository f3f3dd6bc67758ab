"""Restore the identical book from plain files, or no book."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO, TypeVar

import msgspec

from primanota import banks
from primanota.adapters.storage import regular_file
from primanota.adapters.storage.disk import make_durable
from primanota.book.backup.layout import CONTENT, DAMAGED, MANIFEST, TABLES, Content, Manifest, TableRow
from primanota.book.file.file_state import Note, write_note
from primanota.book.file.schema import PROOFS_OF_WATERMARKS
from primanota.book.records.records import Book
from primanota.core.disk_errors import disk_error
from primanota.core.errors import BookUnusable, DeliveryFailed

_FIRST_WITH_PROOFS = next(table.since for table in TABLES if table.name == "proof")
# A record of the bank has at most 16 MB, and more as a text in JSON.
_LONGEST_LINE = 64 << 20
_IN_MEMORY = 1 << 20
_Row = TypeVar("_Row", bound=TableRow)


@contextmanager
def restored(
    folder: Path, manifest: Manifest, path: Path, clock: Callable[[], int], connector: banks.Connector
) -> Iterator[Book]:
    """Yield the restored book for verification; move it to ``path`` if nothing is raised, else delete it.

    Args:
        folder: the exported book.
        manifest: the manifest of the exported book.
        path: where the book is to be.
        clock: returns the present in microseconds UTC.
        connector: decodes the records of the book's bank.

    Raises:
        BookUnusable: a file is not what was exported; the message names file and line.
        DeliveryFailed: a book is there already, or it cannot be written.
    """
    try:
        _refuse_existing(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix=".primanota-", dir=path.parent) as temporary:
            made = Path(temporary) / path.name
            with Book(made, clock) as book:
                _fill(book, folder, manifest, connector)
                yield book
                # Closing the book does the same, but does not report a failure.
                list(book.rows("PRAGMA wal_checkpoint(TRUNCATE)"))
                ((versions,),) = book.rows("SELECT ifnull(max(seq), 0) FROM version")
            _refuse_existing(path)
            made.replace(path)
            write_note(path, Note(held=versions))  # its mails have waited elsewhere, and may have left there since
            make_durable(path.parent)
    except OSError as error:
        failed = DeliveryFailed(f"{path} cannot be written: {error.strerror or error}.", "Look at its folder.")
        raise disk_error(error, path, otherwise=failed) from None


def _refuse_existing(path: Path) -> None:
    # SQLite would take the write-ahead log of an earlier book for that of the new one.
    for taken in (path, path.with_name(f"{path.name}-wal")):
        if taken.exists():
            raise DeliveryFailed(
                f"There is a book already: {taken}.", f"Move {path.name}, {path.name}-wal and -shm away first."
            )


def _fill(book: Book, folder: Path, manifest: Manifest, connector: banks.Connector) -> None:
    with book.writing():
        for table in (table for table in TABLES if table.since <= manifest.version):
            lines = _lines(folder, table.file, table.line, manifest)
            book.execute_each(table.insert, (line.columns() for line in lines))
        for line in _lines(folder, CONTENT, Content, manifest):
            with SpooledTemporaryFile(_IN_MEMORY) as compressed:
                _compress(folder / line.file, line, compressed)
                book.store_file(line.sha256, compressed)
        book.reindex(connector.record, connector.lacks_rule)
        if manifest.version < _FIRST_WITH_PROOFS:
            book.execute(PROOFS_OF_WATERMARKS)


def _compress(file: Path, line: Content, to: IO[bytes]) -> None:
    """Compress a file piece by piece; refuse it if it is not the one of its line."""
    digest, deflate = hashlib.sha256(), zlib.compressobj(1)
    try:
        with regular_file.opened(file) as stored:
            fits = os.fstat(stored.fileno()).st_size == line.size
            while fits and (piece := stored.read(_IN_MEMORY)):
                digest.update(piece)
                to.write(deflate.compress(piece))
    except OSError as error:
        raise _unreadable(file, error) from None
    if not fits or digest.hexdigest() != line.sha256:
        raise BookUnusable(f"{file} was changed: its SHA-256 or its size is not the one in {CONTENT}.", DAMAGED)
    to.write(deflate.flush())


def _lines(folder: Path, name: str, kind: type[_Row], manifest: Manifest) -> Iterator[_Row]:
    """Yield the lines of a file; refuse a file whose lines are not in order, not complete, or changed."""
    file, part = folder / name, manifest.files.get(name)
    if part is None:
        raise BookUnusable(f"{folder / MANIFEST} does not list {name}.", DAMAGED)
    number, before, digest, decoder = 0, None, hashlib.sha256(), msgspec.json.Decoder(kind)
    for number, text in enumerate(_read(file), 1):
        digest.update(text)
        try:
            line = decoder.decode(text)
            problem = line.problem(before)
        except (ValueError, RecursionError) as error:
            problem = str(error)
        if problem:
            raise BookUnusable(f"{file}, line {number}: {problem}.", DAMAGED)
        yield line
        before = line
    if number != part.rows:
        raise BookUnusable(f"{file} has {number} lines, and {MANIFEST} says {part.rows}.", DAMAGED)
    if digest.hexdigest() != part.sha256:
        raise BookUnusable(f"{file} was changed: its SHA-256 is not the one in {MANIFEST}.", DAMAGED)


def _read(file: Path) -> Iterator[bytes]:
    try:
        with regular_file.opened(file) as lines:
            while line := lines.readline(_LONGEST_LINE):  # what is cut off cannot be decoded
                yield line
    except OSError as error:
        raise _unreadable(file, error) from None


def _unreadable(file: Path, error: OSError) -> BookUnusable:
    return BookUnusable(f"{file} cannot be read: {error.strerror or error}.", DAMAGED)
