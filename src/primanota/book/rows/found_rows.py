"""Find rows of any status in the index, by day, amount, side, status, account and batch; in order of their days."""

from collections.abc import Iterator
from typing import NamedTuple

from primanota.book.file.database import AMONG, listed
from primanota.book.file.sent_rows import versions_of
from primanota.book.records.records import Book
from primanota.book.records.row_order import row_order
from primanota.book.rows.open_rows import UNSETTLED_KINDS
from primanota.core.account_proof import RowSum
from primanota.core.model import COMPLETED
from primanota.core.period import END_OF_TIME

# Every statement below consists of constants of this package; values are always passed as parameters.
STATUSES = {COMPLETED: "l.absent = 0 AND l.status = 'completed'", **UNSETTLED_KINDS}
SIDES = {"in": "l.amount > 0", "out": "l.amount < 0"}
_MOMENT = "ifnull(l.settled, l.emitted)"


class RowQuery(NamedTuple):
    """Conditions on rows, which hold all together.

    Args:
        accounts: the ids of the accounts.
        since: the first moment at which a row settled, or else was made (microseconds UTC).
        until: the first moment after the span.
        statuses: names of ``STATUSES``, of which one holds; empty for every row.
        side: a name of ``SIDES``; empty for both.
        amounts: signed cents, of which one is the amount; empty for every amount.
        batch: the number of a batch that the row is in; None for every row.
        is_sparse: whether few of the rows will be kept, so that rows of one moment may come in any order.
    """

    accounts: tuple[str, ...]
    since: int = 0
    until: int = END_OF_TIME
    statuses: tuple[str, ...] = ()
    side: str = ""
    amounts: tuple[int, ...] = ()
    batch: int | None = None
    is_sparse: bool = False

    @property
    def condition(self) -> tuple[str, tuple[object, ...]]:
        """Return the condition on ``latest l``, and its parameters."""
        where = ["l.kind = 'transaction'", f"l.account {AMONG}", f"{_MOMENT} >= ?", f"{_MOMENT} < ?"]
        values: list[object] = [listed(self.accounts), self.since, self.until]
        if self.statuses:
            where.append(f"({' OR '.join(f'({STATUSES[name]})' for name in self.statuses)})")
        if self.side:
            where.append(SIDES[self.side])
        if self.amounts:
            where.append(f"l.amount {AMONG}")
            values.append(listed(self.amounts))
        if self.batch is not None:
            where.append("l.id IN (SELECT id FROM sent WHERE batch = ?)")
            values.append(self.batch)
        return " AND ".join(where), tuple(values)


class FoundRow(NamedTuple):
    """A row as the bank last stated it; ``batches`` are the active batches that have it."""

    account: str
    is_vanished: bool
    body: bytes
    batches: list[int]


def found_rows(book: Book, query: RowQuery, active: list[int]) -> Iterator[FoundRow]:
    """Yield the rows for which a query holds: by day, rows of one moment as their balances chain.

    Args:
        book: the book.
        query: the conditions.
        active: the numbers of the active batches.
    """
    # No chain is walked from its beginning on to order a few rows, nor for rows that are not in it.
    is_dense = query.since > 0 or not (query.is_sparse or query.amounts or query.batch is not None)
    walks = is_dense and (not query.statuses or COMPLETED in query.statuses)
    spans = {key: book.chain_within(key, query.since, query.until) for key in query.accounts} if walks else {}
    order = row_order(book, spans)
    place = "t.place, " if order.join else ""
    where, values = query.condition
    # The limit keeps SQLite from sorting the bodies, too.
    select = f"""SELECT l.account, l.absent, v.body,
                        (SELECT group_concat(s.batch) FROM sent s
                         WHERE s.seq IN {versions_of("l")} AND s.batch {AMONG})
                 FROM (SELECT l.id, l.account, l.absent, l.seq FROM latest l {order.join}
                       WHERE {where} ORDER BY {_MOMENT}, {place}l.id LIMIT -1) l
                 CROSS JOIN version v ON v.seq = l.seq"""
    for account, absent, body, batches in book.rows(select, listed(active), *values):
        yield FoundRow(account, bool(absent), body, sorted(map(int, batches.split(","))) if batches else [])


def moment_of_newest(book: Book, query: RowQuery, number: int) -> int | None:
    """Return the moment of the last of so many newest rows for which a query holds; None if there are fewer."""
    where, values = query.condition
    select = f"SELECT {_MOMENT} FROM latest l WHERE {where} ORDER BY 1 DESC LIMIT 1 OFFSET ?"
    return next((int(found) for (found,) in book.rows(select, *values, number)), None)


def sums(book: Book, query: RowQuery) -> list[RowSum]:
    """Return the sums of the rows for which a query holds, by account and status; a vanished row is “vanished”."""
    where, values = query.condition
    # Nearly all rows are completed: these are summed in the order of an index that has all of it.
    of_completed = f"{where.replace(_MOMENT, 'l.settled')} AND {STATUSES[COMPLETED]}"
    of_others = f"{where} AND (l.absent = 1 OR l.status <> 'completed')"
    select = """SELECT l.account, {}, count(*), sum(max(l.amount, 0)), sum(min(l.amount, 0))
                FROM latest l {} WHERE {} GROUP BY {}"""
    completed = book.rows(select.format("'completed'", "", of_completed, "1"), *values)
    if query.statuses == (COMPLETED,):
        return [RowSum(*row) for row in completed]
    status, index = "iif(l.absent, 'vanished', l.status)", "INDEXED BY latest_unsettled"
    others = book.rows(select.format(status, index, of_others, "1, 2"), *values)
    return [RowSum(*row) for row in (*completed, *others)]
