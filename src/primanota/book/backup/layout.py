"""Layout of an exported book: plain files that can be read in ten years without this program.

``README.txt``, which is written into every exported book, describes the same layout for a reader.
"""

import hashlib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

import msgspec

from primanota.adapters.storage import regular_file
from primanota.book.file import hash_chain
from primanota.core.errors import BookUnusable
from primanota.core.model import Organisation
from primanota.core.proof_state import State

# Version 1 does not have the tables ``proof`` and ``entry``.
FORMAT, VERSION = "primanota-book", 2
MANIFEST, README, FILES = "manifest.json", "README.txt", "files"
RECEIPTS = "receipts"  # what the store beside the book has, under the same names
_MOST_BYTES = 16 << 20  # it has some hundred bytes of each account
DAMAGED = "Take another copy of the exported book."

_Integer = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_FileName = Annotated[str, msgspec.Meta(pattern=rf"^{FILES}/[0-9a-f]{{64}}[^/\\]*\Z")]


class TableRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a table as a line of its file: one field per column, hashes in hexadecimal."""

    @classmethod
    def of(cls, *columns: Any) -> Self:  # noqa: ANN401 - a column may hold any type
        """Return the line of a row."""
        return cls(*columns)

    def columns(self) -> tuple[Any, ...]:
        """Return the row of a line."""
        return msgspec.structs.astuple(self)

    def problem(self, before: "TableRow | None") -> str:
        """Return why this line cannot follow the line before it; empty if it can."""
        return "" if before is None or before.place < self.place else "it does not follow the line before"

    @property
    def place(self) -> tuple[Any, ...]:
        """Return the key by which the lines are sorted."""
        return self.columns()[:1]


class Run(TableRow, frozen=True):
    """A run of the run log."""

    number: _Integer
    command: str
    program: str
    process: str
    started: _Integer
    ended: _Integer | None
    outcome: str | None
    head: _Digest | None

    @classmethod
    def of(cls, *columns: Any) -> Self:  # noqa: ANN401 - a column may hold any type
        """Return the line of a row."""
        *facts, head = columns
        return super().of(*facts, head and head.hex())

    def columns(self) -> tuple[Any, ...]:
        """Return the row of a line."""
        *facts, head = super().columns()
        return (*facts, head and bytes.fromhex(head))


class Version(TableRow, frozen=True):
    """A version of a record. Its body is text, or base64 where it is not valid UTF-8."""

    seq: _Integer
    kind: str
    id: str
    account: str
    run: _Integer
    absent: _Integer
    hash: _Digest
    body: str | msgspec.UnsetType = msgspec.UNSET
    body_base64: bytes | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if (self.body is msgspec.UNSET) is (self.body_base64 is msgspec.UNSET):
            raise ValueError("It needs either `body` or `body_base64`")

    @classmethod
    def of(cls, *columns: Any) -> Self:  # noqa: ANN401 - a column may hold any type
        """Return the line of a row."""
        *facts, sealed, body = columns
        try:
            return super().of(*facts, sealed.hex(), body.decode())
        except UnicodeDecodeError:
            return super().of(*facts, sealed.hex(), msgspec.UNSET, body)

    def columns(self) -> tuple[Any, ...]:
        """Return the row of a line."""
        facts = (self.seq, self.kind, self.id, self.account, self.run, self.absent)
        return (*facts, bytes.fromhex(self.hash), self._body_bytes)

    def problem(self, before: TableRow | None) -> str:
        """Return why the hash is wrong; empty if it is that of the body and of the line before."""
        follows = bytes.fromhex(before.hash) if isinstance(before, Version) else hash_chain.GENESIS
        sealed = hash_chain.seal(follows, self.kind, self.id, self.account, self.run, self.absent, self._body_bytes)
        return "" if sealed.hex() == self.hash else "its hash is not that of its body and of the line before"

    @property
    def _body_bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body_base64 or b""


class SentRow(TableRow, frozen=True):
    """A row that was exported: which version of it, in which batch, at which line."""

    batch: _Integer
    line: _Integer
    id: str
    seq: _Integer

    @property
    def place(self) -> tuple[Any, ...]:
        """Return the key by which the lines are sorted: the batch, then the line in it."""
        return self.batch, self.line


class Watermark(TableRow, frozen=True):
    """The moment up to which an account has been read completely."""

    account: str
    moment: _Integer
    run: _Integer


class ProofLine(TableRow, frozen=True):
    """How far an account is proven."""

    account: str
    state: State
    until: _Integer | None
    reasons: list[str]
    since: _Integer
    run: _Integer

    @classmethod
    def of(cls, *columns: Any) -> Self:  # noqa: ANN401 - a column may hold any type
        """Return the line of a row."""
        account, state, until, reasons, *others = columns
        return super().of(account, state, until, msgspec.json.decode(reasons), *others)

    def columns(self) -> tuple[Any, ...]:
        """Return the row of a line."""
        account, state, until, reasons, *others = super().columns()
        return (account, state, until, msgspec.json.encode(reasons).decode(), *others)


class EntryNumber(TableRow, frozen=True):
    """The number of a transaction's journal entry in a series."""

    series: str
    number: _Integer
    id: str

    @property
    def place(self) -> tuple[Any, ...]:
        """Return the key by which the lines are sorted: the series, then the number in it."""
        return self.series, self.number


class Content(TableRow, frozen=True):
    """An exported file or mail: its hash, the path of its bytes in the folder, its size in bytes."""

    sha256: _Digest
    file: _FileName
    size: _Integer


class Table(NamedTuple):
    """A table of the book; its file has one line per row, in the order of ``order``.

    ``since`` is the first version of the layout that has it.
    """

    name: str
    line: type[TableRow]
    columns: str
    order: str
    since: int = 1

    @property
    def file(self) -> str:
        """Return the name of its file."""
        return f"{self.name}.jsonl"

    @property
    def select(self) -> str:
        """Return the SQL query of its rows, in order."""
        return f"SELECT {self.columns} FROM {self.name} ORDER BY {self.order}"

    @property
    def insert(self) -> str:
        """Return the SQL statement that inserts a row."""
        return f"INSERT INTO {self.name} ({self.columns}) VALUES ({', '.join('?' for _ in self.columns.split())})"


TABLES = (
    Table("run", Run, "number, command, program, process, started, ended, outcome, head", "number"),
    Table("version", Version, "seq, kind, id, account, run, absent, hash, body", "seq"),
    Table("sent", SentRow, "batch, line, id, seq", "batch, line"),
    Table("watermark", Watermark, "account, moment, run", "account"),
    Table("proof", ProofLine, "account, state, until, reasons, since, run", "account", since=2),
    Table("entry", EntryNumber, "series, number, id", "series, number", since=2),
)
# The content of a file is not text, so it has a file of its own, whose path is in its line.
CONTENT = "file.jsonl"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The control sums of an account: how many rows are completed, and their cents.

    The balances before the first and after the last of them are None where the bank states no balances.
    """

    id: str
    name: str
    currency: str
    rows: int
    sum_in_cents: int
    sum_out_cents: int
    opening_cents: int | None
    closing_cents: int | None


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The book's organisation, the hash of its last version, and the control sums of each account."""

    organisation: Organisation
    hash_chain_head: _Digest
    accounts: list[Control]

    def difference(self, found: "Contents") -> str:
        """Return the first difference between these contents and those of a book, in words; else empty."""
        if found.organisation != self.organisation:
            return f"the rows are those of {found.organisation.name} ({found.organisation.id})"
        if found.hash_chain_head != self.hash_chain_head:
            return "the hash of the last version differs"
        stated = {control.id: control for control in self.accounts}
        for control in found.accounts:
            if stated.pop(control.id, None) != control:
                return f"the control sums of account {control.name} are not those of its rows"
        return "".join(f"there is no account {control.name}" for control in list(stated.values())[:1])


class ListedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the exported book: its number of lines, and its SHA-256."""

    rows: int
    sha256: _Digest


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest of an exported book: version of the layout, version of the program, contents, files."""

    format: str
    version: int
    program: str
    contents: Contents
    files: dict[str, ListedFile]

    @property
    def text(self) -> bytes:
        """Return the manifest as its file has it."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of its file; a copy kept elsewhere shows whether anything was changed."""
        return hashlib.sha256(self.text).hexdigest()


class _Header(msgspec.Struct):
    format: str = ""
    version: int = 0


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an exported book.

    Raises:
        BookUnusable: the folder is not an exported book, or was written by a newer Primanota.
    """
    file = folder / MANIFEST
    try:
        text = regular_file.read(file, _MOST_BYTES)
        form = msgspec.json.decode(text, type=_Header)
    except OSError as error:
        message = f"{folder} is not an exported book: {MANIFEST} cannot be read ({error.strerror})."
        raise BookUnusable(message, "Name the folder that “primanota book export” wrote.") from None
    except (ValueError, RecursionError) as error:
        raise BookUnusable(f"{file}: {error}.", DAMAGED) from None
    if form.format != FORMAT:
        raise BookUnusable(
            f"{folder} is not an exported book: {MANIFEST} was written by another program.", "Name another folder."
        )
    if form.version > VERSION:
        raise BookUnusable(
            f"{folder} was written by a newer Primanota (version {form.version}; this program knows {VERSION}).",
            "Install the newest Primanota.",
        )
    try:
        return msgspec.json.decode(text, type=Manifest)
    except (ValueError, RecursionError) as error:
        raise BookUnusable(f"{file}: {error}.", DAMAGED) from None


def description() -> bytes:
    """Return README.txt, which describes an exported book for a reader without this program."""
    return resources.files(__package__).joinpath("README.txt").read_bytes()
