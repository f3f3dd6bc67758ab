"""The banks, a folder for each one; the face of the package: protocols and registry of ``base.py``, ``files.py``."""

from primanota.banks.base import (
    AccountStatus,
    Bank,
    Company,
    Connector,
    Names,
    OpenPoint,
    Progress,
    Reader,
    Silent,
    TransactionSource,
    connector,
)
from primanota.banks.files import (
    MOST_BYTES,
    BankFiles,
    FileProblem,
    FileRefused,
    OfferedFile,
    OfferedReceipt,
    OfferedStatement,
)

__all__ = [
    "MOST_BYTES",
    "AccountStatus",
    "Bank",
    "BankFiles",
    "Company",
    "Connector",
    "FileProblem",
    "FileRefused",
    "Names",
    "OfferedFile",
    "OfferedReceipt",
    "OfferedStatement",
    "OpenPoint",
    "Progress",
    "Reader",
    "Silent",
    "TransactionSource",
    "connector",
]
