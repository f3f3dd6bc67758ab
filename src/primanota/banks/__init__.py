"""The banks: a folder for each one. This is the face of the package: the protocols and the registry of ``base.py``."""

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
