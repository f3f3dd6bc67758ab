"""Read files of camt.053 from disk: XML, and archives (zip) of several, as banks deliver them."""

import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from primanota.banks.camt.connector import organisation_of
from primanota.banks.camt.errors import ASK_AGAIN, UnreadableFile
from primanota.banks.camt.statements import read_first_account, read_statements
from primanota.banks.camt.xml_reader import parse
from primanota.banks.statement_files import PIECE, FiledRow, FiledStatement, StatedSpan
from primanota.core.errors import InvalidInput
from primanota.core.model import RawRecord
from primanota.core.text import visible

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ARCHIVE = b"PK\x03\x04"
_EMPTY_ARCHIVE = b"PK\x05\x06"
_MOST_IN_ARCHIVE = 5_000
_LARGEST = 4 << 30  # bytes of one document, unpacked
_MOST_COMPRESSED = 400  # times smaller than unpacked: real statements reach a twentieth of this


class CamtFiles:
    """Reads files of camt.053, and what the book stores of them."""

    organisation = staticmethod(organisation_of)

    def read(
        self, path: Path, each_piece: Callable[[], None] | None = None
    ) -> Iterator[tuple[str, Iterator[FiledStatement]]]:
        """Yield the documents of a file with their names; other files in an archive are left out.

        Args:
            path: the file.
            each_piece: is called whenever a piece of the file was read.

        Raises:
            InvalidInput: the file cannot be read; also while statements and rows are taken.
        """
        for name, document in _documents(path, each_piece):
            yield name, _placed(document, name)

    def first_account(self, path: Path) -> RawRecord:
        """Return the account of a file's first statement; what stands behind it is not read.

        Raises:
            InvalidInput: the file cannot be read, or has no statement.
        """
        with closing(_documents(path)) as documents:
            name, document = next(documents)
            with _named(name):
                return read_first_account(document)

    def span(self, raw: bytes) -> StatedSpan:
        """Decode the record of a statement."""
        found = parse(raw)
        marks, head = found.attributes, found.children[0]
        return StatedSpan(
            key="",
            account=marks["account"],
            name=head.value("Id"),
            number=int(marks["number"]) if marks["number"] else None,
            first=date.fromisoformat(marks["first"]),
            last=date.fromisoformat(marks["last"]),
            opening=int(marks["opening"]),
            closing=int(marks["closing"]),
            digest=marks["digest"],
        )


def _documents(path: Path, each_piece: Callable[[], None] | None = None) -> Generator[tuple[str, IO[bytes]]]:
    """Yield the documents of a file with their names: the file itself, or those of an archive."""
    name = visible(path.name)
    with _opened(path, each_piece) as file:
        start = file.read(len(_ARCHIVE))
        file.seek(0)
        if start in {_ARCHIVE, _EMPTY_ARCHIVE}:
            yield from _in_archive(file, name)
        else:
            yield name, file


class _CountedFile(FileIO):
    """A file that calls a function whenever a piece of it was read."""

    def __init__(self, path: Path, each_piece: Callable[[], None]) -> None:
        super().__init__(path)
        self._each_piece = each_piece

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        """Read a piece."""
        size = super().readinto(buffer)
        if size:
            self._each_piece()
        return size


@contextmanager
def _opened(path: Path, each_piece: Callable[[], None] | None) -> Iterator[IO[bytes]]:
    try:
        if path.exists() and not path.is_file():
            raise InvalidInput(f"{visible(str(path))} is not a regular file.", "Name files, such as FOLDER/*.xml.")
        file = BufferedReader(_CountedFile(path, each_piece), PIECE) if each_piece else path.open("rb")
    except OSError as error:
        what = f"{visible(str(path))} cannot be read ({error.strerror or type(error).__name__})."
        raise InvalidInput(what, "Look whether its name is right.") from None
    with file:
        yield file


def _in_archive(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [one for one in archive.infolist() if one.filename.lower().endswith(".xml")]
            if not inside or len(inside) > _MOST_IN_ARCHIVE:
                what = f"{name} has {len(inside)} XML files; an archive has 1 to {_MOST_IN_ARCHIVE}."
                raise InvalidInput(what, ASK_AGAIN)
            for one in inside:
                place = f"{name}, {visible(one.filename)}"
                if one.file_size > _LARGEST or one.file_size > (one.compress_size + 1024) * _MOST_COMPRESSED:
                    raise InvalidInput(f"{place} is too large.", ASK_AGAIN)
                with archive.open(one) as document:
                    yield place, document
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInput(f"{name} is not a whole archive, or has a password ({error}).", ASK_AGAIN) from None


def _placed(stream: IO[bytes], name: str) -> Iterator[FiledStatement]:
    """Yield the statements of a document; its errors have the name of the file and the line."""
    statements = read_statements(stream)
    while True:
        with _named(name):
            found = next(statements, None)
        if found is None:
            return
        yield found._replace(rows=_placed_rows(found, name))


def _placed_rows(found: FiledStatement, name: str) -> Generator[FiledRow, None, RawRecord]:
    while True:
        with _named(name):
            try:
                row = next(found.rows)
            except StopIteration as end:
                record: RawRecord = end.value
                return record
        yield row


@contextmanager
def _named(name: str) -> Iterator[None]:
    try:
        yield
    except UnreadableFile as error:
        place = f"{name}, line {error.line}" if error.line else name
        raise InvalidInput(f"{place}: {visible(error.what)}.", error.advice) from None
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read to its end ({error.strerror}).", ASK_AGAIN) from None
