"""The log of receptions: when records of the bank were read, how many, and with what result."""

from collections.abc import Iterator
from typing import NamedTuple

from primanota.book.database import Database

# The commands that read the bank or its files. The other ones write nothing that came from there.
_READING = ("sync", "receipts", "statements", "import")


class ReceivedRows(NamedTuple):
    """What a reading stored of an account: new and changed rows, rows that the bank no longer has; other records.

    ``first`` and ``last`` are the numbers of the first and the last version in the hash chain.
    """

    account: str
    new: int
    changed: int
    absent: int
    others: int
    first: int
    last: int


class Reception(NamedTuple):
    """A reading: its number and command, when it began and ended (microseconds UTC), how it ended, what it stored.

    ``outcome`` is ``done``, the kind of the error that ended it, or empty if it is running or was killed. ``head`` is
    the hash of the chain afterwards, in hex.
    """

    number: int
    command: str
    program: str
    started: int
    ended: int | None
    outcome: str
    head: str
    accounts: tuple[ReceivedRows, ...]

    @property
    def is_done(self) -> bool:
        """Whether it came to its end."""
        return self.outcome == "done"


def receptions(database: Database, since: int, until: int) -> Iterator[Reception]:
    """Yield the readings that began in [since, until) (microseconds UTC), the earliest first; inside ``reading``."""
    stored = _stored(database, since, until)
    names = " OR ".join("command = ? OR command LIKE ?" for _ in _READING)
    words = [word for name in _READING for word in (name, f"{name} %")]
    select = f"""SELECT number, command, program, started, ended, ifnull(outcome, ''), ifnull(hex(head), '') FROM run
                 WHERE started >= ? AND started < ? AND ({names}) ORDER BY number"""
    for number, command, program, started, ended, outcome, head in database.rows(select, since, until, *words):
        accounts = tuple(stored.get(number, ()))
        yield Reception(number, command, program, started, ended, outcome, head.lower(), accounts)


def _stored(database: Database, since: int, until: int) -> dict[int, list[ReceivedRows]]:
    """Return what each reading stored, by its number: few numbers for each reading and account."""
    earlier = """EXISTS (SELECT 1 FROM earlier_version e
                         WHERE e.kind = v.kind AND e.id = v.id AND e.seq < v.seq)"""
    row, absent = "v.kind = 'transaction'", "v.absent"
    select = f"""SELECT v.run, v.account, sum({row} AND NOT {absent} AND NOT {earlier}),
                        sum({row} AND NOT {absent} AND {earlier}), sum({row} AND {absent}), sum(NOT ({row})),
                        min(v.seq), max(v.seq)
                 FROM version v JOIN run r ON r.number = v.run WHERE r.started >= ? AND r.started < ?
                 GROUP BY v.run, v.account ORDER BY v.run, v.account"""
    found: dict[int, list[ReceivedRows]] = {}
    for number, *counts in database.rows(select, since, until):
        found.setdefault(number, []).append(ReceivedRows(*counts))
    return found
