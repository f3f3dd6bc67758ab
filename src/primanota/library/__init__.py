"""The library: what other Python programs may import. ``primanota`` has the same names, imported on first use.

Money is exact: integer cents, or ``decimal.Decimal`` by ``Money.decimal``. Days are those of the organisation's time
zone, and times are aware and local to it.
"""

from primanota.core.account_proof import AccountProof, RowSum
from primanota.core.balance_chain import Gap
from primanota.core.errors import (
    AccessDenied,
    AlreadyExported,
    BankRefused,
    BookConflict,
    BookDamaged,
    BookLocked,
    BookUnusable,
    ConfigurationError,
    ConsentEnded,
    DeliveryFailed,
    DestinationFailed,
    DestinationForbidden,
    DestinationFull,
    DiskFailed,
    DiskFull,
    FileLimitReached,
    FormatRuleViolated,
    InvalidApiKey,
    InvalidConfiguration,
    InvalidInput,
    InvalidProfile,
    NoBookYet,
    NoRights,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.model import Account, Money, Organisation, Original, TextChange, Transaction, Vat
from primanota.core.period import Period
from primanota.core.proof_state import ProofState
from primanota.core.secret import Credentials, Secret
from primanota.library.company_book import CompanyBook, open_book
from primanota.library.results import BookExport, BookProof, BookSync, ExportedFile, SyncedBookAccount

__all__ = [
    "AccessDenied",
    "Account",
    "AccountProof",
    "AlreadyExported",
    "BankRefused",
    "BookConflict",
    "BookDamaged",
    "BookExport",
    "BookLocked",
    "BookProof",
    "BookSync",
    "BookUnusable",
    "CompanyBook",
    "ConfigurationError",
    "ConsentEnded",
    "Credentials",
    "DeliveryFailed",
    "DestinationFailed",
    "DestinationForbidden",
    "DestinationFull",
    "DiskFailed",
    "DiskFull",
    "ExportedFile",
    "FileLimitReached",
    "FormatRuleViolated",
    "Gap",
    "InvalidApiKey",
    "InvalidConfiguration",
    "InvalidInput",
    "InvalidProfile",
    "Money",
    "NoBookYet",
    "NoRights",
    "NotProven",
    "Organisation",
    "Original",
    "Period",
    "PrimanotaError",
    "ProofState",
    "RowSum",
    "Secret",
    "ServiceUnavailable",
    "SyncedBookAccount",
    "TextChange",
    "Transaction",
    "Vat",
    "open_book",
]
