"""The balance chain: whole when nothing is missing, and broken, with the two neighbours, when something is."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.book import BookedRow
from primanota.core.balance_chain import Gap, prove, walk
from tests.support.factories import links, quick

# Small amounts too: they make balances that come back to where they were.
_AMOUNTS = st.one_of(st.integers(min_value=-2, max_value=2), st.integers(min_value=-5000, max_value=5000))
_MOVING = _AMOUNTS.filter(bool)


class Tied(NamedTuple):
    """A whole chain whose rows share moments, as the bank has it and as a list without its order has it."""

    rows: list[BookedRow]
    shuffled: list[BookedRow]


@st.composite
def tied(draw: st.DrawFn, amounts: st.SearchStrategy[int] = _AMOUNTS) -> Tied:
    """The first row stands alone; the others share few moments, and their order within one is lost."""
    moved = draw(st.lists(amounts, min_size=2, max_size=14))
    chance = draw(st.randoms(use_true_random=False))
    moments = [1, *sorted(chance.randint(2, 5) for _ in moved[1:])]
    rows = links(moved, moments)
    return Tied(rows, sorted(rows, key=lambda link: (link.settled, chance.random())))


def _balance(rows: list[BookedRow]) -> int:
    return sum(link.amount for link in rows)


def test_a_whole_chain_is_proven() -> None:
    """Nothing speaks against rows whose balances follow from one another and end at the bank's balance."""
    proof = prove("a", links([10000, -2500, 0, 700]), 8200, {"completed": 4}, {"completed": 4})
    assert proof.holds
    assert (proof.reasons, proof.gap, proof.provable) == ((), None, True)
    assert (proof.rows, proof.opening, proof.closing, proof.balance) == (4, 0, 8200, 8200)


def test_a_missing_row_is_named_by_its_neighbours() -> None:
    """A gap says how much is missing, and between which two rows."""
    rows = links([10000, -2550, 700])
    proof = prove("a", [rows[0], rows[2]], 8150, {}, {})
    assert proof.gap == Gap("t0", 1000, "t2", 3000, -2550)
    assert proof.reasons[0] == "-25.50 are missing between transactions t0 and t2"
    assert not proof.holds


@quick
@given(amounts=st.lists(_MOVING, min_size=3, max_size=20), chosen=st.randoms(use_true_random=False))
def test_any_missing_row_is_found(amounts: list[int], chosen: random.Random) -> None:
    """Without any one of its inner rows a chain breaks there, by that row's amount, and nowhere else."""
    rows = links(amounts)
    place = chosen.randrange(1, len(rows) - 1)
    gaps = walk(rows[:place] + rows[place + 1 :]).gaps
    before, after = rows[place - 1], rows[place + 1]
    assert gaps == [Gap(before.id, before.settled, after.id, after.settled, rows[place].amount)]


@quick
@given(amounts=st.lists(_MOVING, min_size=2, max_size=20))
def test_a_missing_end_is_found(amounts: list[int]) -> None:
    """Without its first row a chain finds money already there; without its last it misses the bank's balance."""
    rows = links(amounts)
    first, last = (prove("a", part, _balance(rows), {}, {}) for part in (rows[1:], rows[:-1]))
    assert any("the first row finds a balance of" in reason for reason in first.reasons)
    assert any("and the bank's balance is" in reason for reason in last.reasons)
    assert (first.gap, last.gap) == (None, None)


@quick
@given(amounts=st.lists(_AMOUNTS, min_size=2, max_size=20), by=_MOVING, chosen=st.randoms(use_true_random=False))
def test_any_wrong_amount_is_found(amounts: list[int], by: int, chosen: random.Random) -> None:
    """A row whose amount is wrong breaks the chain right before itself."""
    rows = links(amounts)
    place = chosen.randrange(1, len(rows))
    rows[place] = rows[place]._replace(amount=rows[place].amount + by)
    assert [(gap.before, gap.after, gap.missing) for gap in walk(rows).gaps] == [
        (rows[place - 1].id, rows[place].id, -by)
    ]


@quick
@given(amounts=st.lists(_AMOUNTS, min_size=3, max_size=20), by=_MOVING, chosen=st.randoms(use_true_random=False))
def test_any_wrong_balance_is_found(amounts: list[int], by: int, chosen: random.Random) -> None:
    """A row whose balance is wrong breaks the chain on both its sides."""
    rows = links(amounts)
    place = chosen.randrange(1, len(rows) - 1)
    rows[place] = rows[place]._replace(balance=(rows[place].balance or 0) + by)
    around = [(rows[place - 1].id, rows[place].id, by), (rows[place].id, rows[place + 1].id, -by)]
    assert [(gap.before, gap.after, gap.missing) for gap in walk(rows).gaps] == around


@quick
@given(amounts=st.lists(_MOVING, min_size=1, max_size=20), chosen=st.randoms(use_true_random=False))
def test_any_doubled_row_is_found(amounts: list[int], chosen: random.Random) -> None:
    """A row that stands there twice breaks the chain between the two."""
    rows = links(amounts)
    place = chosen.randrange(len(rows))
    again = rows[place]._replace(id="again", settled=rows[place].settled + 1)
    gaps = walk([*rows[: place + 1], again, *rows[place + 1 :]]).gaps
    assert [(gap.before, gap.after) for gap in gaps] == [(rows[place].id, "again")]


@quick
@given(chain=tied())
def test_rows_of_one_moment_chain_in_some_order(chain: Tied) -> None:
    """However rows of the same millisecond are listed, a chain that is whole is proven."""
    proof = prove("a", chain.shuffled, _balance(chain.rows), {}, {})
    assert proof.holds, proof.reasons
    assert (proof.rows, proof.opening, proof.closing) == (len(chain.rows), 0, _balance(chain.rows))


@quick
@given(chain=tied(_MOVING), chosen=st.randoms(use_true_random=False))
def test_ties_hide_no_missing_row(chain: Tied, chosen: random.Random) -> None:
    """Where rows share moments, one that is missing is found all the same."""
    place = chosen.randrange(len(chain.shuffled))
    rest = chain.shuffled[:place] + chain.shuffled[place + 1 :]
    assert not prove("a", rest, _balance(chain.rows), {}, {}).holds


@quick
@given(chain=tied(_MOVING), chosen=st.randoms(use_true_random=False))
def test_ties_hide_no_inner_row(chain: Tied, chosen: random.Random) -> None:
    """A moment whose rows lack one breaks the chain even where nobody knows the bank's balance."""
    inner = [link for link in chain.shuffled if 1 < link.settled < chain.rows[-1].settled]
    if not inner:
        return
    lost = chosen.choice(inner)
    assert walk([link for link in chain.shuffled if link is not lost]).gaps


def test_long_ties_are_quick() -> None:
    """Thousands of rows of one moment, listed backwards, still chain: no search that explodes."""
    amounts = [1, *([7, -7, 3, -3] * 2500)]
    rows = links(amounts, [1] + [2] * 10000)
    assert walk([rows[0], *reversed(rows[1:])]).gaps == []


def test_rows_that_come_and_go_chain() -> None:
    """Rows that move the balance back and forth between the same amounts, at one moment, chain."""
    rows = links([10000, -500, 500, -500, 500, 0], [1, 2, 2, 2, 2, 2])
    for order in ((5, 2, 1, 4, 3), (1, 3, 5, 2, 4), (5, 4, 3, 1, 2)):
        assert walk([rows[0], *(rows[place] for place in order)]).gaps == []


def test_a_row_that_moves_nothing_is_kept() -> None:
    """A card check of 0.00 is a row like any other, and breaks nothing."""
    chain = walk(links([0, 500, 0, 0, -500, 0], [1, 2, 2, 3, 4, 4]))
    assert (chain.rows, chain.total, chain.opening, chain.closing, chain.gaps) == (6, 0, 0, 0, [])


@quick
@given(chain=tied(), ends=st.tuples(st.integers(0, 7), st.integers(0, 7)))
def test_a_span_has_the_balances_at_its_ends(chain: Tied, ends: tuple[int, int]) -> None:
    """The balances at a span's two ends are what all earlier rows add up to; its rows are those in between."""
    since, until = sorted(ends)
    found = walk(chain.shuffled, since, until)
    assert found.at_since == sum(link.amount for link in chain.rows if link.settled < since)
    assert found.at_until == sum(link.amount for link in chain.rows if link.settled < until)
    assert found.rows_within == sum(since <= link.settled < until for link in chain.rows)


def test_a_span_starts_with_what_was_there() -> None:
    """Where the first row finds a balance, that is the balance of the days before it."""
    chain = walk([BookedRow("t1", 5, 100, 600), BookedRow("t2", 6, -50, 550)], 1, 3)
    assert (chain.opening, chain.at_since, chain.at_until, chain.rows_within) == (500, 500, 500, 0)


def test_an_empty_account_is_proven_by_its_count() -> None:
    """No rows and no balance is a proof; no rows and a balance is none."""
    assert prove("a", [], 0, {}, {"completed": 0}).holds
    empty = prove("a", [], 500, {}, {})
    assert empty.reasons == ("the rows add up to 0.00 and the bank's balance is 5.00",)
    assert (empty.opening, empty.closing) == (None, None)


def test_a_silent_row_carries_the_balance() -> None:
    """A row that states no balance moves it all the same, so the next row chains."""
    rows = links([1000, -200, 50])
    silent = rows[1]._replace(balance=None)
    chain = walk([rows[0], silent, rows[2]])
    assert (chain.gaps, chain.silent, chain.closing, chain.speaks) == ([], 1, 850, True)
    assert walk([rows[0], rows[2]]).gaps == [Gap("t0", 1000, "t2", 3000, -200)]


def test_silent_rows_before_the_first_word_count() -> None:
    """What silent rows moved before the first stated balance is known, so nothing seems to be missing before them."""
    rows = links([1000, -200, 50])
    old = [link._replace(balance=None) for link in rows[:2]]
    assert walk([*old, rows[2]]).opening == 0
    assert prove("a", [*old, rows[2]], 850, {}, {}).holds


def test_a_silent_last_row_is_in_the_closing_balance() -> None:
    """The closing balance counts a last row that states none."""
    rows = links([1000, -200])
    assert walk([rows[0], rows[1]._replace(balance=None)]).closing == 800


def test_an_account_without_balances_is_not_provable() -> None:
    """An account of another bank states no running balances: nothing speaks against it, and nothing proves it."""
    silent = [link._replace(balance=None) for link in links([1000, -200])]
    proof = prove("a", silent, 99999, {"completed": 2}, {"completed": 2})
    assert proof.holds
    assert not proof.provable
    assert (proof.opening, proof.closing) == (None, None)
    assert not walk(silent).speaks


def test_an_account_without_balances_is_still_counted() -> None:
    """Where no balance can prove anything, a wrong count still speaks."""
    silent = [link._replace(balance=None) for link in links([1000])]
    assert not prove("a", silent, None, {"completed": 1}, {"completed": 2}).holds


@pytest.mark.parametrize(
    ("booked", "counted", "reasons"),
    [
        ({"completed": 1, "pending": 2}, {"completed": 1, "pending": 2}, ()),
        ({"completed": 1}, {"completed": 1, "pending": 0}, ()),
        ({"completed": 1, "reversed": 9}, {"completed": 1}, ()),
        (
            {"completed": 1},
            {"completed": 1, "declined": 3},
            ("the bank counts 3 declined rows and the book has 0",),
        ),
        (
            {"completed": 2, "pending": 1},
            {"completed": 1, "pending": 0},
            (
                "the bank counts 1 completed rows and the book has 2",
                "the bank counts 0 pending rows and the book has 1",
            ),
        ),
    ],
)
def test_counts_must_agree(booked: dict[str, int], counted: dict[str, int], reasons: tuple[str, ...]) -> None:
    """Each status that the bank counts must have as many rows in the book, or the difference is said."""
    assert prove("a", links([500]), 500, booked, counted).reasons == reasons


def test_the_bank_may_not_tell_its_balance() -> None:
    """Where the bank's balance is hidden, the chain alone is held against the rows."""
    assert prove("a", links([500, -100]), None, {}, {}).holds


@pytest.mark.parametrize(
    ("since", "until", "touched"), [(0, 1001, True), (0, 1000, False), (3000, 9999, True), (3001, 9999, False)]
)
def test_a_gap_touches_the_span_between_its_neighbours(since: int, until: int, *, touched: bool) -> None:
    """A break concerns every span into which the missing row may belong, and no other."""
    rows = links([100, 200, 300])
    chain = walk([rows[0], rows[2]])
    assert bool(chain.doubt_within(since, until)) == touched
