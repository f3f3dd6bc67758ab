"""Which attachments the rows have had, derived from the versions of rows; a search reads later versions alone."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from primanota.book.file.database import Database
from primanota.core.kept_files import Receipt

RECEIPT = "receipt"
# The number of the rule of this module: raise it where the same versions give other entries.
RULE = 1
# Returns the ids of the attachments that a stored row lists.
ReadIds = Callable[[bytes], tuple[str, ...]]
_ROW_RECEIPT, _TEMPORARY = "row_receipt", "temp.row_receipt_anew"


def bring_up_to_date(database: Database, read: ReadIds) -> None:
    """Read the attachments of rows that were stored since the last search; inside ``writing``."""
    since, newest = searched_until(database), _newest_version(database)
    if since == 0:
        forget_all(database)
    if since < newest:
        _search(database, read, _ROW_RECEIPT, since, newest)
        database.execute("INSERT OR REPLACE INTO receipt_search VALUES (1, ?, ?)", RULE, newest)


def searched_until(database: Database) -> int:
    """Return the number of the version up to which attachments were read by the present rule; 0 if none were."""
    found = database.rows("SELECT seq FROM receipt_search WHERE number = 1 AND rule = ?", RULE)
    return next((int(seq) for (seq,) in found), 0)


def forget_all(database: Database) -> None:
    """Forget what was derived, so that the next search reads everything; inside ``writing``."""
    database.execute("DELETE FROM row_receipt")
    database.execute("DELETE FROM receipt_search")


def mark(database: Database, receipt: Receipt) -> None:
    """Note whether something of an attachment is still to be fetched; inside ``writing``."""
    wanted = int(not receipt.is_complete)
    database.execute(f"UPDATE row_receipt SET wanted = {wanted} WHERE attachment = ? AND place > 0", receipt.id)


def first_wrong(database: Database, read: ReadIds) -> str:
    """Return the first row whose entries are not those of its versions, in a sentence; empty if there is none."""
    until = searched_until(database)
    ((entries,),) = database.rows("SELECT count(*) FROM row_receipt")
    if until > _newest_version(database):
        return "the search for receipts is ahead of the versions"
    if not until:
        return "the list of receipts was not made by a search" if entries else ""
    database.execute(_CREATE_ANEW)
    try:
        _search(database, read, _TEMPORARY, 0, until)
        wrong = next(database.rows(_DIFFERING), None)
    finally:
        database.execute(f"DROP TABLE {_TEMPORARY}")
    return f"the list of receipts of transaction {wrong[0]} is wrong" if wrong else ""


def receipt_of(database: Database, attachment: str) -> Receipt | None:
    """Return a receipt of the book by the bank's id; None if nothing of it was fetched."""
    found = database.rows(_RECEIPT_BODY, RECEIPT, attachment)
    return next((msgspec.json.decode(body, type=Receipt) for (body,) in found), None)


def _search(database: Database, read: ReadIds, table: str, since: int, until: int) -> None:
    """Bring the entries of rows up to those of their versions in (since, until]."""
    for row, body in database.rows(_VERSIONS, since, until):
        listed = {key: place for place, key in enumerate(read(body), 1)}
        known = dict(database.rows(f"SELECT attachment, place FROM {table} WHERE row = ?", row))
        if listed != known:
            database.execute_each(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)", _entries(database, row, listed, known)
            )


def _entries(
    database: Database, row: str, listed: Mapping[str, int], known: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    for key in listed.keys() | known.keys():
        place = listed.get(key, 0)
        if place != known.get(key):
            receipt = receipt_of(database, key) if place else None
            yield row, key, place, int(place > 0 and not (receipt and receipt.is_complete))


def _newest_version(database: Database) -> int:
    return int(next(database.rows("SELECT ifnull(max(seq), 0) FROM version"))[0])


# Every statement consists of constants of this file; values are always passed as parameters.
_VERSIONS = "SELECT id, body FROM version WHERE seq > ? AND seq <= ? AND kind = 'transaction' ORDER BY seq"
_RECEIPT_BODY = "SELECT v.body FROM latest l JOIN version v ON v.seq = l.seq WHERE l.kind = ? AND l.id = ?"
_CREATE_ANEW = f"""CREATE TABLE {_TEMPORARY} (row TEXT NOT NULL, attachment TEXT NOT NULL, place INTEGER NOT NULL,
                   wanted INTEGER NOT NULL, PRIMARY KEY (row, attachment)) WITHOUT ROWID"""
_EXCEPT = "SELECT * FROM {0} EXCEPT SELECT * FROM {1}"
_DIFFERING = f"""SELECT row FROM (SELECT * FROM ({_EXCEPT.format(_ROW_RECEIPT, _TEMPORARY)}) UNION ALL
                 SELECT * FROM ({_EXCEPT.format(_TEMPORARY, _ROW_RECEIPT)})) ORDER BY row LIMIT 1"""
