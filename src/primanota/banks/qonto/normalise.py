"""From the bank's words to ours. Pure, and the only file that knows Qonto's field names.

Every enum is open: an unknown operation type, status or key flows through. Field meanings and nullability follow
Qonto's documentation of transactions, organization, bank accounts, memberships and labels.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

import msgspec

from primanota.core.model import COMPLETED, Account, Money, Organisation, Original, RawRecord, Transaction
from primanota.core.period import microseconds

_SIGN = {"credit": 1, "debit": -1}
# What ``brief`` leaves out, and when it says that a row was made.
NOT_BRIEF = frozenset(("number", "account_id", "emitted", "updated", "counterparty_account", "balance"))
_LEFT_OUT = datetime.min.replace(tzinfo=UTC)
_LARGEST = 2**53  # cents that every JSON reader still reads exactly
# What memberships tell about a person beyond what a book needs.
_PRIVATE = {"birthdate", "nationality", "birth_country", "residence_country", "ubo"}


class Meta(msgspec.Struct):
    """How a list is paged. Some lists leave fields out, so only the first two are sure."""

    current_page: int
    total_count: int
    per_page: int = 100


class TransactionsPage(msgspec.Struct):
    """One page of ``/v2/transactions``, its rows left word for word."""

    meta: Meta
    transactions: list[msgspec.Raw]


class ListPage(msgspec.Struct):
    """One page of members, labels or bank accounts: whichever key the list has."""

    meta: Meta | None = None
    memberships: list[msgspec.Raw] = []
    labels: list[msgspec.Raw] = []
    bank_accounts: list[msgspec.Raw] = []

    @property
    def rows(self) -> list[msgspec.Raw]:
        """What is listed."""
        return self.memberships or self.labels or self.bank_accounts


class _Partner(msgspec.Struct, gc=False):
    counterparty_account_number: str | None = None


class _Brief(msgspec.Struct, gc=False):
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
    local_amount: msgspec.Raw = msgspec.Raw(b"null")  # most rows are not foreign: theirs is never read
    initiator_id: str | None = None


class _Full(_Brief, gc=False, kw_only=True):
    emitted_at: datetime
    updated_at: datetime
    settled_balance_cents: int | None = None
    bank_account_id: str | None = None
    transaction_id: str | None = None
    transfer: _Partner | None = None
    income: _Partner | None = None
    swift_income: _Partner | None = None
    direct_debit: _Partner | None = None
    direct_debit_collection: _Partner | None = None


class _Row(_Full, gc=False, kw_only=True):
    """What only the keeping looks at. It reads all the rest too, so that what was kept can be exported."""

    amount: Decimal
    created_at: datetime | None = None


class _BankAccount(msgspec.Struct):
    id: str
    name: str | None = None
    iban: str | None = None
    status: str | None = None
    currency: str | None = None
    balance_cents: int | None = None
    is_external_account: bool | None = None


class _Named(msgspec.Struct):
    id: str


class _Company(msgspec.Struct):
    id: str
    slug: str
    name: str | None = None
    legal_name: str | None = None
    legal_country: str | None = None
    bank_accounts: list[_Named] = []


class OrganisationAnswer(msgspec.Struct):
    """``/v2/organization``, word for word."""

    organization: msgspec.Raw


class CountOrBalance(msgspec.Struct):
    """Either of the two answers that tell how an account stands: the organisation's, or a list's count."""

    organization: msgspec.Raw = msgspec.Raw(b"{}")
    meta: Meta | None = None


class Unreadable(ValueError):
    """A row that cannot be booked as it stands: which one, which field, why."""


_row = msgspec.json.Decoder(_Row)
_full = msgspec.json.Decoder(_Full)
_brief = msgspec.json.Decoder(_Brief)


def record(raw: msgspec.Raw | bytes) -> RawRecord:
    """A transaction as the book keeps it.

    Raises:
        Unreadable: an id, an amount, a side or a day is missing, or amount and cents disagree.
    """
    body = bytes(raw)
    try:
        row = _row.decode(body)
        complaint = _contradiction(row)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"transaction {_name(body)}: {error}") from None
    if complaint:
        raise Unreadable(f"transaction {row.id}: {complaint}")
    return RawRecord(
        id=row.id,
        body=body,
        account=row.bank_account_id or "",
        status=row.status,
        created=_micros(row.created_at or row.emitted_at),
        emitted=_micros(row.emitted_at),
        updated=_micros(row.updated_at),
        settled=None if row.settled_at is None else _micros(row.settled_at),
        amount=_SIGN[row.side] * row.amount_cents,
        balance=row.settled_balance_cents,
    )


def transaction(body: bytes, zone: tzinfo, members: Mapping[str, str]) -> Transaction:
    """A transaction as accountants see it.

    Args:
        body: the bank's JSON, which :func:`entry` has accepted.
        zone: the organisation's time zone.
        members: names by membership id; a member who left may be missing.
    """
    row = _full.decode(body)
    balance = row.settled_balance_cents
    return _booked(
        row,
        zone,
        members,
        _utc(row.emitted_at).astimezone(zone),
        _utc(row.updated_at).astimezone(zone),
        (row.transaction_id or "", row.bank_account_id or "", _counterparty_account(row)),
        None if balance is None else Money(balance, row.currency or "EUR"),
    )


def brief(body: bytes, zone: tzinfo, members: Mapping[str, str]) -> Transaction:
    """A completed transaction with what most files show of it; what stands in ``NOT_BRIEF`` is left out.

    Decoding the rest takes longer than all else together. Arguments as for :func:`transaction`.
    """
    row = _brief.decode(body)
    return _booked(row, zone, members, _LEFT_OUT, _LEFT_OUT, ("", "", ""), None)


def organisation(body: bytes) -> Organisation:
    """The company."""
    company = msgspec.json.decode(body, type=_Company)
    return Organisation(
        id=company.id,
        slug=company.slug,
        name=company.legal_name or company.name or company.slug,
        country=company.legal_country or "",
    )


def order(body: bytes) -> list[str]:
    """The ids of a company's accounts, in the order in which the bank lists them."""
    return [account.id for account in msgspec.json.decode(body, type=_Company).bank_accounts]


def account(body: bytes) -> Account:
    """A bank account. Roles hide fields, and external accounts may lack them: only the id is sure."""
    found = msgspec.json.decode(body, type=_BankAccount)
    return Account(
        id=found.id,
        name=found.name or found.iban or found.id,
        iban=(found.iban or "").replace(" ", ""),
        status=found.status or "active",
        currency=found.currency or "EUR",
        balance=found.balance_cents,
        external=found.is_external_account or False,
    )


def list_item(raw: msgspec.Raw) -> RawRecord:
    """A member, a label or an account as the book keeps it: without what a book has no business to know.

    Raises:
        msgspec.DecodeError: it is no object, or has no id.
    """
    key = msgspec.json.decode(raw, type=_Named).id
    body: dict[str, Any] = msgspec.json.decode(raw)
    if _PRIVATE & body.keys():
        body = {key: value for key, value in body.items() if key not in _PRIVATE}
        return RawRecord(id=key, body=msgspec.json.encode(body))
    return RawRecord(id=key, body=bytes(raw))


def member_name(body: bytes) -> str:
    """First and last name of a member."""
    member: dict[str, Any] = msgspec.json.decode(body)
    return " ".join(filter(None, (member.get("first_name"), member.get("last_name"))))


def _booked(
    row: _Brief,
    zone: tzinfo,
    members: Mapping[str, str],
    emitted: datetime,
    updated: datetime,
    ids: tuple[str, str, str],
    balance: Money | None,
) -> Transaction:
    sign, currency, operation = _SIGN[row.side], row.currency or "EUR", row.operation_type or ""
    settled, (number, account_id, counterparty_account) = row.settled_at, ids
    member = members.get(row.initiator_id, "") if row.initiator_id else ""
    original = _original(row, sign) if row.local_currency and row.local_currency != currency else None
    note, reference = row.note or "", row.reference or ""
    return Transaction(
        row.id,
        number,
        account_id,
        row.status,
        operation,
        Money(sign * row.amount_cents, currency),
        None if settled is None else _utc(settled).astimezone(zone),
        emitted,
        updated,
        _first(row.label, row.clean_counterparty_name),
        counterparty_account,
        reference,
        reference if reference and not reference.isspace() else f"{operation} {member}".strip(),
        _details(original, note) if original else note,
        note,
        member,
        original,
        balance,
    )


def _contradiction(row: _Row) -> str:
    if row.side not in _SIGN:
        return f"side is “{row.side}”, so the sign of its amount is unknown"
    if not 0 <= row.amount_cents <= _LARGEST or not _agree(row.amount, row.amount_cents):
        return f"amount {row.amount} and amount_cents {row.amount_cents} disagree"
    if row.status == COMPLETED and row.settled_at is None:
        return "it is completed, but has no settled_at"
    if row.local_currency and row.local_currency != row.currency:
        _original(row, 1)
    return ""


def _agree(amount: Decimal, cents: int) -> bool:
    try:
        return amount * 100 == cents
    except ArithmeticError:  # not a number, or one that is beyond all reason
        return False


def _name(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body)["id"])
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError):
        return "without id"


def _utc(moment: datetime) -> datetime:
    # Documented as UTC with Z; a stamp without a zone is read as UTC too.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _micros(moment: datetime) -> int:
    return microseconds(_utc(moment))


def _original(row: _Brief, sign: int) -> Original | None:
    amount = msgspec.json.decode(row.local_amount, type=Decimal | None)
    return None if amount is None else Original(sign * amount, row.local_currency or "")


def _first(text: str | None, other: str | None) -> str:
    """The first of two texts that says anything."""
    return text if text and not text.isspace() else other or ""


def _details(original: Original, note: str) -> str:
    # Without its sign, which the amount has: a text that begins with a minus is taken for a formula.
    spent = str(Original(abs(original.amount), original.currency))
    return f"{spent}, {note}" if note else spent


def _counterparty_account(row: _Full) -> str:
    partner = row.transfer or row.income or row.direct_debit or row.swift_income or row.direct_debit_collection
    return (partner.counterparty_account_number or "") if partner else ""
