"""Tables fit the terminal at any width, and never break a name, an id, a file's name or a number."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.cli.terminal.tables import ShownCell, TableColumn, lines_for_people, lines_for_programs
from primanota.core.text import display_width
from tests.support.factories import quick

_COLUMNS = (
    TableColumn("Transaction", "word"),
    TableColumn("Day", "word"),
    TableColumn("Account"),
    TableColumn("Counterparty"),
    TableColumn("Amount", "amount"),
    TableColumn("Reference", "text"),
    TableColumn("Proven"),
)
_ID = "3f1c9a52-0000-7000-8000-000000000001"
_ROWS = [
    (_ID, "2026-10-05", "Hauptkonto", "Donaudampfschifffahrtsgesellschaft mbH", "-€1,234.50", "RE-2026-0815", "yes"),
    (_ID, "2026-10-06", "Sparkonto Nordlicht", "Zoë Łukasik", "€99.00", "Rechnung 4711; Skonto 2 %; danke", "NO"),
    (_ID, "2026-10-07", "Hauptkonto", "日本語の会社 東京", "unknown", "", "counts only"),
]


def _cells(rows: Sequence[Sequence[str]]) -> list[list[ShownCell]]:
    return [[ShownCell(text) for text in row] for row in rows]


def _shown(width: int, rows: Sequence[Sequence[str]] = _ROWS) -> list[str]:
    return [*lines_for_people(_COLUMNS, _cells(rows), width, colours=False)]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160, 200])
def test_no_word_of_a_name_and_no_number_is_broken(width: int) -> None:
    """At every width each id, day, amount and word of a name is whole, and no line is wider than the terminal."""
    lines = _shown(width)
    words = {word for line in lines for word in line.split()}
    for row in _ROWS:
        key, day, account, counterparty, amount, *_ = row
        assert {key, day, *account.split(), *counterparty.split(), amount} <= words
    assert all(display_width(line) <= max(width, len("Counterparty  ") + len(_ID)) for line in lines)


@pytest.mark.parametrize(("width", "is_table"), [(60, False), (80, False), (140, True), (200, True)])
def test_a_narrow_terminal_has_records(width: int, is_table: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """Where a table does not fit, each row is a record: a heading and a value in each line, empty ones left out."""
    lines = _shown(width)
    assert (lines[0].split() == [column.heading for column in _COLUMNS]) is is_table
    if not is_table:
        assert lines[0].split() == ["Transaction", _ID]
        assert lines.count("") == len(_ROWS) - 1
        assert sum(line.startswith("Reference") for line in lines) == 2


def test_a_wide_terminal_has_one_line_for_each_row() -> None:
    """Where everything fits, a row is one line, numbers end at the same place, and no blanks are at a line's end."""
    lines = _shown(200)
    assert len(lines) == len(_ROWS) + 2
    assert {lines[0].index("Amount") + 6, lines[2].index("1,234.50") + 8} == {lines[3].index("99.00") + 5}
    assert all(line == line.rstrip() for line in lines)


def test_colours_say_what_is_good() -> None:
    """Gains and what is proven are green, losses and what is not proven red; the text is the same in any language."""
    colours = {"-€1,234.50": "red", "yes": "green", "€99.00": "green", "NO": "red"}
    coloured_rows = [[ShownCell(text, colours.get(text)) for text in row] for row in _ROWS]
    coloured = [*lines_for_people(_COLUMNS, coloured_rows, 200, colours=True)]
    assert "\x1b[31m-€1,234.50\x1b[0m" in coloured[2]
    assert "\x1b[32myes\x1b[0m" in coloured[2]
    assert "\x1b[32m€99.00\x1b[0m" in coloured[3]
    assert "\x1b[31mNO\x1b[0m" in coloured[3]
    assert [re.sub(r"\x1b\[\d+m", "", line).rstrip() for line in coloured] == _shown(200)


_TEXTS = st.text(st.sampled_from("ab é日€-, "), max_size=30).map(lambda text: " ".join(text.split()))


@quick
@given(st.lists(st.tuples(*[_TEXTS] * len(_COLUMNS)), max_size=4), st.integers(10, 220))
def test_nothing_is_lost(rows: list[tuple[str, ...]], width: int) -> None:
    """Whatever the values and the width, every letter is shown once."""
    shown = "".join(_shown(width, rows))
    values = "".join("".join(row) for row in rows)
    assert [shown.count(letter) for letter in "é日€,"] == [values.count(letter) for letter in "é日€,"]


@quick
@given(st.lists(st.tuples(*[_TEXTS] * len(_COLUMNS)), max_size=4))
def test_a_pipe_has_one_line_for_each_row(rows: list[tuple[str, ...]]) -> None:
    """Where there is no terminal, nothing is folded or left out: a line for the headings, and one for each row."""
    lines = [*lines_for_programs(_COLUMNS, _cells(rows))]
    assert len(lines) == len(rows) + 1
    for row, line in zip(rows, lines[1:], strict=True):
        assert "".join(line.split()) == "".join("".join(row).split())
