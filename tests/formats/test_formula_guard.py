"""Texts of a CSV are harmless in a spreadsheet of any country, whatever delimiter it splits the file at."""

import csv
import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import profiles
from primanota.core.model import Transaction
from primanota.formats.formula_guard import guarding
from primanota.formats.writers.csv import Options, render
from tests.support.factories import quick, statement, transaction
from tests.support.files import statements
from tests.support.files.profile_inputs import country_of

_SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_CSV = [name for name in profiles.names() if profiles.load(name).format == "csv"]
_COLUMNS = [("Day", "{booked:%Y-%m-%d}"), ("Who", "{counterparty}"), ("What", "{purpose}"), ("Id", "{id}")]
_NASTY = st.text(st.sampled_from("=+-@\uff1d;,\t\n\r|\"' x1\u2212\u2013"), max_size=12)


def _cells_elsewhere(content: str, delimiter: str) -> list[str]:
    """Return the cells that a spreadsheet makes of a file which it splits at its own delimiter."""
    return [cell for line in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter) for cell in line]


def _written(row: Transaction, **options: object) -> str:
    made = msgspec.convert({"columns": _COLUMNS, "formula_guard": "'", **options}, Options)
    return b"".join(render(statement([row]), made)).decode(made.encoding)


@pytest.mark.parametrize(
    ("delimiter", "text", "harmless"),
    [
        (",", "x;=1+1;y", "x;'=1+1;y"),
        (",", 'x;"=1+1";y', 'x;"\'=1+1";y'),
        (",", "x; @A1", "x; '@A1"),
        (",", "x,=1+1", "x,=1+1"),
        (",", '"=1+1', "\"'=1+1"),
        (";", "x,=1+1,y", "x,'=1+1,y"),
        (";", "x,-1;+2", "x,'-1;+2"),
        ("\t", "x;=1,=2", "x;'=1,'=2"),
        ("|", "x;=1,=2", "x;'=1,'=2"),
        (",", "=1;=2", "'=1;'=2"),
        (",", "a-b; c=d; e", "a-b; c=d; e"),
        (";", "+++090/9337/55493+++", "+++090/9337/55493+++"),
        (";", "+++090/9337/55493+++ x", "'+++090/9337/55493+++ x"),
    ],
)
def test_the_guard_is_behind_other_delimiters(delimiter: str, text: str, harmless: str) -> None:
    """A formula behind a delimiter of another country gets the guard; the file's own delimiter is within quotes."""
    guard = guarding("'", delimiter)
    assert guard(text) == harmless
    assert guard(harmless) == harmless
    assert guarding("", delimiter)(text) == text


@quick
@given(
    texts=st.tuples(_NASTY, _NASTY),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from(["minimal", "all", "text"]),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
    length=st.sampled_from([0, 3, 5]),
)
def test_no_spreadsheet_finds_a_formula(
    texts: tuple[str, str], delimiter: str, quoting: str, encoding: str, length: int
) -> None:
    """For any texts and dialect, no cell that any spreadsheet makes of the file begins with a sign of a formula."""
    row = transaction(counterparty=texts[0], purpose=texts[1])
    lengths = {"Who": length, "What": length} if length else {}
    content = _written(row, delimiter=delimiter, quoting=quoting, encoding=encoding, lengths=lengths)
    for other in ",;\t":
        cells = _cells_elsewhere(content, other)
        assert not [cell for cell in cells if cell.strip(' "').startswith(_SIGNS)]


def test_a_replacement_makes_no_formula() -> None:
    """A character that becomes a sign or a delimiter only in the file's encoding is guarded as well."""
    row = transaction(counterparty="\u22121+1", purpose="x,=1+1")
    content = _written(row, encoding="latin-1", quoting="none", banned={",": ";", '"': "."})
    assert "'-1+1,x;'=1+1," in content


@pytest.mark.parametrize("name", _CSV)
def test_every_csv_of_the_program_is_guarded(name: str) -> None:
    """In the file of every tool, no text of a counterparty or a purpose is a formula in any country."""
    profile = profiles.load(name)
    assert profile.options.formula_guard
    plain = statements.make([-5_00], country=country_of(profile))
    texts = {"counterparty": "x;=1+1;y,=2", "purpose": "-2;@A1,+3", "reference": "=R", "details": "=D", "note": "=N"}
    rows = [msgspec.structs.replace(row, **texts) for row in plain.rows]
    content = b"".join(profile.render(msgspec.structs.replace(plain, rows=rows))).decode(profile.options.encoding)
    amounts = tuple("-0123456789")
    for delimiter in ",;\t":
        cells = _cells_elsewhere(content, delimiter)
        assert not [cell for cell in cells if cell.startswith(_SIGNS) and not cell[:2].strip("-").startswith(amounts)]


def test_a_workbook_has_texts_not_formulas() -> None:
    """A workbook's texts are written as texts: its cells of formulas are none."""
    from zipfile import ZipFile

    row = transaction(counterparty="=1+1", purpose="x;=1+1")
    content = b"".join(profiles.load("excel").render(statement([row])))
    with ZipFile(io.BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
