"""Open points: transactions that are not settled, lack something, or differ from their exported row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from primanota import profiles
from primanota.app.exporting.batches import undo
from primanota.app.exporting.export import export
from primanota.app.reviewing.review import Review
from primanota.book import ACCOUNT, MEMBER, Batches, Book, SeenTransactions
from primanota.core.errors import InvalidInput
from primanota.core.language.reasons import reason_text
from primanota.core.model import RawRecord
from primanota.core.period import between
from primanota.core.results import Difference, Finding
from primanota.core.selection import Changed, New
from primanota.export.changes import changes_without_file
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.books.book_world import Office, accept_rows, journal_of, mark_proven
from tests.support.clock import BERLIN, NOON, Clock
from tests.support.factories import keep, raw_record
from tests.support.files.csv_files import rows_of

TODAY = NOON.date()
_PENDING: dict[str, Any] = {"status": "pending", "settled_at": None, "settled_balance_cents": None}
_EMITTED = "2026-11-{}T22:30:00Z"  # half an hour before midnight in Berlin


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Yield a book with an account and a member, and without transactions."""
    with Book(tmp_path / "acme.book", clock.micros) as made:
        with made.writing():
            made.append(ACCOUNT, [RawRecord("account-1", b'{"id":"account-1","name":"Main"}')])
            made.append(MEMBER, [RawRecord("m1", b'{"id":"m1","first_name":"Ada","last_name":"Lovelace"}')])
        yield made


def _look(book: Book, first: date | None = None, last: date | None = None) -> list[Finding]:
    return list(Review(journal_of(book), TODAY, between(first, last or first) if first else None).findings())


def _vanish(book: Book, *others: str) -> None:
    """Mark the rows as absent that a full sync does not find; it finds only the others."""
    seen = SeenTransactions(book)
    seen.add([raw_record(key) for key in others])
    with book.writing():
        assert book.mark_absent("account-1", ("completed",), 1 << 60, seen)


@pytest.mark.parametrize(
    ("changes", "kind", "why"),
    [
        ({**_PENDING, "emitted_at": _EMITTED.format(22)}, "pending", "pending for 1 day"),
        ({**_PENDING, "emitted_at": "2026-11-22T23:30:00Z"}, "pending", "pending"),
        ({**_PENDING, "emitted_at": "2026-05-07T12:00:00Z"}, "pending", "pending for 200 days"),
        ({**_PENDING, "status": "declined"}, "declined", "declined"),
        ({"status": "reversed"}, "reversed", "reversed"),
        ({**_PENDING, "status": "dreamt"}, "unknown-status", "unknown status “dreamt”"),
        ({"operation_type": "barter"}, "unknown-operation", "unknown operation type “barter”"),
        ({"attachment_required": True}, "receipt", "receipt missing"),
        ({"vat_rate": -1}, "vat", "VAT undecided"),
    ],
)
def test_each_kind_of_open_point_is_found(book: Book, changes: dict[str, Any], kind: str, why: str) -> None:
    """Each kind of open point is found, with its transaction, account, local day, and reason."""
    keep(book, [raw_record(**{"emitted_at": _EMITTED.format(20), "settled_at": _EMITTED.format(21)} | changes)])
    (found,) = _look(book)
    row, settled = found.transaction, changes.get("settled_at", ...) is not None
    emitted = date(2026, 11, 20) if "emitted_at" not in changes else row.emitted.astimezone(BERLIN).date()
    assert (found.kind, reason_text(found.reason), found.account.name) == (kind, why, "Main")
    assert (row.counterparty, f"{row.amount:.}", row.reference, row.member) == (
        "Müller GmbH",
        "-12.34",
        "Invoice 7",
        "Ada Lovelace",
    )
    assert found.day == (date(2026, 11, 21) if settled else emitted)
    assert (found.batch, found.profile, found.changes) == (None, "", [])


def test_a_complete_row_is_not_shown(book: Book) -> None:
    """A completed row with its receipt and VAT rate is not an open point."""
    keep(book, [raw_record(operation_type="card", vat_rate=19.0, attachment_required=True, attachment_ids=["a1"])])
    assert _look(book) == []


def test_a_vanished_row_is_shown(book: Book) -> None:
    """A row that the bank no longer lists is shown as vanished, and as no other kind."""
    keep(book, [raw_record("t1"), raw_record("t2", attachment_required=True)])
    _vanish(book, "t1")
    assert [(one.transaction.id, one.kind, reason_text(one.reason)) for one in _look(book)] == [
        ("t2", "vanished", "vanished")
    ]


def test_urgent_points_come_first(book: Book) -> None:
    """Points that matter before an export come before missing papers; within a kind, the oldest first."""
    keep(
        book,
        [
            raw_record("t1", vat_rate=-1, attachment_required=True),
            raw_record("t2", operation_type="barter"),
            raw_record("t3", status="reversed"),
            raw_record("t4", **_PENDING | {"emitted_at": _EMITTED.format("09")}),
            raw_record("t5", **_PENDING | {"emitted_at": _EMITTED.format("08")}),
            raw_record("t6", **_PENDING | {"status": "declined"}),
            raw_record("t7", settled_at=_EMITTED.format("09")),
        ],
    )
    _vanish(book, "t1", "t2")
    assert [(one.kind, one.transaction.id) for one in _look(book)] == [
        ("pending", "t5"),
        ("pending", "t4"),
        ("declined", "t6"),
        ("reversed", "t3"),
        ("vanished", "t7"),
        ("unknown-operation", "t2"),
        ("receipt", "t1"),
        ("vat", "t1"),
    ]


@pytest.mark.parametrize(
    ("changes", "decisive"),
    [({"attachment_required": True}, "settled_at"), ({"status": "reversed"}, "settled_at"), (_PENDING, "emitted_at")],
)
def test_a_row_belongs_to_its_local_day(book: Book, changes: dict[str, Any], decisive: str) -> None:
    """A period has the points of rows that settled on its local days, or were made then and never settled."""
    elsewhen = {"emitted_at": "2026-09-01T00:00:00Z", **changes}
    keep(book, [raw_record(f"t{day}", **elsewhen | {decisive: f"2026-11-0{day}T23:30:00Z"}) for day in (1, 2, 3)])
    (found,) = _look(book, date(2026, 11, 3))
    assert (found.transaction.id, found.day) == ("t2", date(2026, 11, 3))
    assert [one.transaction.id for one in _look(book, date(2026, 11, 2), date(2026, 11, 4))] == ["t1", "t2", "t3"]


# --- changes after the export ----------------------------------------------------------------------------------


def test_a_change_is_shown_side_by_side(office: Office) -> None:
    """A row that differs from its exported row is shown with the old and the new value, and with its batch."""
    key, other = office.arrive(2)
    office.edit(key, reference="once")
    office.export(New(TODAY))
    assert office.changed() == []
    office.edit(key, reference="twice")
    (found,) = office.changed()
    assert (found.transaction.id, reason_text(found.reason), found.batch, found.profile) == (
        key,
        "changed since batch 1",
        1,
        "tool",
    )
    assert found.changes == [Difference("Text", "once", "twice")]
    assert found.transaction.reference == "twice"
    assert other != key
    office.edit(key, reference="once")
    assert office.changed() == []


def test_a_field_that_the_file_does_not_show_is_not_a_change(office: Office) -> None:
    """An edited note is a change for a profile whose file shows notes, and for no other profile."""
    (key,) = office.arrive()
    noting = profiles.parse("noting", office.tool.text.replace("{reference}", "{note}"), "noting")
    office.export(New(TODAY))
    office.export(New(TODAY), tool=noting)
    office.edit(key, note="seen", label_ids=[])
    (found,) = office.changed()
    assert (found.profile, found.batch, [change.now for change in found.changes]) == ("noting", 2, ["seen"])
    assert office.export(Changed()) == []
    assert [one.number for one in office.export(Changed(), tool=noting)] == [3]


def test_a_changed_row_belongs_to_its_day(office: Office) -> None:
    """A review of a period lists the changed rows of that period only."""
    (key,) = office.arrive()
    office.export(New(TODAY))
    office.edit(key, reference="changed")
    for day, kinds in ((TODAY.replace(day=22), []), (TODAY, ["changed"]), (TODAY.replace(day=24), [])):
        found = _look(office.book, day)
        assert [one.kind for one in found if one.kind != "receipt"] == kinds


def test_changed_rows_are_exported_on_request_only(office: Office) -> None:
    """A changed row is not new; ``Changed`` exports the corrected rows alone, in a batch of their own."""
    first, second, third = office.arrive(3)
    office.export(New(TODAY))
    office.edit(third, reference="third")
    office.edit(first, reference="first")
    assert office.export(New(TODAY)) == []
    (done,) = office.export(Changed())
    assert [(row["Id"], row["Text"]) for row in rows_of(done.path)] == [(first, "first"), (third, "third")]
    batch = Batches(office.book).all()[-1]
    assert (done.number, batch.number, batch.rows, batch.selection) == (2, 2, 2, "changed since exported")
    assert (office.changed(), office.export(Changed()), office.export(New(TODAY))) == ([], [], [])
    office.edit(second, reference="second")
    office.edit(first, reference="again")
    assert {(one.transaction.id, one.batch) for one in office.changed()} == {(second, 1), (first, 2)}


def test_an_undone_batch_is_not_compared_with(office: Office) -> None:
    """After an undo, a row is compared with the batch before; a row without an active batch is new, not changed."""
    (key,) = office.arrive()
    office.export(New(TODAY))
    office.edit(key, reference="once")
    office.export(Changed())
    undo(office.book, 2)
    (found,) = office.changed()
    assert (found.batch, found.changes[0].now) == (1, "once")
    assert office.export(New(TODAY)) == []
    undo(office.book, 1)
    assert office.changed() == []
    assert [row["Text"] for row in rows_of(office.export(New(TODAY))[0].path)] == ["once"]


def test_a_reversed_row_is_not_in_a_corrected_file(office: Office) -> None:
    """A row reversed after its export is listed as changed and reported apart; the corrected file omits it."""
    taken, kept = office.arrive(2)
    office.edit(kept, reference="left")
    office.export(New(TODAY))
    office.edit(kept, reference="changed")
    office.reverse(taken)
    assert {one.transaction.id: one.changes for one in office.changed()} == {
        taken: [Difference("status", "completed", "vanished")],
        kept: [Difference("Text", "left", "changed")],
    }
    (gone,) = changes_without_file(office.journal, office.tool.name, office.accounts)
    assert (gone.changed.id, gone.batch.number, gone.status) == (taken, 1, "vanished")
    assert [row["Id"] for row in rows_of(office.export(Changed())[0].path)] == [kept]
    assert [one.transaction.id for one in office.changed()] == [taken]
    assert changes_without_file(office.journal, office.tool.name, office.accounts[1:]) == []
    accept_rows(office.book, [taken])
    assert (office.changed(), changes_without_file(office.journal, office.tool.name, office.accounts)) == ([], [])


def test_an_accepted_row_is_not_changed(office: Office) -> None:
    """An accepted row is not changed for any profile, and not in a corrected file, until it changes again."""
    (key,) = office.arrive()
    other = profiles.parse("other", office.tool.text, "other")
    for tool in (office.tool, other):
        office.export(New(TODAY), tool=tool)
    office.edit(key, reference="once")
    assert [one.profile for one in office.changed()] == ["tool", "other"]
    accept_rows(office.book, [key])
    assert (office.changed(), office.export(Changed()), office.export(Changed(), tool=other)) == ([], [], [])
    office.edit(key, note="no file shows it")
    assert office.changed() == []
    office.edit(key, reference="twice")
    assert [one.changes for one in office.changed()] == [[Difference("Text", "once", "twice")]] * 2
    assert [row["Text"] for row in rows_of(office.export(Changed())[0].path)] == ["twice"]
    assert [one.profile for one in office.changed()] == ["other"]


def test_a_correction_after_an_acceptance_counts(office: Office) -> None:
    """A row is compared with its newest export, not with the older state that was accepted before."""
    (key,) = office.arrive()
    office.export(New(TODAY))
    office.edit(key, reference="once")
    accept_rows(office.book, [key])
    office.edit(key, reference="twice")
    office.export(Changed())
    office.edit(key, reference="once")
    (found,) = office.changed()
    assert (found.batch, found.changes) == (2, [Difference("Text", "twice", "once")])


@pytest.mark.parametrize("stranger", ["nobody", "unchanged"])
def test_one_unknown_id_prevents_every_acceptance(office: Office, stranger: str) -> None:
    """If one of the given IDs is not a row with such a finding, nothing is put away."""
    key, unchanged = office.arrive(2)
    office.export(New(TODAY))
    office.edit(key, reference="changed")
    asked = [key, {"nobody": "nobody", "unchanged": unchanged}[stranger]]
    with pytest.raises(InvalidInput, match=r"Nothing of this kind|No row has an id that begins"):
        accept_rows(office.book, asked, kinds=("changed",))
    assert [one.transaction.id for one in office.changed()] == [key]


def test_a_row_that_returns_is_shown_again(book: Book, office: Office, tmp_path: Path) -> None:
    """A row that vanished after its export and was accepted is changed again when the bank lists it again."""
    row = raw_record(settled_balance_cents=-1234)
    keep(book, [row])
    since = New(date(2026, 10, 1))
    request = Export(journal_of(book), office.tool, since, destinations=Destinations(tmp_path / "files"))
    mark_proven(book)
    export(request, journal_of(book).accounts())
    _vanish(book)
    assert [one.kind for one in _look(book)] == ["vanished", "changed"]
    accept_rows(book, ["t1"])
    assert _look(book) == []
    keep(book, [row])
    assert [one.kind for one in _look(book)] == ["changed"]
