"""The model: money, accounts, transactions, ledgers, statements. Frozen structs, no I/O.

Money is integer cents, signed: in is positive, out is negative. Times are local to the organisation, except in
``RawRecord``, which has UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import MAX_PREC, Context, Decimal
from typing import Protocol

import msgspec

from primanota.core.minor_units import minor_digits
from primanota.core.proof_state import State
from primanota.core.text import clean

# Between the ids of accounts whose rows are in one file.
_JOINT = ","
# The status of a transaction that has changed the balance.
COMPLETED, PENDING = "completed", "pending"
# What a completed transaction can lack, as bits of a number; the names are kinds of findings.
LACKS = {"unknown-operation": 1, "receipt": 2, "vat": 4}
# ISO 4217's code where no currency is involved: for one that cannot be read.
NO_CURRENCY = "XXX"

# Cents of any size are exact, whatever the caller's own context is.
_EXACT = Context(prec=MAX_PREC)


def decimal_text(cents: int, mark: str) -> str:
    """Return cents as an amount with two decimals: ``-1234.50``."""
    digits = f"{cents:04}" if cents < 0 else f"{cents:03}"
    return f"{digits[:-2]}{mark}{digits[-2:]}"


class Money(msgspec.Struct, frozen=True, gc=False):
    """An exact amount: integer cents of a currency with two decimals.

    ``format(money, "")`` is ``-1234.50``; ``format(money, ",")`` is ``-1234,50``: the spec is the decimal mark.
    """

    cents: int
    currency: str = "EUR"

    @property
    def decimal(self) -> Decimal:
        """Return the amount as a decimal with two places, exactly."""
        return Decimal(self.cents).scaleb(-2, _EXACT)

    def __format__(self, mark: str) -> str:
        return decimal_text(self.cents, mark or ".")

    def __str__(self) -> str:
        return f"{self:.} {self.currency}"


class Original(msgspec.Struct, frozen=True, gc=False):
    """An amount in the currency in which it was spent: signed, exactly as the bank states it."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.{minor_digits(self.currency)}f} {self.currency}"


class Account(msgspec.Struct, frozen=True):
    """A bank account of the organisation.

    ``balance`` is the bank's settled balance in cents; None if the bank does not state it. ``from_files`` is true for
    an account whose rows come from files of statements: no sync asks a bank for it.
    """

    id: str
    name: str
    iban: str = ""
    status: str = "active"
    currency: str = "EUR"
    balance: int | None = None
    external: bool = False
    from_files: bool = False

    @property
    def tail(self) -> str:
        """Return the last four characters of the IBAN, or else of the id: enough to tell accounts apart."""
        return (self.iban or self.id)[-4:]


def joint_account(accounts: Sequence[Account]) -> Account:
    """Return accounts whose rows are in one file as one: their ids and names listed, without IBAN and balance."""
    first, *others = accounts
    if not others:
        return first
    foreign = (account.currency for account in others if account.currency != first.currency)
    return Account(
        _JOINT.join(account.id for account in accounts),
        ", ".join(account.name for account in accounts),
        currency=next(foreign, first.currency),
        from_files=all(account.from_files for account in accounts),
    )


def account_of(key: str, accounts: Iterable[Account]) -> Account:
    """Return an account by its id, or a joint account by the ids of its accounts; one without a name if unknown."""
    ids = key.split(_JOINT)
    found = [account for account in accounts if account.id in ids]
    return joint_account(found) if found else Account(key, key)


class Organisation(msgspec.Struct, frozen=True):
    """The company that the book belongs to; ``id`` is empty where no bank has given one, but files of statements."""

    id: str
    slug: str
    name: str
    country: str


class Vat(msgspec.Struct, frozen=True, gc=False):
    """The part of a transaction with one VAT rate (percent). Cents, signed like it; ``gross`` includes ``tax``."""

    rate: Decimal
    gross: int
    tax: int


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """A bank transaction, normalised: names instead of ids, signed exact money, local time.

    ``booked`` is the local moment of settlement, None while pending or declined. ``purpose`` is the reference,
    or else the operation type and the initiating member's name. ``details`` is the original amount when it is
    foreign, then the note. ``balance`` is the account's balance after this transaction. ``vat`` is empty if the bank
    states no rate; ``bic`` is the counterparty's bank, ``mandate`` a direct debit's mandate reference, ``card`` the
    last digits of the card, ``receipts`` the number of receipts. ``clean_counterparty`` is the counterparty's name as
    the bank has cleaned it up, ``subject_type`` the bank's kind of the object behind the transaction. ``member_id``,
    ``label_ids`` and ``attachment_ids`` are the bank's ids of the member, the labels and the receipts. ``document``
    is the GUID of the document that has its receipts in a package beside the file; empty without a package.
    """

    id: str
    number: str
    account_id: str
    status: str
    operation: str
    amount: Money
    booked: datetime | None
    emitted: datetime
    updated: datetime
    counterparty: str
    counterparty_account: str
    reference: str
    purpose: str
    details: str
    note: str
    member: str
    original: Original | None
    balance: Money | None
    clean_counterparty: str = ""
    member_id: str = ""
    bic: str = ""
    mandate: str = ""
    card: str = ""
    category: str = ""
    labels: tuple[str, ...] = ()
    vat: tuple[Vat, ...] = ()
    receipts: int = 0
    subcategory: str = ""
    subject_type: str = ""
    created: datetime | None = None
    label_ids: tuple[str, ...] = ()
    attachment_ids: tuple[str, ...] = ()
    document: str = ""

    @property
    def day(self) -> date:
        """Return the local day of settlement, or of emission if it is not settled yet."""
        return (self.booked or self.emitted).date()

    @property
    def party(self) -> str:
        """Return what a person knows the other side by: the counterparty, or else the purpose or the operation."""
        return self.counterparty or self.purpose or self.operation

    @property
    def title(self) -> str:
        """Return what a person knows the transaction by, for errors: day, counterparty and amount."""
        return f"{self.day}, {clean(self.party)}, {self.amount!s}"


class Posting(msgspec.Struct, frozen=True, gc=False):
    """A posting of a transaction against an account: a part of its cents, signed like it.

    ``tax`` is the tool's tax key; ``tax``, ``cost_centre`` and ``text`` may be empty.
    """

    account: str
    cents: int
    tax: str = ""
    cost_centre: str = ""
    text: str = ""


class Ledger(msgspec.Struct, frozen=True):
    """A company's ledger accounts, for the formats that write entries.

    ``bank`` is the ledger account of the bank account, ``assign`` returns the postings of a transaction on the other
    side: at least one, in sum its amount. ``names`` has the names of accounts, as far as they are known.
    ``count`` returns their number, or less; of a transaction nothing but the amount and the VAT need be known for it.
    ``year_start`` is the first day of the fiscal year as (month, day). The other fields are for single formats: DATEV
    needs the consultant, the client, the chart (``03``, ``04``) and the length of account numbers, FEC the SIREN and
    the journal. ``settings`` is the text of the chart and the rules that ``assign`` follows, which the book stores
    with an export; empty if it was not made of settings.
    """

    bank: str
    assign: Callable[[Transaction], tuple[Posting, ...]]
    names: dict[str, str] = {}
    year_start: tuple[int, int] = (1, 1)
    account_length: int = 4
    consultant: int = 0
    client: int = 0
    chart: str = ""
    siren: str = ""
    journal: str = "BQ"
    settings: str = ""
    count: Callable[[Transaction], int] = lambda _: 1


class TextChange(msgspec.Struct, frozen=True, gc=False):
    """A text that a file could not hold unchanged: id of the transaction, field, text before and after."""

    id: str
    field: str
    before: str
    after: str


class TextChanges(Protocol):
    """Texts that a file could not hold unchanged, such as a list of them."""

    def append(self, change: TextChange, /) -> None:
        """Append a text."""

    def __iter__(self) -> Iterator[TextChange]: ...

    def __len__(self) -> int: ...


class Statement(msgspec.Struct, frozen=True):
    """An account's transactions of a span of days, in order of settlement, ready to be rendered.

    ``first`` and ``last`` are local days, both included. ``opening`` and ``closing`` are the balances at the two
    ends; None if the balance chain does not prove them, or if the statement does not have every row between its ends.
    ``starts_day`` says whether ``opening`` is the balance at the beginning of ``first``, ``ends_day`` whether
    ``closing`` is that at the end of ``last``, which then is over and proven: a day may have rows before or after
    those of the statement. ``starts_at`` and ``ends_at`` are the local moments of the first and last row, where the
    statement does not begin or end with a day; else None.

    ``number`` counts the statements of an account for a tool, ``key`` is different for different statements and the
    same where the same statement is written again.

    ``proven`` is false if the user exports it although it is not proven, ``proof`` is the name of the proof's state.
    ``rows`` may be an iterator: it is read once. ``ledger`` is for formats that need it. Where the rows of several
    accounts are in one file, ``accounts`` has each of them by its id, and ``ledgers`` the ledger of each.
    ``entry_numbers`` has a number for each row, for formats that number entries; None to count from 1. Formats add
    texts that they had to change to ``text_changes``.
    """

    account: Account
    rows: Iterable[Transaction]
    first: date
    last: date
    opening: Money | None = None
    closing: Money | None = None
    starts_day: bool = True
    ends_day: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    number: int = 1
    key: str = ""
    proven: bool = True
    proof: State = "proven"
    company: Organisation | None = None
    ledger: Ledger | None = None
    ledgers: dict[str, Ledger] = {}
    accounts: dict[str, Account] = {}
    entry_numbers: Iterable[int] | None = None
    text_changes: TextChanges = []

    @property
    def opening_day(self) -> date:
        """Return the day at whose end, or during which, the account had the opening balance."""
        return self.first - timedelta(days=1) if self.starts_day else self.first


# The facts by which the book finds a record: the fields of ``RawRecord`` from ``status`` to ``lacks``.
Facts = tuple[str, int, int, int, int | None, int | None, int | None, int]


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """A record of the bank, byte for byte, with the fields by which the book finds it again.

    ``body`` is the bank's JSON. The other fields beside ``id`` are for transactions only: ``account`` is the account
    that the record itself names, empty if it does not name one. Times are microseconds since 1970, UTC. ``amount`` is
    signed cents, ``balance`` the running balance in cents. ``lacks`` is the sum of ``LACKS`` of all that a completed
    transaction lacks, 0 for others. ``flaw`` says what of it no file could carry, empty for almost every record; it
    is not stored.
    """

    id: str
    body: bytes
    account: str = ""
    status: str = ""
    created: int = 0
    emitted: int = 0
    updated: int = 0
    settled: int | None = None
    amount: int | None = None
    balance: int | None = None
    lacks: int = 0
    flaw: str = ""

    @property
    def facts(self) -> Facts:
        """The facts by which the book finds it."""
        times = (self.created, self.emitted, self.updated, self.settled)
        return self.status, *times, self.amount, self.balance, self.lacks
