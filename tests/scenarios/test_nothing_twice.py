"""Every completed row was exported exactly once or is listed as new, after any sequence of events.

A small model plays the accounting tools and the person who imports: it reads each file that appears, and predicts the
rows that it must contain. The bank, the book, the files and the crashes are real. One tool reads cells, one reads
statements, in which every balance must follow from the one before, and one entries, which rules make of a row.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread

import msgspec
import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from msgspec.structs import replace

from primanota.app.exporting import batches as batch_commands
from primanota.app.exporting.export import export
from primanota.app.reviewing.review import Review
from primanota.app.syncing.sync import sync
from primanota.banks.qonto.bank import QontoBank
from primanota.book import Batches, Book
from primanota.core.model import COMPLETED
from primanota.core.period import between
from primanota.core.posting_rules import ledger
from primanota.core.selection import Changed, New, Selection
from primanota.export.destinations import Destinations
from primanota.export.ledgers import Ledgers
from primanota.export.select import AccountGroup, Export, select
from tests.support.banks.simulator_client import connect
from tests.support.banks.weeks_bank import SAVINGS, BankEvents
from tests.support.books.book_world import CONNECTOR, CountingProgress, accept_rows, journal_of
from tests.support.books.full_review import full_review, place, plain
from tests.support.books.weeks_model import (
    CELLS,
    CHART,
    ENTRIES,
    RULES,
    STATEMENTS,
    Row,
    ToolModel,
    check_numbers,
    check_stretch,
    read_statement,
    row_at_bank,
    rows_of_cells,
    rows_of_entries,
)
from tests.support.files.killed_export import Killed, killed_when

_CRASHES = ("staged", "decided", "named")
_TOOLS = st.sampled_from([CELLS.name, STATEMENTS.name, ENTRIES.name])
_CRASH = st.sampled_from([None, None, *_CRASHES])


class Weeks(BankEvents):
    """Weeks at a company: events at the bank, and syncs, exports, undos and interruptions in random order."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory()))
        self._stack.enter_context(stamina.set_testing(testing=True, attempts=8))
        client = self._stack.enter_context(connect(self._simulator))
        self._bank = QontoBank(client, self._clock)
        self._book = self._stack.enter_context(Book(self._folder / "the.book", self._clock.micros))
        # The rows of the last sync, and those of all syncs.
        self.known: dict[str, Row] = {}
        self.every: set[str] = set()
        start = self._clock.now.date() - timedelta(days=300)
        ids = self._simulator.bank.account_ids()
        # A statement has balances: it is for accounts whose balances the bank states.
        self.tools = {
            CELLS.name: ToolModel(CELLS, ids, start),
            STATEMENTS.name: ToolModel(STATEMENTS, ids[:2], start),
            ENTRIES.name: ToolModel(ENTRIES, ids[:2], start),
        }
        self._rules = 0
        self.imported: Counter[tuple[str, str]] = Counter()
        self._seen: set[Path] = set()
        self._turn = 0
        self._interrupted = False
        self.sync(full=False)

    def teardown(self) -> None:
        """Finish an interrupted export, and check that every file was imported once."""
        with self._stack:
            for tool in self.tools.values():
                self._export(tool, New(tool.start))
            self._import_files()
            assert self.imported == self._expected()
            check_numbers(self._statements())

    # --- actions of the user -------------------------------------------------------------------------------------

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Sync the book; every account must be proven."""
        self._clock.advance(minutes=1)
        done, _ = sync(self._bank, self._book, CONNECTOR, CountingProgress(), full=full)
        assert all(account.proven for account in done)
        labels = {label["id"]: label["name"] for label in self._simulator.bank.labels()}
        savings = self._simulator.bank.account_ids()[SAVINGS] if self._gone else ""
        known = {key: row for key, row in self.known.items() if row.account == savings}  # as it was shown last
        rows = {row["id"]: row_at_bank(row, labels) for row in self._of_status(COMPLETED)}
        self.known = known | {key: row for key, row in rows.items() if row.account != savings}
        self.every |= self.known.keys()

    @rule(name=_TOOLS, crash=_CRASH, takes=st.booleans())
    def export_new(self, name: str, crash: str | None, takes: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Export the new rows, perhaps with a crash; the user may import and delete the files afterwards."""
        tool = self.tools[name]
        self._export(tool, New(tool.start), crash)
        if takes:
            self._import_files(take=True)

    @rule(name=_TOOLS, back=st.integers(0, 3), days=st.integers(0, 4), crash=_CRASH)
    def export_period(self, name: str, back: int, days: int, crash: str | None) -> None:
        """Export a period, including rows that were exported already."""
        last = self._clock.now.date() - timedelta(days=back)
        self._export(self.tools[name], between(last - timedelta(days=days), last), crash)

    @rule(name=_TOOLS, days=st.integers(2, 4), which=st.integers(0, 3))
    def export_a_day_between(self, name: str, days: int, which: int) -> None:
        """Add rows on some days, and export one of the days as a period: the others are new, on both sides of it."""
        for _ in range(days):
            self._simulator.bank.arrive(2)
            self._clock.advance(hours=24)
            self.sync(full=False)
        day = self._clock.now.date() - timedelta(days=days - which % days)
        self._export(self.tools[name], between(day, day))

    @rule(name=_TOOLS, crash=_CRASH)
    def export_changed(self, name: str, crash: str | None) -> None:
        """Export the changed rows in their present state."""
        self._export(self.tools[name], Changed(), crash)

    @rule(name=_TOOLS, back=st.integers(0, 300))
    def move_first_day(self, name: str, back: int) -> None:
        """Name another first day of new rows: rows before it stay out, also those of an undone batch."""
        tool = self.tools[name]
        tool.start = self._clock.now.date() - timedelta(days=back)
        self._export(tool, New(tool.start))

    @rule()
    def change_rules(self) -> None:
        """Change the rules that make entries; rows that were exported before do not change by that."""
        self._rules = 1 - self._rules

    @rule()
    def export_twice_at_once(self) -> None:
        """Export the new rows in two threads at the same moment."""
        tool, start = self.tools[CELLS.name], Barrier(2)
        selection = New(tool.start)
        wanted = tool.wanted(selection, self.known)
        folders = [self._folder_of(tool, name) for name in ("one", "two")]
        failures: list[BaseException] = []

        def work(folder: Path) -> None:
            try:
                with Book(self._book.path, self._clock.micros) as book:
                    start.wait()
                    _export_selection(book, tool, selection, folder, self._rules)
            except BaseException as error:  # noqa: BLE001 - a failure of any kind fails the test
                failures.append(error)

        threads = [Thread(target=work, args=(folder,)) for folder in folders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        tool.add_batches(self._book, wanted, self._next_turn(), self._rules)
        self._interrupted = False

    @precondition(lambda self: any(tool.active for tool in self.tools.values()))
    @rule(which=st.integers(0))
    def undo(self, which: int) -> None:
        """Undo a batch, so that its rows since the first day are new again."""
        tool, number = _pick([(tool, number) for tool in self.tools.values() for number in tool.active], which)
        batch_commands.undo(self._book, number)
        tool.undone.add(number)
        self._interrupted = False

    @precondition(lambda self: any(tool.redoable() for tool in self.tools.values()))
    @rule(which=st.integers(0))
    def redo(self, which: int) -> None:
        """Take an undo back, so that the rows of the batch count as exported again."""
        tool, number = _pick([(tool, number) for tool in self.tools.values() for number in tool.redoable()], which)
        batch_commands.redo(self._book, number)
        tool.undone.remove(number)
        self._interrupted = False

    @rule(which=st.integers(0))
    def accept(self, which: int) -> None:
        """Accept a changed row, for every tool that has it."""
        if changed := sorted({key for tool in self.tools.values() for key in tool.changed(self.known)}):
            key = changed[which % len(changed)]
            accept_rows(self._book, [key], _ledgers(self._rules))
            turn = self._next_turn()
            for tool in self.tools.values():
                tool.accept(key, self.known, turn)

    # --- invariants ----------------------------------------------------------------------------------------------

    @invariant()
    def exported_or_listed(self) -> None:
        """Every completed row since the first day is in an active batch or listed as new, and never both."""
        for tool in self.tools.values():
            listed = _selected(self._book, tool, New(tool.start), self._rules)
            ours = {key for key, row in self.known.items() if tool.takes(row)}
            assert not listed & tool.standing
            assert {key for key in ours if self.known[key].day >= tool.start} <= listed | tool.standing
            assert listed == tool.wanted(New(tool.start), self.known).keys()

    @invariant()
    def changes_are_shown(self) -> None:
        """The review lists a row as changed exactly if a value differs that its file showed.

        All findings are those of a review that decodes every record.
        """
        today, ledger_of = self._clock.now.date(), _ledgers(self._rules)
        review = Review(journal_of(self._book), today, ledger_of=ledger_of)
        found = list(review.findings())
        # Changes that were accepted are no differences any more; others that were put away are still findings.
        put_away = [replace(one, accepted=None) for one in review.accepted() if one.kind != "changed"]
        every = sorted(plain([*found, *put_away]), key=place)
        assert every == full_review(journal_of(self._book), today, ledger_of=ledger_of)
        for tool in self.tools.values():
            shown = {one.transaction.id for one in found if (one.kind, one.profile) == ("changed", tool.profile.name)}
            assert shown == tool.changed(self.known)

    @invariant()
    def every_file_is_there_once(self) -> None:
        """The folders contain the rows of all batches once, except while an interrupted export is unfinished."""
        self._import_files()
        if not self._interrupted:
            assert self.imported == self._expected()

    # --- files and book ------------------------------------------------------------------------------------------

    def _export(self, tool: ToolModel, selection: Selection, crash: str | None = None) -> None:
        wanted, folder = tool.wanted(selection, self.known), self._folder_of(tool, "one")
        before = len(Batches(self._book).all())
        try:
            with killed_when(crash):
                _export_selection(self._book, tool, selection, folder, self._rules)
        except Killed:
            self._book.close()
            self._book = self._stack.enter_context(Book(self._book.path, self._clock.micros))
            if len(Batches(self._book).all()) > before:  # else nothing was recorded
                tool.add_batches(self._book, wanted, self._next_turn(), self._rules)
                self._interrupted = True
            return
        tool.add_batches(self._book, wanted, self._next_turn(), self._rules)
        self._interrupted = False
        if tool.profile == CELLS:
            assert rows_of_cells(folder.glob("*.csv")) == {key: row.shown for key, row in wanted.items()}
        for file in folder.glob("*.sta"):
            check_stretch(read_statement(file, self.every), self.known)

    def _import_files(self, *, take: bool = False) -> None:
        for file in sorted(self._folder.glob("*/[!.]*")):  # without staged files
            name = file.parent.name.split("-")[1]
            if file not in self._seen:
                self._seen.add(file)
                self.imported.update((name, key) for key in self._read(name, file))
            if take:
                file.unlink()

    def _read(self, name: str, file: Path) -> Iterable[str]:
        """Return the ids of the rows of a file, as the tool reads it."""
        if name == STATEMENTS.name:
            return read_statement(file, self.every).rows
        return rows_of_cells([file]) if name == CELLS.name else rows_of_entries(file)

    def _expected(self) -> Counter[tuple[str, str]]:
        """Return how often each row must have been imported by each tool."""
        found: Counter[tuple[str, str]] = Counter()
        for name, tool in self.tools.items():
            found.update({(name, key): count for key, count in tool.imported().items()})
        return found

    def _statements(self) -> Iterator[tuple[str, int, str]]:
        """Yield account, number and key of the statements in the order in which they were written."""
        for batch in Batches(self._book).all():
            if batch.statement and batch.state != "failed":
                yield batch.account, batch.statement, batch.statement_key

    def _folder_of(self, tool: ToolModel, name: str) -> Path:
        return self._folder / f"{self._next_turn()}-{tool.profile.name}-{name}"

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn


def _pick(found: list[tuple[ToolModel, int]], which: int) -> tuple[ToolModel, int]:
    return found[which % len(found)]


def _ledgers(rules: int) -> Ledgers:
    return lambda account: ledger(CHART, RULES[rules], account)


def _request(book: Book, tool: ToolModel, selection: Selection, rules: int, folder: Path | None = None) -> Export:
    return Export(journal_of(book), tool.profile, selection, _ledgers(rules), Destinations(folder))


def _export_selection(book: Book, tool: ToolModel, selection: Selection, folder: Path, rules: int) -> None:
    request = _request(book, tool, selection, rules, folder)
    export(request, [account for account in request.journal.accounts() if account.id in tool.accounts])


def _selected(book: Book, tool: ToolModel, selection: Selection, rules: int) -> set[str]:
    """Return the ids of the rows that an export of the selection would have."""
    request, found = _request(book, tool, selection, rules), set[str]()
    for account in request.journal.accounts():
        if account.id in tool.accounts:
            with book.reading(), select(request, AccountGroup((account,))) as rows:
                found |= {msgspec.json.decode(body)["id"] for body in rows.bodies(rows.lines)}
    return found


Weeks.TestCase.settings = settings(
    max_examples=int(os.environ.get("PRIMANOTA_WEEKS", "8")),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestWeeks = Weeks.TestCase
