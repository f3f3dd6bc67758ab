"""The journal: a book in the model's words, the only reader of the bank's stored records."""

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import NamedTuple

from primanota import banks
from primanota.book.batches import Batches
from primanota.book.outbox import Letters
from primanota.book.records import ACCOUNT, LABEL, MEMBER, ORGANISATION, Book
from primanota.core.errors import ConfigurationError
from primanota.core.model import Account, Organisation, Transaction
from primanota.core.period import END_OF_TIME, Period


class UnsettledRow(NamedTuple):
    """A transaction that is not plainly completed, and whether the bank no longer shows it."""

    account_id: str
    transaction: Transaction
    vanished: bool


class Journal:
    """A book in the model's words.

    Args:
        book: the stored records.
        connector: decodes the records of the book's bank.
        zone: the organisation's time zone, in which its days are.
    """

    def __init__(self, book: Book, connector: banks.Connector, zone: tzinfo = UTC) -> None:
        self.book = book
        self.connector = connector
        self.zone = zone

    def find_organisation(self) -> Organisation | None:
        """Return the organisation; None where the book is still empty."""
        return next(map(self.connector.organisation, self.book.bodies(ORGANISATION).values()), None)

    def organisation(self) -> Organisation:
        """Return the organisation.

        Raises:
            ConfigurationError: the book is still empty.
        """
        if found := self.find_organisation():
            return found
        raise ConfigurationError("The book is empty.", "Run “primanota sync” first.")

    def accounts(self) -> list[Account]:
        """Return the organisation's accounts in the bank's order."""
        order = {
            key: place
            for body in self.book.bodies(ORGANISATION).values()
            for place, key in enumerate(self.connector.account_order(body))
        }
        known = map(self.connector.account, self.book.bodies(ACCOUNT).values())
        return sorted(known, key=lambda account: order.get(account.id, len(order)))

    def reader(self, fields: frozenset[str] | None = None) -> banks.Reader:
        """Return what makes a transaction of a stored body.

        Args:
            fields: those of a completed transaction that will be looked at; others may be left out. None for all.
        """
        return self.connector.reader(self._names(), self.zone, fields)

    def transactions(
        self, account: Account, period: Period | None = None, fields: frozenset[str] | None = None
    ) -> Iterator[Transaction]:
        """Yield an account's completed transactions of a period, or all, in order of settlement."""
        return map(self.reader(fields), self.book.completed(account.id, *self._span(period)))

    def open_points(self, account: Account, period: Period | None = None) -> Iterator[banks.OpenPoint]:
        """Yield what an account's completed transactions of a period lack: receipts, VAT, known kinds."""
        bodies = self.book.completed(account.id, *self._span(period))
        return self.connector.open_points(bodies, self._names(), self.zone)

    def unsettled(self, period: Period | None = None) -> Iterator[UnsettledRow]:
        """Yield rows that are not plainly completed: pending, declined, of an unknown status, or vanished."""
        read = self.reader()
        for account_id, body, vanished in self.book.not_completed(*self._span(period)):
            yield UnsettledRow(account_id, read(body), bool(vanished))

    def verify(self) -> str:
        """Return the first place where the book is not what this program wrote, in a sentence; empty if whole."""
        return (
            self.book.first_inconsistency(self.connector.record)
            or Batches(self.book).first_inconsistency()
            or Letters(self.book).first_inconsistency()
        )

    def _span(self, period: Period | None) -> tuple[int, int]:
        return period.span(self.zone) if period else (0, END_OF_TIME)

    def _names(self) -> banks.Names:
        decode = self.connector
        members = {key: decode.member_name(body) for key, body in self.book.bodies(MEMBER).items()}
        labels = {key: decode.label_name(body) for key, body in self.book.bodies(LABEL).items()}
        return banks.Names(members, labels)
