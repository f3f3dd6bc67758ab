"""The book's tables, and the migrations that bring an older book up to date.

Migrations are a list: each is applied once, in order, in one transaction with its number (``PRAGMA user_version``).
A released migration is never changed.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from primanota.book.file.database_errors import RESTORE, text_of_schema
from primanota.book.file.derivations import DERIVED
from primanota.book.file.sent_rows import BY_VERSION
from primanota.core.errors import BookDamaged, BookUnusable

APPLICATION_ID = 0x5072696D  # “Prim”: distinguishes a book from other SQLite files

# The header of an SQLite file, and the place of “user_version” in it: https://www.sqlite.org/fileformat.html
_HEADER, _VERSION_AT = 100, 60
# Is called with how many steps of how many are done.
CountSteps = Callable[[int, int], object]
_STATISTICS = "sqlite_stat"  # tables that “ANALYZE” makes; they decide on nothing


def _append_only(table: str, only: str = "") -> str:
    """Return the triggers that refuse to change or delete a row of a table."""
    refuse = "BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;"
    return f"""
CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table}{only}
{refuse}
CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
{refuse}
"""


_FIRST = """
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    program TEXT NOT NULL,
    process TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    outcome TEXT,
    head BLOB
) STRICT;

-- Records of the bank, word for word, in the order in which they were read. Append-only.
CREATE TABLE version (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run,
    absent INTEGER NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- The newest version of each record, with the facts by which it is found. Derived: it can be made again.
CREATE TABLE latest (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES version,
    account TEXT NOT NULL,
    absent INTEGER NOT NULL,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    emitted INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    settled INTEGER,
    amount INTEGER,
    balance INTEGER,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX latest_by_settlement ON latest (kind, account, absent, status, settled, id, amount, balance, seq);

-- Up to which moment an account has been read whole.
CREATE TABLE watermark (
    account TEXT PRIMARY KEY,
    moment INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES run
) STRICT, WITHOUT ROWID;
"""

_BATCHES = """
-- Which version of which row was exported in which batch, and at which line of its file. Append-only.
CREATE TABLE sent (
    batch INTEGER NOT NULL,
    line INTEGER NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES version,
    PRIMARY KEY (batch, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX sent_by_transaction ON sent (id, batch, seq);

-- Exported bytes, compressed by zlib, under the SHA-256 of the uncompressed bytes.
CREATE TABLE file (
    sha256 TEXT PRIMARY KEY,
    content BLOB NOT NULL
) STRICT;
"""

# Derives how far each account is proven from a book without proofs: a watermark was set only where it was proven.
PROOFS_OF_WATERMARKS = """
INSERT INTO proof SELECT w.account, CASE WHEN count(l.id) > 0 AND count(l.balance) = 0
    THEN 'counts only' ELSE 'proven' END, w.moment, '[]', w.moment, w.run
FROM watermark w LEFT JOIN latest l
    ON l.account = w.account AND l.kind = 'transaction' AND l.absent = 0 AND l.status = 'completed'
GROUP BY w.account;
"""

_PROOFS = f"""
-- How far each account is proven against the bank's balance, as the last sync found it.
CREATE TABLE proof (
    account TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    until INTEGER,
    reasons TEXT NOT NULL,
    since INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES run
) STRICT, WITHOUT ROWID;

{PROOFS_OF_WATERMARKS}
-- Numbers of journal entries: one number for each row in a series, such as a journal's fiscal year. Append-only.
CREATE TABLE entry (
    series TEXT NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (series, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX entry_by_transaction ON entry (series, id);
"""

# The index by settlement has all that the balance chain and the counts of what rows lack read, so that these read the
# index alone.
_LACKS = """
-- By the rule of which number a column of the index was filled; a column without a number is not filled yet.
CREATE TABLE derived (
    name TEXT PRIMARY KEY,
    rule INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE latest ADD COLUMN lacks INTEGER NOT NULL DEFAULT 0;
DROP INDEX latest_by_settlement;
CREATE INDEX latest_by_settlement ON latest (kind, account, absent, status, settled, id, amount, balance, seq, lacks);
CREATE INDEX latest_unsettled ON latest (absent, status, ifnull(settled, emitted))
    WHERE kind = 'transaction' AND (absent = 1 OR status <> 'completed');
"""

_CHECKPOINTS = """
-- States of an account's balance chain, from which a walk can go on. Derived: the next sync makes them again.
CREATE TABLE checkpoint (
    account TEXT NOT NULL,
    rule INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    last TEXT NOT NULL,
    rows INTEGER NOT NULL,
    total INTEGER NOT NULL,
    opening INTEGER,
    running INTEGER,
    rows_without_balance INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (account, settled)
) STRICT, WITHOUT ROWID;

-- Up to which version every row of an account is in a batch of a profile. Derived: the next export makes it again.
CREATE TABLE coverage (
    profile TEXT NOT NULL,
    account TEXT NOT NULL,
    rule INTEGER NOT NULL,
    since INTEGER NOT NULL,
    moving INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (profile, account)
) STRICT, WITHOUT ROWID;

-- The versions of each record before its newest one. Derived.
CREATE TABLE earlier_version (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (kind, id, seq)
) STRICT, WITHOUT ROWID;

-- Exported rows that have a newer version, or that name a member or a label that has one. Derived.
CREATE TABLE superseded (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""

_RECEIPTS = """
-- Which attachments the rows have had: their places in the newest version of the row, 0 where it does not list them
-- any more, and whether something of them is to be fetched. Derived: the next search makes it again.
CREATE TABLE row_receipt (
    row TEXT NOT NULL,
    attachment TEXT NOT NULL,
    place INTEGER NOT NULL,
    wanted INTEGER NOT NULL,
    PRIMARY KEY (row, attachment)
) STRICT, WITHOUT ROWID;

CREATE INDEX row_receipt_by_attachment ON row_receipt (attachment);
CREATE INDEX row_receipt_wanted ON row_receipt (row) WHERE wanted = 1;

-- Up to which version of rows their attachments were read, and by the rule of which number. It has one row.
CREATE TABLE receipt_search (
    number INTEGER PRIMARY KEY,
    rule INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
"""

MIGRATIONS = (
    _FIRST + _append_only("run", " WHEN OLD.ended IS NOT NULL") + _append_only("version"),
    _BATCHES + _append_only("sent") + _append_only("file"),
    _PROOFS + _append_only("entry"),
    _LACKS,
    _CHECKPOINTS + "".join(f"{statement};\n" for statement in DERIVED),
    _RECEIPTS,
    BY_VERSION,
)


def migrate(connection: sqlite3.Connection, path: object, begin: Callable[[], None], count: CountSteps) -> None:
    """Bring a book's tables up to date, wholly or, if it is killed, not at all; outside of a transaction.

    Args:
        connection: the book.
        path: its file.
        begin: begins to write, and waits for other processes.
        count: is called after each statement.

    Raises:
        BookUnusable: the file belongs to another program, or was written by a newer Primanota.
    """
    if recognise(connection, path) == len(MIGRATIONS):
        return
    begin()
    try:
        steps = list(_statements(recognise(connection, path), len(MIGRATIONS)))
        for done, statement in enumerate(steps, 1):
            connection.execute(statement)
            count(done, len(steps))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def is_older(path: Path) -> bool:
    """Return whether a book's file was made by an older program, so that opening it brings it up to date."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return False
    return len(header) == _HEADER and int.from_bytes(header[_VERSION_AT : _VERSION_AT + 4]) < len(MIGRATIONS)


def recognise(connection: sqlite3.Connection, path: object) -> int:
    """Return the number of the last migration that made this book; 0 for an empty file. Changes nothing.

    Raises:
        BookUnusable: the file belongs to another program, or was written by a newer Primanota.
        BookDamaged: a table, an index or a trigger was added, changed or removed from outside.
    """
    # In one statement, so that a book that another process is creating is seen before or after, not in between.
    with text_of_schema():
        found = connection.execute(
            """SELECT u.user_version, a.application_id, s.type, s.name, s.tbl_name, s.sql
               FROM pragma_user_version u, pragma_application_id a LEFT JOIN sqlite_schema s"""
        ).fetchall()
    version, application = found[0][:2]
    present = frozenset(row[2:] for row in found if row[2] and not str(row[3]).startswith(_STATISTICS))
    if application != APPLICATION_ID and present:
        raise BookUnusable(f"{path} is not a book of Primanota.", "Name another file, or move this one away.")
    if version > len(MIGRATIONS):
        raise BookUnusable(
            f"{path} was written by a newer Primanota (book {version}; this program knows {len(MIGRATIONS)}).",
            "Install the newest Primanota.",
        )
    if version < 0 or (present != _expected(version) and (version or present)):
        others = sorted(f"{kind} {name}" for kind, name, *_ in present ^ _expected(max(version, 0)))
        what = f"its {others[0]} is not as this program made it" if others else f"its version is {version}"
        raise BookDamaged(f"The book {path} is damaged: {what}.", RESTORE)
    return int(version)


@cache
def _expected(version: int) -> frozenset[tuple[str, str, str, str | None]]:
    """Return the tables, indexes and triggers that the first so many migrations make."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in _statements(0, version):
            connection.execute(statement)
        return frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"))


def _statements(done: int, wanted: int) -> Iterator[str]:
    """Yield the statements of the migrations after the first so many up to another number, and those that set it."""
    for script in MIGRATIONS[done:wanted]:
        statement = ""
        for line in script.splitlines():
            statement += line + "\n"
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""
    yield f"PRAGMA application_id = {APPLICATION_ID}"
    yield f"PRAGMA user_version = {wanted}"
