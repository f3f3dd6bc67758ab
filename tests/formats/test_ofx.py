"""OFX keeps the specification's lengths and words, and three programs read the bank's data in it."""

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
from tests.support import statements
from tests.support.factories import quick
from tests.support.national_statements import ROWS, days_and_cents, one_row, statement_of, written
from tests.support.national_statements import expected as expected_with_opening
from tests.support.readers import ReaderTotals, ofx

# Fifty thousand rows take ofxparse and ofxdump minutes.
_SMALL = sorted(statements.CASES.keys() - {"many"})


def _bytes(statement: Statement) -> bytes:
    return b"".join(render(statement, NoOptions()))


def _found(statement: Statement, tag: str) -> list[str]:
    """Return the texts of an element, as they stand in the file."""
    lines = _bytes(statement).decode("cp1252").split("\r\n")
    return [line.removeprefix(f"<{tag}>") for line in lines if line.startswith(f"<{tag}>")]


def _one(tag: str, cents: int = -1_00, **changes: Any) -> str:  # noqa: ANN401 - the fields have different types
    [text] = _found(one_row("DE", cents, **changes), tag)
    return text


def expected(statement: Statement) -> ReaderTotals:
    """Return what a reader should see: the format has no opening balance."""
    return expected_with_opening(statement)._replace(opening=None)


@pytest.mark.parametrize("country", statements.IBANS)
@pytest.mark.parametrize("case", _SMALL)
def test_ofxtools_reads_it(case: str, country: str, tmp_path: Path) -> None:
    """The strict library reports no error, and finds the same number of rows, sum and balance."""
    statement = statements.CASES[case](country)
    assert ofx.ofxtools(written(tmp_path, _bytes(statement))) == expected(statement)


def test_many_rows_are_all_there(tmp_path: Path) -> None:
    """Fifty thousand rows are read, with their sum and the balance."""
    statement = statements.many()
    assert ofx.ofxtools_tree(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_ofxparse_reads_it(case: str, tmp_path: Path) -> None:
    """The library that Odoo uses sees the same rows, money and balance."""
    statement = statements.CASES[case]("DE")
    assert ofx.ofxparse(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_ofxdump_reads_it(case: str, tmp_path: Path) -> None:
    """The library of GnuCash, KMyMoney and HomeBank sees the same rows, money and balance."""
    statement = statements.CASES[case]("DE")
    assert ofx.ofxdump(written(tmp_path, _bytes(statement))) == expected(statement)


@settings(quick, max_examples=50)
@given(rows=ROWS)
def test_any_text_and_amount_reads_back(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
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


def test_texts_reach_both_readers(tmp_path: Path) -> None:
    """Umlauts, ampersands, quotes and brackets read back unchanged."""
    name, memo = 'Müller & Söhne <"GmbH"> €', "1 < 2 & 3 > 2; 'ok' &amp; é"
    file = written(tmp_path, _bytes(one_row("DE", counterparty=name, purpose=memo)))
    [row] = ofx.ofxtools_movements(file)
    assert (row.name, row.memo) == (name, memo)
    [other] = ofx.ofxparse_account(file).statement.transactions
    assert (other.payee, other.memo) == (name, memo)


def test_letters_that_windows_1252_lacks_are_spelled(tmp_path: Path) -> None:
    """A name in other letters is transliterated and reported, and never written with question marks."""
    statement = one_row("DE", counterparty="Łódź Őrült 東京")
    [row] = ofx.ofxtools_movements(written(tmp_path, _bytes(statement)))
    assert row.name == "Lódz Orült DongJing"
    assert [change.after for change in statement.text_changes] == [row.name]


def test_texts_keep_their_lengths() -> None:
    """A name has at most 32 characters and a memo 255, before they are escaped; longer ones are reported."""
    statement = one_row("DE", counterparty="Name & Co " * 4, purpose="Beratung & " * 40)
    for tag, limit in (("NAME", 32), ("MEMO", 255)):
        [text] = _found(statement, tag)
        assert limit - 12 < len(text.replace("&amp;", "&")) <= limit
    assert {change.field for change in statement.text_changes} == {"counterparty", "purpose"}


def test_the_header_declares_what_the_bytes_are() -> None:
    """Nine lines and an empty one, CRLF, Windows-1252: the one encoding that all readers take."""
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
    """An IBAN is too long for the format, so bank, branch and account are those inside it."""
    statement = statements.make([-1_00], country=country)
    read = ofx.ofxtools_statement(written(tmp_path, _bytes(statement))).bankacctfrom
    assert (read.bankid, read.branchid, read.acctid) == numbers
    assert read.acctid in statement.account.iban  # by which Odoo finds the account


@pytest.mark.parametrize("iban", ["MT84MALT011000012345MTLCAST001S", "NO9386011117947", "LU280019400644750000"])
def test_accounts_of_other_countries(iban: str, tmp_path: Path) -> None:
    """An account of any other country has a number too, taken from its IBAN, within the lengths."""
    plain = statements.make([-1_00])
    statement = msgspec.structs.replace(plain, account=msgspec.structs.replace(plain.account, iban=iban))
    read = ofx.ofxtools_statement(written(tmp_path, _bytes(statement))).bankacctfrom
    assert len(read.bankid) <= 9
    assert len(read.acctid) <= 22
    assert iban.endswith(read.acctid)


def test_a_day_is_the_same_day_everywhere() -> None:
    """A row has the time noon, so that Auckland and San Francisco read the same day, and no reader warns."""
    assert _found(statements.year_change(), "DTPOSTED") == ["20251231120000[0:GMT]", "20260101120000[0:GMT]"]
    noon = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - in any zone
    assert {(noon + timedelta(hours=hours)).date() for hours in range(-11, 12)} == {noon.date()}


def test_the_balance_is_of_the_last_day(tmp_path: Path) -> None:
    """The ledger balance is the closing balance, as of the period's end, without a clock."""
    statement = statements.invented_company()
    read = ofx.ofxtools_statement(written(tmp_path, _bytes(statement)))
    assert f"{read.ledgerbal.dtasof:%Y-%m-%d}" == f"{statement.last}"
    assert f"{read.banktranlist.dtstart:%Y-%m-%d}" == f"{statement.first}"
    assert f"{read.banktranlist.dtend:%Y-%m-%d}" == f"{statement.last}"
    assert set(_found(statement, "DTSERVER")) == {"20261031120000[0:GMT]"}


def test_the_id_is_the_banks() -> None:
    """A row imported twice is recognised by the bank's own complete id."""
    assert _one("FITID") == "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("case", _SMALL)
def test_ids_are_unique_and_amounts_have_points(case: str) -> None:
    """Ids are unique, and an amount is digits, a point and two digits: readers accept a comma without an error."""
    statement = statements.CASES[case]("DE")
    assert len(set(_found(statement, "FITID"))) == len(statements.rows_of(statement))
    for amount in _found(statement, "TRNAMT") + _found(statement, "BALAMT"):
        assert amount.lstrip("-").replace(".", "", 1).isdecimal()
        assert amount[-3] == "."


def test_the_original_amount_is_told(tmp_path: Path) -> None:
    """Rate and currency stand where the specification has them, the original amount in the memo."""
    statement = statements.foreign_currency()
    rows = ofx.ofxtools_statement(written(tmp_path, _bytes(statement))).transactions
    assert [row.origcurrency.cursym for row in rows] == ["USD", "JPY", "KWD", "USD"]
    for row, ours in zip(rows, statement.rows, strict=True):
        assert ours.original
        assert round(ours.original.amount * row.origcurrency.currate, 2) == row.trnamt
        assert row.memo.endswith(ours.details)


@pytest.mark.parametrize("spent", ["0", "-100000000000"])
def test_without_a_rate_there_is_no_currency(spent: str) -> None:
    """Without a rate, the currency that would need one is left out."""
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
        ("cheque", 1, "DEP"),
        ("cheque", -1, "DEBIT"),
        ("account_remuneration", 1, "INT"),
        ("future_kind", 1, "CREDIT"),
        ("future_kind", -1, "DEBIT"),
    ],
)
def test_the_kind_of_a_row(operation: str, cents: int, kind: str) -> None:
    """Types are words of the specification; other operation types are a credit or a debit."""
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
    """A row without a name has the purpose instead, or else the id: readers refuse a row without a name."""
    assert _one("NAME", **changes) == name


def test_what_is_not_proven_says_so(tmp_path: Path) -> None:
    """A statement of a broken chain has a message in its status; a proven one does not."""
    statement = msgspec.structs.replace(statements.make([-1_00]), proven=False)
    [message] = _found(statement, "MESSAGE")
    assert message.startswith("Not proven")
    assert ofx.ofxtools(written(tmp_path, _bytes(statement))) == expected(statement)
    assert ofx.ofxdump(written(tmp_path, _bytes(statement))) == expected(statement)
    assert _found(statements.make([]), "MESSAGE") == []


def test_rows_stream() -> None:
    """Rows are walked once and written one by one."""
    plain = statements.make([-1_00] * 50)
    pieces = list(render(msgspec.structs.replace(plain, rows=iter(plain.rows)), NoOptions()))
    assert sum(piece.startswith(b"<STMTTRN>") for piece in pieces) == 50
    assert b"".join(pieces) == _bytes(plain)


def test_everything_shown_is_in_the_file() -> None:
    """Each value that the file is said to show is in it, so that a change of it is a change of the file."""
    statement = one_row("DE", note="zettel", details="9.00 USD, zettel", original=Original(Decimal(-9), "USD"))
    [row], text = statement.rows, _bytes(statement).decode("cp1252")
    for name, cell in shows(NoOptions()):
        assert cell(row).lstrip("-").replace("2026-01-01", "20260101") in text, name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"closing": None}, "balances at both ends"),
        ({"account": msgspec.structs.replace(statements.account(), iban="")}, "no IBAN"),
    ],
)
def test_what_cannot_be_written_is_refused(changes: dict[str, Any], said: str) -> None:
    """A statement without a balance or an account number is refused, and the error names what is missing."""
    with pytest.raises(FormatRuleViolated, match=said) as refused:
        _bytes(msgspec.structs.replace(statements.make([-1_00]), **changes))
    assert refused.value.hint


def test_there_is_nothing_to_choose() -> None:
    """An option is a mistake of the profile: the format has none."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"version": "220"}, NoOptions)
