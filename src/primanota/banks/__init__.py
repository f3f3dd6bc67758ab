"""The banks, a folder for each one; the face of the package: protocols and registry of ``base.py``."""

from primanota.banks.base import (
    AccountStatus,
    Bank,
    Company,
    Connector,
    Names,
    OpenPoint,
    Progress,
    Reader,
    TransactionSource,
    connector,
)

__all__ = [
    "AccountStatus",
    "Bank",
    "Company",
    "Connector",
    "Names",
    "OpenPoint",
    "Progress",
    "Reader",
    "TransactionSource",
    "connector",
]
