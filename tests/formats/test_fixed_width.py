"""Records of fixed width: every value in its field, complete or refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.formats.fixed_width import Counted, Record, account_holder, constant, digits, encode_lines, text
from primanota.formats.writers import cfonb120, coda, norma43
from tests.support.factories import quick, statement
from tests.support.files import statements

_RECORD = Record(12, constant("7", 1), text("name", 3, 6), digits("sum_of_all", 8, 10))


def test_values_are_in_their_places() -> None:
    """Texts are left-aligned, numbers right-aligned, and the places between fields blank."""
    assert _RECORD(name="ab", sum_of_all=42) == "7 ab   042  "


@quick
@given(name=st.text(max_size=6), number=st.integers(0, 12_000))
def test_a_record_has_its_width_or_is_refused(name: str, number: int) -> None:
    """A value is written completely, or refused if it is too long."""
    if len(name) <= 4 and number < 1000:
        line = _RECORD(name=name, sum_of_all=number)
        assert (len(line), line[2:6].removeprefix(name).strip(), int(line[7:10])) == (12, "", number)
    else:
        with pytest.raises(FormatRuleViolated, match="does not fit into the"):
            _RECORD(name=name, sum_of_all=number)


def test_a_refusal_names_the_field() -> None:
    """The error about a value that is too long contains the value, its field and the field's width."""
    with pytest.raises(FormatRuleViolated) as refused:
        _RECORD(name="ab", sum_of_all=1000)
    assert refused.value.message == "The sum of all 1000 does not fit into the 3 places that this format has for it."
    assert "camt-de" in refused.value.hint


def test_lines_end_with_cr_and_lf() -> None:
    """Every line has a line end, also the last one; a file without lines is empty."""
    lines = [f"{number}" for number in range(2500)]
    pieces = list(encode_lines(lines, "ascii"))
    assert len(pieces) == 3
    assert b"".join(pieces) == "".join(f"{line}\r\n" for line in lines).encode()
    assert list(encode_lines([], "ascii")) == []


def test_lines_are_counted() -> None:
    """The number of lines is known after they have been consumed."""
    lines = Counted(["a", "b"])
    assert (lines.number, list(lines), lines.number) == (0, ["a", "b"], 2)


def test_the_holder_is_the_company() -> None:
    """The holder is the company's name in the file's characters and width, or else the account's name."""
    assert account_holder(statements.make([1]), "ascii", 12) == "Erfundene"
    assert account_holder(statements.make([1]), "latin-1", 26) == "Erfundene Räder GmbH"
    assert account_holder(statement([]), "ascii", 26) == "Main"


@pytest.mark.parametrize(("national", "country"), [(cfonb120, "FR"), (norma43, "ES"), (coda, "BE")])
def test_rows_are_read_once(national: Any, country: str) -> None:  # noqa: ANN401 - a module
    """Rows from an iterator give the same bytes as rows in a list."""
    rows = statements.invented_company(country)
    once = msgspec.structs.replace(rows, rows=iter(statements.rows_of(rows)))
    written, again = (b"".join(national.render(one, national.FORMAT.options())) for one in (once, rows))
    assert written == again
