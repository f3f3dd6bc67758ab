"""What an entry says: the reference of the payer, and the note of the bank. Pure."""

import re
from collections.abc import Iterable

from primanota.banks.camt.xml_tree import Element
from primanota.core.text import stated

_FULL_LINE = 140
_STRUCTURED = ("CdtrRefInf/Ref", "RfrdDocInf/Nb", "AddtlRmtInf")
# Marks of Swiss banks that a reference was read without an error (Swiss Payment Standards, camt.054, AddtlRmtInf).
_NO_ERROR = re.compile(r"\?(?:REJECT|ERROR)\?0+", re.ASCII)
# The ids that the company gave a batch which is booked as one, by its file of payments.
_OF_BATCH = ("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId")


def reference_of(details: Element) -> str:
    """Return what the payer wrote: all lines of the text, else the structured references, else the payer's own id."""
    text = _text_of(one.text for one in details.each("RmtInf/Ustrd") if one.text)
    structured = " ".join(_structured(details))
    others = (details.value("Refs/EndToEndId"), details.value("AddtlTxInf"))
    return next(filter(None, map(stated, (text, structured, *others))), "")


def batch_id(entry: Element) -> str:
    """Return the id that the company gave a batch, for a batch that is one row."""
    return stated(entry.value(*_OF_BATCH))


def note_of(entry: Element, details: Element) -> str:
    """Return what the bank says of an entry, and why a payment came back."""
    said = [entry.value("AddtlNtryInf"), *(one.text for one in details.each("RtrInf/AddtlInf"))]
    kept: list[str] = []
    for one in said:
        if one and not any(one in other for other in kept):
            kept.append(one)
    return ", ".join(kept)


def posting_text(entry: Element) -> str:
    """Return the bank's own text of an entry, which Danish banks write as its code; empty if it is only a code."""
    text = entry.value("BkTxCd/Prtry/Cd")
    return text if " " in text else ""


def _structured(details: Element) -> Iterable[str]:
    for path in _STRUCTURED:
        for one in details.each(f"RmtInf/Strd/{path}"):
            if not _NO_ERROR.fullmatch(one.text):
                yield one.text


def _text_of(lines: Iterable[str]) -> str:
    """Return the lines as one text. A full line (Max140Text) without a blank ends in the middle of a word."""
    text, between = "", ""
    for line in lines:
        text += f"{between}{line}"
        between = "" if len(line) == _FULL_LINE and " " not in line else " "
    return text
