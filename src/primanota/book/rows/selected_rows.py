"""Rows selected for an export: a handle over a table of the connection, in order of settlement."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice
from operator import itemgetter
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from primanota.book.file.database import AMONG, listed
from primanota.book.file.database_errors import RESTORE
from primanota.book.file.hash_chain import first_broken
from primanota.book.file.sent_rows import versions_of
from primanota.book.records.index import TRANSACTION
from primanota.book.records.records import Book
from primanota.book.records.row_order import of_accounts, row_order
from primanota.core.errors import BookDamaged
from primanota.core.period import END_OF_TIME

# Each handle has a table of its own, so that two handles never share one.
_numbers = count(1)
Span = tuple[int, int]
# Few rows are looked up one by one, in this order: else SQLite would read the whole index to find them.
_NEWER = "SELECT DISTINCT id FROM version WHERE seq > ? AND kind = 'transaction'"
_NAMED = "SELECT DISTINCT value AS id FROM json_each(?)"
LATEST_OF = "CROSS JOIN latest l ON l.kind = 'transaction' AND l.id = {}.id"


class Exported(NamedTuple):
    """The active batches of a profile, and the version up to which they have every row that is asked for.

    ``up_to`` is None if that is not known.
    """

    batches: list[int]
    up_to: int | None = None


class Stretch(NamedTuple):
    """Selected rows without another row of the account between them, and the balance before the first, in cents."""

    lines: range
    opening: int


class RowTotals(NamedTuple):
    """A number of rows, when the first and the last settled (microseconds UTC), and money in and out, in cents."""

    rows: int
    first: int | None
    last: int | None
    sum_in: int
    sum_out: int


class FewRows(NamedTuple):
    """A statement that finds the ids of a few rows, and its parameter: no other row is looked at."""

    select: str
    parameter: object


class Condition(NamedTuple):
    """A condition on the index ``latest l``, built from constants of this package, with its parameters.

    ``few`` are the only rows that are meant; None for all rows of the book.
    """

    where: str
    values: tuple[object, ...]
    few: FewRows | None = None

    def source(self, accounts: Iterable[str]) -> tuple[str, tuple[object, ...]]:
        """Return what follows ``FROM``, with a place for another join, and its parameters."""
        condition, of = of_accounts(accounts)
        where = f"{{}} WHERE {condition} AND {self.where}"
        if self.few is None:
            return f"latest l {where}", (of, *self.values)
        return f"({self.few.select}) n {LATEST_OF.format('n')} {where}", (self.few.parameter, of, *self.values)


class SelectedRows:
    """Completed rows of accounts: their number, and the moments, sums and bodies of ranges of lines.

    Lines count from 1 in order of settlement, rows of one moment as their balances chain. A context manager: its
    temporary table is dropped when it is closed.

    Args:
        book: the book that the rows are in.
        accounts: the ids of the accounts.
        wanted: which of their completed rows.
        spans: the first moment and the end of the selection for each account, by its id (microseconds UTC); None for
            the moments of the first and the last selected row.
    """

    def __init__(
        self, book: Book, accounts: Iterable[str], wanted: Condition, spans: Mapping[str, Span] | None = None
    ) -> None:
        self._book = book
        self._table = f"selected_{next(_numbers)}"
        self._accounts = list(accounts)
        source, values = wanted.source(self._accounts)
        self.spans = spans or dict.fromkeys(self._accounts, self._outermost(source, values))
        self.chains = {key: book.chain(key, *span) for key, span in self.spans.items()}
        self._order = row_order(book, self.chains)
        book.execute(
            f"CREATE TEMP TABLE {self._table} (line INTEGER PRIMARY KEY, id TEXT, seq INTEGER, entry INTEGER)"
        )
        select = f"SELECT l.id, l.seq FROM {source.format(self._order.join)} ORDER BY {self._order.by}"
        found = book.execute(f"INSERT INTO {self._table} (id, seq) {select}", *values)
        self.lines = range(1, found.rowcount + 1)

    def close(self) -> None:
        """Drop the table."""
        self._book.execute(f"DROP TABLE IF EXISTS {self._table}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:  # else the rollback drops the table, and other statements may fail
            self.close()

    def __len__(self) -> int:
        return len(self.lines)

    def bodies(self, lines: range) -> Iterator[bytes]:
        """Yield the stored records of some of the rows, as the bank's JSON, each held against the hash chain.

        Its kind, id and account are those of the selection, so the index cannot name the version of another.

        Raises:
            BookDamaged: a record was changed from outside, or is not the selected one.
        """
        # A version that is missing gets an empty body and account, which no hash and no selection has.
        select = f"""SELECT c.id, ifnull(v.account, ''), v.run, ifnull(v.body, x''), v.hash, p.hash
                     FROM {self._table} c LEFT JOIN version v ON v.seq = c.seq
                     LEFT JOIN version p ON p.seq = c.seq - 1 WHERE {_LINES} ORDER BY c.line"""
        for some in self._book.pieces(select, lines.start, lines.stop):
            broken = first_broken(TRANSACTION, some)
            others = (key for key, account, *_ in some if account not in self._accounts)
            if broken is not None or (broken := next(others, None)) is not None:
                message = f"The book {self._book.path} is damaged: transaction {broken} was changed."
                raise BookDamaged(message, RESTORE)
            yield from map(_BODY, some)

    def _outermost(self, source: str, values: tuple[object, ...]) -> Span:
        """Return the moment of the first selected row, and the one after the last; the end of time without rows."""
        select = f"SELECT min(l.settled), max(l.settled) + 1 FROM {source.format('')}"
        first, end = next(self._book.rows(select, *values))
        return (END_OF_TIME, END_OF_TIME) if first is None else (first, end)

    def settled(self, line: int) -> int:
        """Return when a row settled, in microseconds UTC."""
        select = f"SELECT l.settled FROM {self._table} c {_ITS_LATEST} WHERE c.line = ?"
        return int(next(self._book.rows(select, line))[0])

    def total(self, lines: range) -> int:
        """Return the sum of some of the rows, in signed cents."""
        select = f"SELECT ifnull(sum(l.amount), 0) FROM {self._table} c {_ITS_LATEST} WHERE {_LINES}"
        return int(next(self._book.rows(select, lines.start, lines.stop))[0])

    def digest(self, lines: range) -> str:
        """Return the SHA-256 of the version numbers of some of the rows, as a batch states it."""
        select = f"SELECT c.seq FROM {self._table} c WHERE {_LINES} ORDER BY c.line"
        return digest_of(self._book.rows(select, lines.start, lines.stop))

    def exported_in(self, batches: Iterable[int]) -> dict[int, int]:
        """Return how many of the rows each of the given batches has."""
        if not (numbers := list(batches)):
            return {}
        select = f"""SELECT s.batch, count(*) FROM {self._table} c {_ITS_LATEST}
                     CROSS JOIN sent s ON s.seq IN {versions_of("l")} WHERE s.batch {AMONG} GROUP BY s.batch"""
        return dict(self._book.rows(select, listed(numbers)))

    def stretches(self, before: int) -> list[Stretch]:
        """Return the rows in stretches that no other row of their account interrupts, unless it is one of 0.00.

        Args:
            before: the account's balance before its first row, in cents.
        """
        condition, of = of_accounts(self._accounts)
        numbered = f"""SELECT l.id, l.amount, l.balance, sum(l.amount <> 0 OR c.id IS NOT NULL) OVER every AS number,
                              sum(l.amount) OVER every AS total
                       FROM latest l {self._order.join} LEFT JOIN {self._table} c ON c.id = l.id
                       WHERE {condition} WINDOW every AS (ORDER BY {self._order.by} ROWS UNBOUNDED PRECEDING)"""
        # Beside one min(), SQLite takes the other columns from the row that has the minimum; beside a max() as well,
        # from either row. The lines of a stretch have no gap, so their number gives the last one.
        select = f"""SELECT min(c.line), count(*), ifnull(n.balance, ? + n.total) - n.amount
                     FROM {self._table} c JOIN ({numbered}) n ON n.id = c.id GROUP BY n.number - c.line ORDER BY 1"""
        found = self._book.rows(select, before, of)
        return [Stretch(range(first, first + rows), opening) for first, rows, opening in found]

    def number_entries(self, series: str, lines: range) -> Iterator[int]:
        """Number the entries of some of the rows in a series, and yield the numbers.

        A row keeps the number that it has; the others get the next ones.
        """
        ends = (lines.start, lines.stop)
        known = f"""SELECT c.line, e.number FROM {self._table} c
                    LEFT JOIN entry e ON e.series = ? AND e.id = c.id WHERE {_LINES}"""
        (last,) = next(self._book.rows("SELECT ifnull(max(number), 0) FROM entry WHERE series = ?", series))
        numbered = f"""SELECT line, ifnull(number, ? + sum(number IS NULL) OVER (ORDER BY line)) AS entry
                       FROM ({known})"""
        update = f"UPDATE {self._table} AS c SET entry = n.entry FROM ({numbered}) n WHERE n.line = c.line"
        self._book.execute(update, last, series, *ends)
        return map(
            itemgetter(0), self._book.rows(f"SELECT entry FROM {self._table} c WHERE {_LINES} ORDER BY line", *ends)
        )

    def store_entries(self, series: str, lines: range) -> None:
        """Store the entry numbers of some of the rows; inside the book's ``writing``."""
        rows = f"SELECT ?, c.entry, c.id FROM {self._table} c WHERE {_LINES} AND c.entry IS NOT NULL"
        self._book.execute(f"INSERT OR IGNORE INTO entry {rows}", series, lines.start, lines.stop)
        self._book.seal_entries(series)

    def add_to_batch(self, number: int, lines: range) -> None:
        """Record that some of the rows are in a batch; inside the book's ``writing``."""
        rows = f"SELECT ?, c.line - ? + 1, c.id, c.seq FROM {self._table} c WHERE {_LINES}"
        self._book.execute(f"INSERT INTO sent {rows}", number, lines.start, lines.start, lines.stop)


def rows_settled(
    book: Book, limits: Mapping[str, int], since: int, until: int, *, moving: bool = False
) -> SelectedRows:
    """Select completed rows settled in [since, until) (microseconds UTC).

    Args:
        book: the book that the rows are in.
        limits: the ids of the accounts, each with the moment before which its rows settled.
        since: the first moment.
        until: the moment after the last one.
        moving: only rows whose amount is not zero.
    """
    where, *values = _within(limits, since, until)
    spans = {key: (since, min(until, limit)) for key, limit in limits.items()}
    return SelectedRows(book, limits, Condition(f"{where}{_only(moving=moving)}", tuple(values)), spans)


def rows_not_exported(
    book: Book, limits: Mapping[str, int], since: int, until: int, exported: Exported, *, moving: bool = False
) -> SelectedRows:
    """Select completed rows in no active batch that settled in [since, until).

    Args:
        book: the book that the rows are in.
        limits: the ids of the accounts, each with the moment before which its rows settled.
        since: the first moment (microseconds UTC).
        until: the moment after the last one.
        exported: the profile's active batches.
        moving: only rows whose amount is not zero.
    """
    return SelectedRows(book, limits, _not_exported(limits, since, until, exported, moving=moving))


def count_not_exported(
    book: Book, account: str, limit: int, since: int, exported: Exported, *, moving: bool = False
) -> RowTotals:
    """Count the rows of an account that :func:`rows_not_exported` selects from a moment on, without selecting them.

    Args:
        book: the book that the rows are in.
        account: the id of the account.
        limit: the moment before which its rows settled (microseconds UTC).
        since: the first moment.
        exported: the profile's active batches.
        moving: only rows whose amount is not zero.
    """
    wanted = _not_exported({account: limit}, since, END_OF_TIME, exported, moving=moving)
    source, values = wanted.source([account])
    totals = "count(*), min(l.settled), max(l.settled), ifnull(sum(max(l.amount, 0)), 0), ifnull(sum(l.amount), 0)"
    rows, first, last, sum_in, total = next(book.rows(f"SELECT {totals} FROM {source.format('')}", *values))
    return RowTotals(rows, first, last, sum_in, total - sum_in)


def rows_by_id(book: Book, accounts: Iterable[str], ids: Iterable[str]) -> SelectedRows:
    """Select the completed ones of some transactions by their ids, in their newest versions."""
    return SelectedRows(book, accounts, Condition("TRUE", (), FewRows(_NAMED, listed(ids))))


def balance_moved(book: Book, account: str, until: int) -> int:
    """Return the sum of an account's completed rows that settled before a moment (microseconds UTC), in cents."""
    condition, of = of_accounts([account])
    select = f"SELECT ifnull(sum(l.amount), 0) FROM latest l WHERE {condition} AND l.settled < ?"
    return int(next(book.rows(select, of, until))[0])


def zero_rows(book: Book, account: str, since: int, until: int) -> int:
    """Return how many of an account's completed rows of 0.00 settled in [since, until) (microseconds UTC)."""
    condition, of = of_accounts([account])
    select = f"SELECT count(*) FROM latest l WHERE {condition} AND l.settled >= ? AND l.settled < ? AND l.amount = 0"
    return int(next(book.rows(select, of, since, until))[0])


def digest_of(rows: Iterable[tuple[int]]) -> str:
    """Return the SHA-256 of version numbers, one per line."""
    digest, lines = hashlib.sha256(), (f"{seq}" for (seq,) in rows)
    between = ""
    while some := "\n".join(islice(lines, _LINES_AT_ONCE)):
        digest.update(f"{between}{some}".encode())
        between = "\n"
    return digest.hexdigest()


_LINES_AT_ONCE = 1000
_BODY = itemgetter(3)
_LINES = "c.line >= ? AND c.line < ?"
_ITS_LATEST = LATEST_OF.format("c")


def _within(limits: Mapping[str, int], since: int, until: int) -> tuple[str, *tuple[object, ...]]:
    """Return a condition for rows that settled in a span, each before the limit of its account; and its values."""
    if len(limits) == 1:
        return "l.settled >= ? AND l.settled < ?", since, min(until, *limits.values())
    before = "l.settled < (SELECT value FROM json_each(?) WHERE key = l.account)"
    return f"l.settled >= ? AND l.settled < ? AND {before}", since, until, msgspec.json.encode(dict(limits)).decode()


def _not_exported(
    limits: Mapping[str, int], since: int, until: int, exported: Exported, *, moving: bool
) -> Condition:
    """Return the condition for rows in no active batch that settled in [since, until)."""
    within, *values = _within(limits, since, until)
    where = f"""{within} AND NOT EXISTS
                (SELECT 1 FROM sent s WHERE s.seq IN {versions_of("l")} AND s.batch {AMONG}){_only(moving=moving)}"""
    newer = None if exported.up_to is None else FewRows(_NEWER, exported.up_to)
    return Condition(where, (*values, listed(exported.batches)), newer)


def _only(*, moving: bool) -> str:
    return " AND l.amount <> 0" if moving else ""
