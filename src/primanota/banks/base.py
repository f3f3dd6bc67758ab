"""The protocols of a bank: ``Bank`` reads it through its API, ``Connector`` decodes its records.

Everything above this package uses these protocols. Only the composition root knows which bank is behind them.
A second bank is a folder beside ``qonto/`` and one line in ``_CONNECTORS``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import tzinfo
from pkgutil import resolve_name
from typing import NamedTuple, Protocol

from primanota.banks.files import BankFiles
from primanota.banks.statement_files import StatementFiles
from primanota.core.errors import InvalidInput, among
from primanota.core.model import Account, Facts, Organisation, RawRecord, Transaction
from primanota.core.reasons import Reason

# Decodes a stored body into a transaction.
Reader = Callable[[bytes], Transaction]
# The class of each bank's connector. Its module is imported when it is used.
_CONNECTORS = {
    "qonto": "primanota.banks.qonto.decoding.connector:QontoConnector",
    "camt": "primanota.banks.camt.connector:CamtConnector",
    "": "primanota.banks.by_words:BookConnector",
}
# The class that reads each kind of files of statements.
_FILES = {"camt": "primanota.banks.camt.files:CamtFiles"}


class Names(NamedTuple):
    """Names of members and labels, by their ids."""

    members: Mapping[str, str]
    labels: Mapping[str, str]


class OpenPoint(NamedTuple):
    """Something that a completed transaction lacks.

    ``kind`` is ``receipt``, ``vat``, or ``unknown-operation``; ``reason`` says more of it.
    """

    kind: str
    reason: Reason
    transaction: Transaction


class Company(NamedTuple):
    """The bank's own JSON of the organisation and its lists; None for a list that the key may not read."""

    organisation: bytes
    accounts: list[RawRecord]
    members: list[RawRecord] | None
    labels: list[RawRecord] | None


class AccountStatus(NamedTuple):
    """An account's settled balance (cents, None where the bank does not state it), and its row count by status.

    ``listed`` is false if the bank answers questions about the account, but no longer lists it.
    """

    balance: int | None
    counts: dict[str, int]
    listed: bool = True


class Progress(Protocol):
    """Receives the progress of reading pages."""

    def expect(self, pages: int) -> None:
        """Add a number of pages to those that are expected."""

    def page(self, rows: int) -> None:
        """Count a page that was read, with its number of rows."""

    def limited(self, seconds_until: Callable[[int], float]) -> None:
        """Learn how many seconds so many further pages take at least, since the bank limits its requests."""


class Silent:
    """A progress that shows nothing."""

    def expect(self, pages: int) -> None:
        """Ignore how many pages are to come."""

    def page(self, rows: int) -> None:
        """Ignore a page."""

    def limited(self, seconds_until: Callable[[int], float]) -> None:
        """Ignore the bank's limit."""


class TransactionSource(Protocol):
    """Reads one account's transactions, page by page; may be used by another thread than those of other accounts.

    ``doubts`` says what a scan could not confirm: the rows that it yielded are genuine, but may be incomplete.
    ``now`` is the bank's clock before its first request was sent, or a little earlier (microseconds UTC, a whole
    second). ``ahead`` is how many pages may be requested before they are taken; None for the usual number.
    ``takes_long`` says, once the bank has counted the rows, that its rate bounds how soon they are read.
    """

    doubts: list[str]
    now: int
    ahead: int | None
    takes_long: bool

    def restarted(self, now: int) -> "TransactionSource":
        """Return a source of the same account without doubts, which finds out anew what the bank can do.

        Args:
            now: the bank's clock (microseconds UTC, a whole second).
        """

    def everything(self) -> Iterator[list[RawRecord]]:
        """Yield every row of the account that existed when the scan began, possibly more."""

    def updated_since(self, since: int) -> Iterator[list[RawRecord]]:
        """Yield every row that was created or changed at or after a moment (microseconds UTC)."""

    def of_statuses(self, statuses: Collection[str]) -> Iterator[list[RawRecord]]:
        """Yield every row of some statuses."""

    def settled_between(self, since: int, until: int) -> Iterator[list[RawRecord]]:
        """Yield completed rows by their settlement, both ends included (microseconds UTC)."""


class Bank(Protocol):
    """What one API key can read at a bank."""

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses of a transaction that the bank can filter by, as far as it has told."""

    @property
    def now(self) -> int:
        """The bank's clock, in microseconds UTC, a whole second; never far ahead of this machine's."""

    @property
    def files(self) -> BankFiles:
        """The receipts and statements that the bank offers."""

    @property
    def tells_time(self) -> bool:
        """Whether the bank has told its clock, so that ``now`` is not only this machine's."""

    @property
    def news(self) -> bytes:
        """What was found out about the bank, for :meth:`recall`; empty if it is what was recalled."""

    def recall(self, kept: bytes) -> None:
        """Use what an earlier sync found out about the bank, if it is not too old."""

    def company(self, changed: Mapping[str, int]) -> Company:
        """Read the organisation, its accounts, members and labels.

        Args:
            changed: accounts for which :meth:`sources` will be called with the same moments. What changed in them
                since, their counts and their balances are asked for in the same round of requests.
        """

    def sources(self, wanted: Mapping[str, int | None], progress: Progress) -> Mapping[str, TransactionSource]:
        """Return a source for each account, and ask for what is needed of all of them first.

        Args:
            wanted: since when changed rows will be read of each account (microseconds UTC); None for every row.
            progress: receives the pages.
        """

    def ask_status(self, account_id: str) -> int:
        """Ask for an account's present balance and counts, and do not wait; return the bank's clock before that."""

    def account_status(self, account_id: str) -> AccountStatus:
        """Return an account's balance and counts: what was asked for, else the present ones."""


class Connector(Protocol):
    """Decodes the records of one bank; pure, and the only place that knows its field names.

    ``lacks_rule`` is the number of the rule by which ``record`` says what a row lacks: another rule, another number.
    """

    @property
    def lacks_rule(self) -> int:
        """The number of the present rule, at least 1."""

    def record(self, raw: bytes) -> RawRecord:
        """Check a transaction, and return it with the facts by which the book finds it.

        Raises:
            ValueError: it cannot be booked as it stands; the sentence says which field and why.
        """

    def facts(self, body: bytes) -> Facts:
        """Return the facts of a stored transaction, as ``record`` finds them, in less time.

        Raises:
            ValueError: as ``record``.
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

    def name_ids(self, raw: bytes) -> Iterable[str]:
        """Return the ids of the members and labels that a transaction names."""

    def receipt_ids(self, raw: bytes) -> tuple[str, ...]:
        """Return the ids of the receipts that a transaction lists, in the bank's order."""

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:
        """Return a function that decodes a transaction.

        Args:
            names: the names of members and labels.
            zone: the organisation's time zone.
            fields: the fields of a completed transaction that will be used; others may be left out. None for all.
        """

    def open_points(self, bodies: Iterable[bytes], names: Names, zone: tzinfo) -> Iterator[OpenPoint]:
        """Yield what completed transactions lack; each body is decoded once."""


def connector(name: str = "") -> Connector:
    """Return the connector of a bank; without a name that of a book, whose accounts may be of several.

    Raises:
        InvalidInput: the bank is unknown.
    """
    if name not in _CONNECTORS:
        raise InvalidInput(f"“{name}” is not a known bank.", among(name, filter(None, _CONNECTORS)))
    kind: type[Connector] = resolve_name(_CONNECTORS[name])
    return kind()


def statement_files(name: str = "camt") -> StatementFiles:
    """Return what reads a kind of files of statements."""
    kind: type[StatementFiles] = resolve_name(_FILES[name])
    return kind()
