"""Every completed row was exported exactly once or is listed as new, after any sequence of events.

A small model plays the accounting tool and the person who imports: it reads each file that appears, and predicts the
rows that it must contain. The bank, the book, the files and the crashes are real.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread
from typing import Any, NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from primanota import profiles
from primanota.adapters.storage import disk
from primanota.app import batches as batch_commands
from primanota.app.export import export, preview
from primanota.app.review import accept, review
from primanota.app.sync import sync
from primanota.banks.qonto.bank import QontoBank
from primanota.book import Batches, Book
from primanota.core.model import COMPLETED, Money
from primanota.core.period import between
from primanota.core.selection import Changed, New, Selection
from primanota.core.text import clean
from primanota.export.destinations import Destinations
from primanota.export.select import AccountGroup, Export
from primanota.simulator import Simulator
from tests.support.book_world import CONNECTOR, CountingProgress, journal_of
from tests.support.clock import Clock
from tests.support.simulator_client import connect

_ZONE = ZoneInfo("Europe/Berlin")
# The profile has no column for notes, so that an edited note is not a change.
_TOOL = profiles.parse(
    "tool",
    """
    title = "A tool that looks for no duplicates"
    format = "csv"
    source = "invented"
    [options]
    columns = [["id", "{id}"], ["day", "{booked:%Y-%m-%d}"], ["amount", "{amount}"], ["text", "{reference}"]]
    """,
    "tool",
)
_SIZE = 12
_CRASHES = ("staged", "decided", "named")


class Killed(BaseException):
    """The end of a killed process: an exception that no handler catches and after which no cleanup runs."""


class Row(NamedTuple):
    """A completed row in the model: its account, its booking date, and the cells that the file shows."""

    account: str
    day: date
    shown: tuple[str, ...]


class ExportedBatch(NamedTuple):
    """A batch in the model: its rows and their cells, and the turn in which it was exported."""

    rows: dict[str, tuple[str, ...]]
    turn: int


class Weeks(RuleBasedStateMachine):
    """Weeks at a company: events at the bank, and syncs, exports, undos and interruptions in random order."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory()))
        self._stack.enter_context(stamina.set_testing(testing=True, attempts=8))
        self._clock = Clock()
        self._simulator = self._stack.enter_context(Simulator(size=_SIZE, seed=5, clock=self._clock))
        client = self._stack.enter_context(connect(self._simulator))
        self._bank = QontoBank(client, self._clock)
        self._book = self._stack.enter_context(Book(self._folder / "the.book", self._clock.micros))
        # The rows of the last sync, and the batches that were exported.
        self.known: dict[str, Row] = {}
        self.batches: dict[int, ExportedBatch] = {}
        self.undone: set[int] = set()
        self.accepted: dict[str, tuple[int, tuple[str, ...] | None]] = {}
        self.imported: Counter[str] = Counter()
        self._seen: set[Path] = set()
        self._turn = 0
        self._interrupted = False
        self._start = self._clock.now.date() - timedelta(days=300)
        self.sync(full=False)

    def teardown(self) -> None:
        """Finish an interrupted export, and check that every file was imported once."""
        with self._stack:
            self._export(New(self._start))
            self._import_files()
            assert self.imported == _all_of(self.batches)

    # --- events at the bank --------------------------------------------------------------------------------------

    @rule(rows=st.integers(1, 4), hours=st.integers(1, 30))
    def arrive(self, rows: int, hours: int) -> None:
        """Add rows, some of them pending, and advance the clock, by which pending rows may settle."""
        self._simulator.bank.arrive(rows)
        self._clock.advance(hours=hours)

    @rule(which=st.integers(0), settles=st.booleans())
    def decide(self, which: int, settles: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Settle or decline a pending row."""
        if pending := self._of_status("pending"):
            bank = self._simulator.bank
            (bank.settle if settles else bank.decline)(pending[which % len(pending)]["id"])

    @rule(which=st.integers(0), field=st.sampled_from(["reference", "note"]), text=st.sampled_from(["a", "b", ""]))
    def edit(self, which: int, field: str, text: str) -> None:
        """Edit a reference, which the file shows, or a note, which it does not show."""
        if rows := self._of_status(COMPLETED, "pending"):
            self._simulator.bank.edit(rows[which % len(rows)]["id"], **{field: text})

    @rule(which=st.integers(0))
    def reverse(self, which: int) -> None:
        """Reverse one of the last completed rows."""
        if rows := self._of_status(COMPLETED)[-3:]:
            self._simulator.bank.reverse(rows[which % len(rows)]["id"])

    # --- actions of the user -------------------------------------------------------------------------------------

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Sync the book; every account must be proven."""
        self._clock.advance(minutes=1)
        done, _ = sync(self._bank, self._book, CONNECTOR, CountingProgress(), full=full)
        assert all(account.proven for account in done)
        self.known = {row["id"]: _known(row) for row in self._of_status(COMPLETED)}

    @rule(crash=st.sampled_from([None, None, *_CRASHES]), takes=st.booleans())
    def export_new(self, crash: str | None, takes: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Export the new rows, perhaps with a crash; the user may import and delete the files afterwards."""
        self._export(New(self._start), crash)
        if takes:
            self._import_files(take=True)

    @rule(back=st.integers(0, 3), days=st.integers(0, 4), crash=st.sampled_from([None, None, *_CRASHES]))
    def export_period(self, back: int, days: int, crash: str | None) -> None:
        """Export a period, including rows that were exported already."""
        last = self._clock.now.date() - timedelta(days=back)
        self._export(between(last - timedelta(days=days), last), crash)

    @rule(crash=st.sampled_from([None, None, *_CRASHES]))
    def export_changed(self, crash: str | None) -> None:
        """Export the changed rows in their present state."""
        self._export(Changed(), crash)

    @rule()
    def export_twice_at_once(self) -> None:
        """Export the new rows in two threads at the same moment."""
        wanted, start = self._wanted(New(self._start)), Barrier(2)
        folders = [self._folder_of(name) for name in ("one", "two")]
        failures: list[BaseException] = []

        def work(folder: Path) -> None:
            try:
                with Book(self._book.path, self._clock.micros) as book:
                    start.wait()
                    _export_selection(book, New(self._start), folder)
            except BaseException as error:  # noqa: BLE001 - a failure of any kind fails the test
                failures.append(error)

        threads = [Thread(target=work, args=(folder,)) for folder in folders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        self._add_batches(wanted)
        self._interrupted = False

    @precondition(lambda self: self.batches.keys() - self.undone)
    @rule(which=st.integers(0))
    def undo(self, which: int) -> None:
        """Undo a batch, so that its rows are new again."""
        number = sorted(self.batches.keys() - self.undone)[which % len(self.batches.keys() - self.undone)]
        batch_commands.undo(self._book, number)
        self.undone.add(number)
        self._interrupted = False

    @rule(which=st.integers(0))
    def accept(self, which: int) -> None:
        """Accept a changed row."""
        if changed := sorted(self._changed()):
            key = changed[which % len(changed)]
            accept(journal_of(self._book), [key])
            self.accepted[key] = (self._next_turn(), self._shown(key))

    # --- invariants ----------------------------------------------------------------------------------------------

    @invariant()
    def exported_or_listed(self) -> None:
        """Every completed row since the first day is in an active batch or listed as new, and never both."""
        listed = {key for rows in _previewed(self._book, New(self._start)).values() for key in rows}
        standing = {key for number in self.batches.keys() - self.undone for key in self.batches[number].rows}
        due = {key for key, row in self.known.items() if row.day >= self._start}
        assert not listed & standing
        assert due <= listed | standing
        assert listed == {key for rows in self._wanted(New(self._start)).values() for key in rows}

    @invariant()
    def changes_are_shown(self) -> None:
        """The review lists a row as changed exactly if a value differs that its file showed."""
        found = review(journal_of(self._book), self._clock.now.date())
        assert {one.transaction.id for one in found if one.kind == "changed"} == self._changed()

    @invariant()
    def every_file_is_there_once(self) -> None:
        """The folders contain the rows of all batches once, except while an interrupted export is unfinished."""
        self._import_files()
        if not self._interrupted:
            assert self.imported == _all_of(self.batches)

    # --- the model -----------------------------------------------------------------------------------------------

    def _wanted(self, selection: Selection) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the rows that an export of this selection must contain, by account."""
        standing = {key for number in self.batches.keys() - self.undone for key in self.batches[number].rows}
        undone = {key for number in self.undone for key in self.batches[number].rows}
        match selection:
            case New():
                due = {key for key, row in self.known.items() if row.day >= self._start or key in undone}
                accounts = due - standing
            case Changed():
                accounts = self._changed() & self.known.keys()
            case period:
                accounts = {key for key, row in self.known.items() if period.first <= row.day <= period.last}
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for account in journal_of(self._book).accounts():
            if rows := {key: self.known[key].shown for key in accounts if self.known[key].account == account.id}:
                found[account.id] = rows
        return found

    def _changed(self) -> set[str]:
        standing = {key for number in self.batches.keys() - self.undone for key in self.batches[number].rows}
        return {key for key in standing if self._shown(key) != self._last_seen(key)}

    def _last_seen(self, key: str) -> tuple[str, ...] | None:
        """Return the cells of a row that the user saw last: in its newest active batch, or when accepting it."""
        left = [batch for number, batch in self.batches.items() if number not in self.undone and key in batch.rows]
        seen = [(batch.turn, batch.rows[key]) for batch in left]
        return max([*seen, self.accepted.get(key, (0, None))], key=lambda one: one[0])[1]

    def _shown(self, key: str) -> tuple[str, ...] | None:
        return self.known[key].shown if key in self.known else None

    def _add_batches(self, wanted: dict[str, dict[str, tuple[str, ...]]]) -> None:
        turn = self._next_turn()
        for rows in wanted.values():
            self.batches[len(self.batches) + 1] = ExportedBatch(rows, turn)

    # --- files and book ------------------------------------------------------------------------------------------

    def _export(self, selection: Selection, crash: str | None = None) -> None:
        wanted, folder = self._wanted(selection), self._folder_of("one")
        try:
            with _killed_when(crash):
                _export_selection(self._book, selection, folder)
        except Killed:
            self._book.close()
            self._book = self._stack.enter_context(Book(self._book.path, self._clock.micros))
            if len(Batches(self._book).all()) > len(self.batches):  # else nothing was recorded
                self._add_batches(wanted)
                self._interrupted = True
            return
        self._add_batches(wanted)
        self._interrupted = False
        assert _rows_of(folder.glob("*.csv")) == {key: row for rows in wanted.values() for key, row in rows.items()}

    def _import_files(self, *, take: bool = False) -> None:
        for file in sorted(self._folder.glob("*/*.csv")):
            if file not in self._seen:
                self._seen.add(file)
                self.imported.update(_rows_of([file]).keys())
            if take:
                file.unlink()

    def _of_status(self, *statuses: str) -> list[dict[str, Any]]:
        rows = (
            row for account in journal_of(self._book).accounts() for row in self._simulator.bank.truth(account.id)
        )
        return [row for row in rows if row["status"] in statuses]

    def _folder_of(self, name: str) -> Path:
        return self._folder / f"{self._next_turn()}-{name}"

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn


def _export_selection(book: Book, selection: Selection, folder: Path) -> None:
    journal = journal_of(book)
    export(Export(journal, _TOOL, selection, destinations=Destinations(folder)), journal.accounts())


def _previewed(book: Book, selection: Selection) -> dict[str, list[str]]:
    journal = journal_of(book)
    request = Export(journal, _TOOL, selection)
    cells = {one.id: preview(request, AccountGroup((one,))).cells for one in journal.accounts()}
    return {account: [row[0] for row in rows] for account, (_, *rows) in cells.items()}


def _known(row: dict[str, Any]) -> Row:
    day = datetime.fromisoformat(row["settled_at"]).astimezone(_ZONE).date()
    cents = row["amount_cents"] * (1 if row["side"] == "credit" else -1)
    return Row(row["bank_account_id"], day, (f"{day}", f"{Money(cents)}".split()[0], clean(row["reference"] or "")))


def _rows_of(files: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Return the rows of the files by ID, as the accounting tool reads them; a file must not contain an ID twice."""
    found: dict[str, tuple[str, ...]] = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            _, *rows = csv.reader(lines)
        assert len({row[0] for row in rows}) == len(rows)
        found |= {row[0]: tuple(row[1:]) for row in rows}
    return found


def _all_of(batches: dict[int, ExportedBatch]) -> Counter[str]:
    return Counter(key for batch in batches.values() for key in batch.rows)


@contextmanager
def _killed_when(crash: str | None) -> Iterator[None]:
    """Raise Killed after the first file is staged, before the first file gets its final name, or after that."""
    stage, finish = disk.stage, disk.finish

    def dying_stage(*words: Any) -> None:  # noqa: ANN401 - the signature of the original
        stage(*words)
        raise Killed

    def dying_finish(*words: Any) -> None:  # noqa: ANN401 - the signature of the original
        if crash == "named":
            finish(*words)
        raise Killed

    with ExitStack() as stack:
        if crash == "staged":
            stack.enter_context(patch.object(disk, "stage", dying_stage))
        elif crash:
            stack.enter_context(patch.object(disk, "finish", dying_finish))
        yield


Weeks.TestCase.settings = settings(
    max_examples=int(os.environ.get("PRIMANOTA_WEEKS", "20")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestWeeks = Weeks.TestCase
