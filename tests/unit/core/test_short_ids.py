"""Ids by their first letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import InvalidInput
from primanota.core.redaction import redacted_error
from primanota.core.short_ids import beginning, whole_id
from tests.support.factories import quick

_IDS = ("3f1c9a52-0001", "3f1c9a52-0002", "3F77aa10-0003", "3f1c")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("3f1c9a52-0001", "3f1c9a52-0001"),
        ("3f77", "3F77aa10-0003"),
        ("3F77AA10", "3F77aa10-0003"),
        ("3f1c", "3f1c"),  # a whole id is meant, although others begin so
        ("3f7", None),  # too short
        ("", None),
        ("9999", None),
    ],
)
def test_an_id_by_its_first_letters(word: str, found: str | None) -> None:
    """Four letters or more that begin one id name it, whatever their case; fewer, and others, name none."""
    assert whole_id(word, _IDS, "rows") == found


def test_several_ids_that_begin_so() -> None:
    """Letters that begin several ids are refused, with the ids that can be meant."""
    with pytest.raises(InvalidInput, match="begins the ids of 2 changed rows") as refused:
        whole_id("3f1c9", _IDS, "changed rows")
    assert refused.value.hint == "Type more of it: 3f1c9a52-0001; 3f1c9a52-0002."


@quick
@given(st.sets(st.text("ab1-", min_size=1, max_size=8), min_size=1), st.integers(4, 8))
def test_what_is_found_begins_so(ids: set[str], length: int) -> None:
    """Whatever the ids, what is found is one of them, begins with what was typed, and is the only one or equal."""
    for key in ids:
        word = key[:length]
        try:
            found = whole_id(word, ids, "rows")
        except InvalidInput:
            assert sum(one.startswith(word) for one in ids) > 1
            continue
        assert (found is None) is (len(word) < 4 and word not in ids)
        assert found is None or found.startswith(word)


@pytest.mark.parametrize("whole", ["9eb0b2eb648057e576e0b191d5d7bd92", "3f1c9a52-0001-4f3a-8a51-1d2b6f2c9e00"])
def test_a_sentence_names_an_id_that_is_no_secret(whole: str) -> None:
    """The id of a row, also of 32 digits as of statements in files, is not taken for a key in an error."""
    named = beginning(whole)
    assert whole.startswith(named)
    assert redacted_error(f"Transaction {named} cannot be in a file") == f"Transaction {named} cannot be in a file"
