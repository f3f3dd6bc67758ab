"""Qonto: its API and the field names of its records, which no other package knows.

``Client`` reads the API on its own, without a book; it is imported when it is first used.
"""

TYPE_CHECKING = False  # of typing, without its import: type checkers know the name
if TYPE_CHECKING:
    from primanota.banks.files import OfferedFile, OfferedReceipt, OfferedStatement
    from primanota.banks.qonto.decoding.lists import Label, Member
    from primanota.banks.qonto.reading_client import ReadingClient as Client

__all__ = ["Client", "Label", "Member", "OfferedFile", "OfferedReceipt", "OfferedStatement"]

_NAMES = {
    "Client": "primanota.banks.qonto.reading_client:ReadingClient",
    "Label": "primanota.banks.qonto.decoding.lists:Label",
    "Member": "primanota.banks.qonto.decoding.lists:Member",
    "OfferedFile": "primanota.banks.files:OfferedFile",
    "OfferedReceipt": "primanota.banks.files:OfferedReceipt",
    "OfferedStatement": "primanota.banks.files:OfferedStatement",
}


def __getattr__(name: str) -> object:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pkgutil import resolve_name

    return resolve_name(_NAMES[name])


def __dir__() -> list[str]:
    return [*globals(), *_NAMES]
