"""Download files of the bank into the store beside the book: with fresh links, checked, and tried a few times."""

from typing import NamedTuple

import msgspec

from primanota import banks
from primanota.adapters.storage.file_store import FileStore, IncomingFile
from primanota.book.receipts import WantedReceipts
from primanota.core.errors import AccessDenied, BankRefused, InvalidApiKey, NotProven
from primanota.core.kept_files import AVAILABLE_COPY, KeptFile, Receipt, type_by_content, usual_type
from primanota.core.text import clean, shortened

# A link may have expired, a connection may break: each try has fresh links. The next run tries again.
_TRIES = 3
_LONGEST_NAME = 200
# No other link helps against these.
_FINAL = {"unlisted", "too_large"}


class FetchedReceipt(NamedTuple):
    """What is known of a receipt after it was tried: its state to store, and why something of it is missing."""

    receipt: Receipt
    problem: banks.FileProblem | None = None


class Downloads:
    """Downloads files into a store. Safe to use from several threads.

    Args:
        files: the bank's files.
        store: receives them.
    """

    def __init__(self, files: banks.BankFiles, store: FileStore) -> None:
        self._files = files
        self._store = store

    def receipts(self, wanted: WantedReceipts) -> list[FetchedReceipt]:
        """Download what is missing of a row's receipts.

        Raises:
            InvalidApiKey, AccessDenied, ServiceUnavailable: the bank cannot be asked at all.
            ConfigurationError: the store cannot be written.
        """
        found = {key: FetchedReceipt(wanted.known.get(key) or Receipt(key, wanted.row)) for key in wanted.attachments}
        left = list(found)
        for _ in range(_TRIES):
            try:
                offered = {one.id: one for one in self._files.receipts(wanted.row)}
            except (InvalidApiKey, AccessDenied):
                raise
            except (BankRefused, NotProven):
                return [FetchedReceipt(one.receipt, "unreadable") for one in found.values()]
            for key in left:
                found[key] = self._receipt(found[key].receipt, offered.get(key))
            left = [key for key in left if found[key].problem not in {None, *_FINAL}]
            if not left:
                break
        return list(found.values())

    def statement(self, offered: banks.OfferedStatement) -> KeptFile | banks.FileProblem:
        """Download a statement; return why it could not be had.

        Raises:
            InvalidApiKey, AccessDenied, ServiceUnavailable: the bank cannot be asked at all.
            ConfigurationError: the store cannot be written.
        """
        problem: banks.FileProblem = "unlisted"
        again: banks.OfferedStatement | None = offered
        for _ in range(_TRIES):
            if again is None:
                return "unlisted"
            try:
                return self._file(again.file)
            except banks.FileRefused as refused:
                problem = refused.problem
            if problem in _FINAL:
                break
            again = self._files.statement(offered.id)
        return problem

    def _receipt(self, known: Receipt, offered: banks.OfferedReceipt | None) -> FetchedReceipt:
        """Download what is missing of one receipt: the original, then the sealed copy."""
        if offered is None:
            return FetchedReceipt(known, "unlisted")
        found = msgspec.structs.replace(known, created=offered.created, sealed_status=offered.sealed_status)
        problem: banks.FileProblem | None = None
        if found.original is None:
            try:
                found = msgspec.structs.replace(found, original=self._file(offered.original))
            except banks.FileRefused as refused:
                problem = refused.problem
        if found.sealed is None and offered.sealed_status == AVAILABLE_COPY:
            try:
                found = msgspec.structs.replace(found, sealed=self._file(offered.sealed))
            except banks.FileRefused as refused:
                problem = problem or refused.problem
        return FetchedReceipt(found, problem)

    def _file(self, offered: banks.OfferedFile | None) -> KeptFile:
        """Download a file; it is in the store, durably, when this returns."""
        if offered is None:
            raise banks.FileRefused("unlisted")
        if offered.size is not None and offered.size > banks.MOST_BYTES:
            raise banks.FileRefused("too_large")
        with self._store.staged() as staged:
            with self._files.content(offered.link) as pieces:
                for piece in pieces:
                    staged.write(piece)
            kept = _checked(staged, offered)
            self._store.keep(staged, kept)
        return kept


def _checked(staged: IncomingFile, offered: banks.OfferedFile) -> KeptFile:
    """Return what is known of a file that arrived, if it is what the bank has stated."""
    if not staged.size or offered.size not in {None, staged.size}:
        raise banks.FileRefused("wrong_size")
    kind = type_by_content(staged.beginning)
    if kind is None or usual_type(offered.type) != kind:
        raise banks.FileRefused("wrong_type")
    return KeptFile(staged.sha256, staged.size, kind, shortened(clean(offered.name), _LONGEST_NAME))
