"""Files of the bank that are kept beside a book: receipts of rows, and the bank's own statements. Pure.

The book stores these structs as JSON; the bytes are in the store beside it, under their SHA-256.
"""

from typing import Annotated, Literal, NamedTuple

import msgspec

# What PDF, JPEG and PNG begin with (ISO 32000; ISO/IEC 10918-1; RFC 2083), by their media types.
_BEGINNINGS: dict["MediaType", bytes] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "application/x-pdf": "application/pdf"}

MediaType = Literal["application/pdf", "image/jpeg", "image/png"]
# The file as it was uploaded, or the copy that the bank has sealed as a proof of it (PAdES).
FileKind = Literal["original", "sealed"]
# A sealed copy may still come as long as the bank says so.
PENDING_COPY, AVAILABLE_COPY = "pending", "available"


class KeptFile(msgspec.Struct, frozen=True):
    """A file in the store: its SHA-256, its size in bytes, its media type, and the name that the bank gives it."""

    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    size: int
    type: MediaType
    name: str = ""

    @property
    def path(self) -> str:
        """Where it is in the store: below a folder of the first two letters of its hash."""
        return f"{self.sha256[:2]}/{self.sha256}{SUFFIXES[self.type]}"


class Receipt(msgspec.Struct, frozen=True):
    """A receipt as the book has it, under the bank's id of the attachment.

    ``transaction`` is the row with which it was fetched, ``created`` the bank's time of its upload. ``sealed`` is the
    bank's copy with a seal, ``sealed_status`` what the bank says of it.
    """

    id: str
    transaction: str
    created: str = ""
    original: KeptFile | None = None
    sealed_status: str = ""
    sealed: KeptFile | None = None

    @property
    def is_complete(self) -> bool:
        """Whether nothing of it is still to be fetched."""
        waits = self.sealed_status == PENDING_COPY or (self.sealed_status == AVAILABLE_COPY and self.sealed is None)
        return self.original is not None and not waits

    @property
    def files(self) -> list[tuple[FileKind, KeptFile]]:
        """Its files that are kept, the original first."""
        found: list[tuple[FileKind, KeptFile | None]] = [("original", self.original), ("sealed", self.sealed)]
        return [(kind, file) for kind, file in found if file is not None]


class RowReceipts(NamedTuple):
    """The receipts of a row: those that the bank lists, those that it has taken off since, those not kept yet.

    ``waiting`` has the bank's ids of attachments of which something is still to be fetched.
    """

    kept: tuple[Receipt, ...] = ()
    withdrawn: tuple[Receipt, ...] = ()
    waiting: tuple[str, ...] = ()


class StatedBalances(msgspec.Struct, frozen=True):
    """The balances that the text of a statement states, in cents, and by the rule of which number they were read.

    ``reason`` says why one could not be read; empty if both were.
    """

    rule: int
    opening: int | None = None
    closing: int | None = None
    reason: str = ""


class KeptStatement(msgspec.Struct, frozen=True):
    """A monthly statement of the bank as the book has it; ``month`` is ``2026-10``, ``account`` the bank's id."""

    id: str
    account: str
    month: str
    file: KeptFile
    balances: StatedBalances


def type_by_content(beginning: bytes) -> MediaType | None:
    """Return the media type of a file by its first bytes; None if it is neither PDF nor JPEG nor PNG."""
    return next((name for name, magic in _BEGINNINGS.items() if beginning.startswith(magic)), None)


def usual_type(stated: str) -> str:
    """Return a media type as this program writes it: without parameters, and by its registered name."""
    plain = stated.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(plain, plain)
