"""What the program asks of a bank: a ``Bank`` that can be read, and a ``Connector`` that understands its records.

Everything above this package uses these protocols. Only the composition root knows which bank is behind them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple, Protocol

from primanota.core.model import Account, Organisation, RawRecord, Transaction

# Makes a transaction of a stored body.
Reader = Callable[[bytes], Transaction]


class Names(NamedTuple):
    """Names of members and labels, by their ids."""

    members: Mapping[str, str]
    labels: Mapping[str, str]


class OpenPoint(NamedTuple):
    """What a completed transaction still lacks.

    ``kind`` is ``receipt``, ``vat``, or ``unknown-operation``; ``reason`` says it in words.
    """

    kind: str
    reason: str
    transaction: Transaction


class Company(NamedTuple):
    """What the bank says of the organisation, word for word; None for a list that the key may not read."""

    organisation: bytes
    accounts: list[RawRecord]
    members: list[RawRecord] | None
    labels: list[RawRecord] | None


class AccountStatus(NamedTuple):
    """An account's settled balance (cents, None where the bank does not state it), and its rows of each status."""

    balance: int | None
    counts: dict[str, int]


class Progress(Protocol):
    """Is told how a reading goes on."""

    def expect(self, pages: int) -> None:
        """Announce that so many more pages are to come."""

    def page(self, rows: int) -> None:
        """Report a page with so many rows."""


class TransactionSource(Protocol):
    """Reads one account's transactions, page by page.

    ``doubts`` says what a reading could not make sure of: the rows it gave are genuine, but may not be all.
    """

    doubts: list[str]

    def restarted(self, now: int) -> "TransactionSource":
        """Return a source of the same account without doubts, which counts afresh."""

    def everything(self) -> Iterator[list[RawRecord]]:
        """Yield every row of the account that existed when the reading began, at least."""

    def updated_since(self, since: int) -> Iterator[list[RawRecord]]:
        """Yield every row that changed or arrived at or after a moment (microseconds UTC)."""

    def settled_between(self, since: int, until: int) -> Iterator[list[RawRecord]]:
        """Yield completed rows by their settlement, both ends included (microseconds UTC)."""


class Bank(Protocol):
    """What one key can read at a bank.

    ``statuses`` are those of a transaction that can be asked for; ``now`` is the bank's clock (microseconds UTC).
    """

    @property
    def statuses(self) -> tuple[str, ...]:
        """Return the statuses that can be asked for."""

    @property
    def now(self) -> int:
        """Return the bank's clock, in microseconds UTC, a whole second."""

    def company(self) -> Company:
        """Read the organisation, its accounts, members and labels."""

    def sources(
        self, account_ids: Sequence[str], progress: Progress, unread: Sequence[str] = ()
    ) -> Mapping[str, TransactionSource]:
        """Return a source for each account; ``unread`` are those of which everything will be read."""

    def account_status(self, account_id: str) -> AccountStatus:
        """Read how an account stands now."""


class Connector(Protocol):
    """Understands the records of one bank; pure, and the only place that knows its field names."""

    def record(self, raw: bytes) -> RawRecord:
        """Check a transaction and take from it the facts by which the book finds it.

        Raises:
            ValueError: it cannot be booked as it stands; the sentence says which field and why.
        """

    def account(self, raw: bytes) -> Account:
        """Decode a bank account."""

    def organisation(self, raw: bytes) -> Organisation:
        """Decode the organisation."""

    def account_order(self, raw: bytes) -> list[str]:
        """Return the ids of the organisation's accounts in the bank's order."""

    def member_name(self, raw: bytes) -> str:
        """Return a member's first and last name."""

    def label_name(self, raw: bytes) -> str:
        """Return a label's name."""

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:
        """Return what makes a transaction of its body.

        Args:
            names: of members and labels.
            zone: the organisation's time zone.
            fields: those of a completed transaction that will be looked at; others may be left out. None for all.
        """

    def open_points(self, bodies: Iterable[bytes], names: Names, zone: tzinfo) -> Iterator[OpenPoint]:
        """Yield what completed transactions lack, each body decoded once."""
