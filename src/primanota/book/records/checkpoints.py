"""Checkpoints of the balance chain: states after which an account's rows need not be walked again. Derived.

A checkpoint holds as long as no row that settled up to its moment is added, changed or marked as absent; the book
forgets it then. So a walk costs what is new, and finds what a walk over all rows would find.
"""

from itertools import groupby
from operator import attrgetter

from msgspec.structs import astuple

from primanota.book.file.database import Database
from primanota.book.records.row_order import BOOKED, booked_rows, tied_rows
from primanota.core.balance_chain import CHECKPOINT_RULE, Chain, Checkpoint, tie_places, walk
from primanota.core.chain_order import ChainRow, in_order
from primanota.core.period import END_OF_TIME

_COLUMNS = "settled, last, rows, total, opening, running, rows_without_balance, first"
# The kind of the record that has it.
BROUGHT_FORWARD = "brought-forward"
_BROUGHT_FORWARD = f"""SELECT v.body FROM latest l JOIN version v ON v.seq = l.seq
                       WHERE l.kind = '{BROUGHT_FORWARD}' AND l.id = ?"""
_KEPT = f"SELECT {_COLUMNS} FROM checkpoint WHERE account = ? AND rule = ? AND settled < ?"

_MOVED = f"SELECT ifnull(sum(amount), 0) FROM latest l WHERE {BOOKED} AND settled >= ? AND settled < ?"


def chain_of(database: Database, account: str, since: int = END_OF_TIME, until: int = END_OF_TIME) -> Chain:
    """Return the balance chain of an account, walked from its last checkpoint on.

    Of the rows before that checkpoint, which chain without a gap, only those at the two ends of the span are walked,
    and those of one moment put in order.

    Args:
        database: the book.
        account: the id of the account.
        since: the first moment of the span (microseconds UTC); tie places of earlier rows may be left out.
        until: its end (the same), which is not part of it.
    """
    last, begin = last_before(database, account, END_OF_TIME), brought_forward(database, account)
    if last is None or last.rows_without_balance:
        return walk(booked_rows(database, account), since, until, None, begin)
    chain = walk(booked_rows(database, account, after=last.settled), since, until, last, begin)
    if since <= last.settled:
        _look_back(database, account, chain, (since, until), last)
    return chain


def _look_back(database: Database, account: str, chain: Chain, span: tuple[int, int], last: Checkpoint) -> None:
    """Complete a chain that was walked from a checkpoint on with what it finds in a span that began before it."""
    since, until = span
    before = _chain_before(database, account, since)
    chain.at_since = before.closing if before.rows else chain.opening
    if until > last.settled:
        chain.rows_within += last.rows - before.rows
    else:
        upto = _chain_before(database, account, until)
        chain.at_until = upto.closing if upto.rows else chain.opening
        chain.rows_within = max(upto.rows - before.rows, 0)
    chain.tie_places |= _tie_places(database, account, (since, last.settled), chain.at_since or 0)


def _chain_before(database: Database, account: str, moment: int) -> Chain:
    """Return the chain of the rows that settled before a moment."""
    return chain_within(database, account, moment, moment - 1)


def _tie_places(database: Database, account: str, span: tuple[int, int], balance: int) -> dict[str, int]:
    """Return the places of rows of one moment, in a span whose rows have no gap, both ends included.

    Args:
        database: the book.
        account: the id of the account.
        span: the first and the last moment.
        balance: the balance before the first.
    """
    places, (since, until) = dict[str, int](), span
    for moment, group in groupby(tied_rows(database, account, since, until), attrgetter("settled")):
        tied: list[ChainRow] = list(group)
        start = None
        if not sum(row.amount for row in tied):  # else their balances alone say with which one they begin
            ((moved,),) = database.rows(_MOVED, account, since, moment)
            since, start = moment, balance + moved
            balance = start
        places |= tie_places(in_order(tied, start))
    return places


def chain_within(database: Database, account: str, since: int, until: int) -> Chain:
    """Return the balance chain of an account up to the end of a span, walked from a checkpoint before it on."""
    start = last_before(database, account, since)
    rows = booked_rows(database, account, after=start.settled if start else None, until=until)
    return walk(rows, since, until, start, brought_forward(database, account))


def brought_forward(database: Database, account: str) -> int:
    """Return the balance (cents) with which an account begins: 0, unless files of statements say another one."""
    return next((int(body) for (body,) in database.rows(_BROUGHT_FORWARD, account)), 0)


def last_before(database: Database, account: str, moment: int) -> Checkpoint | None:
    """Return the last checkpoint of an account before a moment (microseconds UTC); None if there is none."""
    found = database.rows(f"{_KEPT} ORDER BY settled DESC LIMIT 1", account, CHECKPOINT_RULE, moment)
    return next((Checkpoint(*row) for row in found), None)


def keep(database: Database, account: str, chain: Chain) -> None:
    """Store the checkpoints of a walk; inside ``writing``."""
    database.execute_each(
        f"INSERT OR REPLACE INTO checkpoint (account, rule, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((account, CHECKPOINT_RULE, *astuple(one)) for one in chain.checkpoints),
    )


def forget(database: Database, account: str, moment: int) -> None:
    """Forget the checkpoints from a moment on (microseconds UTC), as a row that settled then has changed."""
    database.execute("DELETE FROM checkpoint WHERE account = ? AND settled >= ?", account, moment)


def forget_all(database: Database) -> None:
    """Forget every checkpoint; inside ``writing``."""
    database.execute("DELETE FROM checkpoint")


def first_wrong(database: Database) -> str:
    """Return the first checkpoint that does not follow from the rows, in a sentence; empty if there is none."""
    for (account,) in list(database.rows("SELECT DISTINCT account FROM checkpoint ORDER BY account")):
        before: Checkpoint | None = None
        kept = database.rows(f"{_KEPT} ORDER BY settled", account, CHECKPOINT_RULE, END_OF_TIME)
        for one in [Checkpoint(*row) for row in kept]:
            rows = booked_rows(database, account, after=before.settled if before else None, until=one.settled)
            if walk(rows, start=before, brought_forward=brought_forward(database, account)).state != one:
                return f"the checkpoint of {account} at {one.settled} does not follow from its rows"
            before = one
    return ""
