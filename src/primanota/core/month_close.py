"""A month that was closed: what the book keeps of it, and what changed in it since. Pure."""

from datetime import date, datetime
from typing import Literal

import msgspec

from primanota.core.account_proof import AccountProof
from primanota.core.results import Difference

# A row that the closed month did not have, one that is another now, and one that it has no longer.
LateKind = Literal["added", "changed", "removed"]


class ClosedAccount(msgspec.Struct, frozen=True):
    """An account of a closed month: its proof, and the SHA-256 of its rows' version numbers, one a line."""

    proof: AccountProof
    rows_sha256: str

    @property
    def rows(self) -> int:
        """How many rows had settled in the month."""
        return self.proof.completed.rows


class LateChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row after its month was closed.

    ``seq`` is the row's newest version, ``was_seq`` the one of the close, 0 if it had none. ``day`` and ``cents`` are
    those of the row as it is now, or, where it was removed, as it was.
    """

    month: str
    edition: int
    kind: LateKind
    id: str
    account: str
    seq: int
    was_seq: int
    day: date
    cents: int
    currency: str
    counterparty: str
    differences: tuple[Difference, ...] = ()


class PackedFile(msgspec.Struct, frozen=True):
    """A file of a pack: its path in it, its SHA-256, its size in bytes."""

    path: str
    sha256: str
    size: int


class PackedReceipts(msgspec.Struct, frozen=True):
    """How many rows have receipts in a pack, in how many files; how many lack one, or have one not fetched."""

    rows: int = 0
    files: int = 0
    missing: int = 0
    waiting: int = 0


class MonthClose(msgspec.Struct, frozen=True, kw_only=True):
    """A closed month (``2026-10``) as the book keeps it: one record for each edition of its pack.

    ``profile`` is empty for a pack without a tool's file, ``digest`` is the SHA-256 of the profile's text. ``wanted``
    has the ids of the accounts that were named, and is empty for all. ``language`` is that of its texts, ``made`` is
    local, ``program`` is the version that made it. ``seq`` is the book's newest version at that moment, whose hash is
    ``head``, ``batch`` the number of its newest batch. ``complete`` says whether the month was over and proven.
    ``later`` is what had changed in closed months since. ``name`` is the pack's, with its SHA-256, its size, its
    files and its receipts; they are empty until it is written.
    """

    month: str
    profile: str
    digest: str
    wanted: tuple[str, ...]
    language: str
    edition: int
    made: datetime
    program: str
    seq: int
    head: str
    batch: int
    complete: bool
    accounts: tuple[ClosedAccount, ...]
    later: tuple[LateChange, ...] = ()
    name: str = ""
    sha256: str = ""
    size: int = 0
    files: tuple[PackedFile, ...] = ()
    receipts: PackedReceipts = PackedReceipts()

    @property
    def key(self) -> str:
        """What the editions of a pack have in common: month, profile, accounts."""
        return " ".join((self.month, self.profile or "-", *self.wanted))
