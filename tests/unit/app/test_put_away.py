"""Findings that were put away, and findings that are new: held against a review of every record after each step."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.app.reviewing.accept_findings import reopen
from primanota.app.reviewing.review import Review
from primanota.book import ACCOUNT, MEMBER, TRANSACTION, Book, SeenTransactions
from primanota.core.errors import InvalidInput
from primanota.core.model import LACKS, RawRecord
from primanota.core.results import Finding
from primanota.core.selection import Changed, New
from tests.support.books.book_world import Office, accept_rows, journal_of
from tests.support.books.full_review import full_review
from tests.support.clock import NOON, Clock
from tests.support.factories import keep, quick, raw_record

TODAY = NOON.date()
_PENDING: dict[str, Any] = {"status": "pending", "settled_at": None, "settled_balance_cents": None}
_MOMENTS = st.sampled_from([datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=day) for day in range(3)])
_CHANGES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["completed", "completed", "pending", "declined", "reversed", "dreamt"]),
        "emitted_at": _MOMENTS,
        "amount_cents": st.sampled_from([100, 100, 100, 200]),
        "operation_type": st.sampled_from(["transfer", "card", "barter", "bargain"]),
        "attachment_required": st.booleans(),
        "vat_rate": st.sampled_from([None, -1, 19.0]),
        "reference": st.sampled_from(["one", "two"]),
    }
)
_IDS = st.sampled_from("abcd")
_STEPS = st.one_of(
    st.tuples(st.just("keep"), _IDS, _CHANGES),
    st.tuples(st.just("keep"), _IDS, _CHANGES),
    st.tuples(st.just("accept"), st.integers(0, 50), st.booleans()),
    st.tuples(st.just("accept"), st.integers(0, 50), st.booleans()),
    st.tuples(st.just("vanish"), _IDS, st.none()),
    st.tuples(st.just("reopen"), st.integers(0, 50), st.none()),
    st.tuples(st.just("look"), st.none(), st.none()),
)
_Case = tuple[str, str]


def _case(finding: Finding) -> _Case:
    return finding.kind, finding.transaction.id


def _about(finding: Finding) -> tuple[object, ...]:
    """Return what a person has seen of a finding: that it has another age or text is no other case."""
    row, reason = finding.transaction, finding.reason
    if finding.kind in LACKS:
        return row.amount, reason
    return row.status, row.amount, row.emitted, row.booked


class _Desk:
    """A book and a person: what was put away, and what was there when the person last looked, in plain words."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._put_away: dict[_Case, object] = {}
        self._known: dict[_Case, object] = {}
        self._place = 0
        with book.writing():
            book.append(ACCOUNT, [RawRecord("account-1", b'{"id":"account-1","name":"Main"}')])
            book.append(MEMBER, [RawRecord("m1", b'{"id":"m1","first_name":"Ada","last_name":"Lovelace"}')])

    def take(self, what: str, which: Any, how: Any) -> None:  # noqa: ANN401 - what a step needs
        getattr(self, f"_{what}")(which, how)
        cases = {_case(finding): _about(finding) for finding in self._all()}
        for known in (self._put_away, self._known):
            for case in [one for one, about in known.items() if cases.get(one) != about]:
                del known[case]

    def check(self) -> None:
        review = Review(journal_of(self._book), TODAY)
        open_ones = [finding for finding in self._all() if _case(finding) not in self._put_away]
        expected = [(*_case(finding), _case(finding) not in self._known) for finding in open_ones]
        found = [(*_case(finding), finding.is_new) for finding in review.findings()]
        assert found == expected
        assert sum(review.counts.values()) == len(expected)
        newest = review.newest(2).newest
        for kind in {kind for kind, *_ in expected}:
            mine = [finding for finding in newest if finding.kind == kind]
            marks = [new for one, _, new in expected if one == kind]
            assert len(mine) == min(2, len(marks))
            if kind not in {"receipt", "vat"}:
                assert sum(finding.is_new for finding in mine) == min(2, sum(marks))
        assert {_case(finding) for finding in review.accepted()} == {*self._put_away}
        assert review.accepted_count == len(self._put_away)

    def _all(self) -> list[Finding]:
        return full_review(journal_of(self._book), TODAY)

    def _keep(self, name: str, changes: dict[str, Any]) -> None:
        self._place += 1
        emitted = f"{changes['emitted_at']:%Y-%m-%dT%H:%M:%SZ}"
        settled = emitted if changes["status"] in {"completed", "reversed"} else None
        stamp = f"2026-11-01T00:{self._place:02}:00Z"
        fields = {
            **changes,
            "amount": changes["amount_cents"] / 100,
            "emitted_at": emitted,
            "settled_at": settled,
            "updated_at": stamp,
        }
        keep(self._book, [raw_record(f"row-{name}", **fields)], "account-1")

    def _vanish(self, name: str, _: None) -> None:
        seen = SeenTransactions(self._book)
        seen.add([RawRecord(f"row-{other}", b"") for other in "abcd" if other != name])
        with self._book.writing():
            self._book.mark_absent("account-1", ("completed", "pending", "declined"), 1 << 60, seen)

    def _accept(self, which: int, alone: bool) -> None:  # noqa: FBT001 - a step has no names
        if not (found := [one for one in self._all() if _case(one) not in self._put_away]):
            return
        chosen = found[which % len(found)]
        kinds = (chosen.kind,) if alone else ()
        accepted = accept_rows(self._book, [chosen.transaction.id], kinds=kinds, note="seen")
        self._put_away |= {_case(finding): _about(finding) for finding in accepted}
        assert not alone or [finding.kind for finding in accepted] == [chosen.kind]

    def _reopen(self, which: int, _: None) -> None:
        if keys := sorted({key for _, key in self._put_away}):
            key = keys[which % len(keys)]
            reopen(journal_of(self._book), [key], TODAY)
            self._put_away = {case: about for case, about in self._put_away.items() if case[1] != key}

    def _look(self, _: None, __: None) -> None:
        """Export, so that a person has seen the findings, and begin the next sync."""
        for command in ("export generic (new)", "sync"):
            with self._book.run(command):
                pass
        self._known = {_case(finding): _about(finding) for finding in self._all()}


@quick
@given(st.lists(_STEPS, max_size=25))
def test_what_is_shown_is_all_without_what_is_put_away(steps: list[tuple[str, Any, Any]]) -> None:
    """After any changes and words, a review has every finding but those put away, and marks what is new."""
    with TemporaryDirectory() as folder, Book(Path(folder) / "acme.book", Clock().micros) as book:
        desk = _Desk(book)
        for step in steps:
            desk.take(*step)
            desk.check()
        assert journal_of(book).verify() == ""


# --- single cases -----------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Yield a book with an account, and without transactions."""
    with Book(tmp_path / "acme.book", clock.micros) as made:
        with made.writing():
            made.append(ACCOUNT, [RawRecord("account-1", b'{"id":"account-1","name":"Main"}')])
        yield made


def _shown(book: Book) -> list[str]:
    return [finding.kind for finding in Review(journal_of(book), TODAY).findings()]


def test_a_pending_row_comes_back_when_it_is_declined(book: Book) -> None:
    """A pending row that was put away stays away under another text, and is shown when it is declined."""
    keep(book, [raw_record("row-1", **_PENDING)])
    (done,) = accept_rows(book, ["row-1"], note="a hotel's deposit")
    assert (done.kind, _shown(book)) == ("pending", [])
    keep(book, [raw_record("row-1", **_PENDING, reference="another", updated_at="2026-11-02T00:00:00Z")])
    assert _shown(book) == []
    declined = _PENDING | {"status": "declined"}
    keep(book, [raw_record("row-1", **declined, updated_at="2026-11-03T00:00:00Z")])
    assert _shown(book) == ["declined"]


@pytest.mark.parametrize("between", [{"status": "declined"}, {"amount": 1.0, "amount_cents": 100}])
def test_a_row_that_was_another_case_in_between_is_shown(book: Book, between: dict[str, Any]) -> None:
    """A pending row that was put away, became another case, and is again as it was, is shown; so is a new mark."""
    keep(book, [raw_record("row-1", **_PENDING)])
    for command in ("export generic (new)", "sync"):
        with book.run(command):
            pass
    accept_rows(book, ["row-1"])
    for place, changes in enumerate((between, {})):
        keep(book, [raw_record("row-1", **_PENDING | changes, updated_at=f"2026-11-0{place + 2}T00:00:00Z")])
    (found,) = Review(journal_of(book), TODAY).findings()
    assert (found.kind, found.is_new) == ("pending", True)


def test_the_note_and_the_day_are_kept(book: Book, clock: Clock) -> None:
    """What was put away is listed with note and moment, and is shown again once that is taken back."""
    keep(book, [raw_record("row-1", **_PENDING)])
    accept_rows(book, ["row-1"], note="a hotel's deposit")
    (found,) = Review(journal_of(book), TODAY).accepted()
    assert found.accepted
    assert (found.accepted.note, found.accepted.made) == ("a hotel's deposit", clock.now)
    assert [one.transaction.id for one in reopen(journal_of(book), ["row-1"], TODAY)] == ["row-1"]
    assert (list(Review(journal_of(book), TODAY).accepted()), _shown(book)) == ([], ["pending"])
    with pytest.raises(InvalidInput, match=r"Nothing of row-1 .* is put away"):
        reopen(journal_of(book), ["row-1"], TODAY)


def test_a_receipt_is_put_away_apart(book: Book) -> None:
    """Of a row with other findings a missing receipt stays, unless its kind is named."""
    keep(book, [raw_record("row-1", attachment_required=True, operation_type="barter", vat_rate=-1)])
    accept_rows(book, ["row-1"])
    assert _shown(book) == ["receipt", "vat"]
    accept_rows(book, ["row-1"], kinds=("receipt",), note="no receipt needed")
    assert _shown(book) == ["vat"]
    accept_rows(book, ["row-1"])
    assert _shown(book) == []
    listed = Counter(one.kind for one in Review(journal_of(book), TODAY).accepted())
    assert listed == Counter(("unknown-operation", "receipt", "vat"))


def test_an_ambiguous_beginning_names_the_rows(book: Book) -> None:
    """A beginning of several ids is refused, with day, counterparty and amount of each."""
    keep(book, [raw_record(key, **_PENDING) for key in ("3f1c9a52-0001", "3f1c9a52-0002")])
    with pytest.raises(InvalidInput, match="begins the ids of 2 rows") as refused:
        accept_rows(book, ["3F1C9"])
    assert refused.value.hint.count("Müller GmbH, -12.34 EUR") == 2
    assert "3f1c9a52-0002" in refused.value.hint
    assert _shown(book) == ["pending", "pending"]


def test_an_acceptance_of_an_older_program_holds(office: Office) -> None:
    """A change that an older program accepted is not shown, is listed, and stays so beside another acceptance."""
    (key,) = office.arrive()
    office.export(New(TODAY))
    office.edit(key, reference="changed")
    with office.book.run("review accept"), office.book.writing():
        (seq,) = next(office.book.rows("SELECT seq FROM latest WHERE kind = ? AND id = ?", TRANSACTION, key))
        office.book.append("accepted", [RawRecord(key, f'{{"seq":{seq}}}'.encode())])
    assert office.changed() == []
    accept_rows(office.book, [key], kinds=("receipt",))
    review = Review(office.journal, TODAY)
    assert {one.kind for one in review.accepted()} == {"changed", "receipt"}
    assert (office.changed(), office.export(Changed())) == ([], [])
    reopen(office.journal, [key], TODAY)
    assert [one.reason.number for one in office.changed()] == [1]


def test_a_change_is_new_until_the_next_run(office: Office) -> None:
    """A changed row is new with the sync that found it, and then known, also if a field changes that no file has."""
    (key,) = office.arrive()
    office.export(New(TODAY))
    office.edit(key, reference="changed")
    assert [one.is_new for one in office.changed()] == [True]
    office.export(New(TODAY))
    assert [one.is_new for one in office.changed()] == [True]
    office.edit(key, note="no file shows it")
    assert [one.is_new for one in office.changed()] == [False]
    office.edit(key, reference="changed again")
    assert [one.is_new for one in office.changed()] == [True]
