"""Write a book as plain files: all of it, or nothing."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from primanota import __version__
from primanota.adapters.storage.disk import make_durable, resolved
from primanota.book.backup.layout import (
    CONTENT,
    FILES,
    FORMAT,
    MANIFEST,
    README,
    RECEIPTS,
    TABLES,
    VERSION,
    Content,
    Contents,
    ListedFile,
    Manifest,
    TableRow,
    description,
)
from primanota.book.batches import Batches
from primanota.book.outbox import Letters
from primanota.book.records.records import Book
from primanota.core.disk_errors import disk_error
from primanota.core.errors import DeliveryFailed


def dump(book: Book, to: Path, contents: Contents, receipts: Iterable[tuple[str, Iterable[bytes]]] = ()) -> Manifest:
    """Write the whole book into a folder; the caller holds the book's ``reading``.

    The same book gives the same bytes.

    Args:
        book: the book.
        to: a folder that is empty or does not exist yet.
        contents: the contents that the manifest states.
        receipts: the files of the store beside the book: their names, and their bytes in pieces.

    Raises:
        DeliveryFailed: the folder is not empty, or cannot be written. No file remains then.
    """
    with _complete_folder(to) as folder:
        files = {}
        for table in TABLES:
            lines = (table.line.of(*row) for row in book.rows(table.select))
            files[table.file] = _write(folder / table.file, map(_text, lines))
        files[CONTENT] = _write(folder / CONTENT, map(_text, _files(book, folder)))
        _copy_receipts(receipts, folder / RECEIPTS)
        manifest = Manifest(FORMAT, VERSION, __version__, contents, files)
        _write(folder / MANIFEST, [manifest.text])
        _write(folder / README, [description()])
    return manifest


def _files(book: Book, folder: Path) -> Iterator[Content]:
    """Write each exported file and mail under its hash, with the suffix of its first batch; yield its line."""
    (folder / FILES).mkdir(mode=0o700)
    suffixes = {batch.sha256: Path(batch.name).suffix for batch in reversed(Batches(book).all())}
    suffixes |= {letter.sha256: ".eml" for letter in Letters(book).all()}
    for (sha256,) in book.rows("SELECT sha256 FROM file ORDER BY sha256"):
        name = f"{FILES}/{sha256}{suffixes.get(sha256, '')}"
        _write(folder / name, book.pieces_of_file(sha256))
        yield Content(sha256, name, (folder / name).stat().st_size)
    make_durable(folder / FILES)


def _copy_receipts(receipts: Iterable[tuple[str, Iterable[bytes]]], to: Path) -> None:
    """Write the files of the store; the versions of the book have their hashes."""
    for name, pieces in receipts:
        path = to / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, pieces)


def _text(line: TableRow) -> bytes:
    return msgspec.json.encode(line) + b"\n"


def _write(path: Path, pieces: Iterable[bytes]) -> ListedFile:
    count, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces:
            count += 1
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return ListedFile(count, digest.hexdigest())


@contextmanager
def _complete_folder(to: Path) -> Iterator[Path]:
    """Yield a temporary folder, and rename it to ``to`` when it is complete."""
    to = resolved(to)
    try:
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise DeliveryFailed(f"{to} already exists and is not an empty folder.", "Name another folder.")
        to.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".primanota-", dir=to.parent) as temporary:
            folder = Path(temporary) / to.name
            folder.mkdir(mode=0o700)
            yield folder
            make_durable(folder)
            folder.replace(to)  # replaces an empty folder of that name
            make_durable(to.parent)
    except OSError as error:
        failed = DeliveryFailed(f"{to} cannot be written: {error.strerror or error}.", "Name another place.")
        raise disk_error(error, to, otherwise=failed) from None
