"""The log of receptions: when records of the bank were read, of which account, how many, and with what result.

Nothing is stored for it: the runs say when, the versions what, and the sealed versions of proof and watermark with
what result. Books of older programs have no such sealed versions before the first change of them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from primanota.book.file.database import Database
from primanota.book.file.sealed_tables import PROOF, WATERMARK
from primanota.core.proof_state import SETTLED, ProofState, State, verdict

# The commands that read the bank or its files. The other ones write nothing that came from there.
_READING = ("sync", "receipts", "statements", "import")
_WHOLE = "--full"


class ReceivedRows(NamedTuple):
    """What a reading found of an account. Moments are microseconds UTC.

    Args:
        account: its id; empty for records of no account.
        new: how many rows were new.
        changed: how many had changed.
        absent: how many the bank no longer has.
        others: how many other records were stored.
        first: the number of its first version in the hash chain.
        last: that of its last version.
        proof: how far the account was proven by this reading; None if it was not read, or the book does not say.
        begin: up to when the account had been read before, so from when on its changes were read; None for every row.
        end: up to when it was read now; None if the next reading begins again where this one did.
        is_begin_known: whether the book says from when on it was read.
    """

    account: str
    new: int
    changed: int
    absent: int
    others: int
    first: int
    last: int
    proof: ProofState | None = None
    begin: int | None = None
    end: int | None = None
    is_begin_known: bool = False


class Reception(NamedTuple):
    """A reading: its number and command, when it began and ended (microseconds UTC), how it ended, what it found.

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

    @property
    def unproven(self) -> tuple[str, ...]:
        """The ids of the accounts that it read, or could not read, and that were not proven afterwards."""
        return tuple(one.account for one in self.accounts if one.proof and verdict(one.proof.state) is False)


def receptions(database: Database, since: int, until: int) -> Iterator[Reception]:
    """Yield the readings that began in [since, until) (microseconds UTC), the earliest first; inside ``reading``.

    All runs are looked at, since a reading begins where the one before it ended; one at a time is in memory.
    """
    groups = groupby(_groups(database), attrgetter("run"))
    run, found = next(groups, _NO_GROUP)
    marks = _Marks()
    for number, command, program, started, ended, outcome, head in database.rows(_RUNS):
        while run < number:  # of a run that the book does not log
            run, found = next(groups, _NO_GROUP)
        accounts: tuple[ReceivedRows, ...] = ()
        if run == number:
            accounts = tuple([marks.received(one, command.split()) for one in found])
            run, found = next(groups, _NO_GROUP)
        if since <= started < until and command.split(" ", 1)[0] in _READING:
            yield Reception(number, command, program, started, ended, outcome, head.lower(), accounts)


class _Group(NamedTuple):
    """The versions of a run and an account, counted; the bodies are those of its sealed proof and watermark."""

    run: int
    account: str
    new: int
    changed: int
    absent: int
    others: int
    first: int
    last: int
    proof: bytes | None
    mark: bytes | None


_NO_GROUP: tuple[int, Iterator[_Group]] = (1 << 62, iter(()))


class _Marks:
    """Up to when each account has been read, as the readings go by."""

    def __init__(self) -> None:
        self._marks: dict[str, int] = {}
        self._unsealed: set[str] = set()  # accounts whose first rows an older program stored

    def received(self, group: _Group, words: Sequence[str]) -> ReceivedRows:
        """Return what a reading found of an account, and remember up to when it was read.

        Args:
            group: the versions that the reading stored of the account.
            words: its command; only a sync asks for a period.
        """
        account, proof, end = group.account, _proof(group), None
        before = self._marks.get(account)
        is_whole = _WHOLE in words
        is_read = "sync" in words and proof is not None and proof.state in _READ
        is_known = is_read and (is_whole or before is not None or account not in self._unsealed)
        if group.new and proof is None:
            self._unsealed.add(account)
        if group.mark:
            self._marks[account], run = msgspec.json.decode(group.mark, type=tuple[int, int])
            end = self._marks[account] if run == group.run else None
        begin = before if is_known and not is_whole else None
        return ReceivedRows(*group[1:8], proof=proof, begin=begin, end=end, is_begin_known=is_known)


def _proof(group: _Group) -> ProofState | None:
    """Return the proof that the run stored; a body of another run was only sealed by it."""
    if not group.proof:
        return None
    state, until, reasons, since, run = msgspec.json.decode(group.proof, type=tuple[State, int | None, str, int, int])
    if run != group.run:
        return None
    return ProofState(state, until, tuple(msgspec.json.decode(reasons, type=list[str])), since)


def _groups(database: Database) -> Iterator[_Group]:
    """Yield the versions of each run and account, counted."""
    return map(_Group._make, database.rows(_VERSIONS))


# The states of an account whose rows were read.
_READ: frozenset[State] = SETTLED | {"doubtful"}
# Every statement below consists of constants of this file.
_RUNS = """SELECT number, command, program, started, ended, ifnull(outcome, ''), ifnull(hex(head), '') FROM run
           ORDER BY number"""
_ROW, _SEALED = "v.kind = 'transaction'", f"v.kind IN ('{PROOF}', '{WATERMARK}')"
_EARLIER = """EXISTS (SELECT 1 FROM earlier_version e WHERE e.kind = v.kind AND e.id = v.id AND e.seq < v.seq)"""
# Bodies are joined to what is counted, so that those of rows are not sorted with it.
_VERSIONS = f"""
    SELECT g.run, g.account, g.new, g.changed, g.absent, g.others, g.first, g.last, p.body, w.body FROM (
        SELECT v.run AS run, CASE WHEN {_SEALED} THEN v.id ELSE v.account END AS account,
               sum({_ROW} AND NOT v.absent AND NOT {_EARLIER}) AS new,
               sum({_ROW} AND NOT v.absent AND {_EARLIER}) AS changed,
               sum({_ROW} AND v.absent) AS absent, sum(NOT ({_ROW} OR {_SEALED})) AS others,
               min(v.seq) AS first, max(v.seq) AS last,
               max(CASE WHEN v.kind = '{PROOF}' THEN v.seq END) AS proof,
               max(CASE WHEN v.kind = '{WATERMARK}' THEN v.seq END) AS mark
        FROM version v GROUP BY 1, 2) g
    LEFT JOIN version p ON p.seq = g.proof LEFT JOIN version w ON w.seq = g.mark ORDER BY g.run, g.account"""
