"""JSON Lines: the normalised transactions, for other programs. Pure, streaming.

The first line is the statement, each one after it a transaction. ``jsonl.schema.json`` beside this file describes
them (JSON Schema, draft 2020-12). Its number is in the first line: a new one when a field is renamed, is removed or
changes its meaning, the same when one is added. Texts are unchanged: JSON can hold all of them.
"""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

import msgspec

from primanota.core.model import Statement, Transaction
from primanota.core.proof_state import verdict
from primanota.formats import Format, NoOptions
from primanota.formats.templates import Cell

SCHEMA = 1
_ROWS_AT_ONCE = 500
_encoder = msgspec.json.Encoder()


class _Account(msgspec.Struct):
    id: str
    name: str
    iban: str
    currency: str


class _Head(msgspec.Struct, tag_field="kind", tag="statement"):
    schema: int
    account: _Account
    first: date
    last: date
    opening_cents: int | None
    closing_cents: int | None
    proven: bool | None
    proof: str


class _Original(msgspec.Struct):
    amount: str
    currency: str


class _Vat(msgspec.Struct):
    rate: str
    gross_cents: int
    tax_cents: int


class _Row(msgspec.Struct, tag_field="kind", tag="transaction"):
    id: str
    number: str
    account_id: str
    day: date
    booked: datetime | None
    emitted: datetime
    status: str
    operation: str
    amount_cents: int
    currency: str
    balance_cents: int | None
    original: _Original | None
    counterparty: str
    counterparty_account: str
    bic: str
    mandate: str
    reference: str
    purpose: str
    note: str
    member: str
    card: str
    category: str
    labels: tuple[str, ...]
    vat: list[_Vat]
    receipts: int
    clean_counterparty: str
    subcategory: str
    subject_type: str
    created: datetime | None
    updated: datetime
    member_id: str
    label_ids: tuple[str, ...]
    attachment_ids: tuple[str, ...]


def render(statement: Statement, _: NoOptions) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines."""
    yield _encoder.encode_lines([_head(statement)])
    rows = iter(statement.rows)
    while piece := [_row(row) for row in islice(rows, _ROWS_AT_ONCE)]:
        yield _encoder.encode_lines(piece)


def shows(_: NoOptions) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row: each field."""
    return [(name, _field(name)) for name in _Row.__struct_fields__]


FORMAT = Format(".jsonl", NoOptions, render, shows)


def _field(name: str) -> Cell:
    def cell(row: Transaction) -> str:
        value: Any = getattr(_row(row), name)
        return value if isinstance(value, str) else _encoder.encode(value).decode()

    return cell


def _head(statement: Statement) -> _Head:
    account, opening, closing = statement.account, statement.opening, statement.closing
    return _Head(
        schema=SCHEMA,
        account=_Account(account.id, account.name, account.iban, account.currency),
        first=statement.first,
        last=statement.last,
        opening_cents=opening.cents if opening else None,
        closing_cents=closing.cents if closing else None,
        proven=statement.proven and verdict(statement.proof),
        proof=statement.proof,
    )


def _row(row: Transaction) -> _Row:
    original, amount, balance = row.original, row.amount, row.balance
    return _Row(  # in the order of its fields: with their names it would take longer
        row.id,
        row.number,
        row.account_id,
        row.day,
        row.booked,
        row.emitted,
        row.status,
        row.operation,
        amount.cents,
        amount.currency,
        balance.cents if balance else None,
        _Original(f"{original.amount:f}", original.currency) if original else None,
        row.counterparty,
        row.counterparty_account,
        row.bic,
        row.mandate,
        row.reference,
        row.purpose,
        row.note,
        row.member,
        row.card,
        row.category,
        row.labels,
        [_Vat(f"{part.rate:f}", part.gross, part.tax) for part in row.vat] if row.vat else [],
        row.receipts,
        row.clean_counterparty,
        row.subcategory,
        row.subject_type,
        row.created,
        row.updated,
        row.member_id,
        row.label_ids,
        row.attachment_ids,
    )
