"""Lines of delimited text are those that Python's ``csv`` writes, and are read as it reads them."""

import csv
import io
from collections.abc import Sequence
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.formats.delimited_text import Dialect, cells_of, text_of

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


def _read_by_csv(text: str, dialect: Dialect) -> list[list[str]]:
    quoting = _QUOTING["none" if dialect.quoting == "none" else "minimal"]
    lines = io.StringIO(text, newline="")
    return list(csv.reader(lines, delimiter=dialect.delimiter, quoting=quoting, strict=True))


@settings(max_examples=300)
@given(_ROWS, _DIALECTS)
def test_rows_become_the_lines_that_csv_writes(rows: list[list[str]], dialect: Dialect) -> None:
    """For any cells and dialect: the same text, or the same refusal."""
    try:
        expected = _written_by_csv(rows, dialect)
    except csv.Error as error:
        with pytest.raises(csv.Error, match=str(error)):
            text_of(rows, dialect)
    else:
        assert text_of(rows, dialect) == expected


@settings(max_examples=300)
@given(st.one_of(st.tuples(_ROWS, _DIALECTS).map(lambda both: _all_quoted(*both)), _TEXTS), _DIALECTS)
def test_a_text_has_the_cells_that_csv_reads(text: str, dialect: Dialect) -> None:
    """For any text, also one that no dialect has written: the same cells, or the same refusal."""
    try:
        expected = _read_by_csv(text, dialect)
    except csv.Error as error:
        with pytest.raises(csv.Error, match=str(error)):
            cells_of(text, dialect)
    else:
        assert cells_of(text, dialect) == expected


def _all_quoted(rows: list[list[str]], dialect: Dialect) -> str:
    return _written_by_csv(rows, dialect if dialect.quoting != "none" else dialect._replace(quoting="minimal"))


@settings(max_examples=300)
@given(_PLAIN_ROWS, _DIALECTS)
def test_written_lines_are_read_back(rows: list[list[str]], dialect: Dialect) -> None:
    """Cells of one line, as those of a file are, are the same when they are read in a dialect with quotes."""
    if dialect.quoting != "none":
        assert cells_of(text_of(rows, dialect), dialect) == rows


def test_a_cell_too_long_for_other_programs_is_refused() -> None:
    """A cell of more than 131,072 letters is refused also where it needs no quotes."""
    dialect = Dialect(",", "\n", "minimal")
    with pytest.raises(csv.Error, match="field larger than field limit"):
        cells_of("a" * 131_073 + "\n", dialect)
