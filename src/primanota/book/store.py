"""The SQLite file: opening, keeping, selecting."""

import os
import socket
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from primanota import __version__
from primanota.book import chain
from primanota.book.schema import migrate, recognise
from primanota.errors import BookHeld, BookUnusable
from primanota.model import Entry
from primanota.period import moment

TRANSACTION, MEMBER, LABEL, ACCOUNT, ORGANISATION = "transaction", "member", "label", "account", "organisation"
_WAIT_SECONDS = 60


class Kept(msgspec.Struct):
    """How many things were new, changed, and the same as before."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def add(self, other: "Kept") -> None:
        """Count another reading in."""
        self.new += other.new
        self.changed += other.changed
        self.same += other.same


class Link(NamedTuple):
    """A completed row as the balance chain sees it: moment (microseconds UTC), signed cents, cents after it."""

    id: str
    settled: int
    amount: int
    balance: int | None


class Book:
    """An organisation's book. A context manager.

    Args:
        path: the file; it is made, readable by its owner alone, where it does not exist.
        clock: the present in microseconds UTC, for the run log.
        wait_seconds: how long to wait for another process that is writing.

    Raises:
        BookUnusable: the file is no book, is damaged, or comes from a newer Primanota.
        BookHeld: another process kept writing for longer than we wait.
    """

    def __init__(self, path: Path, clock: Callable[[], int], *, wait_seconds: float = _WAIT_SECONDS) -> None:
        self.path = path
        self._clock = clock
        self._run = 0
        self._connection = _connect(path, wait_seconds)
        try:
            with self._explained():
                migrate(self._connection, path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def run(self, command: str) -> Iterator[None]:
        """A run in the log, from its start to its outcome. A run that was killed has no outcome."""
        process = f"process {os.getpid()} on {socket.gethostname()}"
        with self.writing():
            row = (command, __version__, process, self._clock())
            insert = "INSERT INTO run (command, program, process, started) VALUES (?, ?, ?, ?)"
            self._run = self._connection.execute(insert, row).lastrowid or 0
        try:
            yield
        except BaseException as error:
            self._end_at_once(type(error).__name__)
            raise
        self._end("done")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing: what is kept inside is in the book together, or not at all."""
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything that is read inside is of one moment, whatever another process writes."""
        with self._explained():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def keep(self, kind: str, entries: Iterable[Entry], account: str = "") -> Kept:
        """Keep what the bank said, as a new version where it differs from the newest one; inside ``writing``."""
        kept, before = Kept(), chain.head(self._connection)
        for entry in entries:
            known = self._connection.execute(_KNOWN, (kind, entry.id)).fetchone()
            if known is None:
                kept.new += 1
            elif _says_the_same(known, entry):
                kept.same += 1
                continue
            else:
                kept.changed += 1
            before = self._append(before, kind, entry, account, absent=0)
        return kept

    def note(self, entries: Iterable[Entry]) -> None:
        """Remember that a full reading met these transactions."""
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS met (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._connection.executemany("INSERT OR IGNORE INTO met VALUES (?)", ((entry.id,) for entry in entries))

    def forget_noted(self) -> None:
        """Begin a new full reading."""
        self.note(())
        self._connection.execute("DELETE FROM met")

    def mark_absent(self, account: str, statuses: tuple[str, ...], created_before: int) -> list[str]:
        """Mark what the bank showed once and a full reading no longer met; inside ``writing``.

        Returns:
            The ids of the transactions that vanished. They stay in the book, as absent.
        """
        asked = ", ".join("?" * len(statuses))
        found = self._connection.execute(
            f"""SELECT l.id, v.body, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance
                {_NEWEST} WHERE l.kind = 'transaction' AND l.account = ? AND l.absent = 0 AND l.created < ?
                  AND l.status IN ({asked}) AND l.id NOT IN (SELECT id FROM met)""",
            (account, created_before, *statuses),
        ).fetchall()
        before = chain.head(self._connection)
        for key, body, status, *facts in found:
            before = self._append(before, TRANSACTION, Entry(key, body, account, status, *facts), account, absent=1)
        return [row[0] for row in found]

    def watermark(self, account: str) -> int | None:
        """Up to which moment (microseconds UTC) the account has been read whole; None if never."""
        return next((row[0] for row in self._rows("SELECT moment FROM watermark WHERE account = ?", account)), None)

    def advance(self, account: str, to: int) -> None:
        """The account has been read whole up to this moment; inside ``writing``."""
        self._connection.execute("INSERT OR REPLACE INTO watermark VALUES (?, ?, ?)", (account, to, self._run))

    def bodies(self, kind: str) -> dict[str, bytes]:
        """The newest body of everything of a small kind, by id, in the order in which it was heard."""
        return dict(self._rows(f"SELECT l.id, v.body {_NEWEST} WHERE l.kind = ? ORDER BY l.seq", kind))

    def links(self, account: str) -> Iterator[Link]:
        """The account's completed rows in order of settlement."""
        chosen = f"SELECT id, settled, amount, balance FROM latest l WHERE {_BOOKED} ORDER BY settled, id"
        return map(Link._make, self._rows(chosen, account))

    def settled(self, account: str, since: int, until: int) -> Iterator[bytes]:
        """Bodies of completed rows settled in [since, until) (microseconds UTC), in order of settlement."""
        span = f"WHERE {_BOOKED} AND l.settled >= ? AND l.settled < ? ORDER BY l.settled, l.id"
        return map(itemgetter(0), self._rows(f"SELECT v.body {_NEWEST} {span}", account, since, until))

    def unsettled(self, since: int, until: int) -> Iterator[tuple[str, bytes, bool]]:
        """Rows not plainly completed that changed in [since, until): account, body, and whether it vanished."""
        return self._rows(
            f"""SELECT l.account, v.body, l.absent {_NEWEST}
                WHERE l.kind = 'transaction' AND (l.absent = 1 OR l.status <> 'completed')
                  AND l.updated >= ? AND l.updated < ? ORDER BY l.updated, l.id""",
            since,
            until,
        )

    def counts(self, account: str) -> dict[str, int]:
        """How many rows of each status the book has, without those that vanished."""
        return dict(
            self._rows(
                """SELECT status, count(*) FROM latest
                   WHERE kind = 'transaction' AND account = ? AND absent = 0 GROUP BY status""",
                account,
            )
        )

    def first_forgery(self, read: Callable[[bytes], Entry]) -> str:
        """The first place where the book is not what this program wrote from the bank's words; empty if none.

        Args:
            read: makes an entry of a transaction's body, to hold against what the index says.
        """
        with self._explained():
            return chain.first_forgery(self._connection) or self._first_difference(read)

    def is_sound(self) -> bool:
        """Whether SQLite finds its own file whole."""
        return list(self._rows("PRAGMA integrity_check")) == [("ok",)]

    def _first_difference(self, read: Callable[[bytes], Entry]) -> str:
        for (key,) in self._rows(_LOST):
            return f"the index has lost {key}"
        for (key,) in self._rows(_INVENTED):
            return f"the index says of {key} what no version says"
        columns = "v.body, l.id, l.status, l.created, l.emitted, l.updated, l.settled, l.amount, l.balance"
        for body, *facts in self._rows(f"SELECT {columns} {_NEWEST} WHERE l.kind = 'transaction'"):
            if facts != _facts(read(body)):
                return f"the index says of transaction {facts[0]} what the bank did not"
        return ""

    def _rows(self, select: str, *values: object) -> Iterator[Any]:
        with self._explained():
            # Not “yield from”: that would close the cursor with the generator, perhaps after the book.
            for row in self._connection.execute(select, values):  # noqa: UP028 - said above
                yield row

    def _append(self, before: bytes, kind: str, entry: Entry, account: str, *, absent: int) -> bytes:
        sealed = chain.seal(before, kind, entry.id, account, self._run, absent, entry.body)
        row = (kind, entry.id, account, self._run, absent, entry.body, sealed)
        seq = self._connection.execute(_APPEND, row).lastrowid
        self._connection.execute(_POINT, (kind, seq, account, absent, *_facts(entry)))
        return sealed

    def _end(self, outcome: str) -> None:
        with self.writing():
            row = (self._clock(), outcome, chain.head(self._connection), self._run)
            self._connection.execute("UPDATE run SET ended = ?, outcome = ?, head = ? WHERE number = ?", row)

    def _end_at_once(self, outcome: str) -> None:
        """After an error: if somebody holds the book, the error is not kept waiting for them."""
        (patience,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute("PRAGMA busy_timeout = 0")
        with suppress(BookHeld):
            self._end(outcome)
        self._connection.execute(f"PRAGMA busy_timeout = {patience}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise BookUnusable(f"The book {self.path} cannot be written: {error}.", "Look at the disk.") from None
            raise BookHeld(f"The book is being written by {self._holder()}.", "Wait until it is done.") from None
        except sqlite3.DatabaseError as error:
            raise BookUnusable(f"The book {self.path} is damaged: {error}.", "Restore it from a backup.") from None

    def _holder(self) -> str:
        try:
            found = self._connection.execute(_OTHER, (self._run,)).fetchone()
        except sqlite3.Error:
            found = None
        return f"“{found[0]}” ({found[1]}, since {moment(found[2]):%H:%M} UTC)" if found else "another process"


# Every statement below is put together from constants of this file; values always go in as parameters.
_NEWEST = "FROM latest l JOIN version v ON v.seq = l.seq"
_BOOKED = "l.kind = 'transaction' AND l.account = ? AND l.absent = 0 AND l.status = 'completed'"
_KNOWN = f"SELECT v.body, l.updated, l.absent {_NEWEST} WHERE l.kind = ? AND l.id = ?"
_LOST = """SELECT v.id FROM version v LEFT JOIN latest l ON l.kind = v.kind AND l.id = v.id
           WHERE l.seq IS NULL OR l.seq < v.seq LIMIT 1"""
_INVENTED = """SELECT l.id FROM latest l LEFT JOIN version v ON v.seq = l.seq
               WHERE v.seq IS NULL OR v.kind <> l.kind OR v.id <> l.id OR v.account <> l.account
                  OR v.absent <> l.absent LIMIT 1"""
_OTHER = """SELECT command, process, started FROM run WHERE ended IS NULL AND number <> ?
            ORDER BY number DESC LIMIT 1"""
_APPEND = "INSERT INTO version (kind, id, account, run, absent, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
_POINT = """INSERT OR REPLACE INTO latest
            (kind, seq, account, absent, id, status, created, emitted, updated, settled, amount, balance)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _facts(entry: Entry) -> list[Any]:
    times = (entry.created, entry.emitted, entry.updated, entry.settled)
    return [entry.id, entry.status, *times, entry.amount, entry.balance]


def _connect(path: Path, wait_seconds: float) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise BookUnusable(f"The book {path} cannot be opened: {error}.", "Look at the folder's rights.") from None
    try:
        recognise(connection, path)  # before anything is changed: it may be another program's
        # Write-ahead: readers are never in a writer's way, and a kill leaves either all of a transaction or none.
        with suppress(sqlite3.OperationalError):  # another process is just doing it, for all of us
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")
    except BookUnusable:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        connection.close()
        raise BookUnusable(
            f"{path} is not a book of Primanota.", "Name another file, or move this one away."
        ) from None
    return connection


def _says_the_same(known: tuple[bytes, int, int], entry: Entry) -> bool:
    """Whether a body brings nothing new: the same words, perhaps in another order, or older ones that came late."""
    body, updated, absent = known
    if absent:
        return False
    return entry.updated < updated or body == entry.body or _canonical(body) == _canonical(entry.body)


def _canonical(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    return msgspec.json.Decoder(float_hook=Decimal).decode(body)
