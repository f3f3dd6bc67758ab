"""What is derived from a book answers as a look at every row does, whatever happened to the book."""

import hashlib
import io
import tempfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.banks.qonto.decoding.checked_rows import facts, record
from primanota.book import LABEL, TRANSACTION, Batches, Book, BookedRow, SeenTransactions
from primanota.book.records.exported_rows import Coverage
from primanota.book.records.index_proof import proves_index
from primanota.book.records.verification import first_inconsistency
from primanota.book.rows.selected_rows import Exported, SelectedRows, rows_not_exported
from primanota.core import balance_chain
from primanota.core.balance_chain import Chain, walk
from primanota.core.model import RawRecord
from primanota.core.period import END_OF_TIME, microseconds
from primanota.core.results import Batch
from tests.support.factories import raw_record

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_ACCOUNTS = ("account-1", "account-2")
_LABELS = ("l1", "l2")
_TOOLS = ("lexware", "datev")
# What changed since an export, as it is found by a look at every exported row.
_CHANGED_ROWS = """
    SELECT o.id FROM (SELECT id, max(batch) AS batch, seq FROM sent
        WHERE batch IN (SELECT value FROM json_each(?)) GROUP BY id) o
    JOIN (SELECT CAST(id AS INTEGER) AS number, min(seq) AS as_of FROM version WHERE kind = 'batch' GROUP BY id) b
      ON b.number = o.batch
    JOIN latest l ON l.kind = 'transaction' AND l.id = o.id
    JOIN version v ON v.seq = o.seq
    WHERE l.seq > o.seq OR (b.as_of < ? AND instr(v.body, CAST(? AS BLOB)) > 0)"""


class World:
    """A book that is changed at random, with the truth about its rows beside it."""

    def __init__(self, book: Book, chance: Random) -> None:
        self.book = book
        self.chance = chance
        self.batches = Batches(book)
        self.rows: dict[str, dict[str, object]] = {}
        self.renamed = dict.fromkeys(_LABELS, 0)
        self._minutes = 0

    def change(self) -> None:
        """Change something, as a sync, an export or a person does."""
        happen: tuple[Callable[[], None], ...] = (
            *(self._arrive, self._arrive, self._arrive_late, self._correct, self._settle, self._vanish),
            *(self._rename, self._export, self._export, self._undo),
        )
        self.chance.choice(happen)()

    def _some(self) -> str | None:
        return self.chance.choice(sorted(self.rows)) if self.rows else None

    def _arrive(self) -> None:
        for _ in range(self.chance.randint(1, 6)):
            self._minutes += self.chance.choice((0, 1, 1, 1, 700))  # rows of one moment, too
            self._add(self._minutes)
        self._store()

    def _arrive_late(self) -> None:
        self._add(self.chance.randint(0, self._minutes))
        self._store()

    def _add(self, minutes: int) -> None:
        status = self.chance.choice(("completed",) * 4 + ("pending", "declined"))
        self.rows[f"t{len(self.rows)}"] = {
            "account": self.chance.choice(_ACCOUNTS),
            "minutes": minutes,
            "cents": self.chance.choice((0, 0, *range(-5, 9))),
            "status": status,
            "labels": self.chance.choice(([], [_LABELS[0]], [*_LABELS])),
            "note": "",
        }

    def _correct(self) -> None:
        if key := self._some():
            field = self.chance.choice(("minutes", "cents", "note"))
            self.rows[key][field] = "corrected" if field == "note" else self.chance.randint(0, 6)
            self._store()

    def _settle(self) -> None:
        if key := self._some():
            self.rows[key]["status"] = self.chance.choice(("completed", "reversed", "pending"))
            self._store()

    def _vanish(self) -> None:
        if key := self._some():
            account = str(self.rows.pop(key)["account"])
            with self.book.writing():
                seen = SeenTransactions(self.book)
                seen.add([self._record(one) for one in self.rows])
                statuses = ("completed", "declined", "reversed", "pending")
                self.book.mark_absent(account, statuses, END_OF_TIME, seen)

    def _rename(self) -> None:
        key = self.chance.choice(_LABELS)
        with self.book.writing():
            body = f'{{"id":"{key}","name":"{self.chance.random()}"}}'
            self.book.append(LABEL, [RawRecord(key, body.encode())])
        self.renamed[key] = self.book.newest_version

    def _store(self) -> None:
        """Store all rows as the bank states them now, and keep the checkpoints of a sync."""
        with self.book.writing():
            for account in _ACCOUNTS:
                keys = [key for key, row in self.rows.items() if row["account"] == account]
                self.book.append(TRANSACTION, [self._record(key) for key in keys], account)
                if self.chance.random() < 0.7:
                    self.book.keep_checkpoints(account, self.book.chain(account))

    def _record(self, key: str) -> RawRecord:
        row = self.rows[key]
        when = (_FIRST + timedelta(minutes=int(str(row["minutes"])))).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        cents = int(str(row["cents"]))
        balance = self._balances(str(row["account"])).get(key)
        return raw_record(
            key,
            bank_account_id=row["account"],
            amount=abs(cents) / 100,
            amount_cents=abs(cents),
            side="credit" if cents >= 0 else "debit",
            settled_balance_cents=balance,
            status=row["status"],
            settled_at=when if row["status"] == "completed" else None,
            note=row["note"],
            label_ids=row["labels"],
        )

    def _balances(self, account: str) -> dict[str, int]:
        """Return the balance after each completed row; none for an account without balances, wrong ones at times."""
        if account == _ACCOUNTS[1] and len(self.rows) % 5 == 0:
            return {}
        ours = [key for key, row in self.rows.items() if row["account"] == account and row["status"] == "completed"]
        ours.sort(key=lambda key: (int(str(self.rows[key]["minutes"])), key))
        sums = accumulate(int(str(self.rows[key]["cents"])) for key in ours)
        wrong = 7 if len(self.rows) % 11 == 0 else 0
        pairs = enumerate(zip(ours, sums, strict=True))
        return {key: balance + (wrong if place % 3 else 0) for place, (key, balance) in pairs}

    def _export(self) -> None:
        """Export new rows of an account, as an export does."""
        tool, account, moving = self.chance.choice(_TOOLS), self.chance.choice(_ACCOUNTS), self.chance.random() < 0.5
        since = self.moment()
        with self.book.writing(), self.selected(tool, account, since, moving=moving) as rows:
            newest = self.book.newest_version
            if rows:
                batch, content = self._batch(tool, account, rows), io.BytesIO(zlib.compress(b""))
                self.batches.record(batch, "text", content, rows, rows.lines)
            if self.chance.random() < 0.8:
                self.batches.cover(tool, account, Coverage(since, moving, newest))

    def _batch(self, tool: str, account: str, rows: SelectedRows) -> Batch:
        sha256 = hashlib.sha256(b"").hexdigest()
        return Batch(
            number=self.batches.next_number(),
            made=_FIRST,
            profile=tool,
            origin=tool,
            digest=hashlib.sha256(b"text").hexdigest(),
            account=account,
            selection="new",
            name="file",
            sha256=sha256,
            size=0,
            rows=len(rows),
            rows_sha256=rows.digest(rows.lines),
            sum_in=0,
            sum_out=0,
            opening=None,
            closing=None,
            proven=True,
        )

    def _undo(self) -> None:
        if active := [batch for batch in self.batches.all() if batch.is_active]:
            with self.book.writing():
                self.batches.save(msgspec.structs.replace(self.chance.choice(active), state="undone"))

    def moment(self) -> int:
        """Return a moment of the history, most often its first."""
        return microseconds(_FIRST + timedelta(minutes=self.chance.choice((0, 0, self._minutes // 2, self._minutes))))

    def selected(self, tool: str, account: str, since: int, *, moving: bool, look: bool = False) -> SelectedRows:
        """Select an account's new rows, by what is covered or, with ``look``, by a look at every row."""
        up_to = None if look else self.batches.covered_up_to(tool, [account], since, moving=moving)
        exported = Exported(self.batches.active_numbers(tool), up_to)
        return rows_not_exported(self.book, {account: END_OF_TIME}, since, END_OF_TIME, exported, moving=moving)


@pytest.fixture(autouse=True)
def _frequent_checkpoints() -> Iterator[None]:
    """Keep a checkpoint after each few rows, and walk few rows at once."""
    with patch.multiple(balance_chain, _CHECKPOINT_ROWS=2, _ROWS_AT_ONCE=2):
        yield


def _facts(chain: Chain, since: int, until: int) -> tuple[object, ...]:
    """Return everything that is asked of a chain."""
    sums = (chain.rows, chain.total, chain.opening, chain.closing, chain.rows_without_balance, chain.first)
    ends = (chain.at_since, chain.at_until, chain.rows_within, chain.first_gap_within(since, until))
    return *sums, *ends, chain.gaps, chain.has_running_balances


def _compare_chains(world: World) -> None:
    for account in _ACCOUNTS:
        every = list(world.book.booked_rows(account))
        since, until = sorted((world.moment(), world.moment() + 1))
        for span in ((since, until), (0, until), (since, END_OF_TIME), (END_OF_TIME, END_OF_TIME)):
            quick, slow = world.book.chain(account, *span), walk(every, *span)
            assert _facts(quick, *span) == _facts(slow, *span)
            within = {row.id for row in every if row.settled >= span[0]}
            assert _places(quick, within) == _places(slow, within)


def _places(chain: Chain, keys: set[str]) -> dict[str, int]:
    return {key: place for key, place in chain.tie_places.items() if key in keys}


def _ids(rows: SelectedRows) -> list[bytes]:
    with rows:
        return list(rows.bodies(rows.lines))


def _compare_selections(world: World) -> None:
    for tool in _TOOLS:
        for account in _ACCOUNTS:
            since, moving = world.moment(), world.chance.random() < 0.5
            quick, slow = (world.selected(tool, account, since, moving=moving, look=look) for look in (False, True))
            assert _ids(quick) == _ids(slow)


def _compare_changes(world: World) -> None:
    for tool in _TOOLS:
        newest = max(world.renamed.values())
        found = {changed.id for changed in world.batches.changed_rows(tool, newest)}
        active = f"{world.batches.active_numbers(tool)}"
        for key, moment in world.renamed.items():
            every = {row for (row,) in world.book.rows(_CHANGED_ROWS, active, moment, key)}
            assert every <= found


def _compare_versions(world: World) -> None:
    for kind, keys in ((TRANSACTION, world.rows), (LABEL, _LABELS)):
        for key in keys:
            select = "SELECT body FROM version WHERE kind = ? AND id = ? ORDER BY seq"
            assert list(world.book.versions(kind, key)) == [body for (body,) in world.book.rows(select, kind, key)]


def _first_wrong(world: World) -> str:
    found = first_inconsistency(world.book, record, 0)
    assert proves_index(world.book, facts) is (found is None or "checkpoint" in found.sentence)
    if found:
        return found.sentence
    return world.batches.first_inconsistency() or world.batches.first_wrong_derivation()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(min_value=0, max_value=1 << 40))
def test_the_quick_ways_find_what_a_look_at_every_row_finds(seed: int) -> None:
    """Chains, new rows, changed rows and versions are those that a look at every row finds, after any history."""
    with tempfile.TemporaryDirectory() as folder, Book(Path(folder) / "b", lambda: microseconds(_FIRST)) as book:
        world = World(book, Random(seed))  # noqa: S311 - not a secret
        with book.run("sync"):
            for _ in range(25):
                world.change()
                _compare_chains(world)
                _compare_selections(world)
                _compare_changes(world)
            _compare_versions(world)
        assert _first_wrong(world) == ""
        with book.writing():
            book.reindex(record, 0)
        _compare_selections(world)
        _compare_changes(world)
        assert _first_wrong(world) == ""


def _full(book: Book) -> World:
    world = World(book, Random(7))  # noqa: S311 - not a secret
    with book.run("sync"):
        for _ in range(40):
            world.change()
    return world


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE checkpoint SET total = total + 1", "the checkpoint of"),
        ("UPDATE checkpoint SET running = running + 1", "the checkpoint of"),
        ("UPDATE checkpoint SET settled = settled + 1", "the checkpoint of"),
        ("DELETE FROM superseded", "is not noted"),
        ("DELETE FROM earlier_version", "is missing from the index"),
        ("UPDATE earlier_version SET seq = seq + 1000", "is missing from the index"),
        ("UPDATE coverage SET seq = (SELECT max(seq) FROM version), since = 0, moving = 0", "counts as exported"),
    ],
)
def test_derived_data_that_was_changed_is_found(tmp_path: Path, change: str, found: str) -> None:
    """A check holds checkpoints, coverage, noted changes and earlier versions against the records; reindex mends."""
    with Book(tmp_path / "b", lambda: microseconds(_FIRST)) as book:
        world = _full(book)
        with book.run("sync"):
            world._arrive()
        assert _first_wrong(world) == ""
        book.execute(change)
        assert found in _first_wrong(world)
        with book.writing():
            book.reindex(record, 0)
        assert _first_wrong(world) == ""


def test_a_checkpoint_of_another_rule_is_not_used(tmp_path: Path) -> None:
    """A walk begins at checkpoints of the present rule alone."""
    with Book(tmp_path / "b", lambda: microseconds(_FIRST)) as book:
        _full(book)
        book.execute("UPDATE checkpoint SET rule = rule + 1, total = 1")
        for account in _ACCOUNTS:
            assert book.chain(account).total == sum(row.amount for row in book.booked_rows(account))


def test_a_walk_goes_on_from_any_row() -> None:
    """A chain that goes on from any of its checkpoints ends as the whole one."""
    rows = [BookedRow(f"t{place}", place // 2, 3 - place % 7, 0) for place in range(30)]
    sums = accumulate(row.amount for row in rows)
    rows = [row._replace(balance=total) for row, total in zip(rows, sums, strict=True)]
    every = walk(rows)
    assert len(every.checkpoints) > 3
    for start in every.checkpoints:
        rest = walk([row for row in rows if row.settled > start.settled], start=start)
        assert (rest.state, rest.gaps, rest.rows) == (every.state, [], 30)
