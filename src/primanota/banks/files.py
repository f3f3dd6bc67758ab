"""The protocol of a bank's files: which receipts and statements it offers, and their bytes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

# Why a file could not be had: the bank no longer lists it, or its answer cannot be read; the link is not safe; there
# was no whole answer; the host refused it; it is too large, or has not the stated size or type.
FileProblem = Literal[
    "unlisted", "unreadable", "unsafe", "broken", "refused", "too_large", "wrong_size", "wrong_type"
]
# The largest file of the bank has 15 MB (Qonto's documentation of attachments); more is refused, with a margin.
MOST_BYTES = 16 << 20


class FileRefused(Exception):
    """A file could not be had; another link, or a later try, may help."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem)
        self.problem: FileProblem = problem


class OfferedFile(NamedTuple):
    """A file that the bank offers, as it states it; the link is valid for a short time only."""

    name: str
    type: str
    size: int | None
    link: str


class OfferedReceipt(NamedTuple):
    """A receipt that the bank offers, with the copy that it has sealed."""

    id: str
    created: str
    original: OfferedFile | None
    sealed_status: str = ""
    sealed: OfferedFile | None = None


class OfferedStatement(NamedTuple):
    """A monthly statement that the bank offers; ``month`` is ``2026-10``."""

    id: str
    account: str
    month: str
    file: OfferedFile


class BankFiles(Protocol):
    """Reads the files of a bank. Safe to use from several threads."""

    def receipts(self, transaction: str) -> list[OfferedReceipt]:
        """Return the receipts of a transaction, with fresh links.

        Raises:
            BankRefused, ServiceUnavailable, NotProven: the bank cannot be asked.
        """

    def statements(self) -> list[OfferedStatement]:
        """Return all statements, with fresh links; those without a month or a file are left out.

        Raises:
            BankRefused, ServiceUnavailable, NotProven: the bank cannot be asked.
        """

    def statement(self, key: str) -> OfferedStatement | None:
        """Return a statement with a fresh link; None if the bank no longer offers it.

        Raises:
            BankRefused, ServiceUnavailable, NotProven: the bank cannot be asked.
        """

    def content(self, link: str) -> AbstractContextManager[Iterator[bytes]]:
        """Return the pieces of a file, as they arrive.

        Raises:
            FileRefused: it cannot be had; also while the pieces are taken.
            ServiceUnavailable: the time for reading the bank is used up.
        """
