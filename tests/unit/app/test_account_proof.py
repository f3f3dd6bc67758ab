"""The proof of an account over a period: right to the cent against a walk over all rows, and what it leaves open."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.app.proving.account_proof import account_proof, balance_steps, dated_gaps, exported_files
from primanota.book import Book
from primanota.book.rows import settled_rows
from primanota.core.account_proof import AccountProof
from primanota.core.balance_chain import walk
from primanota.core.period import Period, between, microseconds, parse
from primanota.core.proof_state import ProofState
from primanota.core.selection import New
from primanota.export.delivery import undo
from tests.support.banks.shy_bank import hide_row, refuse_account, unlist_account
from tests.support.books.book_world import Office, World, journal_of
from tests.support.clock import BERLIN
from tests.support.factories import keep, raw_record
from tests.support.files.chained_rows import ACCOUNT, AMOUNTS, DAY, chained, keep_chained

_TODAY = date(2026, 11, 23)
_EVENING = datetime(2026, 11, 23, 18, tzinfo=UTC)
_FOURTH, _FIFTH = date(2026, 10, 4), date(2026, 10, 5)
_NOVEMBER, _OCTOBER = (parse(f"2026-{month}", _TODAY) for month in (11, 10))
_WORDS = ("2026", "2025", "2026-Q3", "2026-10", "2026-W43", "2026-03-28", "2026-11-23", "2027", "1999")


def _proofs(here: World, period: Period) -> list[AccountProof]:
    return [account_proof(here.journal, account, period) for account in here.journal.accounts()]


def _main(here: World, period: Period) -> AccountProof:
    return _proofs(here, period)[0]


def _claims(found: AccountProof) -> tuple[str, list[str], list[str]]:
    return found.state, [*found.proven], [*found.unproven]


@pytest.mark.parametrize("word", _WORDS)
def test_each_number_is_that_of_a_walk_over_all_rows(world: Callable[..., World], word: str) -> None:
    """Balances, rows and sums of a period are those of all its rows; opening, in and out make closing."""
    here = world(size=600)
    here.sync()
    period = parse(word, _TODAY)
    since, until = period.span(BERLIN)
    for found in _proofs(here, period):
        rows = list(here.book.booked_rows(found.account.id))
        chain, within = walk(rows, since, until), [row.amount for row in rows if since <= row.settled < until]
        sums = found.completed
        assert (sums.rows, sums.sum_in + sums.sum_out) == (len(within), sum(within))
        assert sums.sum_in == sum(cents for cents in within if cents > 0)
        assert (found.opening, found.closing) == (chain.at_since, chain.at_until)
        assert found.missing == (0 if chain.has_running_balances else None)
        assert (found.gaps, found.late_start) == ([], 0)
        assert found.is_newest == all(row.settled < until for row in rows)
        if found.state == "proven" and found.is_newest:
            assert found.closing == found.bank == found.account.balance


def test_an_account_without_rows_has_zero(office: Office) -> None:
    """An account that has no rows yet begins and ends with 0.00, as its bank says."""
    found = account_proof(office.journal, office.accounts[1], _NOVEMBER)
    assert (found.opening, found.closing, found.missing, found.completed.rows) == (0, 0, 0, 0)
    assert found.bank == 0


@given(amounts=AMOUNTS, place=st.integers(1, 24))
def test_gaps_are_those_of_a_walk_over_all_rows(amounts: list[list[int]], place: int) -> None:
    """Where balances do not chain, the period is doubtful, and neither chain nor sums are proven."""
    rows = chained(amounts)
    # From one row on each balance is 5.00 more: a row is missing before it.
    kept = [row._replace(balance=row.balance + 5_00) if at >= place else row for at, row in enumerate(rows)]
    with TemporaryDirectory() as folder, Book(Path(folder) / "a.book", lambda: microseconds(_EVENING)) as book:
        keep_chained(book, kept, range(len(kept)))
        found = account_proof(journal_of(book), ACCOUNT, between(DAY, DAY))
        chain = walk(book.booked_rows(ACCOUNT.id), *found.period.span(BERLIN))
    assert found.gaps == chain.gaps
    assert bool(found.gaps) == (place < len(rows))
    assert found.missing == sum(gap.missing for gap in chain.gaps)
    assert found.state == ("doubtful" if found.gaps else "proven")
    assert ("gap" in found.unproven, "chain" in found.proven) == (bool(found.gaps), not found.gaps)
    assert ("sums" in found.proven) == (not found.gaps)


def _kept(book: Book, *rows: tuple[int, int, int]) -> None:
    """Append rows of days of October, each with its cents and the balance after it, and call them proven."""
    for day, cents, balance in rows:
        moment = f"2026-10-{day:02}T10:00:00.000Z"
        fields = {"amount_cents": abs(cents), "settled_balance_cents": balance, "settled_at": moment}
        side = "credit" if cents > 0 else "debit"
        balances = {"amount": abs(cents) / 100, "settled_balance": balance / 100}
        keep(
            book, [raw_record(f"t{day}", **fields, **balances, side=side, local_amount_cents=abs(cents))], ACCOUNT.id
        )
    with book.writing():
        book.set_proof_state(ACCOUNT.id, ProofState("proven", book.clock()))


@pytest.mark.parametrize(("day", "has_gap"), [(4, False), (5, True), (6, True), (7, True), (8, False)])
def test_a_gap_between_two_periods_is_in_both(tmp_path: Path, day: int, *, has_gap: bool) -> None:
    """A row that is missing between two days may be of either, and of any day between them."""
    with Book(tmp_path / "a.book", lambda: microseconds(_EVENING)) as book:
        _kept(book, (4, 50_00, 50_00), (5, 100_00, 150_00), (7, 10_00, 190_00), (8, -1_00, 189_00))
        journal, october = journal_of(book), date(2026, 10, day)
        found = account_proof(journal, ACCOUNT, between(october, october))
        assert bool(found.gaps) is has_gap
        assert found.state == ("doubtful" if has_gap else "proven")
        points = balance_steps(journal, account_proof(journal, ACCOUNT, between(_FOURTH, date(2026, 10, 8))))
        for gap in dated_gaps(journal, found, points):
            assert gap[:3] == (30_00, _FIFTH, date(2026, 10, 7))
            # The plot begins at the end of the third; the rows settled at noon.
            assert gap.places == pytest.approx((1.5 / 5, 3.5 / 5))


def test_a_first_row_that_finds_a_balance_is_told(tmp_path: Path) -> None:
    """A first row before which there was money is not the first one: the period that has it is doubtful."""
    with Book(tmp_path / "a.book", lambda: microseconds(_EVENING)) as book:
        _kept(book, (4, 50_00, 90_00), (5, 1_00, 91_00))
        first, later = (account_proof(journal_of(book), ACCOUNT, between(day, day)) for day in (_FOURTH, _FIFTH))
    assert (first.late_start, first.state, first.opening, first.closing) == (40_00, "doubtful", 40_00, 90_00)
    assert first.unproven == ["late_start"]
    assert (later.late_start, later.state, later.opening, later.closing) == (0, "proven", 90_00, 91_00)


# --- what is proven and what is not ---------------------------------------------------------------------------------


def test_a_proven_month_says_what_is_proven(world: Callable[..., World]) -> None:
    """A month that is over is proven by chain, sums, bank and counts; the present one ends later."""
    here = world(size=600)
    here.sync()
    everything = ["chain", "sums", "bank", "counts"]
    over, present = _main(here, _OCTOBER), _main(here, _NOVEMBER)
    assert (over.state, over.proven) == ("proven", everything)
    assert not {*over.unproven} - {"pending"}
    assert (present.state, present.proven) == ("proven", everything)
    assert "later" in present.unproven


def test_counts_alone_prove_counts_alone(world: Callable[..., World]) -> None:
    """Where the bank states no balances only the counts are proven, and no balance is shown."""
    here = world(size=600)
    here.sync()
    found = _proofs(here, _OCTOBER)[3]
    assert _claims(found)[:2] == ("counts only", ["counts"])
    assert "no_balances" in found.unproven
    assert (found.opening, found.closing, found.missing) == (None, None, None)
    assert not [one for one in balance_steps(here.journal, found) if one.cents is not None]


def test_a_doubtful_account_proves_its_earlier_months(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that the bank does not list makes the present month doubtful, with reasons, and not the one before."""
    here = office.world
    here.clock.advance(days=-40)
    office.arrive(2)
    here.clock.advance(days=40)
    office.arrive()
    here.clock.advance(minutes=1)
    (key,) = here.simulator.bank.arrive(1)
    hide_row(monkeypatch, here.simulator, key)
    here.clock.advance(minutes=1)
    here.sync()
    present, earlier = _main(here, _NOVEMBER), _main(here, _OCTOBER)
    assert _claims(present) == ("doubtful", [], ["doubtful", "later"])
    assert present.found.reasons
    assert present.bank != present.closing
    assert _claims(earlier) == ("proven", ["chain", "sums", "earlier"], ["doubtful"])


def test_an_account_that_was_not_read_to_its_end_is_partial(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a sync that could not read the account its days since are not proven; the month before is."""
    here = world(size=600)
    here.sync()
    here.clock.advance(days=1)
    for place in range(4):
        refuse_account(monkeypatch, here.simulator, place, 500)
    with here.book.writing():
        key = here.journal.accounts()[0].id
        before = here.book.proof_state(key)
        here.book.set_proof_state(key, ProofState("partial", before.until, ("the bank answers 500",)))
    present, earlier = _main(here, _NOVEMBER), _main(here, _OCTOBER)
    assert (present.state, present.proven) == ("partial", [])
    assert [one for one in present.unproven if one != "pending"] == ["partial", "later"]
    assert (earlier.state, earlier.proven) == ("proven", ["chain", "sums", "earlier"])
    assert [one for one in earlier.unproven if one != "pending"] == ["partial"]


def test_an_account_that_was_never_read_whole_proves_nothing(world: Callable[..., World]) -> None:
    """Of an account that was never read whole nothing is proven, whatever its rows say."""
    here = world(size=600)
    here.sync()
    with here.book.writing():
        here.book.set_proof_state(here.journal.accounts()[0].id, ProofState())
    found = _main(here, _OCTOBER)
    assert (found.state, found.proven, found.until) == ("unread", [], None)
    assert [one for one in found.unproven if one != "pending"] == ["unread"]


def test_an_account_that_has_gone_is_proven_until_then(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of an account that the bank no longer shows stay proven; what came after is not known."""
    here = world(size=600)
    here.sync()
    unlist_account(monkeypatch, 2)
    here.clock.advance(days=1)
    here.sync()
    (found,) = (one for one in _proofs(here, parse("2026", _TODAY)) if one.found.state == "gone")
    assert found.completed.rows
    assert _claims(found) == ("gone", ["chain", "sums", "earlier"], ["gone", "later"])


# --- the plot and the files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["2026-10", "2026-10-05", "2026", "2020", "2027"])
def test_the_plot_has_the_balances_at_the_ends_of_days(world: Callable[..., World], word: str) -> None:
    """The plot begins with the opening, ends with the last known balance, and has at most 401 points, in order."""
    here = world(size=600)
    here.sync()
    found = _main(here, parse(word, _TODAY))
    points = balance_steps(here.journal, found)
    if found.period.first > _TODAY:
        assert points == []
        return
    assert (points[0].day, points[0].cents) == (found.period.first - timedelta(days=1), found.opening)
    assert (points[-1].day, points[-1].cents) == (min(found.period.last, _TODAY), found.closing)
    assert [one.day for one in points] == sorted({one.day for one in points})
    for one in points:
        assert one.cents == account_proof(here.journal, found.account, between(one.day, one.day)).closing


def test_the_plot_of_a_long_time_is_short(world: Callable[..., World]) -> None:
    """A plot of forty years has at most 401 points."""
    here = world(size=20)
    here.sync()
    points = balance_steps(here.journal, _main(here, between(date(1986, 1, 1), _TODAY)))
    assert 300 < len(points) <= 401


@pytest.mark.parametrize("many", [settled_rows._MANY, -1])
def test_the_files_are_those_with_rows_of_the_period(
    office: Office, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """The files are those of active batches that have some rows of the period, however they are found."""
    monkeypatch.setattr(settled_rows, "_MANY", many)
    day = office.world.clock.now.date()
    batches = []
    for _ in range(3):
        office.world.clock.advance(days=1)
        office.arrive(2)
        batches += office.export(New(date(2026, 1, 1)))
    office.arrive(2, account=1)
    other = office.export(New(date(2026, 1, 1)))
    found = account_proof(office.journal, office.accounts[0], between(day + timedelta(2), day + timedelta(9)))
    assert exported_files(office.journal, found) == batches[1:]
    whole = account_proof(office.journal, office.accounts[1], parse("2026", day))
    assert exported_files(office.journal, whole) == other
    undo(office.book, batches[1].number)
    assert exported_files(office.journal, found) == batches[2:]


def test_a_batch_that_replaced_another_is_listed_once(office: Office) -> None:
    """A file is listed once, however many rows it has; one of another period is not."""
    office.arrive(5)
    (batch,) = office.export(New(date(2026, 1, 1)))
    present, other = (account_proof(office.journal, office.accounts[0], one) for one in (_NOVEMBER, _OCTOBER))
    assert (exported_files(office.journal, present), exported_files(office.journal, other)) == ([batch], [])
