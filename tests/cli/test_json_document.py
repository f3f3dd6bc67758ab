"""JSON documents in pieces are those that are made at once."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.cli.terminal.json_document import pieces
from primanota.core.errors import PrimanotaError
from tests.support.factories import quick


class _Lazily:
    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


class _View(msgspec.Struct):
    name: str
    items: Any
    number: int = 1


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.builds(_View, st.text(max_size=3), inner),
        st.builds(_Lazily, st.lists(inner, max_size=3)),
    ),
    max_leaves=8,
)


def _at_once(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=list), indent=2).decode() + "\n"


def _keys(error: PrimanotaError) -> dict[str, object]:
    return {"error": str(error)}


@quick
@given(_VALUES)
def test_lists_that_are_not_in_memory_are_written_as_lists(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """For any document with such lists, at any depth, also within each other."""
    assert "".join(pieces({"data": value}, _keys)) == _at_once({"data": value})


@pytest.mark.parametrize("number", [0, 1, 499, 500, 501, 1_000, 1_001])
def test_a_long_list_is_written_in_several_pieces(number: int) -> None:
    """Of a long list so many items at once are in a piece that none is large; together they are the list."""
    items = [{"id": f"t{place}", "rows": [place]} for place in range(number)]
    written = list(pieces({"files": [{"path": "a", "changes": _Lazily(items)}], "last": 1}, _keys))
    assert "".join(written) == _at_once({"files": [{"path": "a", "changes": items}], "last": 1})
    assert max(map(len, written)) < 60_000


def test_a_path_that_is_not_utf8_is_written() -> None:
    """A file's name may have bytes that are no letters; the lists beside it are written all the same."""
    document = "".join(pieces({"path": "\udcff", "changes": _Lazily([1, 2])}, _keys))
    assert json.loads(document) == {"path": "\udcff", "changes": [1, 2]}


def test_another_value_is_refused() -> None:
    """What is neither JSON nor an iterable is a mistake of the program."""
    with pytest.raises((NotImplementedError, TypeError)):
        "".join(pieces({"data": object()}, _keys))
