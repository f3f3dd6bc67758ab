"""DATEV's EXTF files: they follow DATEV's table of fields, and other programs book the data from them."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.model import Money, Original, Posting, Statement, Transaction
from primanota.formats.writers.datev import FORMAT, Options, render, shows
from tests.support.factories import quick, transaction
from tests.support.files import golden_company, statements
from tests.support.files.datev_ledger import LEDGER, datev_statement, ledger_with, rendered
from tests.support.files.national_statements import expected
from tests.support.readers import ReaderTotals, datev

_RULES = Path(__file__).parent.parent / "format-data" / "datev_extf_buchungsstapel_v13_fields.csv"
_OPTIONS, _FOREIGN = Options(), Options(foreign="booked")
_SMALL = sorted(statements.CASES.keys() - {"many"})
_EUROS = "Umsatz (ohne Soll/Haben-Kz)"


def _files(statement: Statement) -> Iterator[Statement]:
    """Yield the parts of a statement that a profile exports: one fiscal year each, without rows of 0.00."""
    for year in range(statement.first.year, statement.last.year + 1):
        yield msgspec.structs.replace(
            statement,
            rows=[row for row in statement.rows if row.day.year == year and row.amount.cents],
            first=max(statement.first, date(year, 1, 1)),
            last=min(statement.last, date(year, 12, 31)),
            ledger=LEDGER,
        )


def _lines(statement: Statement, options: Options = _OPTIONS) -> list[str]:
    return rendered(statement, options).decode("cp1252").split("\r\n")


def _entries(statement: Statement, options: Options = _OPTIONS) -> list[dict[str, str]]:
    """Return the entries by the names of the columns, without quotation marks."""
    text = "\n".join(_lines(statement, options)[1:])
    return list(csv.DictReader(io.StringIO(text), delimiter=";", strict=True))


def _written(folder: Path, statement: Statement, options: Options = _OPTIONS) -> Path:
    file = folder / f"EXTF_{statement.first}{FORMAT.suffix}"
    file.write_bytes(rendered(statement, options))
    return file


@pytest.mark.parametrize("options", [_OPTIONS, _FOREIGN], ids=["noted", "booked"])
@pytest.mark.parametrize("case", statements.CASES)
def test_a_ledger_books_the_entries(case: str, options: Options, tmp_path: Path) -> None:
    """A strict reader finds every row on its day and its side; debits and credits of all accounts add up to zero."""
    if case == "many" and options == _FOREIGN:
        pytest.skip("they are all in euros")
    total, sums = ReaderTotals(0, 0), dict[str, int]()
    whole = statements.CASES[case]("DE")
    for statement in _files(whole):
        file = _written(tmp_path, statement, options)
        seen = datev.german_ledger(file)
        assert seen == expected(statement, balances=False)
        total = ReaderTotals(total.rows + seen.rows, total.total + seen.total)
        for account, cents in datev.german_ledger_sums(file).items():
            sums[account] = sums.get(account, 0) + cents
    assert whole.opening is not None
    assert whole.closing is not None
    assert total.total == sums.get("1800", 0) == whole.closing.cents - whole.opening.cents
    assert sum(sums.values()) == 0


@pytest.mark.parametrize("case", _SMALL)
def test_a_csv_reader_finds_the_rows(case: str, tmp_path: Path) -> None:
    """By the names of the columns, a CSV reader finds the same rows and the same signed sum."""
    for statement in _files(statements.CASES[case]("DE")):
        assert datev.arrow(_written(tmp_path, statement)) == expected(statement, balances=False)


@pytest.mark.parametrize("options", [_OPTIONS, _FOREIGN], ids=["noted", "booked"])
@pytest.mark.parametrize("case", _SMALL)
def test_every_cell_follows_datevs_rule(case: str, options: Options) -> None:
    """Each cell is empty or matches the expression that DATEV gives for it; texts have quotes even when empty.

    Other readers accept a wrong side or a text that is too long without an error.
    """
    with _RULES.open(encoding="utf-8", newline="") as table:
        rules = [
            (rule["header_in_official_DATEV_sample"], rule["regex_per_DATEV_format_description"])
            for rule in csv.DictReader(table)
        ]
    for statement in _files(statements.CASES[case]("DE")):
        _, names, *lines, end = _lines(statement, options)
        assert end == ""
        assert names.split(";") == [name for name, _ in rules]
        for line in lines:
            cells = line.split(";")
            for (name, rule), cell in zip(rules, cells, strict=True):
                assert cell in {"", '""'} or re.fullmatch(rule or '"[A-Z]{3}"', cell), (name, cell)
                assert (cell[:1] == cell[-1:] == '"') == ('["]' in rule or not rule), (name, cell)


def test_the_header_is_datevs() -> None:
    """The 31 fields of the header are those of DATEV's example, with the ledger's numbers and the days."""
    statement = datev_statement(
        first=date(2026, 10, 5), last=date(2026, 10, 11), ledger=ledger_with(year_start=(7, 1))
    )
    head, *_ = _lines(statement)
    assert head == (
        '"EXTF";700;21;"Buchungsstapel";13;20261011000000000;;"RE";"Primanota";"";29098;55003;20260701;4;20261005;'
        '20261011;"Konto 3000";"";1;0;0;"EUR";;"";;;"04";;;"";""'
    )
    assert head.count(";") == 30


@pytest.mark.parametrize(
    ("first", "year_start", "begins"),
    [
        (date(2026, 1, 1), (1, 1), "20260101"),
        (date(2026, 6, 30), (7, 1), "20250701"),
        (date(2026, 7, 1), (7, 1), "20260701"),
        (date(2026, 12, 31), (12, 31), "20261231"),
        (date(2026, 2, 28), (3, 1), "20250301"),
    ],
)
def test_the_fiscal_year_is_the_one_of_the_days(first: date, year_start: tuple[int, int], begins: str) -> None:
    """The fiscal year in the header is the one that contains the statement's days."""
    head, *_ = _lines(datev_statement(first=first, last=first, ledger=ledger_with(year_start=year_start)))
    assert head.split(";")[12] == begins


def test_money_in_is_debit_on_the_bank() -> None:
    """The amount has no sign: S is money in on the bank's account, H is money out."""
    rows = [transaction(id="in", amount=Money(119_00)), transaction(id="out", amount=Money(-3_50))]
    found = [
        (entry[_EUROS], entry["Soll/Haben-Kennzeichen"], entry["Konto"]) for entry in _entries(datev_statement(*rows))
    ]
    assert found == [("119,00", "S", "1800"), ("3,50", "H", "1800")]


def test_each_posting_is_an_entry() -> None:
    """A row of several postings has an entry for each, on its own side, with its key, cost centre and text."""
    postings = (
        Posting("8400", 119_00, tax="3", cost_centre="Laden 1", text="Umsatz"),
        Posting("6855", -2_00, text="Gebühr"),
        Posting("10000", 1),
    )
    row = transaction(amount=Money(117_01))
    found = _entries(datev_statement(row, ledger=ledger_with(assign=lambda _: postings)))
    names = (
        _EUROS,
        "Soll/Haben-Kennzeichen",
        "Gegenkonto (ohne BU-Schlüssel)",
        "BU-Schlüssel",
        "KOST1 - Kostenstelle",
    )
    assert [tuple(entry[name] for name in names) for entry in found] == [
        ("119,00", "S", "8400", "0003", "Laden 1"),
        ("2,00", "H", "6855", "", ""),
        ("0,01", "S", "10000", "", ""),
    ]
    assert [entry["Buchungstext"] for entry in found] == ["Umsatz", "Gebühr", "Müller GmbH Invoice 7"]
    assert {entry["Belegfeld 1"] for entry in found} == {row.id.replace("-", "")}


def test_other_fields_are_additional_information() -> None:
    """Counterparty, account, purpose, original amount and note are additional information of the entry."""
    row = transaction(note="Für Anna", original=Original(Decimal("-99.0"), "USD"), purpose="", mandate="M-17")
    [entry] = _entries(datev_statement(row))
    noted = [
        (entry[f"Zusatzinformation - Art {number}"], entry[f"Zusatzinformation- Inhalt {number}"])
        for number in range(1, 6)
    ]
    assert noted == [
        ("Gegenpartei", "Müller GmbH"),
        ("IBAN", "DE02120300000000202051"),
        ("Originalbetrag", "-99,00 USD"),
        ("Notiz", "Für Anna"),
        ("", ""),
    ]
    assert entry["SEPA-Mandatsreferenz"] == "M-17"


@pytest.mark.parametrize(
    ("amount", "currency", "cents", "booked"),
    [
        ("-99.00", "USD", -89_90, ("99,00", "USD", "1,101224", "89,90", "EUR")),
        ("-4900", "JPY", -30_42, ("4900,00", "JPY", "161,078238", "30,42", "EUR")),
        ("49.00", "USD", 45_20, ("49,00", "USD", "1,084071", "45,20", "EUR")),
        # The rate is below one, the amount has a third decimal, the rate is beyond DATEV's, zero, another sign.
        ("-85.00", "GBP", -100_00, ("100,00", "EUR", "", "", "")),
        ("-12.345", "KWD", -10_00, ("10,00", "EUR", "", "", "")),
        ("-20000", "VND", -1_00, ("1,00", "EUR", "", "", "")),
        ("0", "USD", -1_00, ("1,00", "EUR", "", "", "")),
        ("99.00", "USD", -89_90, ("89,90", "EUR", "", "", "")),
    ],
)
def test_amounts_in_other_currencies(amount: str, currency: str, cents: int, booked: tuple[str, ...]) -> None:
    """With ``foreign = "booked"`` an entry is in the original currency with its rate, or else in euros."""
    row = transaction(amount=Money(cents), original=Original(Decimal(amount), currency))
    names = (_EUROS, "WKZ Umsatz", "Kurs", "Basis-Umsatz", "WKZ Basis-Umsatz")
    [entry] = _entries(datev_statement(row), _FOREIGN)
    assert tuple(entry[name] for name in names) == booked
    [entry] = _entries(datev_statement(row))
    assert (entry[_EUROS], entry["WKZ Umsatz"], entry["Kurs"]) == (f"{Money(abs(cents)):,}", "EUR", "")


def test_several_postings_are_booked_in_euros() -> None:
    """A row of several postings is booked in euros: the part of the original amount in each posting is unknown."""
    row = transaction(operation="card", amount=Money(-89_90), original=Original(Decimal(-99), "USD"))
    found = _entries(datev_statement(row), _FOREIGN)
    assert [(entry[_EUROS], entry["WKZ Umsatz"]) for entry in found] == [("44,95", "EUR"), ("44,95", "EUR")]


@pytest.mark.parametrize(("options", "flag"), [(_OPTIONS, "0"), (Options(finalised=True), "1")])
def test_entries_state_whether_they_are_locked(options: Options, flag: str) -> None:
    """The header and every entry state whether they are locked."""
    statement = datev_statement(transaction())
    assert _lines(statement, options)[0].split(";")[20] == flag
    assert [entry["Festschreibung"] for entry in _entries(statement, options)] == [flag]


def test_an_unproven_statement_is_marked() -> None:
    """The name of the batch states that the statement is not proven."""
    head, *_ = _lines(datev_statement(proven=False))
    assert head.split(";")[16] == '"Konto 3000 nicht bewiesen"'


def test_separators_in_texts_are_replaced(tmp_path: Path) -> None:
    """Semicolons and quotation marks in texts, also wide ones, are replaced, and that is reported."""
    row = transaction(counterparty='A;"B"', purpose="\uff1b\uff02;", note="“”„»", amount=Money(-1))
    statement = datev_statement(row)
    *_, line, _ = _lines(statement)
    assert line.count(";") == 124
    assert datev.german_ledger(_written(tmp_path, statement)) == ReaderTotals(1, -1)
    assert [(one.field, one.after) for one in statement.text_changes][:2] == [
        ("counterparty", "A,'B'"),
        ("purpose", ",',"),
    ]


def test_the_encoding_is_windows_1252() -> None:
    """The bytes are Windows-1252, as DATEV reads them; other characters are transliterated and reported."""
    statement = datev_statement(transaction(counterparty="Größe & Łódź €"))
    assert "Größe & Lódz €".encode("cp1252") in rendered(statement)
    assert ("counterparty", "Größe & Lódz €") in [(one.field, one.after) for one in statement.text_changes]


def test_rows_are_read_while_the_file_is_written() -> None:
    """Rows from an iterator are read while the file is written, and once."""
    plain = msgspec.structs.replace(statements.make([1] * 5000), ledger=LEDGER)
    rows = statements.WalkedRows(plain)
    found = render(msgspec.structs.replace(plain, rows=rows), _OPTIONS)
    first = next(found)
    assert rows.count < 2000
    assert first + b"".join(found) == rendered(plain)


_NASTY = st.text(st.one_of(st.sampled_from(";\"'?+-/\r\n äß€東🧾"), st.characters(codec="utf-8")), max_size=300)
_ROWS = st.builds(
    transaction,
    id=st.uuids().map(str),
    counterparty=_NASTY,
    purpose=_NASTY,
    note=_NASTY,
    operation=st.sampled_from(["card", "transfer"]),
    amount=st.builds(Money, st.integers(-(10**12) + 1, 10**12 - 1).filter(bool)),
    booked=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(golden_company.BERLIN)),  # noqa: DTZ001 - hypothesis adds the zone
)


@quick
@given(rows=st.lists(_ROWS, max_size=5))
def test_money_is_booked_with_any_texts(rows: list[Transaction], tmp_path_factory: pytest.TempPathFactory) -> None:
    """A text of a row cannot hide, add or change an entry, its day or its amount."""
    statement = datev_statement(*rows)
    file = _written(tmp_path_factory.mktemp("datev"), statement)
    assert datev.german_ledger(file) == datev.arrow(file) == expected(statement, balances=False)
    days = {row.id.replace("-", ""): f"{row.day:%d%m}" for row in rows}
    assert {entry["Belegfeld 1"]: entry["Belegdatum"] for entry in _entries(statement)} == days


@pytest.mark.parametrize(
    ("options", "message"), [({"locked": True}, "unknown field `locked`"), ({"foreign": "yes"}, r"at `\$\.foreign`")]
)
def test_an_invalid_option_is_refused(options: dict[str, Any], message: str) -> None:
    """An invalid option is refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(options, Options)


def test_the_shown_values() -> None:
    """The values that the file shows include these fields, so that their changes are reported."""
    row = transaction(note="Notiz", mandate="M-1")
    shown = {name: cell(row) for name, cell in shows(_OPTIONS)}
    assert (shown["note"], shown["mandate"], shown["purpose"]) == ("Notiz", "M-1", "Invoice 7")
