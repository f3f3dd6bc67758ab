"""A reading that the bank's rate bounds is not far ahead of what is stored: that would only take memory."""

from collections.abc import Callable

import pytest

from primanota.app.progress import Silent
from primanota.banks.qonto.http.rates import BANK_RATES
from primanota.banks.qonto.reading import paging
from tests.support.books.book_world import World

_FEW = 3
# First pages of slices are requested besides.
_FIRSTS = 4


@pytest.mark.parametrize("size", [1_900, 3_000])
@pytest.mark.parametrize("slice_rows", [10_000, 500], ids=["whole", "in slices"])
def test_few_pages_are_requested_ahead_of_many_rows(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, size: int, slice_rows: int
) -> None:
    """Of an account with more rows than the bank sends in a burst, few pages are requested ahead; none is lost."""
    for module in ("window", "paging", "slices"):
        monkeypatch.setattr(f"primanota.banks.qonto.reading.{module}.SLICE", slice_rows)
    monkeypatch.setattr(paging, "_ROWS_IN_A_BURST", 2_000)
    monkeypatch.setattr(paging, "_AHEAD_OF_LONG", _FEW)
    here = world(size=size)
    key = here.simulator.bank.account_ids()[0]
    source = here.bank.sources({key: None}, Silent())[key]
    begun, most, rows, begin = 0, 0, set[str](), here.client.begin

    def counted(*words: object) -> object:
        nonlocal begun
        begun += 1
        return begin(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(here.client, "begin", counted)
    for taken, page in enumerate(source.everything()):
        most = max(most, begun - taken)
        rows |= {row.id for row in page}
    assert source.takes_long == (size > 2_000)
    assert (most <= _FEW + _FIRSTS) == source.takes_long
    assert rows == {row["id"] for row in here.simulator.bank.truth(key)}
    assert source.doubts == []


def test_what_the_first_rate_allows_at_once() -> None:
    """The rows of as many full pages as the bank sends in its shorter rate are read as quickly as it answers."""
    assert paging._ROWS_IN_A_BURST == 100 * BANK_RATES[0].requests == 95_000
