"""Selected rows in stretches: each begins with its balance and ends where another row of the account comes."""

import json
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from primanota.book import Book
from primanota.book.rows.selected_rows import SelectedRows, rows_by_id
from tests.support.clock import Clock
from tests.support.factories import quick
from tests.support.files.chained_rows import ACCOUNT, AMOUNTS, chained, keep_chained


@quick
@given(amounts=AMOUNTS, data=st.data())
def test_any_rows_in_stretches(amounts: list[list[int]], data: st.DataObject) -> None:
    """For any choice of rows, a stretch's balance and rows lead to the balance of its last row, and none is left."""
    rows = chained(amounts)
    places = data.draw(st.permutations(range(len(rows))))
    with TemporaryDirectory() as folder, Book(Path(folder) / "the.book", Clock().micros) as book:
        by_id = keep_chained(book, rows, places)
        with rows_by_id(book, [ACCOUNT.id], by_id) as every:
            in_order = _ids(every, every.lines)
        chosen = data.draw(st.lists(st.sampled_from(in_order), min_size=1, unique=True))
        with rows_by_id(book, [ACCOUNT.id], chosen) as selected:
            stretches = selected.stretches(0)
            found = [_ids(selected, one.lines) for one in stretches]
            totals = [selected.total(one.lines) for one in stretches]
    assert [key for ids in found for key in ids] == [key for key in in_order if key in chosen]
    for one, ids, total in zip(stretches, found, totals, strict=True):
        assert one.opening == by_id[ids[0]].balance - by_id[ids[0]].cents
        assert one.opening + total == by_id[ids[-1]].balance
    for before, after in pairwise(found):
        between = in_order[in_order.index(before[-1]) + 1 : in_order.index(after[0])]
        assert any(by_id[key].cents for key in between)


def _ids(rows: SelectedRows, lines: range) -> list[str]:
    return [json.loads(body)["id"] for body in rows.bodies(lines)]
