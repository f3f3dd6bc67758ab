"""What a statement is made of: money, accounts, transactions. Frozen, no I/O.

Money is integer cents, signed: in is positive, out is negative. Times are local to the organisation unless a
name says UTC.
"""

from collections.abc import Iterable
from datetime import datetime
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


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """One movement of money, normalised: names instead of ids, signed exact money, local time.

    ``booked`` is the local moment of settlement, None while pending or declined. ``purpose`` is the reference,
    else the operation type and the initiating member's name. ``details`` is the original amount when it is
    foreign, then the note. ``balance`` is the account's balance after this row.
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


class Statement(msgspec.Struct, frozen=True):
    """An account's transactions of a span, in order of settlement, ready to be rendered.

    ``opening`` and ``closing`` are the balances at its two ends; None where the chain does not prove them.
    ``rows`` may be an iterator: it is walked once.
    """

    account: Account
    rows: Iterable[Transaction]
    opening: Money | None = None
    closing: Money | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
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
