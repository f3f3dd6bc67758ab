"""Verification of a book: its hash chain, its index and all that is derived, held against the bank's words."""

from collections.abc import Callable, Iterator
from typing import Any

from primanota.book import checkpoints, exported_rows
from primanota.book.hash_chain import GENESIS, seal
from primanota.book.index import TRANSACTION, Index, facts_of
from primanota.book.sealed_tables import first_changed_row
from primanota.core.model import RawRecord


def first_inconsistency(book: Index, read: Callable[[bytes], RawRecord], lacks_rule: int) -> str:
    """Return the first inconsistency of a book without its batches, in a sentence; empty if there is none.

    Args:
        book: the book.
        read: decodes a transaction's body into a record, to compare the index with.
        lacks_rule: the number of its rule. What rows lack is compared only if the book follows the same rule.
    """
    return (
        next(_broken_versions(book, read, lacks_rule), "")
        or first_changed_row(book, book.bodies)
        or checkpoints.first_wrong(book)
        or exported_rows.first_unnoticed_change(book)
    )


def _broken_versions(book: Index, read: Callable[[bytes], RawRecord], lacks_rule: int) -> Iterator[str]:
    """Yield what is wrong with versions, and with entries of the index that name them, in one pass."""
    before, number, named = GENESIS, 0, 0
    # Each run logged the hash of the newest version at its end: all of them must be in the chain.
    logged = {bytes(row[0]) for row in book.rows("SELECT head FROM run WHERE head IS NOT NULL")} - {GENESIS}
    compared = None if lacks_rule == book.lacks_rule else -1  # without the last fact
    for number, row in enumerate(book.rows(_VERSIONS), 1):
        seq, kind, key, account, run, absent, body, sealed, newest, owner, gone, *facts = row
        if seq != number:
            yield f"version {number} is missing"
        before = seal(before, kind, key, account, run, absent, body)
        if before != sealed:
            yield f"version {seq} ({kind} {key}) was changed"
        logged.discard(before)
        if newest is None or newest < seq:
            yield f"{key} is missing from the index"
        elif newest == seq:
            named += 1
            if owner != account or gone != absent:
                yield f"the index entry of {key} has no version"
            if kind == TRANSACTION:
                yield from _broken_entry(read, body, facts, compared)
    if logged:
        yield "versions at the end of the book were removed"
    yield from _broken_index(book, named, number - named)


def _broken_entry(
    read: Callable[[bytes], RawRecord], body: bytes, facts: list[Any], compared: int | None
) -> Iterator[str]:
    try:
        expected = facts_of(read(body))
    except ValueError as error:
        yield f"a record of the bank cannot be decoded: {error}"
        return
    if facts[:compared] != expected[:compared]:
        yield f"the index entry of transaction {facts[0]} differs from the bank's record"


def _broken_index(book: Index, newest: int, earlier: int) -> Iterator[str]:
    """Yield entries of the index that name no version of their record, if it has others than the versions say.

    Args:
        book: the book, whose versions are right.
        newest: how many versions the entries of their records name.
        earlier: how many other versions there are.
    """
    ((entries, listed),) = book.rows("SELECT (SELECT count(*) FROM latest), (SELECT count(*) FROM earlier_version)")
    for (key,) in book.rows(_UNKNOWN_ENTRY) if entries != newest else ():
        yield f"the index entry of {key} has no version"
    for (key,) in book.rows(_UNKNOWN_EARLIER):
        yield f"the index entry of an earlier version of {key} has no version"
    if listed != earlier:
        yield f"the index lists {listed} of {earlier} earlier versions"


_VERSIONS = """SELECT v.seq, v.kind, v.id, v.account, v.run, v.absent, v.body, v.hash, l.seq, l.account, l.absent,
                      l.id, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance, l.lacks
               FROM version v LEFT JOIN latest l ON l.kind = v.kind AND l.id = v.id ORDER BY v.seq"""
_UNKNOWN_ENTRY = """SELECT l.id FROM latest l LEFT JOIN version v ON v.seq = l.seq
                    WHERE v.kind IS NOT l.kind OR v.id IS NOT l.id LIMIT 1"""
_UNKNOWN_EARLIER = """SELECT e.id FROM earlier_version e LEFT JOIN version v ON v.seq = e.seq
                      LEFT JOIN latest l ON l.kind = e.kind AND l.id = e.id
                      WHERE v.id IS NOT e.id OR v.kind IS NOT e.kind OR l.seq <= e.seq LIMIT 1"""
