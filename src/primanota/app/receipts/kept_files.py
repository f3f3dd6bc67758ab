"""Whether the receipts and statements of a book are in their store, and what statements tell against the book."""

from collections.abc import Iterator
from typing import NamedTuple

from primanota.adapters.storage.file_store import FileState, FileStore
from primanota.app.receipts.statements import compared
from primanota.book.journal import Journal
from primanota.book.receipts import Receipts
from primanota.core.kept_files import KeptFile
from primanota.core.model import Money
from primanota.core.notice import Notice


class DamagedFile(NamedTuple):
    """A file that the book names, and that is missing from the store or was changed there."""

    file: KeptFile
    state: FileState


class CheckedFiles(NamedTuple):
    """How many files of the store are whole, and those that are not."""

    whole: int
    damaged: list[DamagedFile]
    place: str


NO_FILES = CheckedFiles(0, [], "")


def check_files(receipts: Receipts, store: FileStore) -> CheckedFiles:
    """Look whether every file that the book names is in the store with the bytes of its hash.

    Raises:
        ConfigurationError: the store cannot be reached or read.
    """
    whole, damaged, seen = 0, list[DamagedFile](), set[str]()
    for file in receipts.files():
        if file.path in seen:
            continue
        seen.add(file.path)
        state = store.state(file)
        if state == "whole":
            whole += 1
        else:
            damaged.append(DamagedFile(file, state))
    return CheckedFiles(whole, damaged, store.place)


def differences(journal: Journal) -> Iterator[Notice]:
    """Yield a note for each balance of a statement of the bank that is not that of the book."""
    for one in compared(journal):
        stated, currency = one.statement.balances, one.account.currency
        said = {"account": one.account.name, "month": one.statement.month}
        if one.witness == "differs" and stated.opening != one.opening:
            amounts = _amounts(stated.opening, one.opening, currency)
            yield Notice("statement_opening_differs", {**said, **amounts})
        if one.witness == "differs" and stated.closing != one.closing:
            amounts = _amounts(stated.closing, one.closing, currency)
            yield Notice("statement_closing_differs", {**said, **amounts})


def _amounts(stated: int | None, known: int | None, currency: str) -> dict[str, Money]:
    return {"stated": Money(stated or 0, currency), "book": Money(known or 0, currency)}
