"""camt.053 that this program writes is read again by its own source, with all that the format carries."""

from io import BytesIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.banks import Names, connector
from primanota.banks.camt.statements import read_statements
from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Statement, Transaction
from primanota.formats.writers import camt053
from tests.support.files import statements
from tests.support.files.any_transaction import LAST, ROWS
from tests.support.files.golden_company import BERLIN

_SHORT = 400
# What the format carries of a row.
_CARRIED = ("counterparty", "counterparty_account", "purpose", "details", "bic", "mandate", "original", "operation")


def _read(content: bytes) -> list[Transaction]:
    read = connector("camt").reader(Names({}, {}), BERLIN)
    return [read(row.record.body) for one in read_statements(BytesIO(content)) for row in one.rows]


def _written(rows: list[Transaction], version: str) -> bytes:
    empty = statements.make([])
    assert empty.opening
    closing = Money(empty.opening.cents + sum(row.amount.cents for row in rows))
    statement: Statement = msgspec.structs.replace(empty, rows=rows, last=LAST.date(), closing=closing)
    options = msgspec.convert({"version": version}, camt053.Options)
    return b"".join(camt053.render(statement, options))


@pytest.mark.parametrize("version", ["001.02", "001.08"])
@settings(max_examples=20)
@given(rows=ROWS)
def test_any_rows_come_back(version: str, rows: list[Transaction]) -> None:
    """Days, cents and balances come back exactly; texts as they stand in the file, also after a second time."""
    # What is longer than an AddtlNtryInf is cut, and an original amount before it makes it longer.
    rows = [msgspec.structs.replace(row, details=row.details[:_SHORT]) for row in rows]
    try:
        content = _written(rows, version)
    except FormatRuleViolated:
        return
    first = _read(content)
    assert [(row.day, row.amount) for row in first] == [(row.day, row.amount) for row in rows]
    assert len({row.id for row in first}) == len(rows)
    second = _read(_written(first, version))
    for one, other in zip(first, second, strict=True):
        assert one.balance == other.balance
        assert [getattr(one, name) for name in _CARRIED] == [getattr(other, name) for name in _CARRIED]


@pytest.mark.parametrize("version", ["001.02", "001.08"])
@settings(max_examples=10)
@given(cents=st.lists(st.integers(-(10**9), 10**9), max_size=20))
def test_both_versions_are_the_same_rows(version: str, cents: list[int]) -> None:
    """A statement in the older version has the same rows, with the same ids, as in the newer one."""
    rows = [*statements.make(cents).rows]
    found, newer = _read(_written(rows, version)), _read(_written(rows, "001.08"))
    assert found == newer
