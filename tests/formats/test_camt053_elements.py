"""The elements of a CAMT.053 file: their contents, lengths and order, valid by ISO's schemas."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import msgspec
import pytest

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Original, Statement
from primanota.formats.writers.camt053 import Options, render, shows
from tests.support.files import statements
from tests.support.files.national_statements import expected, one_row, written
from tests.support.readers import camt053

_VERSIONS: list[Literal["001.02", "001.08"]] = ["001.02", "001.08"]
_NEW = Options()
each_version = pytest.mark.parametrize("options", [Options(version) for version in _VERSIONS], ids=_VERSIONS)


def _bytes(statement: Statement, options: Options = _NEW) -> bytes:
    return b"".join(render(statement, options))


def _found(statement: Statement, path: str, options: Options = _NEW) -> list[str]:
    """Return the texts at a path; elements may be nested at any depth."""
    root = ET.fromstring(_bytes(statement, options))  # noqa: S314 - our own bytes
    names = "".join(f"/{{*}}{name}" for name in path.split("/"))
    return [element.text or "" for element in root.findall(f"./{names}")]


def _one(path: str, options: Options = _NEW, cents: int = -1_00, **changes: Any) -> list[str]:  # noqa: ANN401
    return _found(one_row("DE", cents, **changes), path, options)


def test_the_head_names_period_account_and_owner() -> None:
    """The head contains account, owner and period; its id has the number and the key of the statement."""
    statement = msgspec.structs.replace(statements.invented_company(), number=7, key="0123456789abcdef" * 2)
    for path in ("GrpHdr/MsgId", "Stmt/Id"):
        assert _found(statement, path) == ["3000-7-0123456789abcdef0123"]
    assert _found(statement, "ElctrncSeqNb") == ["7"]
    assert _found(statement, "CreDtTm") == ["2026-10-31T23:59:59"] * 2
    assert _found(statement, "FrToDt/FrDtTm") == ["2025-12-01T00:00:00"]
    assert _found(statement, "FrToDt/ToDtTm") == ["2026-10-31T23:59:59"]
    assert _found(statement, "Acct/Id/IBAN") == ["DE89370400440532013000"]
    assert _found(statement, "Acct/Ownr/Nm") == ["Erfundene Räder GmbH"]
    assert _found(statement, "Bal/Dt/Dt") == ["2025-12-01", "2026-10-31"]


def test_the_end_is_not_before_the_beginning(tmp_path: Path) -> None:
    """Where clocks are put back between the first and the last row, both times state their difference to UTC."""
    plain = one_row("DE")
    starts, ends = (datetime(2026, 10, 25, hour, minute, tzinfo=UTC) for hour, minute in ((0, 50), (1, 10)))
    local = {"starts_at": starts.astimezone(statements.BERLIN), "ends_at": ends.astimezone(statements.BERLIN)}
    statement = msgspec.structs.replace(plain, **local)
    assert _found(statement, "FrToDt/FrDtTm") == ["2026-10-25T02:50:00+02:00"]
    assert _found(statement, "FrToDt/ToDtTm") == ["2026-10-25T02:10:00+01:00"]
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)


def test_long_names_fit_in_the_head(tmp_path: Path) -> None:
    """An account's name has at most 70 characters, a company's 140, a transaction's operation type 35."""
    plain = one_row("DE", operation="kind" * 20)
    account = msgspec.structs.replace(plain.account, name="Konto\n" * 20)
    company = msgspec.structs.replace(statements.COMPANY, name="Räder" * 50)
    statement = msgspec.structs.replace(plain, account=account, company=company)
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)
    assert _found(statement, "Acct/Nm") == [("Konto " * 20)[:70]]


def test_without_a_company_the_owner_is_left_out() -> None:
    """The owner is left out if the company is unknown."""
    assert _found(msgspec.structs.replace(statements.make([]), company=None), "Ownr") == []


def test_the_id_has_no_hyphens() -> None:
    """The ID of a row is written without hyphens, to fit into 35 characters, in the entry and in its details."""
    assert _one("AcctSvcrRef") == ["00000000000040008000000000000000"] * 2


def test_misleading_references_are_left_out() -> None:
    """The file does not contain the references that importers misread."""
    rendered = _bytes(statements.every_kind())
    for name in (b"NtryRef", b"EndToEndId", b"NOTPROVIDED", b"AddtlTxInf"):
        assert name not in rendered


def test_days_are_local() -> None:
    """The last second of a year and the first of the next have different days."""
    assert _found(statements.year_change(), "Ntry/BookgDt/Dt") == ["2025-12-31", "2026-01-01"]
    assert _found(statements.year_change(), "Ntry/ValDt/Dt") == ["2025-12-31", "2026-01-01"]


@pytest.mark.parametrize(("cents", "side", "role"), [(1, "CRDT", "Dbtr"), (-1, "DBIT", "Cdtr"), (0, "DBIT", "Cdtr")])
@each_version
def test_the_side_of_a_row(options: Options, cents: int, side: str, role: str) -> None:
    """An amount has a side instead of a sign, which makes the counterparty debtor or creditor."""
    name = {"001.02": f"{role}/Nm", "001.08": f"{role}/Pty/Nm"}[options.version]
    bank = {"001.02": "BIC", "001.08": "BICFI"}[options.version]
    row: dict[str, Any] = {"bic": "BYLADEM1001", "cents": cents}
    assert set(_one("Ntry/CdtDbtInd", options, **row)) == {side}
    assert set(_one("Ntry/Amt", options, **row)) == {f"0.0{abs(cents)}"}
    assert _one(name, options, **row) == ["Müller GmbH"]
    assert _one(f"{role}Acct/Id/IBAN", options, **row) == ["DE02120300000000202051"]
    assert _one(f"{role}Agt/FinInstnId/{bank}", options, **row) == ["BYLADEM1001"]


@pytest.mark.parametrize("cents", [0, 1])
def test_a_balance_of_zero_is_a_credit(cents: int) -> None:
    """A balance of zero is a credit, like a positive one."""
    statement = msgspec.structs.replace(statements.make([]), opening=Money(cents), closing=Money(-cents))
    assert _found(statement, "Bal/CdtDbtInd") == ["CRDT", "DBIT" if cents else "CRDT"]


@pytest.mark.parametrize("account", ["GB 12345678 / 20-00-00", "123456789", "DE", "x" * 40])
def test_an_account_without_an_iban(account: str, tmp_path: Path) -> None:
    """An account that is not an IBAN is written as another number, of at most 34 characters."""
    statement = one_row("DE", counterparty_account=account)
    assert _found(statement, "CdtrAcct/Id/Othr/Id") == [account.replace(" ", "")[:34]]
    assert _found(statement, "CdtrAcct/Id/IBAN") == []
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)


@each_version
@pytest.mark.parametrize("bic", ["20-00-00", "QNTOFRP1", "1234DE55"])
def test_a_bank_without_a_bic(options: Options, bic: str, tmp_path: Path) -> None:
    """A sort code is written as another number of the bank; a BIC is one that both versions accept."""
    statement = one_row("DE", bic=bic)
    assert _found(statement, "FinInstnId/Othr/Id") == ([] if bic.startswith("QNTO") else [bic])
    assert camt053.xmllint(written(tmp_path, _bytes(statement, options))) == expected(statement)


def test_empty_fields_are_left_out(tmp_path: Path) -> None:
    """A row with empty fields has no empty elements, which the schema refuses."""
    statement = one_row("DE", counterparty=" ", counterparty_account="", purpose="", operation="", details="\n")
    for name in (b"RltdPties", b"RltdAgts", b"RmtInf", b"AddtlNtryInf", b"MndtId"):
        assert name not in _bytes(statement)
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)


def test_a_long_purpose_is_in_lines() -> None:
    """A long purpose is written completely, in lines of at most 140 characters, broken between words."""
    purpose = "Beratung " * 100 + "Ende"
    lines = _one("RmtInf/Ustrd", purpose=purpose)
    assert len(lines) > 1
    assert all(len(line) <= 140 for line in lines)
    assert " ".join(lines) == purpose


def test_a_text_that_does_not_fit_is_reported() -> None:
    """A name loses words beyond 140 characters, a note beyond 500; both are reported."""
    statement = one_row("DE", counterparty="Name " * 40, details="Note " * 120)
    for path, limit in (("Cdtr/Pty/Nm", 140), ("AddtlNtryInf", 500)):
        [text] = _found(statement, path)
        assert limit - 5 < len(text) <= limit
    assert {(change.field, len(change.before)) for change in statement.text_changes} == {
        ("counterparty", 199),
        ("details", 599),
    }


@pytest.mark.parametrize("char", ["\ufffe", "\uffff"])
def test_a_character_that_xml_does_not_have(char: str, tmp_path: Path) -> None:
    """A character that XML does not have is replaced and reported; every other character is unchanged."""
    statement = one_row("DE", purpose=f"a{char}b 🚲 Łódź 東京 <&>\"'")
    assert _found(statement, "Ustrd") == ["a.b 🚲 Łódź 東京 <&>\"'"]
    assert [change.field for change in statement.text_changes] == ["purpose"]
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)


@each_version
def test_amounts_in_other_currencies(options: Options) -> None:
    """The original amount has its own decimals, its currency, and its exchange rate."""
    statement = statements.foreign_currency()
    assert _found(statement, "InstdAmt/Amt", options) == ["99.00", "4900", "12.345", "49.00"]
    assert _found(statement, "CcyXchg/SrcCcy", options) == ["USD", "JPY", "KWD", "USD"]
    assert _found(statement, "CcyXchg/TrgtCcy", options) == ["EUR"] * 4
    booked = [Decimal(amount) for amount in _found(statement, "TxAmt/Amt", options)]
    spent = [Decimal(amount) for amount in _found(statement, "InstdAmt/Amt", options)]
    rates = [Decimal(rate) for rate in _found(statement, "XchgRate", options)]
    assert [round(amount * rate, 2) for amount, rate in zip(spent, rates, strict=True)] == booked


@pytest.mark.parametrize(
    ("cents", "spent", "rate"),
    [
        (-89_90, "-99.00", ["0.9080808081"]),
        (-123_456_00, "-1000", ["123.456"]),
        (-1, "-350000", ["0.0000000286"]),
        (-1, "-100000000000", []),
        (-9_999_999_999_99, "-0.01", []),
        (0, "-99", []),
        (-1, "0", []),
    ],
)
def test_a_rate_of_eleven_digits(cents: int, spent: str, rate: list[str], tmp_path: Path) -> None:
    """A rate has at most eleven digits, ten after the point; it is left out if it would be zero in these."""
    statement = one_row("DE", cents, original=Original(Decimal(spent), "USD"))
    assert _found(statement, "XchgRate") == rate
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize(
    ("operation", "cents", "codes"),
    [
        ("transfer", -1, ["ICDT", "ESCT"]),
        ("transfer", 1, ["RCDT", "ESCT"]),
        ("income", 1, ["RCDT", "ESCT"]),
        ("swift_income", 1, ["RCDT", "XBCT"]),
        ("card", -1, ["CCRD", "POSD"]),
        ("card", 1, ["CCRD", "RIMB"]),
        ("direct_debit", -1, ["RDDT", "ESDD"]),
        ("direct_debit", 1, ["RDDT", "UPDD"]),
        ("direct_debit_collection", 1, ["IDDT", "ESDD"]),
        ("qonto_fee", -1, ["MDOP", "FEES"]),
        ("fee", -1, ["MDOP", "FEES"]),
        ("fee", 1, ["MCOP", "FEES"]),
        ("recall", 1, ["ICDT", "RRTN"]),
        ("recall", -1, ["RCDT", "RRTN"]),
        ("future_kind", 1, ["MCOP", "OTHR"]),
        ("future_kind", -1, ["MDOP", "OTHR"]),
    ],
)
def test_the_bank_transaction_code(operation: str, cents: int, codes: list[str]) -> None:
    """The bank transaction code has ISO's code and the bank's own operation type, also an unknown one."""
    row = one_row("DE", cents, operation=operation)
    assert _found(row, "Domn/Cd") == ["PMNT"]
    assert _found(row, "Fmly/Cd") + _found(row, "Fmly/SubFmlyCd") == codes
    assert _found(row, "Prtry/Cd") == [operation]
    assert _found(row, "Prtry/Issr") == ["Qonto"]


def test_a_mandate_is_written() -> None:
    """A direct debit names its mandate, in 35 characters."""
    assert _one("Refs/MndtId", mandate="RUM-" + "7" * 40) == ["RUM-" + "7" * 31]


def test_an_unproven_statement_has_a_remark(tmp_path: Path) -> None:
    """The file of an unproven statement has a remark and is valid; that of a proven one has no remark."""
    statement = msgspec.structs.replace(statements.make([-1_00]), proven=False)
    [remark] = _found(statement, "Stmt/AddtlStmtInf")
    assert remark.startswith("Not proven")
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)
    assert _one("Stmt/AddtlStmtInf") == []


def test_rows_are_streamed() -> None:
    """Rows are read once and written in pieces of whole entries, none of which is large."""
    plain = statements.make([-1_00] * 250)
    pieces = list(render(msgspec.structs.replace(plain, rows=iter(plain.rows)), _NEW))
    entries = [piece.count(b"<Ntry>") for piece in pieces if piece.startswith(b"<Ntry>")]
    assert (sum(entries), max(entries)) == (250, 100)
    assert b"".join(pieces) == _bytes(plain)


def test_every_shown_value_is_in_the_file() -> None:
    """Each value that the format declares as shown is in the file."""
    known: dict[str, Any] = {
        "operation": "card",
        "bic": "BYLADEM1",
        "mandate": "M-7",
        "note": "zettel",
        "details": "9.00 USD, zettel",
    }
    statement = one_row("DE", original=Original(Decimal(-9), "USD"), **known)
    [row], text = statement.rows, _bytes(statement).decode()
    for name, cell in shows(_NEW):
        for word in cell(row).lstrip("-").split():
            assert word in text, name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opening": None}, "balances at both ends"),
        ({"closing": None}, "balances at both ends"),
        ({"account": msgspec.structs.replace(statements.account(), iban="")}, "no IBAN"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A statement without balances or an IBAN is refused, and the error names what is missing."""
    with pytest.raises(FormatRuleViolated, match=message) as refused:
        _bytes(msgspec.structs.replace(statements.make([-1_00]), **changes))
    assert refused.value.hint


@pytest.mark.parametrize("options", [{"version": "001.04"}, {"colour": "red"}])
def test_invalid_options_are_refused(options: dict[str, str]) -> None:
    """An unknown version and an unknown option are refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, Options)
