"""Store one statement of a file: its rows that the book does not have, its record, and its account."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from primanota import banks
from primanota.app.importing.progress_of_files import ProgressOfFiles
from primanota.app.proving.filed_statements import first_of, order
from primanota.book import ACCOUNT, TRANSACTION, Book, SeenTransactions
from primanota.book.records.checkpoints import BROUGHT_FORWARD
from primanota.book.records.index import FILED_STATEMENT
from primanota.core.errors import InvalidInput
from primanota.core.model import COMPLETED, PENDING, RawRecord
from primanota.core.period import END_OF_TIME, moment
from primanota.core.results import AppendCounts

_ROWS_AT_ONCE = 500
_CONTRADICTION = "Ask the bank which one is right; nothing was stored."
_EQUAL_ROWS = "Ask the bank whether they were booked twice; nothing was stored."
_OTHER_AMOUNT = "an earlier statement has another amount for this reference and day, and the balances do not add up."
_OF_AMOUNT = "Import the statements between both as well, or ask the bank which one is right; nothing was stored."
_OTHER_BALANCE = "an earlier statement has this row with another balance, and the balances do not add up."
_OF_BALANCE = "Import a statement of the whole day or month in place of its parts; nothing was stored."


class Doubt(NamedTuple):
    """A row that another statement has otherwise: an error only if the balances of its day do not add up."""

    day: date
    error: InvalidInput


class Filed(NamedTuple):
    """What became of a statement."""

    account: str
    is_new: bool
    counts: AppendCounts
    doubts: list[Doubt]


class Filing:
    """Stores one statement: its rows that the book does not have, its record, and its account if it is the newest."""

    def __init__(
        self,
        book: Book,
        files: banks.StatementFiles,
        name: str,
        statement: banks.FiledStatement,
        progress: ProgressOfFiles,
    ) -> None:
        self._progress = progress
        self._book = book
        self._files = files
        self._name = name
        self._statement = statement
        self._counts = AppendCounts()
        self._ids: set[str] = set()
        self._other_amounts: dict[str, banks.FiledRow] = {}  # the first one, by family
        self._other_balances: dict[int | None, banks.FiledRow] = {}  # the first one, by settlement
        self._has_unmarked_rows = False  # without a reference of the bank
        self._seen = SeenTransactions(book)

    def store(self, known: list[banks.StatedSpan]) -> Filed:
        """Store the statement.

        Args:
            known: the statements of its account that the book has.

        Raises:
            InvalidInput: it contradicts what the book has.
        """
        book, span = self._book, self._statement.span
        before = book.bodies(FILED_STATEMENT).get(span.key)
        is_newest = all(order(one) <= order(span) for one in known)
        record = self._store_rows(is_newest=is_newest)
        self._refuse_other_content(before, record)
        self._refuse_equal_rows(known, record)
        book.append(FILED_STATEMENT, [record], span.account)
        if is_newest:
            book.append(ACCOUNT, [self._statement.account])
            book.mark_absent(span.account, (PENDING,), END_OF_TIME, self._seen)
        opening = first_of([*known, span]).opening
        if opening != book.brought_forward(span.account):
            book.append(BROUGHT_FORWARD, [RawRecord(span.account, f"{opening}".encode())], span.account)
        return Filed(span.account, before is None, self._counts, [*self._doubts()])

    def _store_rows(self, *, is_newest: bool) -> RawRecord:
        """Store the rows that the book does not have; return the record of the statement."""
        end: list[RawRecord] = []

        def rows() -> Iterator[banks.FiledRow]:
            end.append((yield from self._statement.rows))

        taken = rows()
        while some := list(islice(taken, _ROWS_AT_ONCE)):
            self._progress.rows(len(some))
            self._store_some([one for one in some if is_newest or one.record.status != PENDING])
        return end[0]

    def _store_some(self, rows: list[banks.FiledRow]) -> None:
        known = self._book.states_and_balances(one.record.id for one in rows)
        fresh = [one for one in rows if one.record.id not in known]
        booked = [one for one in rows if one.record.id in known and one.record.status == COMPLETED]
        settled = [one for one in booked if known[one.record.id][0] == PENDING]
        for one in booked:
            status, balance = known[one.record.id]
            if status == COMPLETED and balance != one.record.balance:
                self._other_balances.setdefault(one.record.settled, one)
        for one in fresh:
            if one.family and self._book.completed_beginning_with(one.family) - self._ids:
                self._other_amounts.setdefault(one.family, one)
        self._has_unmarked_rows |= any(one.record.status == COMPLETED and not one.family for one in rows)
        self._ids |= {one.record.id for one in rows if one.family}
        self._seen.add(one.record for one in rows if one.record.status == PENDING)
        records = [one.record for one in (*fresh, *settled)]
        stored = self._book.append(TRANSACTION, records, self._statement.span.account)
        self._counts.add(stored)
        self._counts.same += len(rows) - len(records)

    def _doubts(self) -> Iterator[Doubt]:
        """Yield references that the book has with amounts which this statement does not have, and other balances."""
        for family, one in self._other_amounts.items():
            if self._book.completed_beginning_with(family) - self._ids:
                yield self._doubt(one, _OTHER_AMOUNT, _OF_AMOUNT)
        for one in self._other_balances.values():
            yield self._doubt(one, _OTHER_BALANCE, _OF_BALANCE)

    def _doubt(self, row: banks.FiledRow, what: str, hint: str) -> Doubt:
        error = InvalidInput(f"{self._name}, line {row.line}: {what}", hint)
        return Doubt(moment(row.record.settled or row.record.created).date(), error)

    def _refuse_other_content(self, before: bytes | None, record: RawRecord) -> None:
        if before is not None and self._files.span(before).digest != self._files.span(record.body).digest:
            span = self._statement.span
            place, days = f"{self._name}, line {self._statement.line}", f"{span.first} to {span.last}"
            what = f"{place}: statement {span.name} of {days} is in the book with other rows or balances."
            raise InvalidInput(what, _CONTRADICTION)

    def _refuse_equal_rows(self, known: list[banks.StatedSpan], record: RawRecord) -> None:
        """Refuse rows without references of the bank that a statement of another number has too, with equal balances.

        Their ids are those of the other statement's rows, and the balances cannot tell, as both end where they began.
        """
        span = self._files.span(record.body)
        alike = (span.first, span.last, span.digest)
        for one in known:
            differs = span.number and one.number and span.number != one.number
            if self._has_unmarked_rows and differs and alike == (one.first, one.last, one.digest):
                place = f"{self._name}, line {self._statement.line}: statement {span.name} of {span.last}"
                what = f"{place} has the rows of statement {one.name} again, and no reference tells them apart."
                raise InvalidInput(what, _EQUAL_ROWS)
