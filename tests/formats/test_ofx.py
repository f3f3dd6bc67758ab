"""OFX files: they follow the specification, and three programs read them."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Original, Statement
from primanota.formats import NoOptions
from primanota.formats.writers.ofx import render, shows
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.national_statements import ROWS, days_and_cents, one_row, statement_of, written
from tests.support.files.national_statements import expected as expected_with_opening
from tests.support.readers import ReaderTotals, ofx

# Fifty thousand rows take ofxparse and ofxdump minutes.
_SMALL = sorted(statements.CASES.keys() - {"many"})


def _bytes(statement: Statement) -> bytes:
    return b"".join(render(statement, NoOptions()))


def _found(statement: Statement, tag: str) -> list[str]:
    """Return the texts of an element, as they are in the file."""
    lines = _bytes(statement).decode("cp1252").split("\r\n")
    return [line.removeprefix(f"<{tag}>") for line in lines if line.startswith(f"<{tag}>")]


def _one(tag: str, cents: int = -1_00, **changes: Any) -> str:  # noqa: ANN401 - the fields have different types
    [text] = _found(one_row("DE", cents, **changes), tag)
    return text


def expected(statement: Statement) -> ReaderTotals:
    """Return the totals that a reader should find; the format has no opening balance."""
    return expected_with_opening(statement)._replace(opening=None)


@pytest.mark.parametrize("country", statements.IBANS)
@pytest.mark.parametrize("case", _SMALL)
def test_ofxtools_reads_the_file(case: str, country: str, tmp_path: Path) -> None:
    """The strict library ofxtools reports no error, and finds the same number of rows, sum and balance."""
    statement = statements.CASES[case](country)
    assert ofx.ofxtools(written(tmp_path, _bytes(statement))) == expected(statement)


def test_many_rows_are_read(tmp_path: Path) -> None:
    """Fifty thousand rows are read, with their sum and the balance."""
    statement = statements.many()
    assert ofx.ofxtools_tree(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_ofxparse_reads_the_file(case: str, tmp_path: Path) -> None:
    """The library ofxparse, which Odoo uses, finds the same rows, money and balance."""
    statement = statements.CASES[case]("DE")
    assert ofx.ofxparse(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_ofxdump_reads_the_file(case: str, tmp_path: Path) -> None:
    """The library of GnuCash, KMyMoney and HomeBank finds the same rows, money and balance."""
    statement = statements.CASES[case]("DE")
    assert ofx.ofxdump(written(tmp_path, _bytes(statement))) == expected(statement)


@settings(quick, max_examples=50)
@given(rows=ROWS)
def test_any_texts_and_amounts_are_read_back(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts and amounts, days, money and ids are the same, and every row has a name."""
    statement = statement_of(rows, "DE")
    read = ofx.ofxtools_movements(written(tmp_path_factory.getbasetemp(), _bytes(statement), "any.ofx"))
    assert [(row.day, row.cents) for row in read] == days_and_cents(statement)
    assert [row.key for row in read] == [row.id for row in statement.rows]
    assert all(row.name for row in read)


@settings(quick, max_examples=25)
@given(rows=ROWS)
def test_two_readers_agree(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, both libraries read the same names and memos as were written."""
    file = written(tmp_path_factory.getbasetemp(), _bytes(statement_of(rows, "DE")), "agree.ofx")
    texts = [(row.name, row.memo) for row in ofx.ofxtools_movements(file)]
    assert [(row.payee, row.memo) for row in ofx.ofxparse_account(file).statement.transactions] == texts


def test_difficult_texts_are_read_back(tmp_path: Path) -> None:
    """Two readers find umlauts, ampersands, quotes and brackets unchanged."""
    name, memo = 'Müller & Söhne <"GmbH"> €', "1 < 2 & 3 > 2; 'ok' &amp; é"
    file = written(tmp_path, _bytes(one_row("DE", counterparty=name, purpose=memo)))
    [row] = ofx.ofxtools_movements(file)
    assert (row.name, row.memo) == (name, memo)
    [other] = ofx.ofxparse_account(file).statement.transactions
    assert (other.payee, other.memo) == (name, memo)


def test_letters_that_windows_1252_lacks_are_transliterated(tmp_path: Path) -> None:
    """A name in letters that Windows-1252 lacks is transliterated, and that is reported."""
    statement = one_row("DE", counterparty="Łódź Őrült 東京")
    [row] = ofx.ofxtools_movements(written(tmp_path, _bytes(statement)))
    assert row.name == "Lódz Orült DongJing"
    assert [change.after for change in statement.text_changes] == [row.name]


def test_texts_have_their_lengths() -> None:
    """A name has at most 32 characters and a memo 255, before they are escaped; longer ones are reported."""
    statement = one_row("DE", counterparty="Name & Co " * 4, purpose="Beratung & " * 40)
    for tag, limit in (("NAME", 32), ("MEMO", 255)):
        [text] = _found(statement, tag)
        assert limit - 12 < len(text.replace("&amp;", "&")) <= limit
    assert {change.field for change in statement.text_changes} == {"counterparty", "purpose"}


def test_the_header_declares_the_encoding() -> None:
    """The header has nine lines and an empty one, with CRLF, and declares Windows-1252."""
    lines = _bytes(one_row("DE")).split(b"\r\n")
    assert lines[:10] == [
        b"OFXHEADER:100",
        b"DATA:OFXSGML",
        b"VERSION:102",
        b"SECURITY:NONE",
        b"ENCODING:USASCII",
        b"CHARSET:1252",
        b"COMPRESSION:NONE",
        b"OLDFILEUID:NONE",
        b"NEWFILEUID:NONE",
        b"",
    ]
    assert "<NAME>Müller GmbH".encode("cp1252") in lines
    assert not any(b"\n" in line for line in lines)


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("DE", ("37040044", None, "0532013000")),
        ("FR", ("16958", "00001", "43217856321")),
        ("ES", ("2100", "0418", "0200051332")),
        ("BE", ("539", None, "539007547034")),
    ],
)
def test_the_account_has_its_national_number(
    country: str, numbers: tuple[str, str | None, str], tmp_path: Path
) -> None:
    """Bank, branch and account are the national numbers inside the IBAN, which is too long for the format."""
    statement = statements.make([-1_00], country=country)
    read = ofx.ofxtools_statement(written(tmp_path, _bytes(statement))).bankacctfrom
    assert (read.bankid, read.branchid, read.acctid) == numbers
    assert read.acctid in statement.account.iban  # by which Odoo finds the account


@pytest.mark.parametrize("iban", ["MT84MALT011000012345MTLCAST001S", "NO9386011117947", "LU280019400644750000"])
def test_accounts_of_other_countries(iban: str, tmp_path: Path) -> None:
    """An account of another country has a number taken from its IBAN, within the lengths of the fields."""
    plain = statements.make([-1_00])
    statement = msgspec.structs.replace(plain, account=msgspec.structs.replace(plain.account, iban=iban))
    read = ofx.ofxtools_statement(written(tmp_path, _bytes(statement))).bankacctfrom
    assert len(read.bankid) <= 9
    assert len(read.acctid) <= 22
    assert iban.endswith(read.acctid)


def test_a_day_is_the_same_in_every_time_zone() -> None:
    """A row has the time noon in UTC, which is the same day in most time zones."""
    assert _found(statements.year_change(), "DTPOSTED") == ["20251231120000[0:GMT]", "20260101120000[0:GMT]"]
    noon = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - in any zone
    assert {(noon + timedelta(hours=hours)).date() for hours in range(-11, 12)} == {noon.date()}


def test_the_balance_is_of_the_last_day(tmp_path: Path) -> None:
    """The closing balance and the days of the file are derived from the statement's period."""
    statement = statements.invented_company()
    read = ofx.ofxtools_statement(written(tmp_path, _bytes(statement)))
    assert f"{read.ledgerbal.dtasof:%Y-%m-%d}" == f"{statement.last}"
    assert f"{read.banktranlist.dtstart:%Y-%m-%d}" == f"{statement.first}"
    assert f"{read.banktranlist.dtend:%Y-%m-%d}" == f"{statement.last}"
    assert set(_found(statement, "DTSERVER")) == {"20261031120000[0:GMT]"}


def test_the_id_is_that_of_the_bank() -> None:
    """The ID of a row is the bank's own, complete."""
    assert _one("FITID") == "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("case", _SMALL)
def test_ids_are_unique_and_amounts_have_points(case: str) -> None:
    """IDs are unique, and an amount is digits, a point and two digits."""
    statement = statements.CASES[case]("DE")
    assert len(set(_found(statement, "FITID"))) == len(statements.rows_of(statement))
    for amount in _found(statement, "TRNAMT") + _found(statement, "BALAMT"):
        assert amount.lstrip("-").replace(".", "", 1).isdecimal()
        assert amount[-3] == "."


def test_the_original_amount_is_written(tmp_path: Path) -> None:
    """Rate and currency of an original amount are in their elements, and the amount itself in the memo."""
    statement = statements.foreign_currency()
    rows = ofx.ofxtools_statement(written(tmp_path, _bytes(statement))).transactions
    assert [row.origcurrency.cursym for row in rows] == ["USD", "JPY", "KWD", "USD"]
    for row, ours in zip(rows, statement.rows, strict=True):
        assert ours.original
        assert round(ours.original.amount * row.origcurrency.currate, 2) == row.trnamt
        assert row.memo.endswith(ours.details)


@pytest.mark.parametrize("spent", ["0", "-100000000000"])
def test_without_a_rate_the_currency_is_left_out(spent: str) -> None:
    """The original currency is left out if it has no valid rate."""
    statement = one_row("DE", -1, original=Original(Decimal(spent), "USD"))
    assert _found(statement, "CURSYM") == []


@pytest.mark.parametrize(
    ("operation", "cents", "kind"),
    [
        ("transfer", -1, "XFER"),
        ("income", 1, "CREDIT"),
        ("card", -1, "POS"),
        ("card", 0, "POS"),
        ("card", 1, "CREDIT"),
        ("direct_debit", -1, "DIRECTDEBIT"),
        ("direct_debit", 1, "CREDIT"),
        ("qonto_fee", -1, "SRVCHG"),
        ("fee", -1, "SRVCHG"),
        ("cheque", 1, "DEP"),
        ("cheque", -1, "DEBIT"),
        ("account_remuneration", 1, "INT"),
        ("future_kind", 1, "CREDIT"),
        ("future_kind", -1, "DEBIT"),
    ],
)
def test_the_kind_of_a_row(operation: str, cents: int, kind: str) -> None:
    """The type of a row is one of the specification's; an unknown operation type is a credit or a debit."""
    assert _one("TRNTYPE", cents, operation=operation) == kind


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"counterparty": "  "}, "RE-2026-00000 Beratung"),
        ({"counterparty": "", "purpose": "", "details": "9.00 USD"}, "9.00 USD"),
        ({"counterparty": "", "purpose": "Beratung " * 9}, "Beratung Beratung Beratung"),
        ({"counterparty": "", "purpose": "\n"}, "00000000000040008000000000000000"),
    ],
)
def test_every_row_has_a_name(changes: dict[str, Any], name: str) -> None:
    """A row without a name has the purpose instead, or else the details or the ID."""
    assert _one("NAME", **changes) == name


def test_an_unproven_statement_has_a_message(tmp_path: Path) -> None:
    """The file of an unproven statement has a message in its status; that of a proven one has none."""
    statement = msgspec.structs.replace(statements.make([-1_00]), proven=False)
    [message] = _found(statement, "MESSAGE")
    assert message.startswith("Not proven")
    assert ofx.ofxtools(written(tmp_path, _bytes(statement))) == expected(statement)
    assert ofx.ofxdump(written(tmp_path, _bytes(statement))) == expected(statement)
    assert _found(statements.make([]), "MESSAGE") == []


def test_rows_are_streamed() -> None:
    """Rows are read once and written one by one."""
    plain = statements.make([-1_00] * 50)
    pieces = list(render(msgspec.structs.replace(plain, rows=iter(plain.rows)), NoOptions()))
    assert sum(piece.startswith(b"<STMTTRN>") for piece in pieces) == 50
    assert b"".join(pieces) == _bytes(plain)


def test_every_shown_value_is_in_the_file() -> None:
    """Each value that the format declares as shown is in the file."""
    statement = one_row("DE", note="zettel", details="9.00 USD, zettel", original=Original(Decimal(-9), "USD"))
    [row], text = statement.rows, _bytes(statement).decode("cp1252")
    for name, cell in shows(NoOptions()):
        assert cell(row).lstrip("-").replace("2026-01-01", "20260101") in text, name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"closing": None}, "balances at both ends"),
        ({"account": msgspec.structs.replace(statements.account(), iban="")}, "no IBAN"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A statement without a balance or an account number is refused, and the error names what is missing."""
    with pytest.raises(FormatRuleViolated, match=message) as refused:
        _bytes(msgspec.structs.replace(statements.make([-1_00]), **changes))
    assert refused.value.hint


def test_an_option_is_refused() -> None:
    """An option is refused when the profile is read, because the format has no options."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"version": "220"}, NoOptions)
