"""CFONB 120 files: they follow the CFONB's rules, and two programs read them."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Original, Statement, Transaction
from primanota.formats import NoOptions
from primanota.formats.writers.cfonb120 import render, shows
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.national_statements import ROWS, days_and_cents, expected, one_row, statement_of, written
from tests.support.readers import cfonb120

_DIGITS = {
    **{char: (1, digit) for digit, char in enumerate("{ABCDEFGHI")},
    **{char: (-1, digit) for digit, char in enumerate("}JKLMNOPQR")},
}
# Slow for python-cfonb, which reads every smaller case.
_SMALL = sorted(statements.CASES.keys() - {"many"})


def _bytes(statement: Statement) -> bytes:
    return b"".join(render(statement, NoOptions()))


def _lines(statement: Statement) -> list[str]:
    *lines, end = _bytes(statement).decode("ascii").split("\r\n")
    assert end == ""
    return lines


def _amount(line: str) -> int:
    sign, digit = _DIGITS[line[103]]
    return sign * (int(line[90:103]) * 10 + digit)


def _details(statement: Statement) -> dict[str, str]:
    return {line[45:48]: line[48:118].rstrip() for line in _lines(statement) if line.startswith("05")}


@pytest.mark.parametrize("case", _SMALL)
def test_python_cfonb_reads_it(case: str, tmp_path: Path) -> None:
    """The library python-cfonb finds the same number of rows, sum and balances."""
    statement = statements.CASES[case]("FR")
    assert cfonb120.python_cfonb(written(tmp_path, _bytes(statement))) == expected(statement)


@pytest.mark.parametrize("case", sorted(statements.CASES.keys() - {"an empty period"}))
def test_odoo_imports_it(case: str, tmp_path: Path) -> None:
    """Odoo's importer sees the same rows, money and balances, and can distinguish all rows."""
    statement = statements.CASES[case]("FR")
    assert cfonb120.oca(written(tmp_path, _bytes(statement))) == expected(statement)


@quick
@given(rows=ROWS)
def test_any_texts_keep_money_and_days(rows: list[Transaction], tmp_path: Path) -> None:
    """For any texts, an independent reader finds each row's day and cents."""
    statement = statement_of(rows, "FR")
    file = written(tmp_path, _bytes(statement))
    assert cfonb120.movements(file) == days_and_cents(statement)
    assert cfonb120.python_cfonb(file) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_every_line_is_a_record(case: str) -> None:
    """Lines have 120 characters of ASCII in capitals, one old and one new balance, and the same account."""
    lines = _lines(statements.CASES[case]("FR"))
    assert {len(line) for line in lines} == {120}
    assert [line[:2] for line in lines if line[:2] not in {"04", "05"}] == ["01", "07"]
    assert (lines[0][:2], lines[-1][:2]) == ("01", "07")
    assert {(line[2:7], line[11:16], line[16:20], line[21:32]) for line in lines} == {
        ("16958", "00001", "EUR2", "43217856321")
    }
    assert not any(char.islower() for line in lines for char in line)


@pytest.mark.parametrize("case", _SMALL)
def test_balances_add_up(case: str) -> None:
    """The old balance and all movements add up to the new balance, which python-cfonb does not check."""
    lines = _lines(statements.CASES[case]("FR"))
    movements = [_amount(line) for line in lines if line.startswith("04")]
    assert _amount(lines[0]) + sum(movements) == _amount(lines[-1])


def test_the_fields_of_a_movement() -> None:
    """A transfer out has its codes, days, label, its amount with the sign in the last digit, and a part of its ID."""
    lines = _lines(one_row("FR", -12_34))
    label = f"{'MUELLER GMBH':33}"
    assert lines[1] == (
        f"0416958    00001EUR2 4321785632106010126  010126{label}0000000000000000000123M8000000000000000"
    )
    assert lines[2][45:].rstrip() == "NBEMUELLER GMBH"


def test_the_days_of_the_balances() -> None:
    """The old balance is of the day before the first, the new one of the last day."""
    lines = _lines(statements.make([], country="FR"))
    assert [line[34:40] for line in lines] == ["311225", "310126"]


@pytest.mark.parametrize(
    ("operation", "cents", "code"),
    [
        ("income", 1, "05"),
        ("transfer", -1, "06"),
        ("transfer", 1, "05"),
        ("card", -1, "11"),
        ("card", 0, "11"),
        ("direct_debit", -1, "08"),
        ("direct_debit", 1, "10"),
        ("direct_debit_collection", 1, "09"),
        ("cheque", 1, "02"),
        ("swift_income", 1, "45"),
        ("qonto_fee", -1, "62"),
        ("fee", -1, "62"),
        ("future_kind", -1, "91"),
    ],
)
def test_operations_have_interbank_codes(operation: str, cents: int, code: str) -> None:
    """Each operation type has the code that French banks use; an unknown one is a “diverse operation”."""
    assert _lines(one_row("FR", cents, operation=operation))[1][32:34] == code


def test_details_have_qualifiers() -> None:
    """Payer, account, purpose in two lines, mandate and the complete ID each have their own record."""
    statement = one_row(
        "FR",
        5_00,
        counterparty="Änne",
        purpose="Rechnung 17 " * 7 + "Ende",
        details="Notiz",
        mandate="RUM-1",
        note="Notiz",
    )
    assert _details(statement) == {
        "NPY": "AENNE",
        "CPY": "DE02120300000000202051",
        "LCC": "RECHNUNG 17 RECHNUNG 17 RECHNUNG 17 RECHNUNG 17 RECHNUNG 17 RECHNUNG",
        "LC2": "17 RECHNUNG 17 ENDE NOTIZ",
        "RUM": "RUM-1",
        "REF": "00000000000040008000000000000000",
    }


def test_a_beneficiary_is_not_a_payer() -> None:
    """A transfer out has a beneficiary and the beneficiary's account."""
    assert {"NBE", "CBE"} <= _details(one_row("FR")).keys()


@pytest.mark.parametrize(
    ("amount", "currency", "written_as"),
    [
        ("-99.00", "USD", "USD200000000009900"),
        ("-4900", "JPY", "JPY200000000490000"),
        ("12.345", "KWD", "KWD300000000012345"),
    ],
)
def test_the_original_amount_is_exact(amount: str, currency: str, written_as: str) -> None:
    """Record MMO has the currency, the number of decimals, and every digit of the amount."""
    assert _details(one_row("FR", original=Original(Decimal(amount), currency)))["MMO"] == written_as


def test_an_original_amount_that_does_not_fit_is_refused() -> None:
    """Record MMO has fourteen digits; a longer amount is refused."""
    with pytest.raises(
        FormatRuleViolated, match="The original amount 100000000000000 does not fit into the 14 places"
    ):
        _bytes(one_row("FR", original=Original(Decimal("1000000000000.00"), "IDR")))


def test_a_reader_finds_the_complete_name(tmp_path: Path) -> None:
    """The label has 31 characters; the detail has up to 70 of the name."""
    name = "Societe civile professionnelle des vignerons de l'Hérault"
    [row] = cfonb120.details(written(tmp_path, _bytes(one_row("FR", counterparty=name))))
    assert row["label"] == "SOCIETE CIVILE PROFESSIONNELLE"
    assert row["creditor_name"].rstrip() == "SOCIETE CIVILE PROFESSIONNELLE DES VIGNERONS DE L'HERAULT"


def test_every_changed_text_is_reported_once() -> None:
    """A text that ASCII cannot hold is reported with its replacement; capitals are not reported."""
    statement = one_row("FR", counterparty="Café", purpose="plain")
    _bytes(statement)
    assert [(text.field, text.before, text.after) for text in statement.text_changes] == [
        ("counterparty", "Café", "Cafe")
    ]


def test_a_foreign_account_is_refused() -> None:
    """An account that is not French is refused: the records have no field for it."""
    with pytest.raises(FormatRuleViolated, match="IBAN of DE; this format is for accounts of FR only"):
        _bytes(statements.make([1], country="DE"))


def test_missing_balances_are_refused() -> None:
    """A statement with an unknown balance is refused."""
    with pytest.raises(FormatRuleViolated, match="balances at both ends"):
        _bytes(msgspec.structs.replace(statements.make([1], country="FR"), opening=None))


@pytest.mark.parametrize("cents", [10**14, -(10**14)])
def test_an_amount_that_does_not_fit_is_refused(cents: int) -> None:
    """An amount of more than fourteen digits is refused."""
    with pytest.raises(FormatRuleViolated, match=r"The amount .* does not fit into the 14 places"):
        _bytes(one_row("FR", cents))


@pytest.mark.parametrize("cents", [10**14 - 1_000_01, 1 - 10**14])
def test_the_greatest_amount_fits(cents: int) -> None:
    """Fourteen digits are written completely, of the amount and of the balance after it."""
    assert _amount(_lines(one_row("FR", cents))[1]) == cents


def test_the_shown_values() -> None:
    """The values that the file shows include these fields, so that their changes are reported."""
    assert {"day", "amount", "counterparty", "account", "purpose", "note", "mandate"} <= {
        name for name, _ in shows(NoOptions())
    }
