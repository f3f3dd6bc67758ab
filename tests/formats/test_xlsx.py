"""Workbooks: real days and exact amounts, which independent programs read."""

import gc
import io
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from errno import ENOSPC
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Statement
from primanota.core.text import clean
from primanota.formats.archive_file import ArchiveFile
from primanota.formats.writers import xlsx as format_
from primanota.formats.writers.xlsx import FORMAT, Options, render, shows
from tests.formats.test_golden import GOLDEN
from tests.support.factories import quick, statement, transaction
from tests.support.files import statements
from tests.support.files.ledger_statements import STATEMENTS, statement_with_texts
from tests.support.files.national_statements import expected
from tests.support.readers import ReaderTotals, xlsx

_FILE = GOLDEN / "formats" / f"xlsx{FORMAT.suffix}"
_COLUMNS = [
    ("Date", "{booked:%d/%m/%Y}"),
    ("Concept", "{counterparty} {purpose}"),
    ("Amount", "{amount}"),
    ("Balance", "{balance}"),
]
_SMALL = sorted(statements.CASES.keys() - {"many"})


def _options(**changes: Any) -> Options:  # noqa: ANN401 - the fields have different types
    return msgspec.convert({"columns": _COLUMNS, **changes}, Options)


def _bytes(wanted: Statement, **changes: Any) -> bytes:  # noqa: ANN401 - the fields have different types
    return b"".join(render(wanted, _options(**changes)))


def _write(wanted: Statement, folder: Path, **changes: Any) -> Path:  # noqa: ANN401 - the fields have different types
    path = folder / f"book{FORMAT.suffix}"
    path.write_bytes(_bytes(wanted, **changes))
    return path


def _truth(wanted: Statement) -> ReaderTotals:
    return expected(wanted) if wanted.rows else ReaderTotals(0, 0)


def _parts(book: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _cells(wanted: Statement, folder: Path, **changes: Any) -> list[list[Any]]:  # noqa: ANN401 - as above
    return xlsx.sheet(_write(wanted, folder, **changes))


def test_the_golden_file(request: pytest.FixtureRequest) -> None:
    """The parts of the workbook are those of the golden file; their compression depends on the machine."""
    rendered = _bytes(statements.invented_company(), total="Total")
    if request.config.getoption("--update-goldens"):
        _FILE.write_bytes(rendered)
    assert _parts(rendered) == _parts(_FILE.read_bytes())


@pytest.mark.parametrize("case", statements.CASES)
def test_calamine_reads_the_statement(case: str, tmp_path: Path) -> None:
    """Count, sum and balances are those of the statement."""
    wanted = statements.CASES[case]("ES")
    assert xlsx.calamine(_write(wanted, tmp_path)) == _truth(wanted)


@pytest.mark.parametrize("case", _SMALL)
def test_xlsx2csv_reads_the_statement(case: str, tmp_path: Path) -> None:
    """Count, sum and balances are those of the statement."""
    wanted = statements.CASES[case]("ES")
    assert xlsx.xlsx2csv(_write(wanted, tmp_path)) == _truth(wanted)


def test_a_text_that_a_sheet_cannot_hold_is_not_empty(tmp_path: Path) -> None:
    """A text that is empty after its characters were removed is the text for an empty cell."""
    wanted = statement_with_texts([("", "", "\ufffe")], [100])
    _, row = _cells(wanted, tmp_path, columns=[("Note", "{note}")], empty="_")
    assert row == ["_"]


@quick
@given(wanted=STATEMENTS)
def test_texts_and_amounts_are_read_back(wanted: Statement, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, calamine reads the same texts, days and cents."""
    columns = [("Day", "{booked:%Y-%m-%d}"), ("Who", "{counterparty}"), ("Amount", "{amount}"), ("Note", "{note}")]
    _, *rows = _cells(wanted, tmp_path_factory.mktemp("book"), columns=columns, empty="_")
    assert [(day, name, round(amount * 100), note) for day, name, amount, note in rows] == [
        (row.day, _xml(row.counterparty) or "_", row.amount.cents, _xml(row.note) or "_") for row in wanted.rows
    ]


def _xml(text: str) -> str:
    return clean(text).replace("\ufffe", "").replace("\uffff", "")


def test_amounts_are_written_to_the_cent() -> None:
    """An amount is written as an exact decimal, not as a binary fraction."""
    cents = [1, 10, -3_50, 9_999_999_999_999_99, -1_005, 0]
    parts = _parts(_bytes(statements.make(cents), columns=[("Amount", "{amount}")]))
    assert [f"<v>{Money(one):.}</v>" in parts["xl/worksheets/sheet1.xml"] for one in cents] == [True] * len(cents)


def test_an_amount_beyond_a_sheets_precision_is_refused() -> None:
    """An amount of sixteen digits is refused, and the error contains the transaction's ID."""
    with pytest.raises(FormatRuleViolated, match=r"000000000000\) has 10000000000000\.00, and a sheet keeps only 15"):
        _bytes(statements.make([10**15]))


def test_days_and_moments_have_their_types(tmp_path: Path) -> None:
    """A column of a moment is a day, or a local moment if its form has a time."""
    columns = [
        ("Day", "{booked:%d.%m.%Y}"),
        ("Moment", "{booked:%Y-%m-%d %H:%M:%S}"),
        ("Plain", "{booked}"),
        ("Text", "on {booked:%d.%m.%Y}"),
    ]
    wanted = statements.year_change()
    _, first, second = _cells(wanted, tmp_path, columns=columns)
    moment = datetime(2025, 12, 31, 23, 59, 59)  # noqa: DTZ001 - a sheet has no time zones
    assert first == [date(2025, 12, 31), moment, moment, "on 31.12.2025"]
    assert second[0] == date(2026, 1, 1)
    assert [row[0] for row in xlsx.as_csv(_write(wanted, tmp_path, columns=columns))[1:]] == [
        "31.12.2025",
        "01.01.2026",
    ]


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("%d/%m/%Y", "dd/mm/yyyy"),
        ("%Y-%m-%dT%H:%M:%S", "yyyy-mm-dd&quot;T&quot;hh:mm:ss"),
        ("", "yyyy-mm-dd hh:mm:ss"),
    ],
)
def test_the_form_of_a_day_is_a_number_format(form: str, shown: str) -> None:
    """The form of a moment becomes the number format of its cells, letters in quotes."""
    parts = _parts(_bytes(statements.make([1]), columns=[["Day", f"{{booked:{form}}}"]]))
    assert f'formatCode="{shown}"' in parts["xl/styles.xml"]


def test_an_unknown_value_is_an_empty_cell(tmp_path: Path) -> None:
    """An unknown balance or day is an empty cell."""
    row = transaction(balance=None, booked=None)
    assert _cells(statement([row]), tmp_path)[1] == ["", "Müller GmbH Invoice 7", -1234.5, ""]


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 123456", "-10 %", "@SUM(A1)", "{=1}", "http://a.example", "00123", "1e5"]
)
def test_a_text_is_not_converted(text: str, tmp_path: Path) -> None:
    """A text like a formula, a link or a number is written as a text."""
    wanted = statement([transaction(purpose=text)])
    columns = [("Concept", "{purpose}")]
    assert _cells(wanted, tmp_path, columns=columns)[1] == [text]
    parts = _parts(_bytes(wanted, columns=columns))
    assert "<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert "hyperlink" not in parts["xl/worksheets/sheet1.xml"]


def test_the_header_is_frozen() -> None:
    """The headings stay in place when the sheet is scrolled."""
    sheet = _parts(_bytes(statements.make([1])))["xl/worksheets/sheet1.xml"]
    assert 'ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"' in sheet


def test_the_row_of_sums(tmp_path: Path) -> None:
    """With ``total``, the last row has the exact sums of amounts, not of balances."""
    columns = [
        *(("What", "{purpose}"), ("Amount", "{amount}"), ("In", "{money_in}"), ("Out", "{money_out}")),
        ("Balance", "{balance}"),
    ]
    wanted = statements.make([10, 20, -5])
    *rows, total = _cells(wanted, tmp_path, columns=columns, total="Summe")
    assert len(rows) == 4
    assert total[:4] == ["Summe", 0.25, 0.3, 0.05]
    assert total[4] == ""
    assert len(_cells(wanted, tmp_path, columns=columns)) == 4


def test_an_empty_period_has_headings(tmp_path: Path) -> None:
    """A sheet without rows has its headings, and a sum of zero with ``total``."""
    assert _cells(statements.make([]), tmp_path) == [["Date", "Concept", "Amount", "Balance"]]
    assert _cells(statements.make([]), tmp_path, total="Total")[1] == ["Total", "", 0, ""]


def test_the_same_statement_is_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes of a workbook do not depend on the machine's time zone."""
    first = _bytes(statements.invented_company())
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    second = _bytes(statements.invented_company())
    monkeypatch.undo()
    time.tzset()
    assert first == second
    assert "2026-10-31T00:00:00Z" in _parts(first)["docProps/core.xml"]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet with too many rows is refused, the row of sums included."""
    monkeypatch.setattr(format_, "_MOST_ROWS", 4)
    assert _bytes(statements.make([1, 2, 3]))
    with pytest.raises(FormatRuleViolated, match="Hauptkonto has more transactions than the 4 rows"):
        _bytes(statements.make([1, 2, 3, 4]))
    with pytest.raises(FormatRuleViolated, match="more transactions"):
        _bytes(statements.make([1, 2, 3]), total="Total")


def test_a_refused_row_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file of a refused statement is removed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(FormatRuleViolated):
        _bytes(statements.make([1, 10**15]))
    assert not list(tmp_path.iterdir())


def test_an_unproven_statement_is_marked() -> None:
    """The document properties of an unproven statement contain “Not proven”."""
    wanted = msgspec.structs.replace(statements.make([1]), proven=False)
    assert "Not proven" in _parts(_bytes(wanted))["docProps/core.xml"]
    assert "Not proven" not in _parts(_bytes(statements.make([1])))["docProps/core.xml"]


def test_a_long_text_is_shortened_and_reported() -> None:
    """A text that is too long for a cell is shortened between words, and that is reported."""
    wanted = statement([transaction(purpose="word " * 10_000)])
    _bytes(wanted, columns=[("Concept", "{purpose}")])
    assert [(change.field, len(change.after)) for change in wanted.text_changes] == [("Concept", 16_379)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": []}, "there are no columns"),
        ({"columns": [["Who", "{unknown}"]]}, "column “Who”: there is no field “unknown”"),
        ({"columns": [["Day", "{booked:%d %B}"]]}, "column “Day”: a sheet cannot show “%B”"),
        ({"sheet": ""}, "a sheet's name has up to 31 characters"),
        ({"sheet": "x" * 32}, "a sheet's name has up to 31 characters"),
        ({"sheet": "2026/01"}, r"without \[\]"),
        ({"sheet": "\U0001f600" * 16}, "a sheet's name has up to 31 characters"),
        ({"sheet": "a\x01b"}, "sheet has a character that cannot be printed"),
        ({"sheet": "HISTORY"}, "“HISTORY” is a name that Excel keeps for itself"),
        ({"amounts": "0.00\uffff"}, "amounts has a character that cannot be printed"),
        ({"columns": [["Day", "{booked:%d\uffff}"]]}, "column “Day”: its form has a character"),
        (
            {"columns": [["Amount", "{amount}"]], "total": "Sum"},
            "“Sum” stands in the first column, which is an amount",
        ),
        ({"colums": []}, "unknown field `colums`"),
    ],
)
def test_an_invalid_option_is_refused(changes: dict[str, Any], message: str) -> None:
    """An invalid option is refused when the profile is read, and the error names the mistake."""
    with pytest.raises(msgspec.ValidationError, match=message):
        _options(**changes)


def test_the_shown_values() -> None:
    """The values that the file shows are its columns, as text."""
    shown = [(name, cell(transaction())) for name, cell in shows(_options())]
    assert shown == [
        *(("Date", "05/10/2026"), ("Concept", "Müller GmbH Invoice 7")),
        *(("Amount", "-1234.50"), ("Balance", "5000.00")),
    ]


def test_the_shown_fields() -> None:
    """The options name the fields that the columns contain."""
    assert _options(columns=[["Label", "{label} {note}"]]).fields == {"label", "note"}


def test_a_sum_is_exact() -> None:
    """The sum of a thousand cents is exactly 10.00."""
    parts = _parts(_bytes(statements.make([1] * 1000), total="Total"))
    assert f"<v>{Decimal('10.00')}</v>" in parts["xl/worksheets/sheet1.xml"]


def test_a_full_disk_is_told_once(tmp_path: Path) -> None:
    """An archive whose disk is full raises the first error when it is closed, and not again when it is deleted."""

    class Full(io.BytesIO):
        def write(self, _: Any) -> int:  # noqa: ANN401 - bytes
            raise OSError(ENOSPC, "No space left on device")

    file = ArchiveFile(tmp_path / "book.xlsx")
    file._file.close()
    file._file = Full()  # type: ignore[assignment]
    archive = zipfile.ZipFile(file, "w")
    archive.writestr("a", b"text")
    with pytest.raises(OSError, match="No space"):
        file.close()
    del archive  # pytest fails a test in which a deletion raises
    gc.collect()
