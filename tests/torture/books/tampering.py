# ruff: noqa: S608 - the names of tables and columns are ours
"""Changes of a book's file from outside: cells, rows, the schema, pages, logs, and files beside it."""

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from primanota.book.file.file_state import note_path
from primanota.book.file.hash_chain import GENESIS, seal

TABLES = ("run", "version", "latest", "watermark", "sent", "file", "proof", "entry")
_KEYS = {
    "run": "number",
    "version": "seq",
    "latest": "kind, id",
    "watermark": "account",
    "sent": "batch, line",
    "file": "sha256",
    "proof": "account",
    "entry": "series, number",
}
_VALUES: tuple[object, ...] = (
    *(None, "", 0, 1, -1, 2**62, -(2**63), 1.5, "x", b"", b"\xff\x00", "a\0b", "9" * 5_000, b"{}", "proven"),
    *("completed", "transaction", "unread", "mailto:eve@evil.example", "../../x", "\x1b[2J"),
)
Tamper = Callable[[Path, random.Random, int], str]


@contextmanager
def opened(book: Path) -> Iterator[sqlite3.Connection]:
    """Open a book without its triggers and without the types of its tables; both are as before at the end."""
    with closing(sqlite3.connect(book, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        was = connection.execute("SELECT rowid, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("""UPDATE sqlite_schema SET sql = replace(replace(replace(sql, ' NOT NULL', ''),
                              'STRICT, ', ''), ' STRICT', '') WHERE type = 'table'""")
    with closing(sqlite3.connect(book, isolation_level=None)) as connection:
        yield connection
    with closing(sqlite3.connect(book, isolation_level=None)) as connection:
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("PRAGMA writable_schema = ON")
        connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE rowid = ?", [(sql, row) for row, sql in was])


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _row(connection: sqlite3.Connection, table: str, chance: random.Random) -> tuple[str, tuple[object, ...]]:
    """Return a condition that one row of a table meets, and its values."""
    keys = _KEYS[table]
    found = connection.execute(f"SELECT {keys} FROM {table} ORDER BY {keys}").fetchall()
    return " AND ".join(f"{key} IS ?" for key in keys.split(", ")), chance.choice(found)


def cell(book: Path, chance: random.Random, number: int) -> str:
    """Change one cell: to a value of any type, to that of another row, or by a little."""
    with opened(book) as connection:
        every = [(table, column) for table in TABLES for column in _columns(connection, table)]
        table, column = every[number % len(every)]
        condition, key = _row(connection, table, chance)
        (was,) = connection.execute(f"SELECT {column} FROM {table} WHERE {condition}", key).fetchone()
        others = [one for (one,) in connection.execute(f"SELECT DISTINCT {column} FROM {table}")]
        value = chance.choice([chance.choice(_VALUES), chance.choice(others), _near(was, chance)])
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", (value, *key))
        except sqlite3.IntegrityError:
            return "nothing: the key is taken"
    return f"{table}.{column} of {key}: {was!r:.60} became {value!r:.60}"


def _near(value: object, chance: random.Random) -> object:
    if isinstance(value, int):
        return value + chance.choice((1, -1, 100, 3_600_000_000, -86_400_000_000))
    if isinstance(value, bytes) and value:
        place = chance.randrange(len(value))
        return value[:place] + bytes([value[place] ^ (1 << chance.randrange(8))]) + value[place + 1 :]
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        return value[:place] + chance.choice("abc019-") + value[place + 1 :]
    return 7


def row(book: Path, chance: random.Random, number: int) -> str:
    """Delete, add or swap rows of a table."""
    table = TABLES[number % len(TABLES)]
    with opened(book) as connection:
        columns = _columns(connection, table)
        condition, key = _row(connection, table, chance)
        match chance.choice(("delete", "several", "add", "swap")):
            case "delete":
                connection.execute(f"DELETE FROM {table} WHERE {condition}", key)
                return f"{table}: {key} deleted"
            case "several":
                column = chance.choice(columns)
                picked = f"SELECT {column} FROM {table} WHERE {condition}"
                connection.execute(f"DELETE FROM {table} WHERE {column} IS ({picked})", key)
                return f"{table}: deleted what has the {column} of {key}"
            case "add":
                found = list(connection.execute(f"SELECT * FROM {table} WHERE {condition}", key).fetchone())
                for name in _KEYS[table].split(", "):
                    place = columns.index(name)
                    found[place] = found[place] + chance.choice((1, 1000)) if isinstance(found[place], int) else "new"
                places = ", ".join("?" * len(columns))
                connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", found)
                return f"{table}: added {found!r:.200}"
            case _:
                other = _row(connection, table, chance)[1]
                column = chance.choice([name for name in columns if name not in _KEYS[table].split(", ")] or columns)
                read = f"SELECT {column} FROM {table} WHERE {condition}"
                (one,), (two,) = (connection.execute(read, which).fetchone() for which in (key, other))
                try:
                    for value, which in ((two, key), (one, other)):
                        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {condition}", (value, *which))
                except sqlite3.IntegrityError:
                    return "nothing: the key is taken"
                return f"{table}.{column}: {key} and {other} swapped"


def chained_version(book: Path, chance: random.Random, number: int) -> str:
    """Change the body of a version together with its own hash; those after it tell."""
    del number
    with opened(book) as connection:
        (last,) = connection.execute("SELECT max(seq) FROM version").fetchone()
        seq = chance.randrange(1, last)
        select = "SELECT kind, id, account, run, absent, body FROM version WHERE seq = ?"
        kind, key, account, run, absent, body = connection.execute(select, (seq,)).fetchone()
        before = connection.execute("SELECT hash FROM version WHERE seq = ?", (seq - 1,)).fetchone()
        other = body.replace(chance.choice((b"1", b"e", b"a")), b"2", 1)
        sealed = seal(bytes(before[0]) if before else GENESIS, kind, key, account, run, absent, other)
        connection.execute("UPDATE version SET body = ?, hash = ? WHERE seq = ?", (other, sealed, seq))
        return f"version {seq} ({kind}) changed with its hash"


_SCHEMA = (
    *(
        f"DROP TRIGGER {table}_is_never_{what}"
        for table in ("run", "version", "sent", "file", "entry")
        for what in ("changed", "deleted")
    ),
    "DROP INDEX latest_by_settlement",
    "DROP INDEX sent_by_version",
    "DROP INDEX entry_by_transaction",
    "CREATE TRIGGER more AFTER INSERT ON sent BEGIN DELETE FROM latest WHERE kind = 'label'; END",
    "CREATE TRIGGER more BEFORE INSERT ON sent BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER more AFTER INSERT ON version WHEN NEW.kind = 'batch' BEGIN DELETE FROM latest; END",
    "CREATE TRIGGER more AFTER UPDATE ON run BEGIN UPDATE proof SET state = 'proven'; END",
    "CREATE INDEX more ON version (kind)",
    "CREATE INDEX more ON sent (id) WHERE batch > 1",
    "CREATE INDEX more ON latest (abs(amount))",
    "CREATE UNIQUE INDEX more ON latest (kind, id, seq)",
    "CREATE VIEW more AS SELECT * FROM latest",
    "CREATE TABLE more (id)",
    "CREATE TABLE sqlite_statement (id)",
    "CREATE VIRTUAL TABLE more USING fts5(id)",
    "ALTER TABLE latest ADD COLUMN more",
    "ALTER TABLE proof RENAME TO more",
    "ALTER TABLE sent RENAME COLUMN line TO number",
    "DROP TABLE entry",
    "DROP TABLE watermark",
    "ANALYZE",
    "VACUUM",
    "PRAGMA journal_mode = DELETE",
    *(f"PRAGMA user_version = {value}" for value in (-5, -1, 0, 1, 2, 4, 99, 2**31 - 1, -(2**31))),
    *(f"PRAGMA application_id = {value}" for value in (0, 1, -1, 2**31 - 1)),
    "CREATE TEMP TABLE latest (kind)",
)
_EDITED = (
    ("latest_by_settlement", "replace(sql, 'settled, id', 'id, settled')"),
    ("latest_by_settlement", "sql || ' WHERE amount > 0'"),
    ("sent_by_version", "replace(sql, '(seq, batch)', '(batch, seq)')"),
    ("sent_by_version", "sql || ' WHERE batch > 3'"),
    ("sent_by_version", "replace(sql, 'seq, batch', 'abs(seq), batch')"),
    ("entry_by_transaction", "replace(sql, 'UNIQUE ', '')"),
    ("latest", "replace(sql, 'status TEXT NOT NULL', 'status TEXT')"),
    ("latest", "replace(sql, 'amount INTEGER', 'balance_ INTEGER')"),
    ("version", "replace(sql, 'STRICT', '')"),
    ("sent", "replace(sql, 'seq INTEGER', 'seq INTEGER DEFAULT 1')"),
    ("proof", "replace(sql, 'state TEXT NOT NULL', 'state TEXT NOT NULL COLLATE NOCASE')"),
    ("sent_is_never_changed", "replace(sql, 'ABORT', 'IGNORE')"),
    ("version_is_never_deleted", "NULL"),
    ("file", "'CREATE TABLE file (nonsense'"),
    ("run", "''"),
    ("watermark", "x'ff00ff'"),
)


def schema(book: Path, chance: random.Random, number: int) -> str:
    """Change the schema by a statement, or by an edit of its table; odd numbers in the header."""
    number %= len(_SCHEMA) + len(_EDITED) + 2
    with closing(sqlite3.connect(book, isolation_level=None)) as connection:
        if number < len(_SCHEMA):
            statement = _SCHEMA[number]
            if statement.startswith("DROP TRIGGER run_is"):
                chance.random()
            connection.execute("PRAGMA writable_schema = ON" if "sqlite_" in statement else "PRAGMA cell_size_check")
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                return f"nothing: {statement}: {error}"
            return statement
        connection.execute("PRAGMA writable_schema = ON")
        if number < len(_SCHEMA) + len(_EDITED):
            name, sql = _EDITED[number - len(_SCHEMA)]
            connection.execute(f"UPDATE sqlite_schema SET sql = {sql} WHERE name = ?", (name,))
            return f"the schema of {name}: {sql}"
        pages = connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'").fetchall()
        (one, first), (two, second) = chance.sample(pages, 2)
        connection.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = ?", (second, one))
        if number % 2:
            connection.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = ?", (first, two))
        return f"the root page of {one} is that of {two}"


def page(book: Path, chance: random.Random, number: int) -> str:
    """Change bits and bytes of a page; zero, swap, cut pages."""
    content = bytearray(book.read_bytes())
    size = int.from_bytes(content[16:18], "big") or 4096
    size = 65_536 if size == 1 else size
    count = len(content) // size
    at = number % count * size
    match number // count % 8:
        case 0:
            content[at : at + size] = bytes(size)
            done = "zeroed"
        case 1:
            other = chance.randrange(count) * size
            content[at : at + size], content[other : other + size] = (
                content[other : other + size],
                content[at : at + size],
            )
            done = f"swapped with page {other // size + 1}"
        case 2:
            del content[at + chance.choice((0, size // 2, size - 1)) :]
            done = "the last one, cut"
        case 3:
            place = at + chance.randrange(100 if at == 0 else 16)
            content[place] = chance.randrange(256)
            done = f"byte {place - at} of its head is {content[place]}"
        case _:
            for _ in range(chance.choice((1, 1, 1, 4, 40))):
                place = at + chance.randrange(size)
                content[place] ^= 1 << chance.randrange(8)
            done = f"bits changed, such as in byte {place - at}"
    book.write_bytes(content)
    return f"page {number % count + 1}: {done}"


def beside(book: Path, chance: random.Random, number: int) -> str:
    """Plant or change files beside the book: logs, the note of its state, staged files, files that were written."""
    folder = book.parents[2] / "out"
    match number % 10:
        case 0 | 1:
            planted = book.with_name(f"{book.name}{('-wal', '-journal')[number % 2]}")
            planted.write_bytes(chance.randbytes(chance.choice((0, 1, 32, 4_096, 20_000))))
            return f"planted {planted.name}"
        case 2:
            return _torn_log(book, chance)
        case 3:
            note = note_path(book)
            note.write_bytes(
                chance.choice(
                    (b"", b"{}", b"\xff", b"[1]", b'{"held":-1}', b'{"state":{"size":1e99}}', b"9" * 99_999)
                )
            )
            return f"the note is {note.read_bytes()!r:.60}"
        case 4:
            os.utime(book, ns=(1, 1))
            return "the times of the book"
        case _:
            staged = sorted(folder.glob(".primanota-*"))
            others = sorted(path for path in folder.rglob("*.csv"))
            path = chance.choice(staged if number % 10 < 8 else others)
            match chance.randrange(4):
                case 0:
                    path.write_bytes(b"")
                case 1:
                    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
                case 2:
                    path.write_bytes(path.read_bytes()[:-1])
                case _:
                    path.write_bytes(path.read_bytes() + b"x")
            return f"{path.name} has {path.stat().st_size} bytes"


_COMMITTED = (
    "DELETE FROM latest WHERE kind = 'batch'",
    "DELETE FROM latest WHERE kind = 'label'",
    "UPDATE proof SET state = 'proven', until = 9000000000000000",
    "UPDATE latest SET amount = amount + 100 WHERE kind = 'transaction'",
)


def _torn_log(book: Path, chance: random.Random) -> str:
    """Leave a write-ahead log with a change that was committed, whole or cut."""
    with closing(sqlite3.connect(book, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(chance.choice(_COMMITTED))
        log = book.with_name(f"{book.name}-wal").read_bytes()
        main = book.read_bytes()
    book.write_bytes(main)
    end = chance.choice((len(log), len(log) // 2, len(log) - 1, 40))
    book.with_name(f"{book.name}-wal").write_bytes(log[:end])
    return f"a log of {end} of {len(log)} bytes"
