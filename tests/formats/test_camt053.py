"""CAMT.053 files: valid by ISO's schemas, and read by four programs."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from primanota.core.model import Statement
from primanota.formats.writers.camt053 import Options, render
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.national_statements import ROWS, days_and_cents, expected, one_row, statement_of, written
from tests.support.readers import camt053

_VERSIONS: list[Literal["001.02", "001.08"]] = ["001.02", "001.08"]
# Fifty thousand rows take every reader but xmllint a minute.
_SMALL = sorted(statements.CASES.keys() - {"many"})
_NEW = Options()
each_version = pytest.mark.parametrize("options", [Options(version) for version in _VERSIONS], ids=_VERSIONS)


def _bytes(statement: Statement, options: Options = _NEW) -> bytes:
    return b"".join(render(statement, options))


@each_version
@pytest.mark.parametrize("case", _SMALL)
def test_a_file_is_valid(case: str, options: Options, tmp_path: Path) -> None:
    """The file is valid by the schema of its version, and xmllint sums the same rows, money and balances."""
    statement = statements.CASES[case]("DE")
    assert camt053.xmllint(written(tmp_path, _bytes(statement, options))) == expected(statement)


def test_many_rows_are_valid(tmp_path: Path) -> None:
    """A file of fifty thousand rows is valid, with their sum and both balances."""
    statement = statements.many()
    assert camt053.xmllint(written(tmp_path, _bytes(statement))) == expected(statement)


@each_version
@pytest.mark.parametrize("case", _SMALL)
def test_pyiso20022_reads_it(case: str, options: Options, tmp_path: Path) -> None:
    """The library pyiso20022 finds the same number of rows, sum and balances."""
    statement = statements.CASES[case]("DE")
    assert camt053.pyiso20022(written(tmp_path, _bytes(statement, options))) == expected(statement)


@each_version
@pytest.mark.parametrize("case", _SMALL)
def test_aqbanking_imports_it(case: str, options: Options, tmp_path: Path) -> None:
    """AqBanking, the library of GnuCash and KMyMoney, imports the same rows, money and balances."""
    statement = statements.CASES[case]("DE")
    assert camt053.aqbanking(written(tmp_path, _bytes(statement, options))) == expected(statement)


@each_version
@pytest.mark.parametrize("case", sorted({*_SMALL} - {"an empty period"}))
def test_odoo_imports_it(case: str, options: Options, tmp_path: Path) -> None:
    """Odoo's importer sees the same rows, money and balances."""
    statement = statements.CASES[case]("DE")
    assert camt053.odoo(written(tmp_path, _bytes(statement, options))) == expected(statement)


@each_version
def test_the_fields_that_odoo_reads(options: Options, tmp_path: Path) -> None:
    """Odoo's importer reads name, account, purpose and the bank's ID of a row."""
    statement = one_row("DE", note="a note", details="a note")
    [row] = camt053.odoo_statement(written(tmp_path, _bytes(statement, options)))["transactions"]
    assert row["partner_name"] == "Müller GmbH"
    assert row["account_number"] == "DE02120300000000202051"
    assert row["payment_ref"] == "RE-2026-00000 Beratung"
    assert row["ref"] == "00000000000040008000000000000000"
    assert "a note" in row["narration"]


@settings(quick, max_examples=50)
@given(rows=ROWS)
def test_any_texts_and_amounts_are_read_back(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts and amounts, the days and amounts in the file are those of the rows."""
    statement = statement_of(rows, "DE")
    file = written(tmp_path_factory.getbasetemp(), _bytes(statement), "any.xml")
    assert camt053.movements(file) == days_and_cents(statement)


@settings(quick, max_examples=20)
@given(rows=ROWS)
def test_any_text_is_valid(rows: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, the file is valid by ISO's schema."""
    for version in _VERSIONS:
        statement = statement_of(rows, "DE")
        file = written(tmp_path_factory.getbasetemp(), _bytes(statement, Options(version)), "valid.xml")
        assert camt053.xmllint(file) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_the_balances_add_up(case: str) -> None:
    """The opening balance and all entries add up to the closing balance, which a schema does not check."""
    statement = statements.CASES[case]("DE")
    root = ET.fromstring(_bytes(statement))  # noqa: S314 - our own bytes
    amounts = {
        kind: [
            Decimal(node.findtext("{*}Amt") or "") * (-1 if node.findtext("{*}CdtDbtInd") == "DBIT" else 1)
            for node in root.iter(f"{{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}}{kind}")
        ]
        for kind in ("Bal", "Ntry")
    }
    opening, closing = amounts["Bal"]
    assert opening + sum(amounts["Ntry"]) == closing
