"""List rows of the book by day, text, amount, side, status, account, label, member and batch, with their sums."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from primanota.book import Batches
from primanota.book.journal import Journal
from primanota.book.rows.found_rows import FoundRow, RowQuery, found_rows
from primanota.core.model import Account, Transaction
from primanota.core.period import Period
from primanota.core.text import comparable
from primanota.core.word_search import may_hold
from primanota.core.written_amounts import WrittenAmount

VANISHED = "vanished"


class RowView(msgspec.Struct, frozen=True):
    """A row of the book; ``day`` is local. ``exported_in`` are the active batches that have it."""

    id: str
    day: date
    account: str
    status: str
    counterparty: str
    amount_cents: int
    currency: str
    original: str | None
    reference: str
    note: str
    operation: str
    category: str
    labels: tuple[str, ...]
    member: str
    exported_in: list[int]


class TotalView(msgspec.Struct):
    """Number and sums of the rows of an account with one status and one currency, in cents."""

    account: str
    status: str
    currency: str
    rows: int = 0
    sum_in_cents: int = 0
    sum_out_cents: int = 0


class RowFilter(NamedTuple):
    """What is asked for: conditions that hold all together. Texts are parts of names, however they are written."""

    accounts: tuple[Account, ...]
    period: Period | None = None
    statuses: tuple[str, ...] = ()
    side: str = ""
    amount: WrittenAmount | None = None
    batch: int | None = None
    text: str = ""
    label: str = ""
    member: str = ""

    def query(self, journal: Journal) -> RowQuery:
        """Return those of the conditions that the index knows."""
        query = RowQuery(tuple(account.id for account in self.accounts), statuses=self.statuses, side=self.side)
        if self.period:
            since, until = self.period.span(journal.zone)
            query = query._replace(since=since, until=until)
        if self.amount:
            cents, has_sign = self.amount
            query = query._replace(amounts=(cents,) if has_sign else (cents, -cents))
        return query._replace(batch=self.batch, is_sparse=bool(self.text or self.label or self.member))

    @property
    def may_match(self) -> Callable[[bytes], bool]:
        """Return the function that tells, faster than by decoding it, that a record cannot hold the words."""
        return may_hold(comparable(self.text).split())

    @property
    def matches(self) -> Callable[[Transaction], bool]:
        """Return the function that tells whether the texts of a row hold what is asked for."""
        words, label, member = comparable(self.text).split(), comparable(self.label), comparable(self.member)

        def matches(row: Transaction) -> bool:
            texts = comparable(" ".join(_texts(row))) if words else ""
            return (
                all(word in texts for word in words)
                and (not label or any(label in comparable(name) for name in row.labels))
                and (not member or member in comparable(row.member))
            )

        return matches


class RowList:
    """The rows that are asked for, read once and one by one; ``totals`` are complete after the last one.

    Args:
        journal: the book.
        wanted: what is asked for.
        span: moments within its period, from one up to another (microseconds UTC); None for all of it.
    """

    def __init__(self, journal: Journal, wanted: RowFilter, span: tuple[int, int] | None = None) -> None:
        self._journal = journal
        self._wanted = wanted
        query = wanted.query(journal)
        self._query = query._replace(since=span[0], until=span[1]) if span else query
        self._names = {account.id: account.name for account in wanted.accounts}
        self._totals: dict[tuple[str, str, str], TotalView] = {}

    def rows(self) -> Iterator[RowView]:
        """Yield the rows in order of their days."""
        book, read, matches = self._journal.book, self._journal.reader(), self._wanted.matches
        may_match = self._wanted.may_match
        active = [batch.number for batch in Batches(book).all() if batch.is_active]
        for found in found_rows(book, self._query, active):
            if may_match(found.body) and matches(row := read(found.body)):
                view = self._view(found, row)
                self._add(view)
                yield view

    def totals(self) -> Iterable[TotalView]:
        """Yield the sums of the rows that were read, by account, status and currency."""
        order = {name: place for place, name in enumerate(self._names.values())}
        yield from sorted(self._totals.values(), key=lambda one: (order[one.account], one.status, one.currency))

    def _view(self, found: FoundRow, row: Transaction) -> RowView:
        return RowView(
            id=row.id,
            day=row.day,
            account=self._names[found.account],
            status=VANISHED if found.is_vanished else row.status,
            counterparty=row.counterparty,
            amount_cents=row.amount.cents,
            currency=row.amount.currency,
            original=str(row.original) if row.original else None,
            reference=row.reference,
            note=row.note,
            operation=row.operation,
            category=row.category,
            labels=row.labels,
            member=row.member,
            exported_in=found.batches,
        )

    def _add(self, row: RowView) -> None:
        key = (row.account, row.status, row.currency)
        total = self._totals.setdefault(key, TotalView(*key))
        total.rows += 1
        if row.amount_cents > 0:
            total.sum_in_cents += row.amount_cents
        else:
            total.sum_out_cents += row.amount_cents


def _texts(row: Transaction) -> tuple[str, ...]:
    """Return the texts of a row that a search looks at."""
    names = (row.counterparty, row.clean_counterparty, row.counterparty_account)
    return (*names, row.reference, row.note, row.number, row.id)
