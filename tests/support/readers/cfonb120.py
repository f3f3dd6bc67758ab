"""Readers of CFONB 120: python-cfonb (Dhatim), and the importer of Odoo's French community (OCA)."""

import importlib.util
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from cfonb import StatementReader
from cfonb.parser.statement import Statement

from tests.support.readers import ReaderTotals, StatementFacts

_OCA = "odoo-addon-account-statement-import-fr-cfonb"
_IMPORTER = "odoo/addons/account_statement_import_fr_cfonb/wizard/account_statement_import.py"


def python_cfonb(path: Path) -> ReaderTotals:
    """Read a file with python-cfonb."""
    statement = _statement(path)
    ends = _cents(statement.header.prev_amount), _cents(statement.footer.next_amount)
    return ReaderTotals(len(statement.lines), sum(_cents(row.amount) for row in statement.lines), *ends)


def movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents, as python-cfonb reads them."""
    return [(row.operation_date, _cents(row.amount)) for row in _statement(path).lines]


def details(path: Path) -> list[dict[str, str]]:
    """Return the fields of each row, as python-cfonb reads them."""
    return [dict(row) for row in _statement(path).lines]


def facts(path: Path) -> StatementFacts:
    """Return the facts of the statement, as python-cfonb reads them."""
    read, totals = _statement(path), python_cfonb(path)
    return StatementFacts(
        ids=(),
        number=None,
        first=read.header.prev_date,
        last=read.footer.next_date,
        opening=totals.opening or 0,
        closing=totals.closing or 0,
        total=totals.total,
        keys=tuple(row.comment.split()[-1] for row in read.lines),
    )


def oca(path: Path) -> ReaderTotals:
    """Import a file with Odoo, which ignores a statement without rows, and takes two equal rows for one."""
    importer = _odoo_importer()
    ((currency, _, (statement,)),) = importer._parse_file(path.read_bytes())
    assert currency == "EUR"
    rows = statement["transactions"]
    assert len({row["unique_import_id"] for row in rows}) == len(rows)
    ends = _cents(statement["balance_start"]), _cents(statement["balance_end_real"])
    return ReaderTotals(len(rows), sum(_cents(row["amount"]) for row in rows), *ends)


def _statement(path: Path) -> Statement:
    with path.open(encoding="ascii") as lines:
        [statement] = StatementReader().parse(lines)
    return statement


def _cents(amount: Any) -> int:  # noqa: ANN401 - one library has decimals, the other floats
    cents: int = round(amount * 100)
    return cents


def _odoo_importer() -> Any:  # noqa: ANN401 - a class without types
    """Return the importer, on the few names of Odoo that it uses."""
    odoo, errors = ModuleType("odoo"), ModuleType("odoo.exceptions")
    vars(odoo).update(
        _=str,
        api=SimpleNamespace(model=lambda method: method),
        fields=SimpleNamespace(Date=SimpleNamespace(to_string=str)),
        models=SimpleNamespace(TransientModel=object),
    )
    vars(errors).update(UserError=ValueError)
    spec = importlib.util.spec_from_file_location(
        "oca_cfonb", str(metadata.distribution(_OCA).locate_file(_IMPORTER))
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {"odoo": odoo, "odoo.exceptions": errors}):
        spec.loader.exec_module(module)
    return module.AccountStatementImport()
