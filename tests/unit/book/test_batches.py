"""The record of an export: its batch, its rows, and the questions that the book answers about them."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from primanota import profiles
from primanota.app.exporting.batches import exported_rows, undo
from primanota.app.exporting.export import preview
from primanota.app.reviewing.check import check_book
from primanota.book import Batches
from primanota.core.errors import AlreadyExported, DeliveryFailed, FormatRuleViolated, InvalidInput, PrimanotaError
from primanota.core.period import between
from primanota.core.results import Batch, Delivery
from primanota.core.selection import Changed, New, Selection
from primanota.export.select import AccountGroup
from tests.support.books.book_world import TOKEN, Office, journal_of
from tests.support.clock import NOON
from tests.support.files.csv_files import rows_of

TODAY = NOON.date()
Ask = Callable[[], object]
TOMORROW, LATER = TODAY + timedelta(1), TODAY + timedelta(2)


def _ids(done: list[Batch]) -> list[str]:
    """Return the IDs of the rows in the files, in order."""
    return [row["Id"] for row in rows_of(*(one.path for one in done))]


def _one_a_day(office: Office) -> list[str]:
    """Add a row today, one tomorrow, and one on the day after."""
    found = office.arrive()
    for _ in range(2):
        office.world.clock.advance(days=1)
        found += office.arrive()
    return found


def _state(office: Office) -> tuple[object, ...]:
    """Return everything that an export may change: the tables of the book, and the files in the folders."""
    tables = ("version", "sent", "file", "latest")
    counts = [next(office.book.rows(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 - the text is ours
    return *counts, office.batches.first_new_day("tool"), {path: path.read_bytes() for path in _files(office)}


def _files(office: Office) -> list[Path]:
    return sorted(path for path in office.folder.rglob("*") if path.is_file())


def test_an_export_is_a_batch(office: Office) -> None:
    """A batch has the profile, account, path, digests, row count and sums of its file, to the byte and cent."""
    office.arrive()
    office.export(New(TODAY))
    office.world.simulator.bank.arrive(3)
    office.sync()
    (done,) = office.export(New(TODAY))
    assert done.path
    content, rows = done.path.read_bytes(), rows_of(done.path)
    cents = [int(row["Amount"].replace(".", "")) for row in rows]
    before, batch = Batches(office.book).all()
    versions = dict(office.book.rows("SELECT id, seq FROM latest"))
    assert batch == Batch(
        number=2,
        name=done.path.name,
        state="delivered",
        made=office.world.clock.now,
        profile="tool",
        origin="tool",
        digest=hashlib.sha256(office.tool.text.encode()).hexdigest(),
        account=office.accounts[0].id,
        selection="new since 2026-11-23",
        deliveries=(
            Delivery(str(office.folder / "tool_hauptkonto-0010_batch-2.csv"), delivered=office.world.clock.now),
        ),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        rows=2,
        rows_sha256=hashlib.sha256("\n".join(str(versions[row["Id"]]) for row in rows).encode()).hexdigest(),
        sum_in=sum(one for one in cents if one > 0),
        sum_out=sum(one for one in cents if one < 0),
        opening=before.closing,
        closing=(before.closing or 0) + sum(cents),
        proven=True,
        proof="proven",
        token=TOKEN,
    )
    assert 0 not in {batch.opening, batch.sum_in, batch.sum_out}
    assert list(office.book.rows("SELECT line, id, seq FROM sent WHERE batch = 2")) == [
        (line, row["Id"], versions[row["Id"]]) for line, row in enumerate(rows, 1)
    ]


def test_a_batch_shows_its_rows_as_exported(office: Office) -> None:
    """A batch shows its rows in the exported state, and marks those with a newer version."""
    first, second = office.arrive(2)
    (done,) = office.export(New(TODAY))
    then = rows_of(done.path)
    office.edit(second, reference="changed")
    _, lines = exported_rows(office.journal, 1)
    assert [(one.line, one.transaction.id, one.current) for one in lines] == [(1, first, True), (2, second, False)]
    assert [
        (f"{one.transaction.day}", f"{one.transaction.amount:.}", one.transaction.reference) for one in lines
    ] == [(row["Day"], row["Amount"], row["Text"]) for row in then]


def test_each_account_has_a_batch_of_its_own(office: Office) -> None:
    """An account without new rows has no batch; one without balances has a batch without balances and proof."""
    office.arrive(account=0)
    office.arrive(account=3)
    main, elsewhere = office.export(New(TODAY))
    found = Batches(office.book).all()
    assert [one.account for one in found] == [main.account, elsewhere.account]
    assert [(one.proven, one.opening is None, one.closing is None) for one in found] == [
        (True, False, False),
        (None, True, True),
    ]


def test_accounts_are_in_the_banks_order(office: Office) -> None:
    """Accounts are listed and exported in the bank's order, whichever of them changed last."""
    for account in (3, 1, 0):
        office.arrive(account=account)
    ids = office.world.simulator.bank.account_ids()
    assert [one.id for one in office.accounts] == ids
    assert [one.account for one in office.export(New(TODAY))] == [ids[0], ids[1], ids[3]]


def test_rows_that_settle_late_are_new(office: Office) -> None:
    """A row that was pending when its day was exported is new once it has settled; no row is new twice."""
    settled, pending, other = office.world.simulator.bank.arrive(3)
    office.sync()
    assert set(_ids(office.export(New(TODAY)))) == {settled, other}
    office.world.clock.advance(days=400)
    office.sync()
    assert _ids(office.export(New(TODAY))) == [pending]
    before = _state(office)
    assert office.export(New(TODAY)) == []
    assert _state(office) == before


def test_new_up_to_a_day(office: Office) -> None:
    """A row that settles after the last day of an export stays new for the next one."""
    rows = _one_a_day(office)
    assert _ids(office.export(New(TODAY, end=LATER))) == rows[:2]
    assert _ids(office.export(New(TODAY))) == rows[2:]


def test_new_begins_and_ends_at_midnight(office: Office) -> None:
    """Days are local: the first instant of a day belongs to it, the instant before to the previous day."""
    clock, rows = office.world.clock, list[str]()
    clock.now = datetime(2026, 11, 23, 22, 59, 59, 999_000, tzinfo=UTC)
    for _ in range(2):
        rows += office.world.simulator.bank.arrive(1)
        clock.advance(milliseconds=1)
    office.sync()
    assert _ids(office.export(New(TOMORROW))) == rows[1:]
    undo(office.book, 1)
    assert _ids(office.export(New(TODAY, end=TOMORROW))) == rows[:1]


def test_the_first_day_can_be_moved(office: Office) -> None:
    """The first day for new rows is remembered for each profile, and the day given last applies."""
    rows = _one_a_day(office)
    assert office.batches.first_new_day("tool") == ""
    assert _ids(office.export(New(LATER))) == rows[2:]
    assert office.batches.first_new_day("tool") == f"{LATER}"
    assert _ids(office.export(New(TOMORROW))) == rows[1:2]
    assert office.batches.first_new_day("tool") == f"{TOMORROW}"
    assert office.export(New(LATER)) == []
    assert (office.batches.first_new_day("tool"), office.batches.first_new_day("another")) == (f"{LATER}", "")


def test_rows_of_an_undone_batch_are_new_again(office: Office) -> None:
    """The rows of an undone batch are new again, not before the first day, and both batches stay in the book."""
    first = office.arrive()
    office.export(New(TODAY))
    office.world.clock.advance(days=30)
    second = office.arrive()
    since = office.world.clock.now.date()
    assert _ids(office.export(New(since))) == second
    undo(office.book, 1)
    assert _ids(office.export(New(since))) == []
    assert _ids(office.export(New(TODAY))) == first
    found = Batches(office.book).all()
    assert [(one.number, one.state, one.rows) for one in found] == [
        (1, "undone", 1),
        (2, "delivered", 1),
        (3, "delivered", 1),
    ]
    assert [[sent.id for sent in office.batches.rows(number)] for number in (1, 3)] == [first, first]
    assert (found[0].reason, check_book(journal_of(office.book)).ok) == ("by hand", True)
    with pytest.raises(InvalidInput, match="Batch 1 is undone already"):
        undo(office.book, 1)


def test_rows_in_another_batch_are_not_new(office: Office) -> None:
    """Rows of an undone batch are new if no other active batch of the profile has them; undo counts them."""
    rows = _one_a_day(office)
    office.export(between(TODAY, LATER))
    office.export(between(TODAY, TODAY))
    office.export(New(TODAY), tool=msgspec.structs.replace(office.tool, name="other"))
    assert undo(office.book, 1)[1] == 2
    assert _ids(office.export(New(TODAY))) == rows[1:]
    assert [undo(office.book, number)[1] for number in (4, 2)] == [2, 1]
    assert _ids(office.export(New(TODAY))) == rows


def test_profiles_are_independent(office: Office) -> None:
    """A row that is exported with one profile is new for another; warnings and first days are separate, too."""
    rows = office.arrive(2)
    other = msgspec.structs.replace(office.tool, name="other")
    assert _ids(office.export(New(TODAY))) == rows
    assert office.batches.first_new_day("other") == ""
    assert office.export_repeats(New(TODAY), tool=other) == [{}]
    assert [row.id for row in office.batches.rows(2)] == rows
    undo(office.book, 1)
    assert office.export(New(TODAY), tool=other) == []
    assert office.export_repeats(between(TODAY, TODAY), tool=other) == [{2: 2}]


def test_repeated_rows_are_counted_by_batch(office: Office) -> None:
    """A period with exported rows is exported, and they are counted by batch; undone batches do not count."""
    rows = _one_a_day(office)
    office.export(between(TODAY, TODAY))
    office.export(between(TOMORROW, TOMORROW))
    assert office.export_repeats(between(TODAY, LATER)) == [{1: 1, 2: 1}]
    assert [row.id for row in office.batches.rows(3)] == rows
    undo(office.book, 1)
    undo(office.book, 3)
    assert office.export_repeats(between(TODAY, TODAY)) == [{}]
    assert office.export_repeats(between(TODAY, LATER)) == [{2: 1, 4: 1}]


def test_a_file_with_missing_rows_between_states_no_balance(office: Office) -> None:
    """A file without some rows between its first and last one has the right sums, and states no balance."""
    rows = _one_a_day(office)
    office.export(between(TOMORROW, TOMORROW))
    (done,) = office.export(New(TODAY))
    cents = sum(int(row["Amount"].replace(".", "")) for row in rows_of(done.path))
    assert (_ids([done]), done.sum_in + done.sum_out) == ([rows[0], rows[2]], cents)
    assert (done.opening, done.closing, done.proven) == (None, None, True)


def test_repeats_are_refused(office: Office) -> None:
    """With ``refuse_repeats`` an exported row is exit code 7 and its batch is named; nothing is written."""
    office.arrive(2)
    office.export(New(TODAY))
    before = _state(office)
    with pytest.raises(AlreadyExported, match="exported before, 2 in batch 1") as refused:
        office.export(between(TODAY, TODAY), to=office.folder / "again", refuse_repeats=True)
    assert refused.value.exit_code == 7
    assert _state(office) == before
    assert [one.number for one in office.export(between(TODAY, TODAY), to=office.folder / "again")] == [2]


def _new_to_a_file_that_is_there(office: Office) -> Ask:
    return lambda: office.export(New(TODAY), accounts=office.accounts[:1], to=office.folder / "old.csv")


def _changed_to_a_file_that_is_there(office: Office) -> Ask:
    office.export(New(TODAY), accounts=office.accounts[:1])
    office.edit(next(office.batches.rows(1)).id, reference="changed")
    return lambda: office.export(Changed(), accounts=office.accounts[:1], to=office.folder / "old.csv")


def _repeats_that_are_refused(office: Office) -> Ask:
    office.export(between(TODAY, TODAY), accounts=office.accounts[:1])
    return lambda: office.export(between(TODAY, TODAY), accounts=office.accounts[1::-1], refuse_repeats=True)


def _against_a_rule(office: Office) -> Ask:
    office.edit(office.arrive()[0], reference="")
    tool = profiles.parse("tool", office.tool.text + '[rules]\nrequired = ["Text"]\n', "tool")
    return lambda: office.export(New(TODAY), tool=tool, accounts=office.accounts[1::-1])


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (_new_to_a_file_that_is_there, DeliveryFailed),
        (_changed_to_a_file_that_is_there, DeliveryFailed),
        (_repeats_that_are_refused, AlreadyExported),
        (_against_a_rule, FormatRuleViolated),
    ],
)
def test_one_refused_account_prevents_every_file(
    office: Office, prepare: Callable[[Office], Ask], error: type[PrimanotaError]
) -> None:
    """If the file of one account is refused, no account gets a file or a batch, and no staged file remains."""
    office.folder.mkdir()
    (office.folder / "old.csv").write_bytes(b"not imported yet")
    office.arrive(account=1)
    office.arrive(account=0)
    ask = prepare(office)
    before = _state(office)
    with pytest.raises(error):
        ask()
    assert _state(office) == before


def test_an_empty_period_over_an_old_file_is_a_batch(office: Office) -> None:
    """An empty period replaces an old file at its path by one without rows; otherwise it writes nothing."""
    office.arrive()
    file, empty = office.folder / "bank.csv", between(date(2019, 1, 1), date(2019, 1, 31))
    assert office.export(empty, accounts=office.accounts[:1], to=file) == []
    office.export(between(TODAY, TODAY), accounts=office.accounts[:1], to=file)
    (done,) = office.export(empty, accounts=office.accounts[:1], to=file)
    batch = Batches(office.book).all()[-1]
    assert (done.number, batch.number, batch.rows, batch.sum_in, batch.sum_out) == (2, 2, 0, 0, 0)
    assert file.read_bytes() == b"Id,Day,Amount,Text,By\r\n"
    assert check_book(journal_of(office.book)).ok


@pytest.mark.parametrize("selection", [New(TODAY), between(TODAY, TODAY), Changed()], ids=str)
def test_a_preview_records_nothing(office: Office, selection: Selection) -> None:
    """A preview shows the rows to export and those exported before, and changes neither the book nor the folder."""
    keys = office.arrive(2)
    office.export(between(TODAY, TODAY))
    office.edit(keys[0], reference="changed")
    (late,) = office.arrive()
    wanted = {New: ([late], {}), Changed: ([keys[0]], {})}.get(type(selection), ([*keys, late], {1: 2}))
    before = _state(office)
    (headings, *rows), repeats, _ = preview(office.request(selection), AccountGroup((office.accounts[0],)))
    assert (headings[0], [row[0] for row in rows], repeats) == ("Id", *wanted)
    assert _state(office) == before


def test_two_files_never_get_the_same_name(office: Office) -> None:
    """A profile that gives the files of two accounts the same name is refused before a file is written."""
    office.arrive()
    office.arrive(account=1)
    text = office.tool.text.replace("[options]", 'file = "{period}"\n[options]')
    with pytest.raises(InvalidInput, match="Two files would be called"):
        office.export(between(TODAY, TODAY), tool=profiles.parse("alike", text, "alike"))
    assert not list(office.folder.glob("*"))
    assert Batches(office.book).all() == []
