"""Qonto's JSON of attachments and statements: which receipts there are, and where their files can be had. Pure.

Sources: Qonto's documentation of attachments, transaction attachments and statements. ``file_size`` is a text there,
and a number in recordings of statements.
"""

import re
from typing import Annotated

import msgspec

from primanota.banks.files import OfferedFile, OfferedReceipt, OfferedStatement
from primanota.banks.qonto.decoding.flawed_values import LONGEST_ID, short
from primanota.core.kept_files import AVAILABLE_COPY

# As recordings have it; and as a date, which the documentation of the parameters calls it.
_MONTHS = (
    re.compile(r"(?P<month>0?[1-9]|1[0-2])-(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])(-\d{2}.*)?"),
)
_DIGITS = 12

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]


class _Listed(msgspec.Struct):
    attachment_ids: list[object] | None = None


class _StatedFile(msgspec.Struct):
    file_name: str | None = None
    file_size: str | int | None = None
    file_content_type: str | None = None
    url: str | None = None

    def offered(self, link: str | None) -> OfferedFile | None:
        """Return the file; None if there is no link to it."""
        size = f"{self.file_size}"
        is_size = size.isascii() and size.isdigit() and len(size) <= _DIGITS
        known = int(size) if is_size else None
        return OfferedFile(self.file_name or "", self.file_content_type or "", known, link) if link else None


class _SealedCopy(_StatedFile):
    status: str = ""


class _Attachment(_StatedFile, kw_only=True):
    id: _Id
    created_at: str | None = None
    probative_attachment: _SealedCopy | None = None

    @property
    def receipt(self) -> OfferedReceipt:
        copy = self.probative_attachment or _SealedCopy()
        sealed = copy.offered(copy.url) if copy.status == AVAILABLE_COPY else None
        return OfferedReceipt(self.id, self.created_at or "", self.offered(self.url), copy.status, sealed)


class AttachmentsAnswer(msgspec.Struct):
    """The answer of ``/v2/transactions/{id}/attachments``."""

    attachments: list[_Attachment]

    @property
    def receipts(self) -> list[OfferedReceipt]:
        """The receipts that the bank offers."""
        return [one.receipt for one in self.attachments]


class _FileOfStatement(_StatedFile):
    file_url: str | None = None


class _StatedStatement(msgspec.Struct):
    id: _Id
    bank_account_id: str
    period: str
    file: _FileOfStatement


class StatementAnswer(msgspec.Struct):
    """The answer of ``/v2/statements/{id}``."""

    statement: msgspec.Raw


def ids_of(raw: bytes) -> tuple[str, ...]:
    """Return the ids of the attachments that a transaction lists, each once; what is no id is left out."""
    try:
        listed = _decode_listed(raw).attachment_ids or ()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return tuple(dict.fromkeys(one for one in listed if isinstance(one, str) and 0 < len(one) <= LONGEST_ID))


def offered_statement(raw: bytes) -> OfferedStatement | None:
    """Return a statement; None if it has no link.

    Raises:
        msgspec.DecodeError: it does not have the documented shape.
    """
    found = msgspec.json.decode(raw, type=_StatedStatement)
    file, month = found.file.offered(found.file.file_url), _month_of(found.period)
    return None if file is None else OfferedStatement(found.id, found.bank_account_id, month, file)


def _month_of(period: str) -> str:
    """Return the month of a statement (``2026-10``)."""
    for form in _MONTHS:
        if found := form.fullmatch(period):
            return f"{found['year']}-{found['month']:0>2}"
    raise msgspec.ValidationError(f"“{short(period)}” is not a month - at `$.period`")


_decode_listed = msgspec.json.Decoder(_Listed).decode
