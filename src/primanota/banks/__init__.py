"""The banks, a folder for each one, and the face of the package.

Protocols and registry are those of ``base.py``, ``files.py`` and ``statement_files.py``.
"""

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
    statement_files,
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
from primanota.banks.statement_files import PIECE, FiledRow, FiledStatement, StatedSpan, StatementFiles

__all__ = [
    "MOST_BYTES",
    "PIECE",
    "AccountStatus",
    "Bank",
    "BankFiles",
    "Company",
    "Connector",
    "FileProblem",
    "FileRefused",
    "FiledRow",
    "FiledStatement",
    "Names",
    "OfferedFile",
    "OfferedReceipt",
    "OfferedStatement",
    "OpenPoint",
    "Progress",
    "Reader",
    "Silent",
    "StatedSpan",
    "StatementFiles",
    "TransactionSource",
    "connector",
    "statement_files",
]
