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
    original = row.original
    return _Row(
        id=row.id,
        number=row.number,
        account_id=row.account_id,
        day=row.day,
        booked=row.booked,
        emitted=row.emitted,
        status=row.status,
        operation=row.operation,
        amount_cents=row.amount.cents,
        currency=row.amount.currency,
        balance_cents=row.balance.cents if row.balance else None,
        original=_Original(f"{original.amount:f}", original.currency) if original else None,
        counterparty=row.counterparty,
        counterparty_account=row.counterparty_account,
        bic=row.bic,
        mandate=row.mandate,
        reference=row.reference,
        purpose=row.purpose,
        note=row.note,
        member=row.member,
        card=row.card,
        category=row.category,
        labels=row.labels,
        vat=[_Vat(f"{part.rate:f}", part.gross, part.tax) for part in row.vat],
        receipts=row.receipts,
        clean_counterparty=row.clean_counterparty,
        subcategory=row.subcategory,
        subject_type=row.subject_type,
        created=row.created,
        updated=row.updated,
        member_id=row.member_id,
        label_ids=row.label_ids,
        attachment_ids=row.attachment_ids,
    )
