"""What leaves the book is written down: once, whole, with everything that a person may ask about it later."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from primanota import profiles
from primanota.app.batches import exported_rows, undo
from primanota.app.check import check_book
from primanota.app.export import preview
from primanota.book import Batches
from primanota.core.errors import AlreadyExported, DeliveryFailed, FormatRuleViolated, InvalidInput, PrimanotaError
from primanota.core.period import between
from primanota.core.results import Batch, Delivery
from primanota.core.selection import Changed, New, Selection
from tests.support.book_world import Office, journal_of
from tests.support.clock import NOON
from tests.support.csv_files import rows_of

TODAY = NOON.date()
Ask = Callable[[], object]
TOMORROW, LATER = TODAY + timedelta(1), TODAY + timedelta(2)


def _ids(done: list[Batch]) -> list[str]:
    """Which rows are in the files, in their order."""
    return [row["Id"] for row in rows_of(*(one.path for one in done))]


def _one_a_day(office: Office) -> list[str]:
    """A row of today, one of tomorrow, one of the day after."""
    found = office.arrive()
    for _ in range(2):
        office.world.clock.advance(days=1)
        found += office.arrive()
    return found


def _state(office: Office) -> tuple[object, ...]:
    """Everything that an export may leave behind: versions, rows that left, files kept, and what lies in folders."""
    tables = ("version", "sent", "file", "latest")
    counts = [next(office.book.rows(f"SELECT count(*) FROM {table}")) for table in tables]  # noqa: S608 - our own words
    return *counts, office.batches.first_new_day("tool"), {path: path.read_bytes() for path in _files(office)}


def _files(office: Office) -> list[Path]:
    return sorted(path for path in office.folder.rglob("*") if path.is_file())


def test_an_export_is_a_batch(office: Office) -> None:
    """A batch says what it is, whose rows, where the file is and what it holds, to the last byte and cent."""
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
    )
    assert 0 not in {batch.opening, batch.sum_in, batch.sum_out}
    assert list(office.book.rows("SELECT line, id, seq FROM sent WHERE batch = 2")) == [
        (line, row["Id"], versions[row["Id"]]) for line, row in enumerate(rows, 1)
    ]


def test_a_batch_has_its_rows_as_they_left(office: Office) -> None:
    """Whatever a row says later, its batch shows what it said, and that there is something newer."""
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
    """An account without new rows has no batch; one whose bank states no balances has one that proves none."""
    office.arrive(account=0)
    office.arrive(account=3)
    main, elsewhere = office.export(New(TODAY))
    found = Batches(office.book).all()
    assert [one.account for one in found] == [main.account, elsewhere.account]
    assert [(one.proven, one.opening is None, one.closing is None) for one in found] == [
        (True, False, False),
        (None, True, True),
    ]


def test_accounts_stand_in_the_banks_order(office: Office) -> None:
    """Whichever account changed last, they are listed and exported in the order in which the bank has them."""
    for account in (3, 1, 0):
        office.arrive(account=account)
    ids = office.world.simulator.bank.account_ids()
    assert [one.id for one in office.accounts] == ids
    assert [one.account for one in office.export(New(TODAY))] == [ids[0], ids[1], ids[3]]


def test_new_finds_what_settled_late(office: Office) -> None:
    """What was pending when its day left is new once it has settled, however late; nothing is new twice."""
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
    """With a last day, what settled after it stays new for the next time."""
    rows = _one_a_day(office)
    assert _ids(office.export(New(TODAY, end=LATER))) == rows[:2]
    assert _ids(office.export(New(TODAY))) == rows[2:]


def test_new_begins_and_ends_at_midnight(office: Office) -> None:
    """Days are local: the first moment of a day belongs to it, and the moment before belongs to the last one."""
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
    """The day from which on rows are new is remembered, and the last one that was said counts."""
    rows = _one_a_day(office)
    assert office.batches.first_new_day("tool") == ""
    assert _ids(office.export(New(LATER))) == rows[2:]
    assert office.batches.first_new_day("tool") == f"{LATER}"
    assert _ids(office.export(New(TOMORROW))) == rows[1:2]
    assert office.batches.first_new_day("tool") == f"{TOMORROW}"
    assert office.export(New(LATER)) == []
    assert (office.batches.first_new_day("tool"), office.batches.first_new_day("another")) == (f"{LATER}", "")


def test_what_is_undone_is_new_again(office: Office) -> None:
    """The rows of an undone batch are new again, even those before the first day; both batches stay in the book."""
    first = office.arrive()
    office.export(New(TODAY))
    office.world.clock.advance(days=30)
    second = office.arrive()
    since = office.world.clock.now.date()
    assert _ids(office.export(New(since))) == second
    undo(office.book, 1)
    assert _ids(office.export(New(since))) == first
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


def test_what_is_in_another_batch_is_not_new(office: Office) -> None:
    """Of an undone batch's rows those are new that no other standing batch of the profile has; one hears how many."""
    rows = _one_a_day(office)
    office.export(between(TODAY, LATER))
    office.export(between(TODAY, TODAY))
    office.export(New(TODAY), tool=msgspec.structs.replace(office.tool, name="other"))
    assert undo(office.book, 1)[1] == 2
    assert _ids(office.export(New(TODAY))) == rows[1:]
    assert [undo(office.book, number)[1] for number in (4, 2)] == [2, 1]
    assert _ids(office.export(New(TODAY))) == rows


def test_profiles_do_not_know_of_each_other(office: Office) -> None:
    """What left for one tool is new for another, and neither its warning nor its first day concerns the other."""
    rows = office.arrive(2)
    other = msgspec.structs.replace(office.tool, name="other")
    assert _ids(office.export(New(TODAY))) == rows
    assert office.batches.first_new_day("other") == ""
    assert office.export_repeats(New(TODAY), tool=other) == [{}]
    assert [row.id for row in office.batches.rows(2)] == rows
    undo(office.book, 1)
    assert office.export(New(TODAY), tool=other) == []
    assert office.export_repeats(between(TODAY, TODAY), tool=other) == [{2: 2}]


def test_what_left_already_is_told(office: Office) -> None:
    """A period with rows that have left goes on, and tells how many, in which batches; undone ones do not count."""
    rows = _one_a_day(office)
    office.export(between(TODAY, TODAY))
    office.export(between(TOMORROW, TOMORROW))
    assert office.export_repeats(between(TODAY, LATER)) == [{1: 1, 2: 1}]
    assert [row.id for row in office.batches.rows(3)] == rows
    undo(office.book, 1)
    undo(office.book, 3)
    assert office.export_repeats(between(TODAY, TODAY)) == [{}]
    assert office.export_repeats(between(TODAY, LATER)) == [{2: 1, 4: 1}]


def test_rows_that_do_not_follow_each_other_state_no_balance(office: Office) -> None:
    """Where rows between the first and the last one left before, the sums are right and no balance is claimed."""
    rows = _one_a_day(office)
    office.export(between(TOMORROW, TOMORROW))
    (done,) = office.export(New(TODAY))
    cents = sum(int(row["Amount"].replace(".", "")) for row in rows_of(done.path))
    assert (_ids([done]), done.sum_in + done.sum_out) == ([rows[0], rows[2]], cents)
    assert (done.opening, done.closing, done.proven) == (None, None, True)


def test_strict_refuses_what_left(office: Office) -> None:
    """With ``strict`` a row that has left stops the file: exit code 7, the batch is named, nothing is left behind."""
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


def _strictly_what_left(office: Office) -> Ask:
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
        (_strictly_what_left, AlreadyExported),
        (_against_a_rule, FormatRuleViolated),
    ],
)
def test_one_refused_is_none_written(
    office: Office, prepare: Callable[[Office], Ask], error: type[PrimanotaError]
) -> None:
    """Where one account's file is refused, no account has a file or a batch, and nothing staged lies about."""
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
    """A file that would be imported again becomes one without rows, a batch; where no file is, nothing is written."""
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
def test_a_look_records_nothing(office: Office, selection: Selection) -> None:
    """``--dry-run`` shows the rows that would leave, and which left already; neither book nor folder is touched."""
    keys = office.arrive(2)
    office.export(between(TODAY, TODAY))
    office.edit(keys[0], reference="changed")
    (late,) = office.arrive()
    wanted = {New: ([late], {}), Changed: ([keys[0]], {})}.get(type(selection), ([*keys, late], {1: 2}))
    before = _state(office)
    (headings, *rows), left, _ = preview(office.request(selection), office.accounts[0])
    assert (headings[0], [row[0] for row in rows], left) == ("Id", *wanted)
    assert _state(office) == before


def test_two_files_never_get_one_name(office: Office) -> None:
    """A profile that calls the files of two accounts alike is refused, before one takes the place of the other."""
    office.arrive()
    office.arrive(account=1)
    text = office.tool.text.replace("[options]", 'file = "{period}"\n[options]')
    with pytest.raises(InvalidInput, match="Two files would be called"):
        office.export(between(TODAY, TODAY), tool=profiles.parse("alike", text, "alike"))
    assert not list(office.folder.glob("*"))
    assert Batches(office.book).all() == []
