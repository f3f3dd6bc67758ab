"""What only some files show of a transaction: VAT, labels, category, card, bank and mandate. Pure.

With ``normalise.py`` and ``lacking.py`` it knows Qonto's field names, and nobody else does. A reading of its own, so
that files which show none of it do not pay for it. Numbers may come as numbers or as texts (``vat_details``).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from primanota.core.model import Transaction, Vat

_Number = int | float | str | None


class _Partner(msgspec.Struct, gc=False):
    counterparty_bank_identifier: str | None = None
    unique_mandate_reference: str | None = None


class _Item(msgspec.Struct, gc=False):
    rate: _Number = None
    amount_cents: _Number = None
    amount_excluding_vat_cents: _Number = None


class _Details(msgspec.Struct, gc=False):
    items: list[_Item] | None = None


class _Named(msgspec.Struct, gc=False):
    name: str | None = None


class _Row(msgspec.Struct, gc=False):
    category: str | None = None
    cashflow_category: _Named | None = None
    card_last_digits: str | None = None
    label_ids: list[str] | None = None
    attachment_ids: list[str] | None = None
    vat_rate: _Number = None
    vat_amount_cents: _Number = None
    vat_details: _Details | None = None
    transfer: _Partner | None = None
    income: _Partner | None = None
    swift_income: _Partner | None = None
    direct_debit: _Partner | None = None
    direct_debit_collection: _Partner | None = None


_row = msgspec.json.Decoder(_Row, strict=False)


def detailed(row: Transaction, body: bytes, labels: Mapping[str, str]) -> Transaction:
    """A transaction with all that the bank tells of it.

    Args:
        row: as ``normalise.transaction`` reads it.
        body: the bank's JSON of it.
        labels: names by label id.
    """
    try:
        more = _row.decode(body)
    except msgspec.ValidationError:  # a field of another shape than any we know: the row itself is sure without it
        return row
    partner = more.transfer or more.income or more.direct_debit or more.swift_income or more.direct_debit_collection
    return msgspec.structs.replace(
        row,
        bic=(partner.counterparty_bank_identifier or "") if partner else "",
        mandate=(partner.unique_mandate_reference or "") if partner else "",
        card=more.card_last_digits or "",
        category=_category(more),
        labels=tuple(filter(None, (labels.get(key, "") for key in more.label_ids or ()))),
        vat=_vat(more, row.amount.cents),
        receipts=len(more.attachment_ids or ()),
    )


def label_name(body: bytes) -> str:
    """What a label is called."""
    return msgspec.json.decode(body, type=_Named).name or ""


def _category(row: _Row) -> str:
    named = row.cashflow_category
    return (named.name if named and named.name else row.category) or ""


def _vat(row: _Row, cents: int) -> tuple[Vat, ...]:
    """The parts of an amount by their rates; one part where there is one rate, none where nobody has decided."""
    sign = -1 if cents < 0 else 1
    items = row.vat_details.items if row.vat_details and row.vat_details.items else ()
    if parts := _parts(items, abs(cents)):
        return tuple(Vat(rate, sign * gross, sign * tax) for rate, gross, tax in parts)
    rate, tax = _decimal(row.vat_rate), _decimal(row.vat_amount_cents)
    if rate is None or tax is None or rate < 0:
        return ()
    return (Vat(rate, cents, sign * int(tax)),)


def _parts(items: Sequence[_Item], cents: int) -> list[tuple[Decimal, int, int]]:
    """Rate, amount with VAT and VAT of each item; none where they do not add up to the amount.

    Whether ``amount`` is the VAT or the amount with it is not documented: whichever adds up is right.
    """
    read = [
        (rate, int(amount), int(net))
        for item in items
        if (rate := _decimal(item.rate)) is not None
        and (amount := _decimal(item.amount_cents)) is not None
        and (net := _decimal(item.amount_excluding_vat_cents)) is not None
    ]
    if len(read) != len(items):
        return []
    if sum(amount + net for _, amount, net in read) == cents:
        return [(rate, amount + net, amount) for rate, amount, net in read]
    if sum(amount for _, amount, _ in read) == cents:
        return [(rate, amount, amount - net) for rate, amount, net in read]
    return []


def _decimal(value: _Number) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
