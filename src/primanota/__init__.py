"""Primanota: the book of first entry, kept from a Qonto bank account or from statement files of any bank.

The names below are those of ``primanota.library``, which is imported when one of them is first used: the command line
needs none of them to say its version.
"""

__version__ = "1.0.0rc1"

TYPE_CHECKING = False  # of typing, without its import: type checkers know the name
if TYPE_CHECKING:
    from primanota.library import (
        AccessDenied,
        Account,
        AccountProof,
        AlreadyExported,
        BankRefused,
        BookConflict,
        BookDamaged,
        BookExport,
        BookLocked,
        BookProof,
        BookSync,
        BookUnusable,
        CompanyBook,
        ConfigurationError,
        ConsentEnded,
        Credentials,
        DeliveryFailed,
        DestinationFailed,
        DestinationForbidden,
        DestinationFull,
        DiskFailed,
        DiskFull,
        ExportedFile,
        FileLimitReached,
        FormatRuleViolated,
        Gap,
        InvalidApiKey,
        InvalidConfiguration,
        InvalidInput,
        InvalidProfile,
        Money,
        NoBookYet,
        NoRights,
        NotProven,
        Organisation,
        Original,
        Period,
        PrimanotaError,
        ProofState,
        RowSum,
        Secret,
        ServiceUnavailable,
        SyncedBookAccount,
        TextChange,
        Transaction,
        Vat,
        open_book,
    )

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
    "__version__",
    "open_book",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from primanota import library

    return getattr(library, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
