"""Convert Qonto's JSON into the objects of ``core.model``. Pure.

Field meanings and nullability follow Qonto's documentation of transactions, organization, bank accounts, memberships
and labels.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

import msgspec

from primanota.banks.base import Names
from primanota.banks.qonto.decoding.flawed_values import (
    LONGEST_TEXT,
    cents,
    credible,
    currency_code,
    cut,
    original_of,
)
from primanota.banks.qonto.decoding.rows import (
    BriefRow,
    DetailedRow,
    FullRow,
    VatRow,
    decode_brief,
    decode_full,
    decode_vat,
)
from primanota.banks.qonto.decoding.vat import vat_of
from primanota.core.model import Account, Money, Organisation, Original, Transaction
from primanota.core.period import CREDIBLE_YEARS
from primanota.core.text import clean, stated

_SIGN = {"credit": 1, "debit": -1}
# Fields of a transaction that :func:`brief_reader` leaves out.
NOT_BRIEF = frozenset(("number", "account_id", "emitted", "updated", "counterparty_account", "balance"))
# Fields of a transaction, and of what files derive from them, that only :func:`detailed_transaction` fills in.
DETAILS = frozenset(
    (
        *("bic", "mandate", "card", "category", "label", "labels", "vat", "vat_rate", "vat_amount", "receipts"),
        *("subcategory", "subject_type", "created", "label_ids", "attachment_ids"),
    )
)
VAT = frozenset(("vat", "vat_rate", "vat_amount"))
# Stands for a time that was not decoded.
_LEFT_OUT = datetime.min.replace(tzinfo=UTC)
_NO_IDS = ("", "", "")
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


class _BankAccount(msgspec.Struct):
    id: str
    name: str | None = None
    iban: str | None = None
    status: str | None = None
    currency: str | None = None
    balance_cents: int | None = None
    is_external_account: bool | None = None


class _AccountId(msgspec.Struct):
    id: str


class _Organisation(msgspec.Struct):
    id: str
    slug: str
    name: str | None = None
    legal_name: str | None = None
    legal_country: str | None = None
    bank_accounts: list[_AccountId] = []


class _Named(msgspec.Struct):
    initiator_id: str | None = None
    label_ids: list[str] | None = None


_decode_named = msgspec.json.Decoder(_Named).decode


def brief_reader(zone: tzinfo, members: Mapping[str, str], *, vat: bool = False) -> Callable[[bytes], Transaction]:
    """Return a function that decodes completed transactions without the fields of ``NOT_BRIEF`` and their details.

    Decoding those takes longer than all the rest. Arguments as for :func:`transaction`; with ``vat`` the transactions
    have that one detail.
    """
    if vat:
        return lambda body: _with_vat(decode_vat(body), zone, members)

    def read(body: bytes) -> Transaction:
        return _booked(decode_brief(body), zone, members, _LEFT_OUT, _LEFT_OUT, _NO_IDS, None)

    return read


def transaction(body: bytes, zone: tzinfo, members: Mapping[str, str]) -> Transaction:
    """Return a transaction without its details.

    Args:
        body: the bank's JSON, which :func:`record` has accepted.
        zone: the organisation's time zone.
        members: names by membership id; a member who left may be missing.
    """
    return _full(decode_full(body), zone, members)


def detailed_transaction(row: DetailedRow, zone: tzinfo, names: Names) -> Transaction:
    """Return a transaction with its details: VAT, labels, category, card, receipts, bank and mandate."""
    other, category, subcategory = row.counterparty, row.cashflow_category, row.cashflow_subcategory
    return _full(  # in the order of the fields of Transaction, from ``bic`` on: a copy would take longer
        row,
        zone,
        names.members,
        stated(_text(other.counterparty_bank_identifier)) if other else "",
        stated(_text(other.unique_mandate_reference)) if other else "",
        cut(row.card_last_digits),
        cut(category.name if category and category.name else row.category),
        tuple(filter(None, [names.labels.get(key, "") for key in row.label_ids])) if row.label_ids else (),
        vat_of(row),
        len(row.attachment_ids) if row.attachment_ids else 0,
        cut(subcategory.name if subcategory else ""),
        cut(row.subject_type),
        _local(row.created_at, zone) if row.created_at else None,
        tuple(row.label_ids) if row.label_ids else (),
        tuple(map(_text, row.attachment_ids)) if row.attachment_ids else (),
    )


def organisation(raw: bytes) -> Organisation:
    """Return the organisation."""
    found = msgspec.json.decode(raw, type=_Organisation)
    return Organisation(
        id=found.id,
        slug=found.slug,
        name=found.legal_name or found.name or found.slug,
        country=found.legal_country or "",
    )


def account_order(raw: bytes) -> list[str]:
    """Return the ids of an organisation's accounts, in the order in which the bank lists them."""
    return [account.id for account in msgspec.json.decode(raw, type=_Organisation).bank_accounts]


def account(raw: bytes) -> Account:
    """Return a bank account. Roles hide fields, and external accounts may lack them: only the id is required."""
    found = msgspec.json.decode(raw, type=_BankAccount)
    return Account(
        id=found.id,
        name=found.name or found.iban or found.id,
        iban="".join((found.iban or "").split()).upper(),
        status=found.status or "active",
        currency=currency_code(found.currency),
        balance=cents(found.balance_cents),
        external=found.is_external_account or False,
    )


def has_absurd_balance(raw: bytes) -> bool:
    """Return whether the bank states a balance that no account can have."""
    stated = msgspec.json.decode(raw, type=_BankAccount).balance_cents
    return stated is not None and cents(stated) is None


def member_name(raw: bytes) -> str:
    """Return a member's first and last name."""
    member: dict[str, Any] = msgspec.json.decode(raw)
    return " ".join(filter(None, (_text(member.get("first_name")), _text(member.get("last_name")))))


def label_name(raw: bytes) -> str:
    """Return a label's name."""
    label: dict[str, Any] = msgspec.json.decode(raw)
    return _text(label.get("name"))


def name_ids(raw: bytes) -> list[str]:
    """Return the ids of the members and labels that a transaction names."""
    try:
        found = _decode_named(raw)
    except msgspec.DecodeError:  # of an unknown shape: then there are no names, either
        return []
    return [*filter(None, [found.initiator_id]), *(found.label_ids or ())]


def _full(row: FullRow, zone: tzinfo, members: Mapping[str, str], *details: Any) -> Transaction:  # noqa: ANN401 - as below
    other, balance = row.counterparty, cents(row.settled_balance_cents)
    return _booked(
        row,
        zone,
        members,
        _local(row.emitted_at, zone),
        _local(row.updated_at, zone),
        (
            cut(row.transaction_id),
            row.bank_account_id or "",
            _account_number(stated(cut(other.counterparty_account_number))) if other else "",
        ),
        None if balance is None else Money(balance, currency_code(row.currency)),
        *details,
    )


def _with_vat(row: VatRow, zone: tzinfo, members: Mapping[str, str]) -> Transaction:
    details = ("", "", "", "", (), vat_of(row))  # in the order of the fields of Transaction, from ``bic`` on
    return _booked(row, zone, members, _LEFT_OUT, _LEFT_OUT, _NO_IDS, None, *details)


def _booked(
    row: BriefRow,
    zone: tzinfo,
    members: Mapping[str, str],
    emitted: datetime,
    updated: datetime,
    ids: tuple[str, str, str],
    balance: Money | None,
    *details: Any,  # noqa: ANN401 - the last fields of a transaction, of several types
) -> Transaction:
    sign, currency, operation = _SIGN[row.side], row.currency, row.operation_type or ""
    if currency != "EUR":
        currency = currency_code(currency)
    settled, (number, account_id, counterparty_account) = row.settled_at, ids
    member = members.get(row.initiator_id, "") if row.initiator_id else ""
    original = original_of(row, sign) if row.local_currency != currency and row.local_currency else None
    reference, note = stated(row.reference or ""), row.note or ""
    label, clean_label = stated(row.label or ""), stated(row.clean_counterparty_name or "")
    if len(reference) + len(note) + len(label) + len(clean_label) > LONGEST_TEXT:
        reference, note, label, clean_label = map(cut, (reference, note, label, clean_label))
    return Transaction(
        row.id,
        number,
        account_id,
        row.status,
        operation,
        Money(sign * row.amount_cents, currency),
        None if settled is None else _local(settled, zone),
        emitted,
        updated,
        label if clean(label) else clean_label,
        counterparty_account,
        reference,
        reference if clean(reference) else f"{operation} {member}".strip(),
        _original_and_note(original, note) if original else note,
        note,
        member,
        original,
        balance,
        clean_label,
        row.initiator_id or "",
        *details,
    )


def _account_number(text: str) -> str:
    """Return an account number; an IBAN in capitals and without the blanks that group it on paper (ISO 13616)."""
    if text.isalnum() and text.isupper():
        return text
    plain = "".join(text.split()).upper()
    return plain if _IBAN.fullmatch(plain) else text


def _local(moment: datetime, zone: tzinfo) -> datetime:
    usual = moment.tzinfo and moment.year in CREDIBLE_YEARS
    return (moment if usual else credible(moment)).astimezone(zone)


def _text(value: object) -> str:
    return cut(value) if isinstance(value, str) else ""


def _original_and_note(original: Original, note: str) -> str:
    # Without its sign, which the amount has: a text that begins with a minus is taken for a formula.
    spent = str(Original(abs(original.amount), original.currency))
    return f"{spent}, {note}" if note else spent
