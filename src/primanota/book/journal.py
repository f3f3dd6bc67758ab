"""The journal: the book as objects of the model; the only module that decodes the bank's stored records."""

from collections.abc import Callable, Iterator
from datetime import UTC, tzinfo

from primanota import banks
from primanota.book.batches import Batches
from primanota.book.name_history import NameHistory
from primanota.book.outbox import Letters
from primanota.book.receipts import Receipts
from primanota.book.records.index import ACCOUNT, LABEL, MEMBER, NEWEST, ORGANISATION, TRANSACTION
from primanota.book.records.index_proof import proves_index
from primanota.book.records.records import Book
from primanota.book.records.verification import Inconsistency, first_inconsistency
from primanota.book.rows.open_rows import OpenRows
from primanota.core.commands import weekly_run
from primanota.core.errors import ConfigurationError
from primanota.core.model import COMPLETED, Account, Organisation, Transaction
from primanota.core.period import END_OF_TIME, Period

_NEWEST_BODY = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"


class Journal:
    """A book as objects of the model: organisation, accounts, transactions.

    Args:
        book: the stored records.
        connector: decodes the records of the book's bank.
        zone: the organisation's time zone, which defines its days.
    """

    def __init__(self, book: Book, connector: banks.Connector, zone: tzinfo = UTC) -> None:
        self.book = book
        self.connector = connector
        self.zone = zone

    def find_organisation(self) -> Organisation | None:
        """Return the organisation; None if the book is still empty."""
        return next(map(self.connector.organisation, self.book.bodies(ORGANISATION).values()), None)

    def organisation(self) -> Organisation:
        """Return the organisation.

        Raises:
            ConfigurationError: the book is still empty.
        """
        if found := self.find_organisation():
            return found
        raise ConfigurationError("The book is empty.", f"Run “{weekly_run()}” first.")

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
        """Return the function that decodes a stored record into a transaction.

        Args:
            fields: the fields of a completed transaction that the caller needs; others may be empty. None for all.
        """
        return self.connector.reader(self._names(), self.zone, fields)

    def names(self) -> NameHistory:
        """Return the names of members and labels at every moment."""
        return NameHistory(self.book, self.connector)

    def earlier_readers(self, names: NameHistory, moment: int) -> tuple[banks.Reader, banks.Reader]:
        """Return two functions that decode a stored record with the names of labels at a moment.

        The first one uses the present names of members, the second one their names at that moment, too.
        """
        then = names.at(moment)
        present = banks.Names(self._names().members, then.labels)
        return self.connector.reader(present, self.zone), self.connector.reader(then, self.zone)

    def transactions(
        self, account: Account, period: Period | None = None, fields: frozenset[str] | None = None
    ) -> Iterator[Transaction]:
        """Yield an account's completed transactions of a period, or all, in order of settlement."""
        return map(self.reader(fields), self.book.completed(account.id, *self._span(period)))

    def bring_up_to_date(self, progress: banks.Progress) -> None:
        """Fill what the index derives by a rule of the connector, if another rule filled it: once after an update."""
        rule = self.connector.lacks_rule
        if self.book.lacks_rule != rule:
            self.book.fill_lacks(self.connector.record, rule, progress)

    def open_rows(self, period: Period | None = None) -> OpenRows:
        """Return the rows that are not settled or lack something; the book must be up to date."""
        return OpenRows(self.book, [account.id for account in self.accounts()], *self._span(period))

    def receipts(self) -> Receipts:
        """Return the receipts of the book's rows, as far as the newest search has found them."""
        return Receipts(self.book, self.connector.receipt_ids)

    def row(self, key: str) -> Transaction:
        """Return a row, as the bank last stated it, by its id."""
        (body,) = next(self.book.rows(_NEWEST_BODY, TRANSACTION, key))
        return self.reader()(body)

    def open_points(self) -> Callable[[bytes], Iterator[banks.OpenPoint]]:
        """Return the function that yields what a completed record lacks: a receipt, a VAT rate, a known operation."""
        names = self._names()
        return lambda body: self.connector.open_points((body,), names, self.zone)

    def was_completed(self, key: str) -> bool:
        """Return whether any version of a transaction in the book is completed."""
        return any(self.connector.record(body).status == COMPLETED for body in self.book.versions(TRANSACTION, key))

    def proves_index(self) -> bool:
        """Return whether hash chain, versions and index are all as they must be: the quickest look at every row.

        It is false, too, where the index follows another rule of what rows lack.
        """
        return self.book.lacks_rule == self.connector.lacks_rule and proves_index(self.book, self.connector.facts)

    def inconsistency(self, *, is_index_proven: bool | None = None) -> Inconsistency | None:
        """Return the first inconsistency of versions, index, batches, letters or derived data; None if there is none.

        What is derived from the batches comes last: it is wrong, too, where a batch was changed.

        Args:
            is_index_proven: what ``proves_index`` has just returned; None to let it look.
        """
        batches, read, rule = Batches(self.book), self.connector.record, self.connector.lacks_rule
        proven = self.proves_index() if is_index_proven is None else is_index_proven
        if found := first_inconsistency(self.book, read, rule, is_index_proven=proven):
            return found
        if changed := batches.first_inconsistency() or Letters(self.book).first_inconsistency():
            return Inconsistency(changed)
        wrong = batches.first_wrong_derivation() or self.receipts().first_wrong()
        return Inconsistency(wrong, is_derived=True) if wrong else None

    def verify(self, *, is_index_proven: bool | None = None) -> str:
        """Return the first inconsistency, as ``inconsistency`` finds it, in a sentence; empty if there is none."""
        found = self.inconsistency(is_index_proven=is_index_proven)
        return found.sentence if found else ""

    def _span(self, period: Period | None) -> tuple[int, int]:
        return period.span(self.zone) if period else (0, END_OF_TIME)

    def _names(self) -> banks.Names:
        decode = self.connector
        members = {key: decode.member_name(body) for key, body in self.book.bodies(MEMBER).items()}
        labels = {key: decode.label_name(body) for key, body in self.book.bodies(LABEL).items()}
        return banks.Names(members, labels)
