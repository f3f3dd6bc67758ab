"""Qonto's JSON of a transaction as structs: each use decodes a body once, with as many fields as it needs. Pure.

Field meanings and nullability follow Qonto's documentation of transactions. Every enum is open: an unknown operation
type, status or key is accepted.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

# ``vat_details`` may have its numbers as numbers or as texts.
Number = int | float | str | None


# A row without one of these cannot be booked, so none of them is left out if it is unreadable.
_REQUIRED = frozenset(
    ("id", "status", "side", "amount", "amount_cents", "settled_at", "emitted_at", "updated_at", "bank_account_id")
)


class Counterparty(msgspec.Struct, gc=False):
    """The object that belongs to an operation type, with the other side's account and bank.

    Only the account is needed to store a row, so the shape of the other fields is not checked.
    """

    counterparty_account_number: str | None = None
    counterparty_bank_identifier: object = None
    unique_mandate_reference: object = None


class VatItem(msgspec.Struct, gc=False):
    """A part of the amount that has one VAT rate."""

    rate: Number = None
    amount_cents: Number = None
    amount_excluding_vat_cents: Number = None


class VatDetails(msgspec.Struct, gc=False):
    """The amount by VAT rates."""

    items: list[VatItem] | None = None


class Category(msgspec.Struct, gc=False):
    """A cash-flow category."""

    name: str | None = None


class BriefRow(msgspec.Struct, gc=False):
    """The fields that most export files show."""

    id: str
    status: str
    side: str
    amount_cents: int
    settled_at: datetime | None = None
    label: str | None = None
    clean_counterparty_name: str | None = None
    reference: str | None = None
    note: str | None = None
    operation_type: str | None = None
    currency: str | None = None
    local_currency: str | None = None
    local_amount: msgspec.Raw = msgspec.Raw(b"null")  # decoded for foreign rows only, which are few
    initiator_id: str | None = None


class FullRow(BriefRow, gc=False, kw_only=True):
    """The fields of a row without its details."""

    emitted_at: datetime
    updated_at: datetime
    settled_balance_cents: int | None = None
    bank_account_id: str | None = None
    transaction_id: str | None = None
    transfer: Counterparty | None = None
    income: Counterparty | None = None
    swift_income: Counterparty | None = None
    direct_debit: Counterparty | None = None
    direct_debit_collection: Counterparty | None = None

    @property
    def counterparty(self) -> Counterparty | None:
        """The other side, under whichever key the row has it."""
        return self.transfer or self.income or self.direct_debit or self.swift_income or self.direct_debit_collection


class CheckedRow(FullRow, gc=False, kw_only=True):
    """The fields that are checked before a row is stored. They include ``FullRow``, so that it can be exported."""

    amount: Decimal
    created_at: datetime | None = None


class DetailedRow(FullRow, gc=False, kw_only=True):
    """A row with its details: VAT, labels, categories, card, receipts and the moment of its creation.

    A struct of its own, because a detail of an unknown shape must not keep a row from being stored.
    """

    category: str | None = None
    cashflow_category: Category | None = None
    cashflow_subcategory: Category | None = None
    subject_type: str | None = None
    created_at: datetime | None = None
    card_last_digits: str | None = None
    label_ids: list[str] | None = None
    attachment_ids: list[object] | None = None  # they count as receipts, whatever their shape is
    attachment_required: bool | None = None
    attachment_lost: bool | None = None
    vat_rate: Number = None
    vat_amount_cents: Number = None
    vat_details: VatDetails | None = None


class OpenPointsRow(msgspec.Struct, gc=False):
    """The fields that decide what a completed row lacks, as ``DetailedRow`` has them."""

    operation_type: str | None = None
    attachment_ids: list[object] | None = None
    attachment_required: bool | None = None
    attachment_lost: bool | None = None
    vat_rate: Number = None
    vat_details: VatDetails | None = None


class VatRow(BriefRow, gc=False, kw_only=True):
    """What most export files show, and the VAT."""

    vat_rate: Number = None
    vat_amount_cents: Number = None
    vat_details: VatDetails | None = None


class _Tolerant(Generic[T]):
    """Decodes a row, without each optional field that has an unknown shape."""

    def __init__(self, kind: type[T], required: frozenset[str] = _REQUIRED) -> None:
        self._decode = msgspec.json.Decoder(kind).decode
        self._types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        self._required = required

    def __call__(self, body: bytes) -> tuple[T, dict[str, str]]:
        """Decode a body.

        Returns:
            The row, and by the name of each field that is left out, why it is unreadable.

        Raises:
            msgspec.DecodeError: a required field is missing or unreadable, or it is not JSON.
        """
        try:
            return self._decode(body), {}
        except msgspec.ValidationError:
            fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            unreadable = dict(self._mistakes(fields))
            readable = {name: value for name, value in fields.items() if name not in unreadable}
            return self._decode(msgspec.json.encode(readable)), unreadable

    def row(self, body: bytes) -> T:
        """Decode a stored body, without its unreadable fields."""
        try:
            return self._decode(body)
        except msgspec.ValidationError:
            return self(body)[0]

    def _mistakes(self, fields: dict[str, msgspec.Raw]) -> Iterator[tuple[str, str]]:
        for name in sorted((self._types.keys() & fields.keys()) - self._required):
            try:
                msgspec.json.decode(fields[name], type=self._types[name])
            except msgspec.ValidationError as error:
                yield name, str(error)


decode_checked = _Tolerant(CheckedRow)
decode_detailed = _Tolerant(DetailedRow)


class UsualRow(CheckedRow, gc=False, kw_only=True):
    """All that is checked of a row before it is stored, and what it lacks, in one decoding."""

    amount: msgspec.Raw  # type: ignore[assignment]  # compared as it is written
    attachment_ids: list[object] | None = None
    attachment_required: bool | None = None
    attachment_lost: bool | None = None
    vat_rate: Number = None
    vat_details: VatDetails | None = None


class FactsRow(OpenPointsRow, gc=False, kw_only=True):
    """The fields of a stored row by which the book finds it, and what it lacks."""

    id: str
    status: str
    side: str
    amount: msgspec.Raw
    amount_cents: int
    settled_at: datetime | None = None
    emitted_at: datetime
    updated_at: datetime
    created_at: datetime | None = None
    settled_balance_cents: int | None = None
    bank_account_id: str | None = None


decode_usual = msgspec.json.Decoder(UsualRow).decode
decode_facts = msgspec.json.Decoder(FactsRow).decode
decode_open_points = _Tolerant(OpenPointsRow)
# For rows that are stored: without their details, and only what most export files show.
decode_full, decode_brief = _Tolerant(FullRow).row, _Tolerant(BriefRow).row
decode_vat = _Tolerant(VatRow).row
