"""A workbook has real days and real amounts, and states exactly what the statement does to every program."""

import io
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Statement
from primanota.core.text import clean
from primanota.formats.writers import xlsx as format_
from primanota.formats.writers.xlsx import FORMAT, Options, render, shows
from tests.formats.test_golden import GOLDEN
from tests.support import statements
from tests.support.factories import quick, statement, transaction
from tests.support.ledger_statements import STATEMENTS
from tests.support.national_statements import expected
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
    """The parts are those of the golden file; their compression depends on the machine."""
    rendered = _bytes(statements.invented_company(), total="Total")
    if request.config.getoption("--update-goldens"):
        _FILE.write_bytes(rendered)
    assert _parts(rendered) == _parts(_FILE.read_bytes())


@pytest.mark.parametrize("case", statements.CASES)
def test_calamine_finds_the_same(case: str, tmp_path: Path) -> None:
    """Count, sum and balances are those of the statement."""
    wanted = statements.CASES[case]("ES")
    assert xlsx.calamine(_write(wanted, tmp_path)) == _truth(wanted)


@pytest.mark.parametrize("case", _SMALL)
def test_xlsx2csv_finds_the_same(case: str, tmp_path: Path) -> None:
    """Count, sum and balances are those of the statement."""
    wanted = statements.CASES[case]("ES")
    assert xlsx.xlsx2csv(_write(wanted, tmp_path)) == _truth(wanted)


@quick
@given(wanted=STATEMENTS)
def test_texts_and_amounts_come_back(wanted: Statement, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, calamine reads them, the day as a day, and the amount to the cent."""
    columns = [("Day", "{booked:%Y-%m-%d}"), ("Who", "{counterparty}"), ("Amount", "{amount}"), ("Note", "{note}")]
    _, *rows = _cells(wanted, tmp_path_factory.mktemp("book"), columns=columns, empty="_")
    assert [(day, who, round(amount * 100), note) for day, who, amount, note in rows] == [
        (row.day, _xml(row.counterparty) or "_", row.amount.cents, _xml(row.note) or "_") for row in wanted.rows
    ]


def _xml(text: str) -> str:
    return clean(text).replace("\ufffe", "").replace("\uffff", "")


def test_amounts_are_written_to_the_cent() -> None:
    """The number in the file is the exact decimal, not a binary fraction."""
    cents = [1, 10, -3_50, 9_999_999_999_999_99, -1_005, 0]
    parts = _parts(_bytes(statements.make(cents), columns=[("Amount", "{amount}")]))
    assert [f"<v>{Money(one):.}</v>" in parts["xl/worksheets/sheet1.xml"] for one in cents] == [True] * len(cents)


def test_an_amount_that_a_sheet_would_round_is_refused() -> None:
    """An amount of sixteen digits, which would lose one, is refused with the transaction's id."""
    with pytest.raises(FormatRuleViolated, match=r"000000000000 has 10000000000000\.00, and a sheet keeps only 15"):
        _bytes(statements.make([10**15]))


def test_days_are_days_and_moments_moments(tmp_path: Path) -> None:
    """A column of a moment alone is a day, or a moment if its form has a time, in local time."""
    columns = [
        ("Day", "{booked:%d.%m.%Y}"),
        ("Moment", "{booked:%Y-%m-%d %H:%M:%S}"),
        ("Plain", "{booked}"),
        ("Text", "on {booked:%d.%m.%Y}"),
    ]
    wanted = statements.year_change()
    _, first, second = _cells(wanted, tmp_path, columns=columns)
    moment = datetime(2025, 12, 31, 23, 59, 59)  # noqa: DTZ001 - a sheet knows no zone
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
def test_a_day_is_shown_as_the_profile_says(form: str, shown: str) -> None:
    """The form of a moment becomes the number format of its cells, letters in quotes."""
    parts = _parts(_bytes(statements.make([1]), columns=[["Day", f"{{booked:{form}}}"]]))
    assert f'formatCode="{shown}"' in parts["xl/styles.xml"]


def test_what_is_not_known_is_an_empty_cell(tmp_path: Path) -> None:
    """An unknown balance is empty, not zero, and a row that is not booked has no day."""
    row = transaction(balance=None, booked=None)
    assert _cells(statement([row]), tmp_path)[1] == ["", "Müller GmbH Invoice 7", -1234.5, ""]


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 123456", "-10 %", "@SUM(A1)", "{=1}", "http://a.example", "00123", "1e5"]
)
def test_a_text_stays_a_text(text: str, tmp_path: Path) -> None:
    """A purpose never becomes a formula, a link or a number."""
    wanted = statement([transaction(purpose=text)])
    columns = [("Concept", "{purpose}")]
    assert _cells(wanted, tmp_path, columns=columns)[1] == [text]
    parts = _parts(_bytes(wanted, columns=columns))
    assert "<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert "hyperlink" not in parts["xl/worksheets/sheet1.xml"]


def test_the_header_is_frozen_and_bold() -> None:
    """The headings stay in place when the sheet is scrolled."""
    sheet = _parts(_bytes(statements.make([1])))["xl/worksheets/sheet1.xml"]
    assert 'ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"' in sheet


def test_a_row_of_sums_where_it_is_wanted(tmp_path: Path) -> None:
    """The last row has exact sums of amounts, not of balances; without ``total`` there is no such row."""
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


def test_an_empty_period_has_headings_and_a_sum_of_nothing(tmp_path: Path) -> None:
    """An account without rows is a sheet with its headings."""
    assert _cells(statements.make([]), tmp_path) == [["Date", "Concept", "Amount", "Balance"]]
    assert _cells(statements.make([]), tmp_path, total="Total")[1] == ["Total", "", 0, ""]


def test_the_same_statement_is_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes do not depend on the machine's clock and time zone."""
    here = _bytes(statements.invented_company())
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    there = _bytes(statements.invented_company())
    monkeypatch.undo()
    time.tzset()
    assert here == there
    assert "2026-10-31T00:00:00Z" in _parts(here)["docProps/core.xml"]


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet with too many rows is refused, the row of sums included."""
    monkeypatch.setattr(format_, "_MOST_ROWS", 4)
    assert _bytes(statements.make([1, 2, 3]))
    with pytest.raises(FormatRuleViolated, match="Hauptkonto has more transactions than the 4 rows"):
        _bytes(statements.make([1, 2, 3, 4]))
    with pytest.raises(FormatRuleViolated, match="more transactions"):
        _bytes(statements.make([1, 2, 3]), total="Total")


def test_a_refused_row_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file of a refused statement is removed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(FormatRuleViolated):
        _bytes(statements.make([1, 10**15]))
    assert not list(tmp_path.iterdir())


def test_an_unproven_statement_says_so() -> None:
    """The document properties say that the statement is not proven."""
    wanted = msgspec.structs.replace(statements.make([1]), proven=False)
    assert "Not proven" in _parts(_bytes(wanted))["docProps/core.xml"]
    assert "Not proven" not in _parts(_bytes(statements.make([1])))["docProps/core.xml"]


def test_a_text_that_is_too_long_is_shortened_and_told() -> None:
    """A text that a cell cannot hold is cut between words, and reported with the row."""
    wanted = statement([transaction(purpose="word " * 10_000)])
    _bytes(wanted, columns=[("Concept", "{purpose}")])
    assert [(change.field, len(change.after)) for change in wanted.text_changes] == [("Concept", 16_379)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": []}, "there are no columns"),
        ({"columns": [["Who", "{nobody}"]]}, "column “Who”: there is no field “nobody”"),
        ({"columns": [["Day", "{booked:%d %B}"]]}, "column “Day”: a sheet cannot show “%B”"),
        ({"sheet": ""}, "a sheet's name has up to 31 characters"),
        ({"sheet": "x" * 32}, "a sheet's name has up to 31 characters"),
        ({"sheet": "2026/01"}, r"without \[\]"),
        (
            {"columns": [["Amount", "{amount}"]], "total": "Sum"},
            "“Sum” stands in the first column, which is an amount",
        ),
        ({"colums": []}, "unknown field `colums`"),
    ],
)
def test_an_impossible_sheet_is_named(changes: dict[str, Any], said: str) -> None:
    """An impossible option is refused by its name when the profile is read."""
    with pytest.raises(msgspec.ValidationError, match=said):
        _options(**changes)


def test_it_tells_what_it_shows() -> None:
    """Each column is compared for changes, as a person would read it."""
    shown = [(name, cell(transaction())) for name, cell in shows(_options())]
    assert shown == [
        *(("Date", "05/10/2026"), ("Concept", "Müller GmbH Invoice 7")),
        *(("Amount", "-1234.50"), ("Balance", "5000.00")),
    ]


def test_it_says_which_fields_it_shows() -> None:
    """The fields that the columns show are known, so that the journal decodes only those."""
    assert _options(columns=[["Label", "{label} {note}"]]).fields == {"label", "note"}


def test_a_sum_is_exact() -> None:
    """A hundred thousand cents are a thousand euros."""
    parts = _parts(_bytes(statements.make([1] * 1000), total="Total"))
    assert f"<v>{Decimal('10.00')}</v>" in parts["xl/worksheets/sheet1.xml"]
