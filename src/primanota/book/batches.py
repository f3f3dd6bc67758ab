"""What left the book: which version of which row, in which file, byte for byte.

A batch is a version like all others, so the book's hash chain covers it; its number of rows, their digest and the
file's hash stand in it. What becomes of it (prepared, delivered, undone) is a newer version of the same batch.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import PurePath
from typing import Literal, NamedTuple

import msgspec

from primanota.book.records import BOOKED, NEWEST, Book
from primanota.core.errors import InvalidInput
from primanota.core.model import RawRecord

BATCH, PROFILE, ACCEPTED, START = "batch", "profile", "accepted", "start"


class Copy(msgspec.Struct, frozen=True):
    """A further place that a batch's file is bound for: since when it has it (UTC), or why it has not."""

    place: str
    arrived: datetime | None = None
    why: str = ""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """An export that left, or was about to.

    ``made`` is UTC, money is cents. ``selection`` says which rows were asked for. ``origin`` is where the profile
    was found, its name or a path; ``digest`` is the SHA-256 of its text, ``sha256`` that of the file, ``rows_sha256``
    that of the rows' version numbers, one a line. ``why`` says why it failed or was undone. ``path`` is its
    place on this machine, empty where it has none; ``name`` is what the file is called, and ``copies`` are its
    further places. ``occasion`` is what the run was called, if anything.

    ``state`` is ``prepared`` from the moment in which everything is decided until the file has its name. A batch that
    ``failed`` never left; one that a person has ``undone`` did, and its rows are new again.
    """

    number: int
    state: Literal["prepared", "delivered", "failed", "undone"] = "prepared"
    made: datetime
    profile: str
    origin: str
    digest: str
    account: str
    selection: str
    path: str
    sha256: str
    size: int
    rows: int
    rows_sha256: str
    sum_in: int
    sum_out: int
    opening: int | None
    closing: int | None
    proven: bool | None
    why: str = ""
    name: str = ""
    occasion: str = ""
    copies: tuple[Copy, ...] = ()

    @property
    def file(self) -> str:
        """What its file is called, without a folder."""
        return self.name or PurePath(self.path).name

    @property
    def stands(self) -> bool:
        """Whether its rows count as sent."""
        return self.state in {"prepared", "delivered"}

    def waits_for(self, place: str) -> bool:
        """Whether a further place has not got its file yet."""
        return self.state == "delivered" and any(one.place == place and not one.arrived for one in self.copies)

    def with_copy(self, place: str, arrived: datetime | None, why: str = "") -> "Batch":
        """The same batch, knowing what became of one of its further places."""
        news = (Copy(place, arrived, why) if one.place == place else one for one in self.copies)
        return msgspec.structs.replace(self, copies=tuple(news))


class Sent(NamedTuple):
    """A row as it left: its place in the file, its transaction, the bank's words then; if they still stand."""

    line: int
    id: str
    body: bytes
    current: bool


class ChangedRow(NamedTuple):
    """A row that has a newer version than the one that left, or than the one that a person accepted.

    ``before`` and ``after`` are the bank's words, ``seq`` is the newer version's number. ``was_absent`` and
    ``absent``: the bank did not show it then, does not show it now.
    """

    id: str
    batch: int
    seq: int
    account: str
    before: bytes
    after: bytes
    was_absent: int
    absent: int


class _Accepted(msgspec.Struct):
    seq: int


class _Start(msgspec.Struct):
    since: str


class Batches:
    """The batches of a book. What writes stands inside the book's ``writing``.

    Rows are chosen first; what is chosen can then be read, and recorded as a batch, in the order of settlement.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    # --- choosing ---------------------------------------------------------------------------------------------

    def choose(self, account: str, since: int, until: int, *, moving: bool = False) -> None:
        """Completed rows settled in [since, until) (microseconds UTC); ``moving``: only those that move money."""
        self._choose(f"{BOOKED} AND l.settled >= ? AND l.settled < ?", account, since, until, moving=moving)

    def choose_new(self, account: str, since: int, until: int, profile: str, *, moving: bool = False) -> None:
        """Those that are in no standing batch of the profile; and what an undone one had, however old."""
        standing, undone = self._standing(profile)
        fresh = f"""{BOOKED} AND l.settled < ? AND NOT EXISTS
                    (SELECT 1 FROM sent s WHERE s.id = l.id AND s.batch {_AMONG}) AND (l.settled >= ? OR EXISTS
                    (SELECT 1 FROM sent s WHERE s.id = l.id AND s.batch {_AMONG}))"""
        self._choose(fresh, account, until, standing, since, undone, moving=moving)

    def choose_these(self, account: str, ids: Iterable[str]) -> None:
        """The newest versions of these transactions, those of them that are completed."""
        self._choose(f"{BOOKED} AND l.id {_AMONG}", account, _listed(ids))

    def chosen(self, lines: range) -> Iterator[bytes]:
        """The bank's words of what is chosen."""
        select = f"SELECT v.body FROM chosen c JOIN version v ON v.seq = c.seq WHERE {_LINES} ORDER BY c.line"
        return map(itemgetter(0), self._book.rows(select, lines.start, lines.stop))

    def chosen_lines(self) -> range:
        """Their places, in order of settlement: from 1."""
        (count,) = next(self._book.rows("SELECT ifnull(max(line), 0) FROM chosen"))
        return range(1, int(count) + 1)

    def chosen_settled(self, line: int) -> int:
        """When the row at a place settled, in microseconds UTC."""
        select = f"SELECT l.settled FROM chosen c {_ITS_LATEST} WHERE c.line = ?"
        return int(next(self._book.rows(select, line))[0])

    def chosen_sum(self, lines: range) -> int:
        """The signed cents of some of them together."""
        select = f"SELECT ifnull(sum(l.amount), 0) FROM chosen c {_ITS_LATEST} WHERE {_LINES}"
        return int(next(self._book.rows(select, lines.start, lines.stop))[0])

    def chosen_before(self, profile: str) -> dict[int, int]:
        """How many of the chosen rows left already in each standing batch of the profile."""
        select = f"""SELECT s.batch, count(*) FROM chosen c JOIN sent s ON s.id = c.id
                     WHERE s.batch {_AMONG} GROUP BY s.batch"""
        return dict(self._book.rows(select, self._standing(profile)[0]))

    # --- recording --------------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """What the next batch will be called."""
        (count,) = next(self._book.rows("SELECT count(*) FROM latest WHERE kind = ?", BATCH))
        return int(count) + 1

    def rows_digest(self, lines: range) -> str:
        """The digest of what is chosen, as a batch states it."""
        select = f"SELECT c.seq FROM chosen c WHERE {_LINES} ORDER BY c.line"
        return _digest(self._book.rows(select, lines.start, lines.stop))

    def record(self, batch: Batch, text: str, compressed: bytes, lines: range) -> None:
        """What is chosen leaves in this batch, with its profile's text and its file compressed by zlib."""
        self._book.keep(PROFILE, [RawRecord(batch.digest, text.encode())])
        self._book.execute("INSERT OR IGNORE INTO file VALUES (?, ?)", batch.sha256, compressed)
        rows = f"SELECT ?, c.line - ? + 1, c.id, c.seq FROM chosen c WHERE {_LINES}"
        self._book.execute(f"INSERT INTO sent {rows}", batch.number, lines.start, lines.start, lines.stop)
        self.save(batch)

    def save(self, batch: Batch) -> None:
        """What is now true of a batch."""
        self._book.keep(BATCH, [RawRecord(str(batch.number), msgspec.json.encode(batch))])

    def span(self, numbers: Iterable[int]) -> tuple[int, int] | None:
        """When the first and the last row of some batches settled, in microseconds UTC; None where none did."""
        select = f"""SELECT min(l.settled), max(l.settled) FROM sent s {_LATEST_OF.format("s")}
                     WHERE s.batch {_AMONG}"""
        first, last = next(self._book.rows(select, _listed(numbers)))
        return None if first is None else (first, last)

    def present(self) -> datetime:
        """The moment in which something leaves, UTC."""
        return datetime.fromtimestamp(self._book.clock() / 1_000_000, UTC)

    # --- what there is ----------------------------------------------------------------------------------------

    def all(self) -> list[Batch]:
        """Every batch, in order of their numbers."""
        bodies = self._book.bodies(BATCH).values()
        return sorted(map(_batch.decode, bodies), key=lambda batch: batch.number)

    def of_occasion(self, occasion: str) -> list[Batch]:
        """Those that stand of the runs that were called so; none where that is empty."""
        return [batch for batch in self.all() if batch.stands and batch.occasion == occasion] if occasion else []

    def one(self, number: int) -> Batch:
        """A batch.

        Raises:
            InvalidInput: there is none of that number.
        """
        select = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"
        for (body,) in self._book.rows(select, BATCH, str(number)):
            return _batch.decode(body)
        raise InvalidInput(f"There is no batch {number}.", "Look at “primanota batches”.")

    def free(self, batch: Batch) -> int:
        """How many of a batch's rows are in no standing batch of its profile."""
        select = f"""SELECT count(*) FROM sent o WHERE o.batch = ? AND NOT EXISTS
                     (SELECT 1 FROM sent s WHERE s.id = o.id AND s.batch {_AMONG})"""
        return int(next(self._book.rows(select, batch.number, self._standing(batch.profile)[0]))[0])

    def content(self, batch: Batch) -> bytes:
        """The file as it left, byte for byte."""
        (content,) = next(self._book.rows("SELECT content FROM file WHERE sha256 = ?", batch.sha256))
        return zlib.decompress(content)

    def text(self, digest: str) -> str:
        """A profile as it was when a batch left by it."""
        select = f"SELECT v.body {NEWEST} WHERE l.kind = ? AND l.id = ?"
        return str(next(self._book.rows(select, PROFILE, digest))[0], "utf-8")

    def sent(self, number: int) -> Iterator[Sent]:
        """A batch's rows as they left, in the order of its file."""
        select = f"""SELECT s.line, s.id, v.body, l.seq = s.seq FROM sent s JOIN version v ON v.seq = s.seq
                     {_LATEST_OF.format("s")} WHERE s.batch = ? ORDER BY s.line"""
        return (Sent(line, key, body, bool(same)) for line, key, body, same in self._book.rows(select, number))

    # --- what came after --------------------------------------------------------------------------------------

    def moved(self, profile: str) -> Iterator[ChangedRow]:
        """Rows of the profile's standing batches with a newer version than the one that left or was accepted."""
        select = f"""
            SELECT o.id, o.batch, l.seq, l.account, old.body, new.body, old.absent, l.absent
            FROM (SELECT id, batch, max(seq) AS seq FROM sent WHERE batch {_AMONG} GROUP BY id) o
            {_LATEST_OF.format("o")}
            LEFT JOIN (SELECT a.id, json_extract(CAST(v.body AS TEXT), '$.seq') AS seq
                       FROM latest a JOIN version v ON v.seq = a.seq WHERE a.kind = '{ACCEPTED}') a ON a.id = o.id
            JOIN version old ON old.seq = max(o.seq, ifnull(a.seq, 0)) JOIN version new ON new.seq = l.seq
            WHERE l.seq > old.seq ORDER BY l.settled, l.id"""
        for row in self._book.rows(select, self._standing(profile)[0]):
            yield ChangedRow(*row)

    def accept(self, moved: ChangedRow) -> None:
        """A person has seen how a row changed after it left: as it is now, it needs no more looking at."""
        self._book.keep(ACCEPTED, [RawRecord(moved.id, msgspec.json.encode(_Accepted(moved.seq)))])

    def start(self, profile: str) -> str:
        """The day (ISO 8601) from which on rows are new for a profile; empty where nobody has said it."""
        body = self._book.bodies(START).get(profile)
        return msgspec.json.decode(body, type=_Start).since if body else ""

    def start_on(self, profile: str, day: str) -> None:
        """Rows are new for the profile from this day (ISO 8601) on."""
        self._book.keep(START, [RawRecord(profile, msgspec.json.encode(_Start(day)))])

    def first_inconsistency(self) -> str:
        """The first batch whose rows or file are not what it says; empty when there is none."""
        for batch in self.all():
            rows = list(self._book.rows("SELECT seq, line FROM sent WHERE batch = ? ORDER BY line", batch.number))
            places = [line for _, line in rows]
            if places != list(range(1, batch.rows + 1)) or _digest((seq,) for seq, _ in rows) != batch.rows_sha256:
                return f"the rows of batch {batch.number} were changed"
            try:
                content = self.content(batch)
            except (StopIteration, zlib.error):
                content = b""
            if hashlib.sha256(content).hexdigest() != batch.sha256:
                return f"the file of batch {batch.number} was changed"
        for number, key in self._book.rows(_ESTRANGED):
            return f"batch {number} says of {key} what no version says"
        for (number,) in self._book.rows("SELECT max(batch) FROM sent HAVING max(batch) > ?", len(self.all())):
            return f"no version says anything of batch {number}"
        return ""

    def _choose(self, which: str, *values: object, moving: bool = False) -> None:
        self._book.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (line INTEGER PRIMARY KEY, id TEXT, seq INTEGER)")
        self._book.execute("DELETE FROM chosen")
        only = " AND l.amount <> 0" if moving else ""
        rows = f"SELECT l.id, l.seq FROM latest l WHERE {which}{only} ORDER BY l.settled, l.id"
        self._book.execute(f"INSERT INTO chosen (id, seq) {rows}", *values)

    def _standing(self, profile: str) -> tuple[str, str]:
        """The profile's batches that stand, and those that were undone, as SQLite gets lists."""
        ours = [batch for batch in self.all() if batch.profile == profile]
        standing = (batch.number for batch in ours if batch.stands)
        return _listed(standing), _listed(batch.number for batch in ours if batch.state == "undone")


_batch = msgspec.json.Decoder(Batch)
_LINES = "c.line >= ? AND c.line < ?"
_AMONG = "IN (SELECT value FROM json_each(?))"
_LATEST_OF = "JOIN latest l ON l.kind = 'transaction' AND l.id = {}.id"
_ITS_LATEST = _LATEST_OF.format("c")
_ESTRANGED = """SELECT s.batch, s.id FROM sent s LEFT JOIN version v ON v.seq = s.seq
                WHERE v.id IS NOT s.id OR v.kind <> 'transaction' LIMIT 1"""


def _listed(keys: Iterable[int | str]) -> str:
    return msgspec.json.encode(list(keys)).decode()


def _digest(rows: Iterable[tuple[int]]) -> str:
    return hashlib.sha256("\n".join(str(seq) for (seq,) in rows).encode()).hexdigest()
