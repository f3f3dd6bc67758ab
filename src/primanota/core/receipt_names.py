"""The names of receipts that are handed out: day, counterparty, amount and number, safe on every system. Pure."""

import re
import unicodedata

from primanota.core.kept_files import SUFFIXES, FileKind, KeptFile
from primanota.core.model import Transaction, decimal_text
from primanota.core.text import cut_bytes

_PARTY_BYTES = 80
_SHORT, _LONG = 8, 64


def receipt_names(row: Transaction, number: int, kind: FileKind, file: KeptFile) -> tuple[str, ...]:
    """Return the names that a receipt may have, the best first; the others have a part of its hash.

    ``2026-10-05_Vattenfall_-117.44_1.pdf``. A name begins with the day, so that it is no reserved one. It has only
    letters, digits, ``-``, ``_`` and ``.``, in NFC, and at most 160 bytes in UTF-8, or 220 with the whole hash.

    Args:
        row: the row.
        number: the place of the receipt among those of the row, from 1.
        kind: whether it is the original or the sealed copy.
        file: the file.
    """
    sealed = "_sealed" if kind == "sealed" else ""
    stem = f"{row.day:%Y-%m-%d}_{_party(row)}_{decimal_text(row.amount.cents, '.')}_{number}{sealed}"
    return tuple(
        f"{stem}{end}{SUFFIXES[file.type]}" for end in ("", *(f"_{file.sha256[:n]}" for n in (_SHORT, _LONG)))
    )


def comparable_name(name: str) -> str:
    """Return a name as file systems compare it that take both cases, or both ways to write an accent, for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _party(row: Transaction) -> str:
    for words in (row.party, row.operation):
        plain = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", words))
        if cut := cut_bytes(plain.strip("-"), _PARTY_BYTES).strip("-"):
            return cut
    return "row"
