"""QIF files: days, amounts and texts, read by an independent program."""

from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given, settings

from primanota.core.model import Statement
from primanota.formats.writers.qif import Options, render, shows
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.national_statements import ROWS, days_and_cents, expected, one_row, statement_of, written
from tests.support.readers import ReaderTotals, qif

_PLAIN = Options()


def _bytes(statement: Statement, options: Options = _PLAIN) -> bytes:
    return b"".join(render(statement, options))


def _lines(statement: Statement, options: Options = _PLAIN) -> list[str]:
    *lines, end = _bytes(statement, options).decode(options.encoding).split("\r\n")
    assert end == ""
    return lines


@pytest.mark.parametrize("case", statements.CASES)
def test_quiffen_reads_the_file(case: str, tmp_path: Path) -> None:
    """The library quiffen finds the same number of rows and sum; the format has no balances."""
    statement = statements.CASES[case]("DE")
    assert qif.quiffen(written(tmp_path, _bytes(statement), "file.qif")) == ReaderTotals(*expected(statement)[:2])


@settings(quick, max_examples=40)
@given(rows=ROWS)
def test_any_texts_and_amounts_are_read_back(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts and amounts, in each encoding, days and money are the same."""
    statement = statement_of(rows, "DE")
    for encoding in ("utf-8", "cp1252", "ascii"):
        file = written(tmp_path_factory.getbasetemp(), _bytes(statement, Options(encoding=encoding)), "any.qif")
        assert qif.movements(file, encoding=encoding) == days_and_cents(statement)


@pytest.mark.parametrize("case", sorted(statements.CASES.keys() - {"many"}))
def test_each_row_is_a_record(case: str) -> None:
    """A record has a day, an amount, optional name and memo, and its end; a text cannot add a line to it."""
    statement = statements.CASES[case]("DE")
    head, *lines = _lines(statement)
    assert head == "!Type:Bank"
    records = "\n".join(lines).split("^")
    assert records.pop() == ""
    assert len(records) == len(statements.rows_of(statement))
    for record in records:
        assert "".join(line[0] for line in record.strip().split("\n")) in {"DTPM", "DTM", "DT"}


def test_a_file_to_the_byte() -> None:
    """The file has CRLF, days with the month in the middle, amounts with a point and a leading sign."""
    statement = one_row("DE", -1_234_56, note="a note", details="a note")
    assert _lines(statement) == [
        "!Type:Bank",
        "D01/01/2026",
        "T-1234.56",
        "PMüller GmbH",
        "MRE-2026-00000 Beratung, a note",
        "^",
    ]


@pytest.mark.parametrize(("form", "line"), [("%m/%d/%Y", "D12/31/2025"), ("%Y-%m-%d", "D2025-12-31")])
def test_the_form_of_days(form: Literal["%m/%d/%Y", "%Y-%m-%d"], line: str, tmp_path: Path) -> None:
    """Days have the form of the profile, because the file does not state it."""
    statement = statements.year_change()
    assert _lines(statement, Options(day=form))[1] == line
    file = written(tmp_path, _bytes(statement, Options(day=form)), "file.qif")
    assert qif.movements(file, day_first=False) == days_and_cents(statement)


def test_difficult_texts_are_read_back(tmp_path: Path) -> None:
    """A text that looks like the end of a record, a header or a comment is read as a text."""
    name, memo = "^ !Type:Cash #1", "!Account ^ D01/02/2026 T5.00"
    statement = one_row("DE", counterparty=name, purpose=memo)
    [row] = qif.transactions(written(tmp_path, _bytes(statement), "file.qif"))
    assert (row.payee, row.memo) == (name, memo)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "Łódź & Söhne 東京"), ("cp1252", "Lódz & Söhne DongJing"), ("ascii", "Lodz & Soehne DongJing")],
)
def test_letters_that_an_encoding_lacks_are_transliterated(
    encoding: Literal["utf-8", "cp1252", "ascii"], name: str, tmp_path: Path
) -> None:
    """A name with letters that the encoding lacks is transliterated, and that is reported."""
    statement = one_row("DE", counterparty="Łódź & Söhne 東京")
    file = written(tmp_path, _bytes(statement, Options(encoding=encoding)), "file.qif")
    assert [row.payee for row in qif.transactions(file, encoding=encoding)] == [name]
    assert [change.after for change in statement.text_changes] == ([] if encoding == "utf-8" else [name])


def test_rows_are_streamed() -> None:
    """Rows are read once and written one by one."""
    plain = statements.make([-1_00] * 50)
    pieces = list(render(msgspec.structs.replace(plain, rows=iter(plain.rows)), _PLAIN))
    assert len(pieces) == 51
    assert b"".join(pieces) == _bytes(plain)


def test_balances_and_iban_are_not_needed() -> None:
    """An account without IBAN and balances can be written: the format has no field for them."""
    account = msgspec.structs.replace(statements.account(), iban="")
    bare = msgspec.structs.replace(statements.make([-1_00]), opening=None, closing=None, account=account)
    assert _lines(bare) == _lines(statements.make([-1_00]))


def test_every_shown_value_is_in_the_file() -> None:
    """Each value that the format declares as shown is in the file."""
    statement = one_row("DE", note="zettel", details="9.00 USD, zettel")
    [row], text = statement.rows, "\n".join(_lines(statement, Options(day="%Y-%m-%d")))
    for name, cell in shows(_PLAIN):
        assert cell(row) in text, name


@pytest.mark.parametrize("options", [{"day": "%d.%m.%y"}, {"encoding": "utf-9"}, {"colour": "red"}])
def test_invalid_options_are_refused(options: dict[str, str]) -> None:
    """An unknown form of days, an unknown encoding and an unknown option are refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, Options)
