"""Counts that contradict the rows end a reading at once, without a list of all pages or slices they would need."""

import pytest

from primanota.banks.qonto.decoding.answers import Meta, TransactionsPage
from primanota.banks.qonto.http.answer_body import Undecodable, decode_json
from primanota.banks.qonto.reading.slices import is_short
from primanota.banks.qonto.reading.window import SECOND, TransactionQuery

_YEARS = 10 * 365 * 86_400 * SECOND


@pytest.mark.parametrize("rows", [20_001, 10**6, 2**53])
def test_a_query_is_split_into_few_slices(rows: int) -> None:
    """However many rows the bank counts, a query is split into at most a thousand slices without a hole."""
    slices = TransactionQuery("a", ("completed",), "created", until=_YEARS).split(rows, 0, 0)
    assert 2 < len(slices) + 1 <= 1_001
    assert [one.until for one in slices[:-1]] == [one.since for one in slices[1:]]
    assert (slices[0].since, slices[-1].until) == (None, _YEARS)


@pytest.mark.parametrize(
    ("total", "sent", "per_page", "short"),
    [(0, 0, 100, False), (7, 7, 100, False), (8, 7, 100, True), (101, 100, 100, False), (101, 50, 50, False)],
)
def test_a_first_page_that_is_short(total: int, sent: int, per_page: int, *, short: bool) -> None:
    """A first page is short if it has neither all rows nor as many as a page has."""
    assert is_short(Meta(1, total, per_page), sent, 100) is short


@pytest.mark.parametrize("total", [2**53 + 1, 2**64, 2**70])
def test_a_count_beyond_all_lists(total: int) -> None:
    """A count that no list can have is an answer that cannot be read."""
    body = f'{{"meta": {{"current_page": 1, "total_count": {total}}}, "transactions": []}}'.encode()
    with pytest.raises(Undecodable):
        decode_json(body, TransactionsPage)
