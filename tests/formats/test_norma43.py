"""Norma 43 files: they follow the AEB's rules, and three programs read them."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from csb43.aeb43.record.errors import ValidationException
from hypothesis import given

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Original, Statement, Transaction
from primanota.formats.writers.norma43 import Options, render, shows
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.national_statements import (
    ROWS,
    days_and_cents,
    expected,
    one_row,
    statement_of,
    without_zeros,
    written,
)
from tests.support.readers import ReaderTotals, norma43

# Slow for csb43 and aqbanking, which read every smaller case.
_SMALL = sorted(statements.CASES.keys() - {"many"})
# Required by Tryton's reader, to which a row of 0.00 is neither a debit nor a credit.
_TRYTON = Options(foreign_amounts=False)


def _bytes(statement: Statement, options: Options | None = None) -> bytes:
    return b"".join(render(statement, options or Options()))


def _lines(statement: Statement, options: Options | None = None) -> list[str]:
    *lines, end = _bytes(statement, options).decode("latin-1").split("\r\n")
    assert end == ""
    return lines


def _amount(line: str, place: int) -> int:
    """Return the signed cents of a sign at a place, counted from 1 as in the document, and the 14 digits after it."""
    return {"1": -1, "2": 1}[line[place - 1]] * int(line[place : place + 14])


def _plain(fields: str) -> str:
    return fields.replace(" ", "")


def _kinds(lines: list[str], kind: str) -> list[str]:
    return [line for line in lines if line.startswith(kind)]


@pytest.mark.parametrize("case", _SMALL)
def test_csb43_reads_the_file(case: str, tmp_path: Path) -> None:
    """The strict library csb43 reports no error, and finds the same number of rows, sum and balances."""
    statement = statements.CASES[case]("ES")
    assert norma43.csb43(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize("case", statements.CASES)
def test_tryton_reads_the_file(case: str, tmp_path: Path) -> None:
    """Tryton's library finds the same number of rows, sum and balances."""
    statement = without_zeros(statements.CASES[case]("ES"))
    assert norma43.aeb43(written(tmp_path, _bytes(statement, _TRYTON))) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_aqbanking_reads_the_file(case: str, tmp_path: Path) -> None:
    """AqBanking, the library of GnuCash, finds the same number of rows and sum."""
    statement = statements.CASES[case]("ES")
    assert norma43.aqbanking(written(tmp_path, _bytes(statement))) == expected(statement)._replace(
        opening=None, closing=None
    )


@quick
@given(rows=ROWS)
def test_any_texts_keep_money_and_days(rows: list[Transaction], tmp_path: Path) -> None:
    """For any texts, independent readers find each row's day and cents."""
    statement = statement_of(rows, "ES")
    file = written(tmp_path, _bytes(statement))
    assert norma43.movements(file) == days_and_cents(statement)
    assert norma43.aeb43(file) == norma43.csb43(file) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_every_line_is_a_record(case: str) -> None:
    """Lines have 80 characters, one account is opened and closed, and texts are numbered from one to four at most."""
    lines = _lines(statements.CASES[case]("ES"))
    assert {len(line) for line in lines} == {80}
    assert [line[:2] for line in lines if line[:2] not in {"22", "23", "24"}] == ["11", "33", "88"]
    assert lines[0][2:20] == lines[-2][2:20] == "210004180200051332"
    texts = [int(line[2:4]) for line in _kinds(lines, "23")]
    assert all(number in {1, before + 1} for number, before in zip(texts, [0, *texts], strict=False))
    assert max(texts, default=0) <= 4


@pytest.mark.parametrize("case", _SMALL)
def test_totals_are_those_of_the_movements(case: str) -> None:
    """Counts and sums of debits and credits, both balances and the number of records agree with the lines."""
    lines = _lines(statements.CASES[case]("ES"))
    header, footer, end = lines[0], lines[-2], lines[-1]
    amounts = [_amount(line, 28) for line in _kinds(lines, "22")]
    debits, credits_ = [-one for one in amounts if one < 0], [one for one in amounts if one >= 0]
    assert (int(footer[20:25]), int(footer[25:39])) == (len(debits), sum(debits))
    assert (int(footer[39:44]), int(footer[44:58])) == (len(credits_), sum(credits_))
    assert _amount(header, 33) + sum(amounts) == _amount(footer, 59)
    assert int(end[20:26]) == len(lines) - 1


def test_the_records_of_a_row() -> None:
    """The records of a statement with one transfer have the expected text, character by character."""
    head, movement, name, about, totals, end = _lines(one_row("ES", -12_34))
    account = "2100 0418 0200051332"
    assert head == _plain(f"11 {account} 260101 260131 2 00000000100000 978 3") + f"{'Erfundene Räder GmbH':29}"
    assert movement == f"22{'':4}" + _plain(
        "0418 260101 260101 04 000 1 00000000001234 0000000000 000000000000 8000000000000000"
    )
    assert name == f"{'2301Müller GmbH':80}"
    assert about == f"{'2302RE-2026-00000 Beratung':42}{'DE02120300000000202051':38}"
    sums = "00001 00000000001234 00000 00000000000000"
    assert totals == _plain(f"33 {account} {sums} 2 00000000098766 978") + f"{'':4}"
    assert end == f"{'88' + '9' * 18 + '000005':80}"


@pytest.mark.parametrize(
    ("operation", "concept"),
    [
        ("income", "04"),
        ("card", "12"),
        ("direct_debit", "03"),
        ("qonto_fee", "17"),
        ("fee", "17"),
        ("swift_income", "13"),
        ("future_kind", "99"),
    ],
)
def test_operations_have_common_concepts(operation: str, concept: str) -> None:
    """Each operation type has the AEB's concept; an unknown one is “varios”."""
    assert _kinds(_lines(one_row("ES", operation=operation)), "22")[0][22:24] == concept


def test_the_places_of_texts(tmp_path: Path) -> None:
    """The name is in the first record, the purpose in the next ones, and the account after it."""
    statement = one_row("ES", counterparty="Peña e Hijos", purpose="Factura 17 " * 9, details="nota")
    [halves] = norma43.texts(written(tmp_path, _bytes(statement)))
    assert halves == [
        *("Peña e Hijos", ""),
        *("Factura 17 Factura 17 Factura 17", "Factura 17 Factura 17 Factura 17"),
        *("Factura 17 Factura 17 Factura 17  nota", "DE02120300000000202051"),
    ]


def test_a_row_without_a_name_begins_with_its_purpose(tmp_path: Path) -> None:
    """Without a counterparty, the first text is the purpose."""
    statement = one_row("ES", counterparty="", counterparty_account="", purpose="cuota")
    assert norma43.texts(written(tmp_path, _bytes(statement))) == [["cuota", ""]]


def test_ascii_for_readers_without_latin_1(tmp_path: Path) -> None:
    """With ``encoding = "ascii"``, AqBanking reads every letter."""
    file = written(tmp_path, _bytes(one_row("ES", counterparty="Peña & Söhne"), Options(encoding="ascii")))
    assert norma43.aqbanking_texts(file) == ["Pena & Soehne RE-2026-00000 Beratung DE02120300000000202051"]


@pytest.mark.parametrize(
    ("amount", "currency", "record"),
    [
        ("-99.00", "USD", "240184000000000009900"),
        ("-4900", "JPY", "240139200000000490000"),
        ("12.340", "KWD", "240141400000000001234"),
        ("12.345", "KWD", None),
        ("1.00", "XTS", None),
    ],
)
def test_the_original_amount_is_exact_or_left_out(amount: str, currency: str, record: str | None) -> None:
    """Record 24 has an amount of hundredths in a currency with a number; other amounts have no record 24."""
    statement = one_row("ES", original=Original(Decimal(amount), currency), details=f"{amount} {currency}")
    lines = _lines(statement)
    assert [line.rstrip() for line in _kinds(lines, "24")] == ([record] if record else [])
    assert any(f"{amount} {currency}" in line for line in _kinds(lines, "23"))
    assert _kinds(_lines(statement, _TRYTON), "24") == []


def test_every_changed_text_is_reported() -> None:
    """A text that latin-1 cannot hold is reported with its replacement."""
    statement = one_row("ES", counterparty="Łódź", purpose="plain")
    _bytes(statement)
    assert [(text.field, text.before, text.after) for text in statement.text_changes] == [
        ("counterparty", "Łódź", "Lódz")
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": statements.account("DE")}, "IBAN of DE; this format is for accounts of ES only"),
        ({"opening": None}, "balances at both ends"),
        ({"account": msgspec.structs.replace(statements.account("ES"), currency="USD")}, "hold EUR only"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A foreign account, an unknown balance and another currency are refused with an error sentence."""
    with pytest.raises(FormatRuleViolated, match=message):
        _bytes(msgspec.structs.replace(statements.make([1], country="ES"), **changes))


def test_amounts_that_do_not_fit_are_refused() -> None:
    """An amount or a sum of debits of more than fourteen digits is refused."""
    with pytest.raises(FormatRuleViolated, match="The amount 100000000000000 does not fit into the 14 places"):
        _bytes(one_row("ES", 10**14))
    with pytest.raises(FormatRuleViolated, match="The sum of debits 180000000000000 does not fit into the 14 places"):
        _bytes(statements.make([-9 * 10**13, 10**13, -9 * 10**13], country="ES"))


@pytest.mark.parametrize("reader", [norma43.csb43, norma43.aeb43])
def test_the_readers_check_sums(reader: Callable[[Path], ReaderTotals], tmp_path: Path) -> None:
    """The readers refuse a sum that differs by one cent."""
    right = _bytes(one_row("ES", -12_34))
    totals = right.index(b"\r\n33")
    tampered = right[:totals] + right[totals:].replace(b"00000000001234", b"00000000001235")
    with pytest.raises((ValidationException, AssertionError)):
        reader(written(tmp_path, tampered))


def test_the_shown_values() -> None:
    """The values that the file shows include these fields, so that their changes are reported."""
    assert {"day", "amount", "counterparty", "account", "purpose", "note"} <= {name for name, _ in shows(Options())}
