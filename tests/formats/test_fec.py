"""FEC files: they follow article A47 A-1, and a library reads them."""

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from primanota import profiles
from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Original, Posting, Statement, Transaction
from primanota.export.filenames import FileNames
from primanota.export.select import AccountGroup
from primanota.formats.writers.fec import COLUMNS, Options, render, shows
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.fec_ledger import BANK, LEDGER
from tests.support.files.national_statements import (
    ROWS,
    days_and_cents,
    expected,
    one_row,
    statement_of,
    without_zeros,
    written,
)
from tests.support.readers import ReaderTotals, fec

_PIPE = Options(delimiter="|", encoding="utf-8")
_BOTH = pytest.mark.parametrize("options", [Options(), _PIPE], ids=["tab", "pipe"])
# Slow for fec-parser, which reads every smaller case.
_SMALL = sorted(statements.CASES.keys() - {"many"})
# The columns that the French state's checker refuses if they are empty (DGFiP, Test Compta Demat).
_FILLED = [*COLUMNS[:6], *COLUMNS[8:13], "ValidDate"]
_AMOUNT = re.compile(r"\d+,\d\d")


def _posted(statement: Statement, **changes: Any) -> Statement:  # noqa: ANN401 - the fields have different types
    """Return a statement with a ledger, without rows of 0.00."""
    ledger = msgspec.structs.replace(LEDGER, **changes)
    return msgspec.structs.replace(without_zeros(statement), ledger=ledger)


def _bytes(statement: Statement, options: Options | None = None) -> bytes:
    return b"".join(render(statement, options or Options()))


def _lines(statement: Statement, options: Options | None = None) -> list[dict[str, str]]:
    """Return the lines by their columns, as a generic CSV reader without quoting has them."""
    options = options or Options()
    text = io.StringIO(_bytes(statement, options).decode(options.encoding), newline="")
    rows = list(csv.reader(text, delimiter=options.delimiter, quoting=csv.QUOTE_NONE, strict=True))
    assert tuple(rows[0]) == COLUMNS
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]


def _cents(amount: str) -> int:
    assert _AMOUNT.fullmatch(amount), amount
    return int(amount.replace(",", ""))


def _money(line: dict[str, str]) -> int:
    debit, credit = _cents(line["Debit"]), _cents(line["Credit"])
    assert bool(debit) != bool(credit), line
    return debit - credit


@_BOTH
@pytest.mark.parametrize("case", _SMALL)
def test_fec_parser_reads_it(case: str, options: Options, tmp_path: Path) -> None:
    """The library fec-parser finds the same number of rows and sum, and debits equal credits."""
    statement = _posted(statements.CASES[case]("FR"))
    found = fec.fec_parser(written(tmp_path, _bytes(statement, options)), BANK)
    assert found == expected(statement, balances=False)


def test_many_rows_are_read(tmp_path: Path) -> None:
    """Fifty thousand rows are read, with their sum."""
    statement = _posted(statements.many("FR"))
    assert fec.fec_parser(written(tmp_path, _bytes(statement)), BANK) == ReaderTotals(*expected(statement)[:2])


@quick
@given(rows=ROWS)
def test_any_texts_keep_money_and_days(rows: list[Transaction], tmp_path: Path) -> None:
    """For any texts, independent readers find each row's day and cents."""
    statement = _posted(statement_of(rows, "FR"))
    assert fec.movements(written(tmp_path, _bytes(statement)), BANK) == days_and_cents(statement)
    found = [line for line in _lines(statement, _PIPE) if line["CompteNum"] == BANK]
    assert [(f"{_day(line['EcritureDate'])}", _money(line)) for line in found] == days_and_cents(statement)


@pytest.mark.parametrize("case", statements.CASES)
def test_the_article_is_followed(case: str) -> None:
    """Cells have the article's forms; an entry balances, has one day, and a number in a sequence without gaps."""
    statement = _posted(statements.CASES[case]("FR"))
    lines = _lines(statement)
    for line in lines:
        assert all(line[column] for column in _FILLED), line
        assert _day(line["EcritureDate"]) == _day(line["PieceDate"]) == _day(line["ValidDate"])
        assert line["CompteNum"][:3].isdigit()
        assert bool(line["Montantdevise"]) == bool(line["Idevise"])
    entries = [list(entry) for _, entry in groupby(lines, key=lambda line: line["EcritureNum"])]
    numbers = [int(entry[0]["EcritureNum"]) for entry in entries]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else not lines
    assert [sum(map(_money, entry)) for entry in entries] == [0] * len(numbers)
    assert all(len({line["EcritureDate"] for line in entry}) == 1 for entry in entries)
    days = [line["EcritureDate"] for line in lines]
    assert days == sorted(days)
    assert [(f"{_day(entry[0]['EcritureDate'])}", _money(entry[0])) for entry in entries] == days_and_cents(statement)


@_BOTH
@pytest.mark.parametrize("case", _SMALL)
def test_no_text_needs_quotes(case: str, options: Options) -> None:
    """A line has 18 cells, without quotes and line breaks, and ends with CR and LF."""
    rendered = _bytes(_posted(statements.CASES[case]("FR")), options).decode(options.encoding)
    *lines, end = rendered.split("\r\n")
    assert end == ""
    assert {line.count(options.delimiter) for line in lines} == {17}
    assert not {"\n", "\r", '"', "\ufeff", "\t" if options.delimiter == "|" else "|"} & set("".join(lines))


@pytest.mark.parametrize("encoding", ["iso-8859-15", "utf-8", "ascii"])
@pytest.mark.parametrize("delimiter", ["\t", "|"])
def test_characters_like_separators_are_replaced(encoding: str, delimiter: str) -> None:
    """A text with characters like separators has no delimiter and no quote in the file, in any encoding."""
    options = msgspec.convert({"encoding": encoding, "delimiter": delimiter}, Options)
    traps = "a\u2502b\uff5cc\u201cd\u201d \u2033e\tf"
    statement = _posted(one_row("FR", counterparty=traps, purpose=traps, number=traps), names={BANK: traps})
    assert not {'"', "\t", "|"} & set("".join("".join(line.values()) for line in _lines(statement, options)))


@cache
def _day(cell: str) -> date:
    assert len(cell) == 8
    return datetime.strptime(cell, "%Y%m%d").date()  # noqa: DTZ007 - a day


def test_the_lines_of_a_row() -> None:
    """The bank's line is the first, a debit for money in; the lines of the postings follow."""
    first, second = _lines(_posted(one_row("FR", 12_34)))
    same = {
        "JournalCode": "BQ",
        "JournalLib": "Banque",
        "EcritureNum": "1",
        "EcritureDate": "20260101",
        "CompAuxNum": "",
        "CompAuxLib": "",
        "PieceRef": "erfunden-1-1-transaction-0",
        "PieceDate": "20260101",
        "EcritureLib": "Müller GmbH RE-2026-00000 Beratung",
        "EcritureLet": "",
        "DateLet": "",
        "ValidDate": "20260101",
        "Montantdevise": "",
        "Idevise": "",
    }
    assert first == same | {"CompteNum": BANK, "CompteLib": "Banque / Qonto", "Debit": "12,34", "Credit": "0,00"}
    assert second == same | {"CompteNum": "411000", "CompteLib": "Clients", "Debit": "0,00", "Credit": "12,34"}


def test_tax_has_a_line_of_its_own() -> None:
    """Each posting is a line, with its own text if it has one; an account without a name shows its number."""
    lines = _lines(_posted(statements.every_kind("FR")))
    taxed = [line for line in lines if line["CompteNum"] == "445660"]
    assert {(line["Debit"], line["EcritureLib"], line["CompteLib"]) for line in taxed} == {
        ("19,00", "TVA 19 %", "445660")
    }
    against = [line for line in lines if line["EcritureNum"] == taxed[0]["EcritureNum"]]
    assert [(line["CompteNum"], _money(line)) for line in against] == [
        (BANK, -119_00),
        ("445660", 19_00),
        ("401000", 100_00),
    ]


@pytest.mark.parametrize(("original", "shown"), [("-99.00 USD", ("-99,00", "USD")), ("-4900 JPY", ("-4900", "JPY"))])
def test_the_original_amount_is_with_the_bank(original: str, shown: tuple[str, str]) -> None:
    """An amount in another currency is in the bank's line, with the decimals of its currency."""
    amount, currency = original.split()
    first, second = _lines(_posted(one_row("FR", original=Original(Decimal(amount), currency))))
    assert (first["Montantdevise"], first["Idevise"]) == shown
    assert (second["Montantdevise"], second["Idevise"]) == ("", "")


def test_drafts_have_no_validation_date() -> None:
    """With ``validated = false``, entries have no validation date."""
    assert {line["ValidDate"] for line in _lines(_posted(one_row("FR")), Options(validated=False))} == {""}


def test_a_row_without_texts_has_its_operation_type() -> None:
    """An entry of a row without texts has the operation type as its text."""
    statement = _posted(one_row("FR", counterparty=" ", purpose="", operation="card"))
    assert {line["EcritureLib"] for line in _lines(statement)} == {"card"}


@pytest.mark.parametrize(
    ("start", "last", "name"),
    [
        ((1, 1), date(2026, 1, 31), "123456782FEC20261231"),
        ((7, 1), date(2026, 1, 31), "123456782FEC20260630"),
        ((7, 1), date(2026, 7, 1), "123456782FEC20270630"),
        ((2, 1), date(2026, 1, 31), "123456782FEC20260131"),
    ],
)
def test_the_name_of_the_file(tmp_path: Path, start: tuple[int, int], last: date, name: str) -> None:
    """The name has SIREN, FEC, and the fiscal year's last day; for a part of a year, account and period follow."""
    statement = msgspec.structs.replace(_posted(one_row("FR"), year_start=start), last=last)
    names = FileNames(profiles.load("fec-fr"), [AccountGroup((statement.account,))], tmp_path)
    assert re.fullmatch(rf"{name}_[\w-]+_january\.txt", names.path(statement, "january").name)
    assert names.path(statement, "year", whole=True).name == f"{name}.txt"


def test_the_name_without_a_siren(tmp_path: Path) -> None:
    """Without a SIREN in the settings, the name begins with “FEC”."""
    statement = _posted(one_row("FR"), siren="")
    names = FileNames(profiles.load("fec-fr"), [AccountGroup((statement.account,))], tmp_path)
    assert names.path(statement, "january").name.startswith("FEC2026")


def test_two_fiscal_years_are_refused() -> None:
    """A statement that crosses the end of a fiscal year is refused."""
    statement = _posted(statements.year_change("FR"), year_start=(1, 1))
    with pytest.raises(FormatRuleViolated, match="2025-12-01 and 2026-01-31 are in two fiscal years"):
        _bytes(statement)


def test_a_statement_without_a_ledger_is_refused() -> None:
    """A statement without ledger accounts is refused."""
    with pytest.raises(FormatRuleViolated, match="name no ledger accounts"):
        _bytes(one_row("FR"))


def test_rows_of_zero_are_refused() -> None:
    """A row of 0.00 is refused, and the error names the row."""
    statement = msgspec.structs.replace(one_row("FR", 0), ledger=LEDGER)
    with pytest.raises(FormatRuleViolated, match=r"2026-01-01, Müller GmbH, 0\.00 EUR: an entry of 0\.00"):
        _bytes(statement)


@pytest.mark.parametrize("cents", [-99, -101, 100])
def test_an_entry_that_does_not_balance_is_refused(cents: int) -> None:
    """An entry that does not balance is refused; the error names the row."""
    statement = _posted(one_row("FR", -1_00), assign=lambda _: (Posting("401000", cents),))
    with pytest.raises(FormatRuleViolated, match=r"2026-01-01, .*, -1\.00 EUR \(.*\): its postings sum to another"):
        _bytes(statement)


@pytest.mark.parametrize("account", ["Bank", "51", "", "512|0", "5 12", "\u0665\u0661\u0662"])
def test_accounts_begin_with_three_digits(account: str) -> None:
    """An account that does not begin with three digits is refused, and the error names it."""
    with pytest.raises(
        FormatRuleViolated, match=re.escape(f"The account “{account}” does not begin with three digits")
    ):
        _bytes(_posted(one_row("FR"), bank=account))


@pytest.mark.parametrize("name", ["", " \t", "\u200b"])
def test_an_account_without_a_name_shows_its_number(name: str) -> None:
    """No line lacks the name of its account, which the State's checker refuses: it has the number instead."""
    lines = _lines(_posted(one_row("FR"), names={BANK: name}))
    assert [line["CompteLib"] for line in lines] == [line["CompteNum"] for line in lines]


@pytest.mark.parametrize("code", ["", " "])
def test_a_journal_must_have_a_code(code: str) -> None:
    """A ledger whose journal has no code is refused, since each line must state it."""
    with pytest.raises(FormatRuleViolated, match="the code of its journal"):
        _bytes(_posted(one_row("FR"), journal=code))


def test_a_journal_must_have_a_name() -> None:
    """A journal without a name is refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError, match="the journal must have a name"):
        msgspec.convert({"journal_name": " "}, Options)


def test_the_shown_values() -> None:
    """The values that the file shows include these fields, so that their changes are reported."""
    assert {"day", "amount", "counterparty", "purpose", "number"} <= {name for name, _ in shows(Options())}
