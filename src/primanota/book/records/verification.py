"""Verification of a book: its hash chain, its index and all that is derived, held against the bank's words."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from primanota.book.file.hash_chain import GENESIS, seal
from primanota.book.file.sealed_tables import first_changed_row
from primanota.book.records import checkpoints
from primanota.book.records.index import TRANSACTION, Index
from primanota.book.records.index_proof import EARLIER_THAN_NOTHING, LOGGED_HEADS, VERSIONS
from primanota.core.model import RawRecord
from primanota.core.period import END_OF_TIME


class Inconsistency(NamedTuple):
    """What is wrong with a book, in a sentence, and whether it is in derived data, which can be made anew."""

    sentence: str
    is_derived: bool = False


def first_inconsistency(
    book: Index, read: Callable[[bytes], RawRecord], lacks_rule: int, *, is_index_proven: bool = False
) -> Inconsistency | None:
    """Return the first inconsistency of a book without its batches; None if there is none.

    Args:
        book: the book.
        read: decodes a transaction's body into a record, to compare the index with.
        lacks_rule: the number of its rule. What rows lack is compared only if the book follows the same rule.
        is_index_proven: whether ``index_proof`` has just proven the versions and the index.
    """
    if not is_index_proven and (found := next(_broken_versions(book, read, lacks_rule), None)):
        return found
    if changed := first_changed_row(book, book.bodies):
        return Inconsistency(changed)
    wrong = checkpoints.first_wrong(book)
    return Inconsistency(wrong, is_derived=True) if wrong else None


def _broken_versions(book: Index, read: Callable[[bytes], RawRecord], lacks_rule: int) -> Iterator[Inconsistency]:
    """Yield what is wrong with versions, and with the entries of the index that name them, in one pass.

    An entry of the index, or of the list of earlier versions, names each version, and names nothing else.
    """
    before, number = GENESIS, 0
    logged = {bytes(row[0]) for row in book.rows(LOGGED_HEADS)}
    compared = None if lacks_rule == book.lacks_rule else -1  # without the last fact
    entries = _entries(book)
    for number, (seq, kind, key, account, run, absent, body, sealed) in enumerate(book.rows(VERSIONS), 1):
        if seq != number:
            yield Inconsistency(f"version {number} is missing")
        before = seal(before, kind, key, account, run, absent, body)
        if before != sealed:
            yield Inconsistency(f"version {seq} ({kind} {key}) was changed")
        logged.discard(before)
        named, is_newest, *entry = next(entries, (None, 0))
        if named is None or named > seq:
            yield Inconsistency(f"{key} is missing from the index", is_derived=True)
        elif named < seq or entry[:2] != [kind, key] or (is_newest and entry[2:4] != [account, absent]):
            yield _without_version(entry[1])
        elif is_newest and kind == TRANSACTION:
            yield from _broken_entry(read, body, entry[4:], compared)
    if logged:
        yield Inconsistency("versions at the end of the book were removed")
    yield from (_without_version(key) for _, _, _, key, *_ in entries)
    yield from (_without_version(key) for (key,) in book.rows(EARLIER_THAN_NOTHING))


def _broken_entry(
    read: Callable[[bytes], RawRecord], body: bytes, facts: list[Any], compared: int | None
) -> Iterator[Inconsistency]:
    try:
        record = read(body)
    except ValueError as error:
        yield Inconsistency(f"a record of the bank cannot be decoded: {error}")
        return
    if tuple(facts[:compared]) != record.facts[:compared]:
        sentence = f"the index entry of transaction {record.id} differs from the bank's record"
        yield Inconsistency(sentence, is_derived=True)


def _without_version(key: str) -> Inconsistency:
    return Inconsistency(f"the index entry of {key} has no version", is_derived=True)


def _entries(book: Index) -> Iterator[Any]:
    """Yield the entries of the index and the earlier versions in the order of the versions that they name.

    They are sorted in pieces, each in memory: SQLite would map the files of a larger sort into memory.
    """
    starts = [-END_OF_TIME, *range(_SORTED_AT_ONCE, book.newest_version, _SORTED_AT_ONCE), END_OF_TIME]
    for start, end in pairwise(starts):
        yield from book.rows(_ENTRIES, start, end)


_SORTED_AT_ONCE = 100_000
_ENTRIES = """SELECT seq, 1, kind, id, account, absent,
                     status, created, emitted, updated, settled, amount, balance, lacks
              FROM latest NOT INDEXED WHERE seq >= ?1 AND seq < ?2
              UNION ALL SELECT seq, 0, kind, id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
              FROM earlier_version WHERE seq >= ?1 AND seq < ?2 ORDER BY 1"""
