"""The rows of a month with their receipts, as a pack lists them, and the names of the receipts in it. Pure."""

from typing import NamedTuple

from primanota.core.kept_files import FileKind, KeptFile
from primanota.core.model import Account, Transaction
from primanota.core.receipt_names import comparable_name, receipt_names


class NamedFile(NamedTuple):
    """A kept file of a row, and its name in the pack; ``is_first`` is false where another row has the same file."""

    name: str
    kind: FileKind
    file: KeptFile
    is_first: bool


class MonthRow(NamedTuple):
    """A row of the month: the batches that have it, its receipts, and whether it needs one and has none.

    ``waiting`` counts receipts that the bank lists and that were not fetched.
    """

    row: Transaction
    batches: list[int]
    files: list[NamedFile]
    lacks_receipt: bool
    waiting: int


class FileNaming:
    """Gives each kept file of a pack one name: a file that two rows have is there once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, FileKind], str] = {}
        self._taken: set[str] = set()

    def of(self, row: Transaction, number: int, kind: FileKind, file: KeptFile) -> NamedFile:
        """Return a file of a row with its name."""
        key = (file.sha256, kind)
        if known := self._names.get(key):
            return NamedFile(known, kind, file, is_first=False)
        names = receipt_names(row, number, kind, file)
        name = next((one for one in names if comparable_name(one) not in self._taken), names[-1])
        self._taken.add(comparable_name(name))
        self._names[key] = name
        return NamedFile(name, kind, file, is_first=True)


class AccountRows(NamedTuple):
    """An account, and its rows of the month in order of settlement."""

    account: Account
    rows: list[MonthRow]
