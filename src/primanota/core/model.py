"""What a statement is made of: money, accounts, transactions. Frozen, no I/O.

Money is integer cents, signed: in is positive, out is negative. Times are local to the organisation unless a
name says UTC.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

import msgspec

# The status of a row that has moved the balance.
COMPLETED = "completed"

# ISO 4217 minor units that are not two digits, of the currencies cards meet most.
_MINOR_DIGITS = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


class Money(msgspec.Struct, frozen=True, gc=False):
    """An exact amount: integer cents of a currency with two decimals.

    ``format(money, "")`` is ``-1234.50``; ``format(money, ",")`` is ``-1234,50``: the spec is the decimal mark.
    """

    cents: int
    currency: str = "EUR"

    def __format__(self, mark: str) -> str:
        cents = self.cents
        sign, cents = ("-", -cents) if cents < 0 else ("", cents)
        return f"{sign}{cents // 100}{mark or '.'}{cents % 100:02}"

    def __str__(self) -> str:
        return f"{self:.} {self.currency}"


class Original(msgspec.Struct, frozen=True, gc=False):
    """The amount in the currency in which it was spent, signed, exactly as the bank wrote it."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.{_MINOR_DIGITS.get(self.currency, 2)}f} {self.currency}"


class Account(msgspec.Struct, frozen=True):
    """A bank account of the organisation.

    ``balance`` is the bank's settled balance in cents; None where the bank does not tell it.
    """

    id: str
    name: str
    iban: str = ""
    status: str = "active"
    currency: str = "EUR"
    balance: int | None = None
    external: bool = False

    @property
    def tail(self) -> str:
        """The last four characters of the IBAN, or of the id where there is none: enough to tell accounts apart."""
        return (self.iban or self.id)[-4:]


class Organisation(msgspec.Struct, frozen=True):
    """The company: whose book this is."""

    id: str
    slug: str
    name: str
    country: str


class Vat(msgspec.Struct, frozen=True, gc=False):
    """A part of a transaction that has one VAT rate (percent). Cents signed like it; ``gross`` includes ``tax``."""

    rate: Decimal
    gross: int
    tax: int


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """One movement of money, normalised: names instead of ids, signed exact money, local time.

    ``booked`` is the local moment of settlement, None while pending or declined. ``purpose`` is the reference,
    else the operation type and the initiating member's name. ``details`` is the original amount when it is
    foreign, then the note. ``balance`` is the account's balance after this row. ``vat`` is empty where the bank knows
    no rate; ``bic`` is the counterparty's bank, ``mandate`` a direct debit's, ``card`` its last digits, ``receipts``
    how many there are.
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
    bic: str = ""
    mandate: str = ""
    card: str = ""
    category: str = ""
    labels: tuple[str, ...] = ()
    vat: tuple[Vat, ...] = ()
    receipts: int = 0

    @property
    def day(self) -> date:
        """The local day on which it was booked, or made where it is not booked yet."""
        return (self.booked or self.emitted).date()


class Posting(msgspec.Struct, frozen=True, gc=False):
    """A part of a transaction, as accounts see it: how many of its cents, signed like it, against which account.

    ``tax`` is the tool's tax key, ``cost_centre`` and ``text`` may be empty.
    """

    account: str
    cents: int
    tax: str = ""
    cost_centre: str = ""
    text: str = ""


class Ledger(msgspec.Struct, frozen=True):
    """What a company's accounts are called, for the formats that write entries.

    ``bank`` is the account's own ledger account, ``assign`` gives the other side of a transaction: at least one
    posting, together its amount. ``names`` has the names of accounts, as far as they are known. ``year_start`` is the
    first day of the fiscal year as (month, day). The rest is what single formats ask for: DATEV the consultant, the
    client, the chart (``03``, ``04``) and the length of account numbers, FEC the SIREN and the journal.
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


class TextChange(msgspec.Struct, frozen=True):
    """A text that a file could not hold as it was: of which transaction, in which field, before and after."""

    id: str
    field: str
    before: str
    after: str


class Statement(msgspec.Struct, frozen=True):
    """An account's transactions of a span, in order of settlement, ready to be rendered.

    ``first`` and ``last`` are its local days, both included. ``opening`` and ``closing`` are the balances at its two
    ends; None where the chain does not prove them, or where rows between its ends are not part of it. ``proven`` is
    false where somebody wanted it although the chain is broken. ``rows`` may be an iterator: it is walked once.
    ``ledger`` is there for formats that need it. Texts that did not fit are added to ``text_changes``.
    """

    account: Account
    rows: Iterable[Transaction]
    first: date
    last: date
    opening: Money | None = None
    closing: Money | None = None
    proven: bool = True
    company: Organisation | None = None
    ledger: Ledger | None = None
    text_changes: list[TextChange] = []


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """A thing the bank said, word for word, with the few facts by which the book finds it again.

    ``body`` is the bank's JSON. All else is for transactions only: ``account`` is the account that the row itself
    names, empty where it names none. Times are microseconds since 1970, UTC. ``amount`` is signed cents, ``balance``
    the running balance in cents.
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
