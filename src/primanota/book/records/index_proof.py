"""Proof that the index says what the bank's words say: table, words and index are read once each, and never sorted.

Of each entry a fingerprint is kept, by the number of the version that it names: 64 bits of a keyed hash, so that two
different entries do not have the same one. Each version must have exactly one entry with its own fingerprint. What is
wrong, if anything is, ``verification`` finds out by looking at each entry.
"""

from array import array
from collections.abc import Callable, Iterable
from itertools import chain
from operator import itemgetter, lt
from typing import Any

import msgspec

from primanota.book.file.hash_chain import GENESIS, follow
from primanota.book.records.index import TRANSACTION, Index
from primanota.core.model import Facts, RawRecord

# Stands for the moment of a row that has not settled: such rows come first in the index.
_NEVER = -(2**63)
_NO_FACTS = RawRecord("", b"").facts
_FIRST: list[tuple[Any, ...]] = [("",)]  # is before every entry


def proves_index(book: Index, read: Callable[[bytes], Facts]) -> bool:
    """Return whether hash chain, versions, list of earlier versions, table and index are all as they must be.

    Args:
        book: the book; its index must follow the rule of ``read``.
        read: returns the facts of a transaction's body.
    """
    try:
        return _Proof(book).holds(read)
    except (ValueError, TypeError, OverflowError):  # of a value that this program never writes
        return False


class _Proof:
    """What the index says of each version, as fingerprints."""

    def __init__(self, book: Index) -> None:
        self._book = book
        self._versions = book.newest_version
        self._said = array("q", bytes(8 * (self._versions + 1)))
        self._is_earlier = bytearray(self._versions + 1)
        self._entries = 0

    def holds(self, read: Callable[[bytes], Facts]) -> bool:
        return (
            self._read_table()
            and self._read_earlier_versions()
            and self._read_versions(read)
            and self._read_index()
            and _is_unsettled_index_whole(self._book)
        )

    def _read_table(self) -> bool:
        """Take the fingerprint of each entry of the table."""
        last = _FIRST
        for some in self._book.pieces(_TABLE):
            numbers = list(map(itemgetter(2), some))
            if not self._are_versions(numbers) or not _ascend(last, some):
                return False
            last = some[-1:]
            for number, one in zip(numbers, _fingerprints(some), strict=True):
                self._said[number] = one
            self._entries += len(some)
        return True

    def _read_earlier_versions(self) -> bool:
        """Take the fingerprint of each version that is not the newest of its record."""
        if next(self._book.rows(EARLIER_THAN_NOTHING), None):
            return False
        count = self._entries
        for some in self._book.pieces(_EARLIER):
            numbers = list(map(itemgetter(0), some))
            if not self._are_versions(numbers):
                return False
            for number, one in zip(numbers, _fingerprints(some), strict=True):
                self._said[number], self._is_earlier[number] = one, 1
            count += len(some)
        return count == self._versions  # so each version has one entry, if each has its own

    def _read_versions(self, read: Callable[[bytes], Facts]) -> bool:
        """Follow the hash chain, and compare each entry with what the version's words say."""
        before, last = GENESIS, 0
        logged = {bytes(row[0]) for row in self._book.rows(LOGGED_HEADS)}
        for some in self._book.pieces(VERSIONS):
            if [row[0] for row in some] != list(range(last + 1, last + 1 + len(some))):
                return False
            last += len(some)
            if not follow(before, some):
                return False
            before = some[-1][-1]
            logged.difference_update(map(itemgetter(-1), some))
            if not self._are_said(some, read):
                return False
        return not logged

    def _are_said(self, versions: list[Any], read: Callable[[bytes], Facts]) -> bool:
        """Compare entries with their versions, and expect of the index what the words say."""
        earlier = [row[:3] for row in versions if self._is_earlier[row[0]]]
        if [self._said[row[0]] for row in earlier] != _fingerprints(earlier):
            return False
        newest = [row for row in versions if not self._is_earlier[row[0]]] if earlier else versions
        entries = [
            (kind, key, seq, account, absent, *(read(body) if kind == TRANSACTION else _NO_FACTS))
            for seq, kind, key, account, _, absent, body, _ in newest
        ]
        if [self._said[row[0]] for row in newest] != _fingerprints(entries):
            return False
        for row, one in zip(newest, _fingerprints(_as_indexed(entries)), strict=True):
            self._said[row[0]] = one
        return True

    def _read_index(self) -> bool:
        """Compare the index by settlement with the words. It is in order, so no entry is in it twice."""
        count, last = 0, _FIRST
        for some in self._book.pieces(_BY_SETTLEMENT):
            numbers = list(map(itemgetter(-2), some))
            if not self._are_versions(numbers) or not _ascend(last, some):
                return False
            if [self._said[number] for number in numbers] != _fingerprints(some):
                return False
            count += len(some)
            last = some[-1:]
        return count == self._entries

    def _are_versions(self, numbers: list[int]) -> bool:
        return min(numbers) >= 1 and max(numbers) <= self._versions


def _fingerprints(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    return list(map(hash, map(_encode, rows)))


def _ascend(last: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]) -> bool:
    """Return whether each row is after the one before it, as where a search must find it."""
    return all(map(lt, chain(last, rows), rows))


def _as_indexed(entries: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [
        (kind, account, absent, status, _NEVER if settled is None else settled, key, amount, balance, seq, lacks)
        for kind, key, seq, account, absent, status, _, _, _, settled, amount, balance, lacks in entries
    ]


def _is_unsettled_index_whole(book: Index) -> bool:
    """Return whether the index of rows that are not settled has each of them, and no other."""
    ((in_index, in_table),) = book.rows(_COUNT_UNSETTLED)
    return in_index == in_table and next(book.rows(_NOT_IN_INDEX), None) is None


_encode = msgspec.msgpack.Encoder().encode
# Every statement consists of constants.
VERSIONS = "SELECT seq, kind, id, account, run, absent, body, hash FROM version ORDER BY seq"
# Each run logged the hash of the newest version at its end: all of them must be in the chain.
LOGGED_HEADS = "SELECT head FROM run WHERE head IS NOT NULL AND head <> zeroblob(32)"
EARLIER_THAN_NOTHING = """SELECT e.id FROM earlier_version e LEFT JOIN latest l ON l.kind = e.kind AND l.id = e.id
                          WHERE l.seq IS NULL OR l.seq <= e.seq LIMIT 1"""
_TABLE = """SELECT kind, id, seq, account, absent, status, created, emitted, updated, settled, amount, balance, lacks
            FROM latest NOT INDEXED"""
_EARLIER = "SELECT seq, kind, id FROM earlier_version"
_BY_SETTLEMENT = f"""SELECT kind, account, absent, status, ifnull(settled, {_NEVER}), id, amount, balance, seq, lacks
                     FROM latest INDEXED BY latest_by_settlement"""
_UNSETTLED = "{0}.kind = 'transaction' AND ({0}.absent = 1 OR {0}.status <> 'completed')"
_IN_INDEX = f"latest u INDEXED BY latest_unsettled WHERE {_UNSETTLED.format('u')}"
_IN_TABLE = f"latest l NOT INDEXED WHERE {_UNSETTLED.format('l')}"
_COUNT_UNSETTLED = f"SELECT (SELECT count(*) FROM {_IN_INDEX}), (SELECT count(*) FROM {_IN_TABLE})"
_NOT_IN_INDEX = f"""SELECT 1 FROM {_IN_TABLE} AND NOT EXISTS
                    (SELECT 1 FROM {_IN_INDEX} AND u.absent = l.absent AND u.status = l.status AND u.id = l.id
                     AND ifnull(u.settled, u.emitted) = ifnull(l.settled, l.emitted)) LIMIT 1"""
