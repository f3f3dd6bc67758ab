"""The identity of a row: the same in each statement that has it, and another one for another row. Pure.

An id has two parts. The first, the family, stands for account, booking day and reference; the second for the amount,
and for the place among equal ones of the statement. So two equal rows of one statement are two rows, and a row that a
daily and a monthly statement both have is one.

The reference is ``AcctSvcrRef``, the bank's own; else ``NtryRef``, unless it is short enough to be the number of the
entry within its statement, or an account, as Swiss banks write it; else what the entry says: value day, parties,
texts and references of the payer.
"""

import re
from collections import Counter
from datetime import date
from hashlib import blake2b

from primanota.banks.camt.fields import details_of
from primanota.banks.camt.xml_tree import Element
from primanota.core.text import stated

FAMILY_LETTERS = 20
_AMOUNT_BYTES = 6
_PLACE = re.compile(r"\d{0,6}", re.ASCII)
_ACCOUNT = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_FILLER = re.compile(r"(?:0*|none|non-?ref|n/?a|-)", re.IGNORECASE)
_TEXTS = (
    *("AddtlNtryInf", "NtryDtls/TxDtls/AddtlTxInf", "NtryDtls/TxDtls/RmtInf/Ustrd"),
    *("NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/Ref", "NtryDtls/TxDtls/Refs/EndToEndId"),
    *("NtryDtls/TxDtls/Refs/TxId", "NtryDtls/TxDtls/Refs/InstrId", "NtryDtls/TxDtls/Refs/MndtId"),
    *(f"NtryDtls/TxDtls/RltdPties/{role}{name}" for role in ("Dbtr", "Cdtr") for name in ("/Nm", "/Pty/Nm")),
    *(f"NtryDtls/TxDtls/RltdPties/{role}Acct/Id/{kind}" for role in ("Dbtr", "Cdtr") for kind in ("IBAN", "Othr/Id")),
)


class Identities:
    """Gives the rows of one statement their ids.

    Args:
        account: the id of the account.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self._equal: Counter[str] = Counter()

    def of(self, entry: Element, day: date, cents: int, part: int | None = None) -> str:
        """Return the id of the next row; ``part`` is the place of a payment in its batch."""
        family = _digest(FAMILY_LETTERS // 2, self._account, f"{day}", reference(entry) or _said(entry))
        amount = _digest(_AMOUNT_BYTES, f"{cents}", "" if part is None else f"{part}")
        equal = self._equal[family + amount]
        self._equal[family + amount] += 1
        return family + (_digest(_AMOUNT_BYTES, amount, f"{equal}") if equal else amount)


def reference(entry: Element) -> str:
    """Return the bank's reference of an entry; empty if it has none that tells entries apart."""
    return bank_reference(entry) or _entry_reference(entry)


def bank_reference(entry: Element) -> str:
    """Return the reference that the bank gave an entry; empty if it has none that tells entries apart."""
    details = details_of(entry)
    own = [entry.value("AcctSvcrRef"), *(one.value("Refs/AcctSvcrRef") for one in details if len(details) == 1)]
    return next((one for one in own if one and not _FILLER.fullmatch(one) and stated(one)), "")


def _entry_reference(entry: Element) -> str:
    number = entry.value("NtryRef")
    return "" if any(form.fullmatch(number) for form in (_PLACE, _FILLER, _ACCOUNT)) else number


def _said(entry: Element) -> str:
    """Return what an entry says, whatever the version of the message."""
    texts = ("".join(one.text.split()) for path in _TEXTS for one in entry.each(path))
    return "\n".join((entry.value("ValDt/Dt", "ValDt/DtTm")[:10], *filter(stated, texts)))


def _digest(size: int, *parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=size).hexdigest()
