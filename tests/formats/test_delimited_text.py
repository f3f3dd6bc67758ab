"""Lines of delimited text are those that Python's ``csv`` writes."""

import csv
import io
from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.formats.delimited_text import Dialect, cells_of, text_of
from tests.support.factories import quick

_QUOTING: dict[str, Literal[0, 1, 2, 3]] = {
    "minimal": csv.QUOTE_MINIMAL,
    "all": csv.QUOTE_ALL,
    "text": csv.QUOTE_NONNUMERIC,
    "none": csv.QUOTE_NONE,
}
_TEXTS = st.text(st.sampled_from(",;\t|\"'\r\n\0\x1c\x85\u2028 aé1"), max_size=6)
_PLAIN_TEXTS = st.text(st.sampled_from(",;|\"' aé1"), max_size=6)


def _rows_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    """Return rows of the same number of cells."""
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(texts, min_size=width, max_size=width), max_size=8)
    )


_PLAIN_ROWS, _ROWS = _rows_of(_PLAIN_TEXTS), _rows_of(st.one_of(_PLAIN_TEXTS, _TEXTS))
_DIALECTS = st.builds(
    Dialect,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from(["minimal", "all", "text", "none"]),
)


def _written_by_csv(rows: Sequence[Sequence[str]], dialect: Dialect) -> str:
    text = io.StringIO(newline="")
    csv.writer(
        text, delimiter=dialect.delimiter, quoting=_QUOTING[dialect.quoting], lineterminator=dialect.newline
    ).writerows(rows)
    return text.getvalue()


@settings(max_examples=300)
@given(_ROWS, _DIALECTS)
def test_columns_become_the_lines_that_csv_writes(rows: list[list[str]], dialect: Dialect) -> None:
    """For any cells and dialect: the same text, or the same refusal."""
    columns = list(zip(*rows, strict=True)) or [()]
    try:
        expected = _written_by_csv(rows, dialect)
    except csv.Error as error:
        with pytest.raises(csv.Error, match=str(error)):
            text_of(columns, dialect)
    else:
        assert text_of(columns, dialect) == expected


@quick
@given(_PLAIN_ROWS, _DIALECTS)
def test_written_lines_are_read_back(rows: list[list[str]], dialect: Dialect) -> None:
    """Cells of one line, as those of a file are, are the same when they are read in a dialect with quotes."""
    columns = list(zip(*rows, strict=True)) or [()]
    if dialect.quoting != "none":
        assert cells_of(text_of(columns, dialect), dialect) == rows
