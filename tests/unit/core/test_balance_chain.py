"""The balance chain: complete when no row is missing, else broken, with the two neighbours of the gap."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.book import BookedRow
from primanota.core import balance_chain
from primanota.core.balance_chain import Gap, prove, walk
from tests.support.factories import links, quick

# Small amounts too: they make balances that come back to where they were.
_AMOUNTS = st.one_of(st.integers(min_value=-2, max_value=2), st.integers(min_value=-5000, max_value=5000))
_MOVING = _AMOUNTS.filter(bool)


class Tied(NamedTuple):
    """A complete chain whose rows share moments, in the bank's order and in a random order within each moment."""

    rows: list[BookedRow]
    shuffled: list[BookedRow]


@st.composite
def tied(draw: st.DrawFn, amounts: st.SearchStrategy[int] = _AMOUNTS) -> Tied:
    """Draw a chain: the first row has a moment of its own, the others share few, and their order in one is lost."""
    moved = draw(st.lists(amounts, min_size=2, max_size=14))
    chance = draw(st.randoms(use_true_random=False))
    moments = [1, *sorted(chance.randint(2, 5) for _ in moved[1:])]
    rows = links(moved, moments)
    return Tied(rows, sorted(rows, key=lambda row: (row.settled, chance.random())))


def _balance(rows: list[BookedRow]) -> int:
    return sum(row.amount for row in rows)


def test_a_whole_chain_is_proven() -> None:
    """Rows whose balances follow from one another and end at the bank's balance are proven."""
    proof = prove("a", walk(links([10000, -2500, 0, 700])), 8200, {"completed": 4}, {"completed": 4})
    assert proof.ok
    assert (proof.reasons, proof.gap, proof.provable) == ((), None, True)
    assert (proof.rows, proof.opening, proof.closing, proof.balance) == (4, 0, 8200, 8200)


def test_a_missing_row_is_named_by_its_neighbours() -> None:
    """A gap has the missing amount and the two rows around it."""
    rows = links([10000, -2550, 700])
    proof = prove("a", walk([rows[0], rows[2]]), 8150, {}, {})
    assert proof.gap == Gap("t0", 1000, "t2", 3000, -2550)
    assert proof.reasons[0] == "-25.50 are missing between transactions t0 and t2"
    assert not proof.ok


@quick
@given(amounts=st.lists(_MOVING, min_size=3, max_size=20), chosen=st.randoms(use_true_random=False))
def test_any_missing_row_is_found(amounts: list[int], chosen: random.Random) -> None:
    """A chain without one of its inner rows breaks there, by that row's amount, and nowhere else."""
    rows = links(amounts)
    place = chosen.randrange(1, len(rows) - 1)
    gaps = walk(rows[:place] + rows[place + 1 :]).gaps
    before, after = rows[place - 1], rows[place + 1]
    assert gaps == [Gap(before.id, before.settled, after.id, after.settled, rows[place].amount)]


@quick
@given(amounts=st.lists(_MOVING, min_size=2, max_size=20))
def test_a_missing_end_is_found(amounts: list[int]) -> None:
    """Without its first row a chain starts with a balance; without its last it does not reach the bank's balance."""
    rows = links(amounts)
    first, last = (prove("a", walk(part), _balance(rows), {}, {}) for part in (rows[1:], rows[:-1]))
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
    """A row that occurs twice breaks the chain between the two."""
    rows = links(amounts)
    place = chosen.randrange(len(rows))
    again = rows[place]._replace(id="again", settled=rows[place].settled + 1)
    gaps = walk([*rows[: place + 1], again, *rows[place + 1 :]]).gaps
    assert [(gap.before, gap.after) for gap in gaps] == [(rows[place].id, "again")]


@quick
@given(chain=tied())
def test_rows_of_one_moment_chain_in_some_order(chain: Tied) -> None:
    """A complete chain is proven in any order in which rows of the same moment are listed."""
    proof = prove("a", walk(chain.shuffled), _balance(chain.rows), {}, {})
    assert proof.ok, proof.reasons
    assert (proof.rows, proof.opening, proof.closing) == (len(chain.rows), 0, _balance(chain.rows))


@quick
@given(chain=tied(_MOVING), chosen=st.randoms(use_true_random=False))
def test_ties_hide_no_missing_row(chain: Tied, chosen: random.Random) -> None:
    """A missing row is found where rows share moments, too."""
    place = chosen.randrange(len(chain.shuffled))
    rest = chain.shuffled[:place] + chain.shuffled[place + 1 :]
    assert not prove("a", walk(rest), _balance(chain.rows), {}, {}).ok


@quick
@given(chain=tied(_MOVING.map(abs)), chosen=st.randoms(use_true_random=False))
def test_ties_hide_no_inner_row(chain: Tied, chosen: random.Random) -> None:
    """A missing inner row breaks the chain, even without the bank's balance, if no balance occurs twice.

    Where one does, the rows of a moment may lead from it to itself, and only the bank's balance shows that one is
    missing: ``test_ties_hide_no_missing_row``.
    """
    inner = [row for row in chain.shuffled if 1 < row.settled < chain.rows[-1].settled]
    if not inner:
        return
    lost = chosen.choice(inner)
    assert walk([row for row in chain.shuffled if row is not lost]).gaps


def test_long_ties_are_quick() -> None:
    """Thousands of rows of one moment, listed backwards, chain in linear time."""
    amounts = [1, *([7, -7, 3, -3] * 2500)]
    rows = links(amounts, [1] + [2] * 10000)
    assert walk([rows[0], *reversed(rows[1:])]).gaps == []


def test_rows_that_come_and_go_chain() -> None:
    """Rows of one moment that move the balance back and forth between the same amounts chain."""
    rows = links([10000, -500, 500, -500, 500, 0], [1, 2, 2, 2, 2, 2])
    for order in ((5, 2, 1, 4, 3), (1, 3, 5, 2, 4), (5, 4, 3, 1, 2)):
        assert walk([rows[0], *(rows[place] for place in order)]).gaps == []


def test_a_row_of_zero_is_accepted() -> None:
    """A card check of 0.00 is a row like any other, and does not break the chain."""
    chain = walk(links([0, 500, 0, 0, -500, 0], [1, 2, 2, 3, 4, 4]))
    assert (chain.rows, chain.total, chain.opening, chain.closing, chain.gaps) == (6, 0, 0, 0, [])


@quick
@given(chain=tied(), ends=st.tuples(st.integers(0, 7), st.integers(0, 7)))
def test_a_span_has_the_balances_at_its_ends(chain: Tied, ends: tuple[int, int]) -> None:
    """The balance at each end of a span is the sum of all earlier rows; the rows in between are counted."""
    since, until = sorted(ends)
    found = walk(chain.shuffled, since, until)
    assert found.at_since == sum(row.amount for row in chain.rows if row.settled < since)
    assert found.at_until == sum(row.amount for row in chain.rows if row.settled < until)
    assert found.rows_within == sum(since <= row.settled < until for row in chain.rows)


def test_a_span_opens_with_the_earlier_balance() -> None:
    """A balance before the first row is the opening balance of a span."""
    chain = walk([BookedRow("t1", 5, 100, 600), BookedRow("t2", 6, -50, 550)], 1, 3)
    assert (chain.opening, chain.at_since, chain.at_until, chain.rows_within) == (500, 500, 500, 0)


def test_an_empty_account_is_proven_by_its_count() -> None:
    """An account without rows is proven with a balance of zero, and not proven with another balance."""
    assert prove("a", walk([]), 0, {}, {"completed": 0}).ok
    empty = prove("a", walk([]), 500, {}, {})
    assert empty.reasons == ("the rows add up to 0.00 and the bank's balance is 5.00",)
    assert (empty.opening, empty.closing) == (None, None)


def test_a_row_without_balance_carries_the_balance() -> None:
    """A row without a balance counts by its amount, so the next row chains."""
    rows = links([1000, -200, 50])
    without = rows[1]._replace(balance=None)
    chain = walk([rows[0], without, rows[2]])
    assert (chain.gaps, chain.rows_without_balance, chain.closing, chain.has_running_balances) == ([], 1, 850, True)
    assert walk([rows[0], rows[2]]).gaps == [Gap("t0", 1000, "t2", 3000, -200)]


def test_rows_before_the_first_balance_count() -> None:
    """The amounts of rows before the first stated balance count, so no row seems to be missing before them."""
    rows = links([1000, -200, 50])
    old = [row._replace(balance=None) for row in rows[:2]]
    assert walk([*old, rows[2]]).opening == 0
    assert prove("a", walk([*old, rows[2]]), 850, {}, {}).ok


def test_a_last_row_without_balance_is_in_the_closing_balance() -> None:
    """The closing balance includes a last row without a balance."""
    rows = links([1000, -200])
    assert walk([rows[0], rows[1]._replace(balance=None)]).closing == 800


def test_an_account_without_balances_is_not_provable() -> None:
    """An account of another bank without running balances is ok, but not provable."""
    without = [row._replace(balance=None) for row in links([1000, -200])]
    proof = prove("a", walk(without), 99999, {"completed": 2}, {"completed": 2})
    assert proof.ok
    assert not proof.provable
    assert (proof.opening, proof.closing) == (None, None)
    assert not walk(without).has_running_balances


def test_an_account_without_balances_is_still_counted() -> None:
    """Without balances, a wrong count is still a reason."""
    without = [row._replace(balance=None) for row in links([1000])]
    assert not prove("a", walk(without), None, {"completed": 1}, {"completed": 2}).ok


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
    """A status that has another number of rows at the bank than in the book is a reason."""
    assert prove("a", walk(links([500])), 500, booked, counted).reasons == reasons


def test_the_banks_balance_may_be_unknown() -> None:
    """Without the bank's balance, the chain alone is checked."""
    assert prove("a", walk(links([500, -100])), None, {}, {}).ok


@pytest.mark.parametrize(
    ("since", "until", "touched"), [(0, 1001, True), (0, 1000, False), (3000, 9999, True), (3001, 9999, False)]
)
def test_a_gap_touches_the_span_between_its_neighbours(since: int, until: int, *, touched: bool) -> None:
    """A gap concerns every span to which the missing row may belong, and no other."""
    rows = links([100, 200, 300])
    chain = walk([rows[0], rows[2]])
    assert bool(chain.first_gap_within(since, until)) == touched


@quick
@given(
    moved=st.lists(_AMOUNTS, max_size=30), chance=st.randoms(use_true_random=False), most=st.sampled_from((30, 3000))
)
def test_parts_change_nothing(
    monkeypatch: pytest.MonkeyPatch, moved: list[int], chance: random.Random, most: int
) -> None:
    """A chain that is followed in parts, plain ones at once, is the one that is followed row by row."""
    moments = sorted(chance.randint(1, most) for _ in moved)
    ends = chance.randint(0, most), chance.randint(0, most)
    rows = links(moved, moments)
    flawed = [
        row._replace(balance=chance.choice((None, row.balance, 7))) if chance.random() < 0.1 else row for row in rows
    ]
    with monkeypatch.context() as patch:
        patch.setattr(balance_chain._Walk, "_follow_plain", lambda *_: False)
        expected = [walk(some, *ends) for some in (rows, flawed)]
        patch.setattr(balance_chain, "_ROWS_AT_ONCE", chance.randint(1, 5))
        in_parts = [walk(some, *ends) for some in (rows, flawed)]
    monkeypatch.setattr(balance_chain, "_ROWS_AT_ONCE", chance.randint(1, 5))
    assert [walk(some, *ends) for some in (rows, flawed)] == in_parts == expected
