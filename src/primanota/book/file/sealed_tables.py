"""Tables that decide on what leaves: their rows are also stored as versions, so that the hash chain covers them.

How far an account is proven and was read is one version for each account. The numbers of journal entries are one
version for each series, with their SHA-256. Books of older programs have no such versions until the first change.
"""

import hashlib
from collections.abc import Callable, Iterable
from itertools import islice

import msgspec

from primanota.book.file.database import Database
from primanota.core.model import RawRecord

PROOF, WATERMARK, NUMBERS = "proof", "watermark", "numbers"
_NAMES = {PROOF: "the proof", WATERMARK: "the watermark", NUMBERS: "the entry numbers"}
_ROWS = {
    PROOF: "SELECT account, state, until, reasons, since, run FROM proof ORDER BY account",
    WATERMARK: "SELECT account, moment, run FROM watermark ORDER BY account",
}
_SERIES = "SELECT DISTINCT series FROM entry ORDER BY series"
_ONE_SERIES = "SELECT series FROM entry WHERE series = ? LIMIT 1"
_ENTRIES = "SELECT number, id FROM entry WHERE series = ? ORDER BY number"
_ENTRIES_AT_ONCE = 1000


def sealed_rows(database: Database, kind: str, only: str = "") -> Iterable[RawRecord]:
    """Return the versions that the present rows of a table must have, so that the hash chain covers them.

    Args:
        database: the book.
        kind: ``PROOF``, ``WATERMARK`` or ``NUMBERS``.
        only: the account or the series of the only version that is wanted; empty for all of them.
    """
    if kind == NUMBERS:
        series = list(database.rows(_ONE_SERIES, only) if only else database.rows(_SERIES))
        return [RawRecord(key, _digest(database.rows(_ENTRIES, key))) for (key,) in series]
    every = (RawRecord(row[0], msgspec.json.encode(row[1:])) for row in database.rows(_ROWS[kind]))
    return [row for row in every if not only or row.id == only]


def first_changed_row(database: Database, versions: Callable[[str], dict[str, bytes]]) -> str:
    """Return the first row that is not as its version says, in a sentence; empty if there is none.

    Args:
        database: the book.
        versions: returns the newest bodies of a kind, by id.
    """
    for kind, name in _NAMES.items():
        stated = versions(kind)
        if not stated:  # a book of an older program
            continue
        found = {record.id: record.body for record in sealed_rows(database, kind)}
        for key in sorted(found.keys() | stated.keys()):
            if found.get(key) != stated.get(key):
                return f"{name} of {key} was changed"
    return ""


def _digest(entries: Iterable[tuple[int, str]]) -> bytes:
    """Return the number of entries and the SHA-256 of their lines; a fiscal year may have a million."""
    entries, digest, rows = iter(entries), hashlib.sha256(), 0
    while some := list(islice(entries, _ENTRIES_AT_ONCE)):
        digest.update("".join([f"{number} {key}\n" for number, key in some]).encode())
        rows += len(some)
    return msgspec.json.encode({"rows": rows, "sha256": digest.hexdigest()})
