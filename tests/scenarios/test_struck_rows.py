"""A fault that strikes the first, the last or the only row of any account is found, wherever it strikes."""

import itertools
from collections.abc import Callable

import pytest

from tests.support.books.book_world import World

_OF_ONE_ROW = ("row-missing-always", "balance-gap", "broken-cents", "row-without-id", "amount-missing", "bad-date")
_ACCOUNTS = ("main", "savings", "closed")
_STRUCK = [f"{fault}@{row}:{on}" for fault, row, on in itertools.product(_OF_ONE_ROW, ("first", "last"), _ACCOUNTS)]


@pytest.mark.parametrize("fault", _STRUCK)
def test_first_and_last_rows(world: Callable[..., World], fault: str) -> None:
    """The struck account is not called proven, and the others are."""
    here = world(faults=[fault])
    done = here.sync()
    struck = here.simulator.bank.account_ids()[_ACCOUNTS.index(fault.rpartition(":")[2])]
    assert [one.account.id for one in done if not one.proven] == [struck]


@pytest.mark.parametrize("fault", _OF_ONE_ROW)
def test_the_only_row(world: Callable[..., World], fault: str) -> None:
    """An account whose only row is struck is not called proven."""
    here = world(size=0, faults=[f"{fault}@only:savings"])
    savings = here.simulator.bank.account_ids()[1]
    here.simulator.bank.arrive(1, savings)
    assert [one.account.id for one in here.sync() if not one.proven] == [savings]
