"""What no export in one Python process can leave out: its time bounds that of an export.

It starts as the export does, selects the rows, reads each with its hash and holds it against the hash chain, decodes
the fields that the file shows, reads a written file back, hashes and compresses it, and records the rows of a batch.
It converts nothing, compares no day and no amount, and makes no line of a file.

Usage: python export_bound.py BOOK ACCOUNT FILE, with a copy of the book, and the file that the export wrote
"""

import csv
import hashlib
import sqlite3
import sys
import zlib
from collections import deque
from io import StringIO
from pathlib import Path

import msgspec

import primanota.app.exporting.export
import primanota.cli.commands.export  # noqa: F401 - the start of the program is a part of an export
from primanota.book.file.hash_chain import first_broken

_AT_ONCE = 500
_BYTES_AT_ONCE = 1 << 16
_SELECT = """CREATE TEMP TABLE selected AS SELECT l.id, l.seq FROM latest l
             WHERE l.kind = 'transaction' AND l.account = ? AND l.absent = 0 AND l.status = 'completed'
             ORDER BY l.settled, l.id"""
_READ = """SELECT c.id, v.account, v.run, v.body, v.hash, p.hash FROM selected c JOIN version v ON v.seq = c.seq
           LEFT JOIN version p ON p.seq = c.seq - 1 ORDER BY c.rowid"""
_RECORD = "INSERT INTO sent SELECT 1, c.rowid, c.id, c.seq FROM selected c"


class _Shown(msgspec.Struct):
    """The fields of the bank's JSON that the file shows."""

    settled_at: str
    amount_cents: int
    side: str
    currency: str
    local_amount: msgspec.Raw
    local_currency: str
    operation_type: str
    label: str | None = None
    clean_counterparty_name: str | None = None
    reference: str | None = None
    note: str | None = None
    initiator_id: str | None = None


def main(file: str, account: str, target: str) -> None:
    """Do the parts one after the other, and print the number of rows."""
    book = sqlite3.connect(file, isolation_level=None)
    book.execute("BEGIN")
    book.execute(_SELECT, (account,))
    rows = _read(book)
    _read_back(Path(target))
    book.execute(_RECORD)
    book.execute("COMMIT")
    print(rows)


def _read(book: sqlite3.Connection) -> int:
    rows, decode, found = 0, msgspec.json.Decoder(_Shown).decode, book.execute(_READ)
    while some := found.fetchmany(_AT_ONCE):
        if first_broken("transaction", some) is not None:
            raise RuntimeError("a row does not have its hash")
        rows += len([decode(body) for _, _, _, body, _, _ in some])
    return rows


def _read_back(target: Path) -> None:
    digest, deflate = hashlib.sha256(), zlib.compressobj(1)
    with target.open("rb") as lines:
        while some := lines.readlines(_BYTES_AT_ONCE):
            content = b"".join(some)
            deque(csv.reader(StringIO(content.decode(), newline="")), maxlen=0)
            digest.update(content)
            deflate.compress(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
