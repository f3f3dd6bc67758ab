"""The review by the index: it finds what one of every record finds, and decodes only what it shows."""

import lzma
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.app.progress import Silent
from primanota.app.reviewing.check import check_book
from primanota.app.reviewing.review import Review
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.book import ACCOUNT, MEMBER, Book, SeenTransactions
from primanota.core.errors import BookDamaged
from primanota.core.model import RawRecord
from primanota.core.period import Period, between
from primanota.core.results import Finding, Findings
from tests.support.books.book_world import CONNECTOR, CountingProgress, World, journal_of
from tests.support.books.full_review import full_review, plain
from tests.support.clock import NOON, Clock
from tests.support.factories import keep, quick, raw_record

TODAY = NOON.date()
_OLDER = Path(__file__).parents[2] / "golden" / "book" / "0.1.0.book.xz"
_ACCOUNTS = ("account-1", "account-2", "account-3")
_ANOTHER_RULE = 99
# Around two midnights in Berlin, of which one is that of a change of the clocks; several rows share a moment.
_MOMENTS = st.sampled_from(
    [datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC) + timedelta(minutes=30 * step) for step in (0, 1, 47, 48, 49, 96)]
)
_CHANGES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(
            ["completed", "completed", "completed", "pending", "declined", "reversed", "dreamt"]
        ),
        "settled_at": _MOMENTS,
        "emitted_at": _MOMENTS,
        "operation_type": st.sampled_from(["transfer", "card", "barter"]),
        "attachment_required": st.sampled_from([True, False, "odd"]),
        "attachment_ids": st.sampled_from([[], ["a1"]]),
        "vat_rate": st.sampled_from([None, -1, 19.0, "odd"]),
        "settles": st.booleans(),
    }
)
_KEEP = st.tuples(st.just("keep"), st.sampled_from(_ACCOUNTS), st.sampled_from("abcdef"), _CHANGES)
_VANISH = st.tuples(st.just("vanish"), st.sampled_from(_ACCOUNTS), st.sampled_from("abcdef"), st.none())
_OTHER_RULE = st.tuples(st.just("other rule"), st.none(), st.none(), st.none())
_PERIODS = st.none() | st.tuples(st.integers(24, 27), st.integers(0, 2))


def _row(key: str, place: int, changes: dict[str, Any]) -> RawRecord:
    fields = {
        name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
        for name, value in changes.items()
    }
    if not fields.pop("settles") and fields["status"] != "completed":
        fields["settled_at"] = None
    return raw_record(key, **fields, updated_at=f"2026-11-01T00:{place:02}:00Z")


def _follow_another_rule(book: Book) -> None:
    """Leave the book as a program with another rule would: other things are lacking by it."""
    with book.writing():
        book.execute("UPDATE latest SET lacks = 7 - lacks WHERE kind = 'transaction' AND status = 'completed'")
        book.execute("INSERT OR REPLACE INTO derived VALUES ('lacks', ?)", _ANOTHER_RULE)


def _live_through(book: Book, steps: list[tuple[str, str, str, dict[str, Any]]]) -> None:
    with book.writing():
        book.append(ACCOUNT, [RawRecord(key, f'{{"id":"{key}","name":"{key}"}}'.encode()) for key in _ACCOUNTS])
        book.append(MEMBER, [RawRecord("m1", b'{"id":"m1","first_name":"Ada","last_name":"Lovelace"}')])
    for place, (what, account, name, changes) in enumerate(steps):
        if what == "keep":
            keep(book, [_row(f"{account}-{name}", place, changes)], account)
        elif what == "vanish":
            seen = SeenTransactions(book)
            seen.add([RawRecord(f"{account}-{other}", b"") for other in "abcdef" if other != name])
            with book.writing():
                book.mark_absent(account, ("completed", "pending", "reversed"), 1 << 60, seen)
        else:
            _follow_another_rule(book)


def _shortened(findings: list[Finding], limit: int) -> list[Finding]:
    kinds = dict.fromkeys(one.kind for one in findings)
    return [one for kind in kinds for one in [other for other in findings if other.kind == kind][-limit:]]


@quick
@given(st.lists(st.one_of(_KEEP, _KEEP, _KEEP, _VANISH, _OTHER_RULE), max_size=40), _PERIODS, st.integers(1, 3))
def test_it_finds_what_every_record_tells(steps: list[Any], days: tuple[int, int] | None, limit: int) -> None:
    """Counts, findings and their order, and the newest of each kind are those of a review of every record."""
    with TemporaryDirectory() as folder, Book(Path(folder) / "acme.book", Clock().micros) as book:
        _live_through(book, steps)
        first = days and date(2026, 10, days[0])
        period: Period | None = between(first, first + timedelta(days[1])) if first and days else None
        journal = journal_of(book)
        expected, found = full_review(journal, TODAY, period), Review(journal, TODAY, period)
        assert plain(found.findings()) == expected
        assert found.counts == dict(Counter(one.kind for one in expected))
        ids = {one.transaction.id: found.newest().short_ids[one.transaction.id] for one in expected}
        newest = found.newest()
        assert newest == Findings(found.counts, newest.newest, 0, ids)
        assert plain(newest.newest) == expected
        assert plain(found.newest(limit).newest) == _shortened(expected, limit)
        others = [one for one in full_review(journal, TODAY) if one not in expected]
        assert found.count_other_days() == sum(one.kind not in {"receipt", "vat"} for one in others)
        assert journal.verify() == ""


def test_it_finds_the_same_in_a_company(world: Callable[..., World]) -> None:
    """The findings of an invented company of several accounts are those of a review of every record."""
    here = world(size=450)
    here.sync()
    here.simulator.bank.arrive(30)
    here.clock.advance(days=9)
    here.sync(full=True)
    expected = full_review(here.journal, here.clock.now.date())
    assert plain(Review(here.journal, here.clock.now.date()).findings()) == expected
    assert len({one.account.id for one in expected}) > 1


def test_only_what_is_shown_is_decoded(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts decode no record, and the newest findings only their own ones."""
    here, decoded = world(size=450), list[bytes]()
    here.sync()
    found, real = Review(here.journal, here.clock.now.date()), QontoConnector.open_points

    def counted(self: QontoConnector, bodies: Iterator[bytes], *others: Any) -> Iterator[Any]:  # noqa: ANN401 - as the method
        kept = list(bodies)
        decoded.extend(kept)
        return real(self, kept, *others)

    monkeypatch.setattr(QontoConnector, "open_points", counted)
    assert found.counts["receipt"] > 100
    assert decoded == []
    found.newest(3)
    assert len(decoded) == sum(min(3, found.counts.get(kind, 0)) for kind in ("receipt", "vat", "unknown-operation"))


# --- derived data and the number of its rule ----------------------------------------------------------------------


@pytest.fixture
def older(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Open a copy of a book that version 0.1.0 wrote."""
    path = tmp_path / "older.book"
    path.write_bytes(lzma.decompress(_OLDER.read_bytes()))
    with Book(path, clock.micros) as opened:
        yield opened


def test_an_older_book_is_brought_up_to_date_once(older: Book) -> None:
    """A book of version 0.1.0 gets what its rows lack before the first review, with progress, and only once."""
    journal, progress = journal_of(older), CountingProgress()
    rows = next(older.rows("SELECT count(*) FROM latest WHERE kind = 'transaction'"))[0]
    assert (older.lacks_rule, check_book(journal).inconsistency) == (0, "")
    journal.bring_up_to_date(progress)
    assert (older.lacks_rule, progress.pages, progress.rows) == (CONNECTOR.lacks_rule, 1, rows)
    journal.bring_up_to_date(progress)
    assert progress.rows == rows
    assert plain(Review(journal, TODAY).findings()) == full_review(journal, TODAY) != []
    assert check_book(journal).inconsistency == ""


def test_an_interrupted_update_changes_nothing(older: Book) -> None:
    """If bringing the book up to date is interrupted, nothing of it is stored, and the next command does it."""

    class Interrupted(Silent):
        def page(self, rows: int) -> None:
            raise KeyboardInterrupt(rows)

    journal = journal_of(older)
    with pytest.raises(KeyboardInterrupt):
        journal.bring_up_to_date(Interrupted())
    assert (older.lacks_rule, next(older.rows("SELECT sum(lacks) FROM latest"))) == (0, (0,))
    assert plain(Review(journal, TODAY).findings()) == full_review(journal, TODAY)


def test_a_record_that_cannot_be_read_is_named(older: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored record that the program cannot decode is damage, and the book stays as it was."""

    def refuse(_: bytes) -> RawRecord:
        raise ValueError("no amount")

    monkeypatch.setattr(QontoConnector, "record", staticmethod(refuse))
    with pytest.raises(BookDamaged, match=r"Version \d+ of the book cannot be read: no amount"):
        journal_of(older).bring_up_to_date(Silent())
    assert older.lacks_rule == 0


def test_another_rule_is_not_damage(world: Callable[..., World]) -> None:
    """What rows lack is compared with the records if the book follows the same rule; else it is filled anew."""
    here = world(size=450)
    here.sync()
    _follow_another_rule(here.book)
    assert here.journal.verify() == ""
    here.sync()
    assert here.book.lacks_rule == CONNECTOR.lacks_rule
    assert plain(Review(here.journal, TODAY).findings()) == full_review(here.journal, TODAY)
    with here.book.writing():
        here.book.execute("UPDATE latest SET lacks = 7 - lacks WHERE kind = 'transaction' AND status = 'completed'")
    assert "differs from the bank's record" in here.journal.verify()


def test_a_row_that_lacks_nothing_is_not_shown(world: Callable[..., World]) -> None:
    """An index that says that a complete row lacks a receipt is damage, and nothing else is shown for that row."""
    here = world(size=450)
    here.sync()
    with here.book.writing():
        here.book.execute("UPDATE latest SET lacks = 2 WHERE lacks = 0 AND status = 'completed'")
    with pytest.raises(BookDamaged, match=r"the index entry of transaction .* is wrong"):
        list(Review(here.journal, TODAY).findings())


def test_a_reindex_follows_the_present_rule(world: Callable[..., World]) -> None:
    """Rebuilding the index of a book with another rule fills what rows lack, and reports no difference."""
    here = world(size=450)
    here.sync()
    _follow_another_rule(here.book)
    with here.book.writing():
        assert here.book.reindex(CONNECTOR.record, CONNECTOR.lacks_rule).differed == 0
    assert here.book.lacks_rule == CONNECTOR.lacks_rule
    assert plain(Review(here.journal, TODAY).findings()) == full_review(here.journal, TODAY)


@pytest.mark.parametrize("kind", ["pending", "declined", "reversed", "receipt", "vat", "unknown-operation"])
def test_rows_are_found_in_the_order_of_the_index(world: Callable[..., World], kind: str) -> None:
    """The rows of a kind come in the order of an index: nothing is sorted, and the table is not read whole."""
    here = world(size=450)
    here.sync()
    asked, real = list[tuple[str, tuple[object, ...]]](), here.book.rows

    def explained(select: str, *values: object) -> Iterator[Any]:
        asked.append((select, values))
        return real(select, *values)

    rows = here.journal.open_rows()
    assert rows.counts  # how they are counted is not looked at
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(here.book, "rows", explained)
        list(rows.of(kind, newest_first=True))
    assert asked
    for select, values in asked:
        plan = [step for *_, step in real(f"EXPLAIN QUERY PLAN {select}", *values)]
        assert all(step.startswith("SEARCH l USING ") for step in plan), plan
